//! The laws find what is wrong: each of these mappings breaks one, and the one that it should.
#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a test speaks by panicking"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use memmap_conformance::laws;
use memmap_core::{
    Error, ErrorKind, Identity, Map, Mapping, Mode, Op, Opener, Origin, Partial, Request, Result,
    check,
};

/// What a plug-in does wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wrong {
    Nothing,
    /// The check is wrong by one: the last byte cannot be read.
    OneTooFew,
    /// What is beyond the end reads as zeros.
    ZerosBeyondTheEnd,
    /// The sum of offset and length overflows.
    Overflows,
    /// A read within the mapping begins one byte later.
    OneLater,
    /// The buffer is written to before the range is checked.
    WritesFirst,
    /// The length is that of the whole source, whatever was asked for.
    IgnoresTheRange,
    /// It has a new identity each time.
    ForgetsItsIdentity,
    /// It says that it can be written to, and loses what is written.
    LosesWrites,
    /// A read of what is there says that nothing was read.
    ForgetsThePart,
}

#[derive(Debug)]
struct Plugin {
    bytes: Vec<u8>,
    wrong: Wrong,
    version: u64,
}

impl Mapping for Plugin {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let wrong = self.wrong;
        let bound =
            if wrong == Wrong::OneTooFew { self.len().saturating_sub(1) } else { self.len() };
        if wrong == Wrong::WritesFirst {
            out.fill(0);
        }
        match wrong {
            Wrong::ZerosBeyondTheEnd if offset <= self.len() => {}
            Wrong::Overflows => {
                if offset.wrapping_add(out.len() as u64) > bound {
                    let (len, bound) = (out.len() as u64, self.len());
                    return Err(Error::new(
                        Op::Read,
                        ErrorKind::OutOfBounds { offset, len, bound },
                    ));
                }
            }
            _ => check(offset, out.len(), bound)?,
        }
        let late = usize::from(wrong == Wrong::OneLater && offset > 0);
        for (index, byte) in out.iter_mut().enumerate() {
            let at = (offset as usize).wrapping_add(index + late);
            *byte = self.bytes.get(at).copied().unwrap_or(0);
        }
        Ok(())
    }
    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        self.read_into(offset, out)?;
        let len = if self.wrong == Wrong::ForgetsThePart { 0 } else { out.len() };
        Ok(Partial { len, stopped: None })
    }
    fn mode(&self) -> Mode {
        if self.wrong == Wrong::LosesWrites { Mode::ReadWrite } else { Mode::Read }
    }
    fn write_from(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        if self.wrong == Wrong::LosesWrites {
            return check(offset, bytes.len(), self.len()).map_err(|error| error.during(Op::Write));
        }
        Err(Error::new(Op::Write, ErrorKind::ReadOnly))
    }
    fn identity(&self) -> Option<Identity> {
        Some(self.version.to_string().into())
    }
}

#[derive(Debug)]
struct Opens(Wrong, Vec<u8>, AtomicU64);

impl Opener for Opens {
    type Source = str;
    type Mapping = Plugin;

    fn origin(&self, source: &str) -> Origin {
        source.into()
    }
    fn open(&self, _: &str, request: &Request) -> Result<Plugin> {
        request.require_read_only()?;
        let mut range = request.range(self.1.len() as u64)?;
        if self.0 == Wrong::IgnoresTheRange {
            range = 0..self.1.len() as u64;
        }
        let version = match self.0 {
            Wrong::ForgetsItsIdentity => self.2.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        let bytes = self.1[range.start as usize..range.end as usize].to_vec();
        Ok(Plugin { bytes, wrong: self.0, version })
    }
}

fn map(wrong: Wrong) -> impl Fn(&[u8]) -> Map<Plugin> {
    move |bytes| Map::from_mapping(Plugin { bytes: bytes.to_vec(), wrong, version: 0 })
}

fn source(wrong: Wrong) -> impl Fn(&[u8]) -> (Opens, String) {
    move |bytes| (Opens(wrong, bytes.to_vec(), AtomicU64::new(0)), "source".to_owned())
}

/// Whether a law finds something wrong.
fn finds(law: impl Fn()) -> bool {
    catch_unwind(AssertUnwindSafe(law)).is_err()
}

#[test]
fn each_mistake_is_found_by_its_law() {
    type Law = Box<dyn Fn(Wrong)>;
    let all: [(Wrong, Law); 9] = [
        (Wrong::OneTooFew, Box::new(|it| laws::every_range_reads_its_bytes(&map(it)))),
        (Wrong::ZerosBeyondTheEnd, Box::new(|it| laws::read_past_end_is_out_of_bounds(&map(it)))),
        (Wrong::Overflows, Box::new(|it| laws::numbers_near_the_maximum_do_not_overflow(&map(it)))),
        (Wrong::OneLater, Box::new(|it| laws::every_range_reads_its_bytes(&map(it)))),
        (Wrong::WritesFirst, Box::new(|it| laws::a_failed_read_leaves_the_buffer_alone(&map(it)))),
        (
            Wrong::IgnoresTheRange,
            Box::new(|it| laws::any_offset_and_length_open_that_part(&source(it))),
        ),
        (Wrong::ForgetsItsIdentity, Box::new(|it| laws::the_same_source_opens_twice(&source(it)))),
        (Wrong::LosesWrites, Box::new(|it| laws::every_range_writes_its_bytes(&map(it)))),
        (Wrong::ForgetsThePart, Box::new(|it| laws::some_is_all_where_nothing_is_lost(&map(it)))),
    ];
    for (wrong, law) in &all {
        assert!(finds(|| law(*wrong)), "no law found {wrong:?}");
        // The correct mapping passes. (It is read-only, as one law is about writing.)
        if *wrong != Wrong::LosesWrites {
            assert!(!finds(|| law(Wrong::Nothing)), "the law for {wrong:?} finds what is right");
        }
    }
}

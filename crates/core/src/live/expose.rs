use memmap_guard::{HowLost, InPlace, Lost};

use super::fault;
use super::mapped::Mapped;
use crate::contract::{FileHandle, System};
use crate::expose::{Expose, Exposed, LostBytes};
use crate::range::window;
use crate::{Error, ErrorKind, Live, Map, Mapping, Op, Result, widen};

impl<S: System> Live<S> {
    fn expose(&self) -> Result<Exposed<'_>> {
        let is_writable = self.mode.writes();
        if self.len == 0 {
            return Ok(Exposed { bytes: InPlace::from(&[][..]), is_writable });
        }
        let Some((mapped, view)) = self.file.as_ref().zip(self.view()) else {
            let lost = || Self::refuse(Op::Read, ErrorKind::BufferLost { at: 0 });
            let bytes = self.in_place(0, self.len).ok_or_else(lost)?;
            return Ok(Exposed { bytes, is_writable: false });
        };
        let unsupported = |what| Self::refuse(Op::Read, Self::unsupported(what));
        if mapped.edits_apart().is_some() {
            return Err(unsupported(
                "showing private edits, which are apart from the file's pages",
            ));
        }
        let Some(pages) = view.pages else {
            return Err(unsupported("showing a file that the system does not map; copy its bytes"));
        };
        self.require_shown(Op::Read)?;
        let bytes = S::expose(&view, pages)?;
        Ok(Exposed { bytes, is_writable })
    }

    fn lost_exposed(&self, offset: u64, len: u64) -> Result<Vec<(Lost, Error)>> {
        let window = window(Op::Read, offset, len, self.len)?;
        let Some((mapped, pages)) = self.file.as_ref().zip(self.pages()) else {
            return Ok(Vec::new());
        };
        let lost = S::lost_of_exposed(pages, &window).into_iter();
        Ok(lost.map(|lost| (lost, mapped.why_lost(pages, lost))).collect())
    }
}

impl<S: System> Mapped<S> {
    /// Asks the file why these bytes were lost.
    fn why_lost(&self, pages: &S::Pages, lost: Lost) -> Error {
        let asked = self.handle.with(Some(pages), |file| {
            let place = self.place(file, lost.start, lost.end);
            let offset = place.offset;
            match lost.how {
                HowLost::Store => fault::lost_store::<S>(&place, None)
                    .unwrap_or_else(|| Error::new(Op::Write, S::failed_store(&place, None))),
                HowLost::Cut => {
                    let found = S::default().inspect(file);
                    let now = found.map_or(u64::MAX, |found| found.len).min(place.in_file());
                    let kind = ErrorKind::Truncated { offset, needed: place.needed(), now };
                    Error::new(Op::Read, kind)
                }
                _ => fault::read::<S>(&place, None, &mut [0]).stopped.unwrap_or_else(|| {
                    Error::new(Op::Read, ErrorKind::Io { offset, source: S::reason(None) })
                }),
            }
        });
        asked.unwrap_or_else(|error| fault::unknown::<S>(Op::Read, lost.start, None, error))
    }
}

impl<S: System> Expose for Map<Live<S>> {
    fn expose(&self) -> Result<Exposed<'_>> {
        self.mapping().expose().map_err(|error| self.placed(error))
    }

    fn lost_bytes(&self, offset: u64, len: u64) -> Result<Vec<LostBytes>> {
        let placed = |(lost, why): (Lost, Error)| LostBytes {
            range: widen(lost.start)..widen(lost.end),
            why: self.placed(why),
        };
        match self.mapping().lost_exposed(offset, len) {
            Ok(lost) => Ok(lost.into_iter().map(placed).collect()),
            Err(error) => Err(self.placed(error)),
        }
    }
}

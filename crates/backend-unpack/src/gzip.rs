use memmap_core::widen;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use crate::source::{Source, Trouble};

/// How far back deflate can refer.
const HISTORY_LEN: usize = 32 << 10;

/// Packed bytes that one call may go through. Data of any use unpacks to more than a block of them.
const PACKED_MAX: u64 = 64 << 20;

/// The longest name or comment of a member.
const TEXT_MAX: u64 = 64 << 10;

/// What a place to begin at takes in memory, about.
pub(crate) const PLACE_LEN: usize = HISTORY_LEN + size_of::<Gzip>();

/// A decompressor of gzip. A clone goes on from where this one is.
#[derive(Clone, Default)]
pub(crate) struct Gzip {
    pub(crate) at: u64,
    has_begun: bool,
    member: Option<Member>,
    /// The last bytes of the member.
    history: Vec<u8>,
}

#[derive(Clone)]
struct Member {
    state: DecompressorOxide,
    crc: crc32fast::Hasher,
    len: u64,
}

impl Gzip {
    /// Unpacks until the buffer is full or the data has ended. Returns how many bytes there are, also with an error.
    pub(crate) fn decode(
        &mut self,
        source: &mut Source<'_>,
        out: &mut [u8],
    ) -> (usize, Result<(), Trouble>) {
        source.go_to(self.at);
        let lead = self.history.len();
        let mut buffer = std::mem::take(&mut self.history);
        buffer.resize(lead.saturating_add(out.len()), 0);
        let mut made = Made { buffer, begin: 0, at: lead };
        let done = self.inflate(source, &mut made);
        self.at = source.at();
        let Made { buffer, begin, at } = made;
        let fresh = buffer.get(lead..at).unwrap_or_default();
        if let Some(out) = out.get_mut(..fresh.len()) {
            out.copy_from_slice(fresh);
        }
        let start = begin.max(at.saturating_sub(HISTORY_LEN));
        self.history = buffer.get(start..at).unwrap_or_default().to_vec();
        (fresh.len(), done)
    }

    fn inflate(&mut self, source: &mut Source<'_>, made: &mut Made) -> Result<(), Trouble> {
        let most = source.at().saturating_add(PACKED_MAX);
        while made.at < made.buffer.len() {
            let Some(member) = &mut self.member else {
                if !read_header(source, self.has_begun)? {
                    return Ok(());
                }
                self.has_begun = true;
                made.begin = made.at;
                let state = DecompressorOxide::new();
                self.member = Some(Member { state, crc: crc32fast::Hasher::new(), len: 0 });
                continue;
            };
            source.check()?;
            let input = source.fill()?;
            let more = if input.is_empty() { 0 } else { TINFL_FLAG_HAS_MORE_INPUT };
            let Some(out) = made.buffer.get_mut(made.begin..) else { return Ok(()) };
            let start = made.at.saturating_sub(made.begin);
            let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | more;
            let (status, used, len) = decompress(&mut member.state, input, out, start, flags);
            let fresh = out.get(start..start.saturating_add(len)).unwrap_or_default();
            member.crc.update(fresh);
            member.len = member.len.saturating_add(widen(len));
            made.at = made.at.saturating_add(len);
            source.consume(used);
            match status {
                TINFLStatus::Done => {
                    check_trailer(source, member)?;
                    self.member = None;
                    made.begin = made.at;
                }
                TINFLStatus::NeedsMoreInput if used > 0 => {}
                TINFLStatus::HasMoreOutput if made.at == made.buffer.len() => {}
                TINFLStatus::FailedCannotMakeProgress => {
                    return Err(Trouble::damage(source.at(), "the packed data ends too early"));
                }
                _ => return Err(Trouble::damage(source.at(), "this is not deflated data")),
            }
            if source.at() > most {
                let what = "64 MiB of packed data here hold less than 1 MiB";
                return Err(Trouble::damage(source.at(), what));
            }
        }
        Ok(())
    }
}

/// The history and what was unpacked after it.
struct Made {
    buffer: Vec<u8>,
    /// Where the history, or the member that began in this buffer, begins.
    begin: usize,
    /// The end of what was unpacked.
    at: usize,
}

/// Reads the header of a member; `false` if the data has ended. Zeros after the last member are padding.
fn read_header(source: &mut Source<'_>, has_begun: bool) -> Result<bool, Trouble> {
    let start = source.at();
    if has_begun {
        loop {
            match source.byte()? {
                None => return Ok(false),
                Some(0) => {}
                Some(_) => break,
            }
        }
        let at = source.at().saturating_sub(1);
        source.go_to(at);
        if at > start {
            return Err(Trouble::damage(at, "what follows the padding is not gzip"));
        }
    }
    let early = || Trouble::damage(start, "the packed data ends in a header");
    let not_gzip = || {
        let what =
            if has_begun { "what follows the last member is not gzip" } else { "it is not gzip" };
        Trouble::damage(start, what)
    };
    for magic in [0x1f, 0x8b] {
        if source.byte()?.ok_or_else(early)? != magic {
            return Err(not_gzip());
        }
    }
    let [method, flags, ..] = source.take::<8>()?.ok_or_else(early)?;
    if method != 8 || flags & 0xe0 != 0 {
        return Err(Trouble::damage(start, "it is packed in a way that gzip does not define"));
    }
    if flags & 4 != 0 {
        let len = u16::from_le_bytes(source.take()?.ok_or_else(early)?);
        if !source.skip(len.into()) {
            return Err(early());
        }
    }
    for flag in [8, 16] {
        if flags & flag != 0 && !pass_text(source)?.ok_or_else(early)? {
            return Err(Trouble::damage(start, "a header has a name without an end"));
        }
    }
    if flags & 2 != 0 && source.take::<2>()?.is_none() {
        return Err(early());
    }
    Ok(true)
}

/// Passes over a name; `Some(false)` if it is too long, `None` if the data has ended.
fn pass_text(source: &mut Source<'_>) -> Result<Option<bool>, Trouble> {
    for _ in 0..TEXT_MAX {
        match source.byte()? {
            None => return Ok(None),
            Some(0) => return Ok(Some(true)),
            Some(_) => {}
        }
    }
    Ok(Some(false))
}

/// Compares a member with the checksum and the length after it.
fn check_trailer(source: &mut Source<'_>, member: &Member) -> Result<(), Trouble> {
    let start = source.at();
    let early = || Trouble::damage(start, "the packed data ends before its checksum");
    let crc = u32::from_le_bytes(source.take()?.ok_or_else(early)?);
    let len = u32::from_le_bytes(source.take()?.ok_or_else(early)?);
    if crc != member.crc.clone().finalize() {
        return Err(Trouble::damage(start, "the CRC-32 is not that of the data before it"));
    }
    // The length is stored modulo 4 GiB.
    if u64::from(len) != member.len & 0xffff_ffff {
        return Err(Trouble::damage(start, "the length is not that of the data before it"));
    }
    Ok(())
}

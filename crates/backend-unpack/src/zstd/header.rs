use crate::source::{Source, Trouble};

use super::{MAGIC, SKIPPABLE};

/// What a frame says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Memory that unpacking it needs.
    pub(crate) window: u64,
    /// Its length unpacked, if it says so.
    pub(crate) content: Option<u64>,
    pub(crate) has_checksum: bool,
    pub(crate) has_dictionary: bool,
}

/// What is at a place of the packed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Frame(Header),
    /// A frame without data, which was passed over.
    Skipped,
    End,
}

/// Reads the header of a frame.
pub(crate) fn read_header(source: &mut Source<'_>) -> Result<Next, Trouble> {
    let start = source.at();
    if start == source.len() {
        return Ok(Next::End);
    }
    let early = || Trouble::damage(start, "the packed data ends in the header of a frame");
    let magic = u32::from_le_bytes(source.take()?.ok_or_else(early)?);
    if SKIPPABLE.contains(&magic) {
        let len = u32::from_le_bytes(source.take()?.ok_or_else(early)?);
        return if source.skip(len.into()) { Ok(Next::Skipped) } else { Err(early()) };
    }
    if magic != MAGIC {
        return Err(Trouble::damage(start, "no zstd frame begins here"));
    }
    let [flags] = source.take()?.ok_or_else(early)?;
    if flags & 8 != 0 {
        return Err(Trouble::damage(start, "a frame has a flag that zstd does not define"));
    }
    let is_single = flags & 0x20 != 0;
    let window = if is_single {
        None
    } else {
        let [byte] = source.take()?.ok_or_else(early)?;
        let base = 1_u64 << (10 + (byte >> 3));
        Some(base.saturating_add((base / 8).saturating_mul((byte & 7).into())))
    };
    let dictionary = number(source, [0, 1, 2, 4][usize::from(flags & 3)])?.ok_or_else(early)?;
    let content_len = match flags >> 6 {
        0 => usize::from(is_single),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let content = number(source, content_len)?.ok_or_else(early)?;
    let content =
        (content_len > 0).then(|| content.saturating_add(if content_len == 2 { 256 } else { 0 }));
    Ok(Next::Frame(Header {
        window: window.or(content).unwrap_or(0),
        content,
        has_checksum: flags & 4 != 0,
        has_dictionary: dictionary != 0,
    }))
}

/// Reads a little-endian number of `len` bytes, at most 8.
fn number(source: &mut Source<'_>, len: usize) -> Result<Option<u64>, Trouble> {
    let mut bytes = [0; 8];
    for byte in bytes.iter_mut().take(len) {
        let Some(next) = source.byte()? else { return Ok(None) };
        *byte = next;
    }
    Ok(Some(u64::from_le_bytes(bytes)))
}

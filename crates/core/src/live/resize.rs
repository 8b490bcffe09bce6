use crate::{Error, ErrorKind, Mode, Op, Result, widen};

/// Checks whether a map of `old` bytes at `offset` of a file of `file_len` bytes may be resized to `new`
/// bytes, and returns the position in the file where it would end.
///
/// # Errors
/// - [`ErrorKind::TooLarge`] if no file can be so long
/// - [`ErrorKind::BeyondEnd`] for a map that does not write to the file
/// - [`ErrorKind::CutsOff`] if the file would lose bytes that are not mapped
pub fn require_resizable(
    offset: u64,
    old: usize,
    new: usize,
    mode: Mode,
    file_len: u64,
) -> Result<u64> {
    let refuse = |kind| Err(Error::new(Op::Resize, kind));
    let len = widen(new);
    let end = match offset.checked_add(len) {
        Some(end) if i64::try_from(end).is_ok() => end,
        _ => {
            let max = i64::MAX.unsigned_abs().saturating_sub(offset);
            return refuse(ErrorKind::TooLarge { len, max });
        }
    };
    let shrinks = new < old;
    if !mode.reaches_file() {
        return if end > file_len && !shrinks {
            refuse(ErrorKind::BeyondEnd { offset, len, source_len: file_len })
        } else {
            Ok(end)
        };
    }
    let mapped_end = offset.saturating_add(widen(old));
    if shrinks && file_len > mapped_end {
        return refuse(ErrorKind::CutsOff { new_end: end, mapped_end, file_len });
    }
    Ok(end)
}

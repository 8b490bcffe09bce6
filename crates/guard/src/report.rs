//! What handlers write when a lost byte ends the process. It allocates nothing.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the line was written. It is written once: other threads may fault while the process ends, and a
/// handler that is passed the signal may call this one again.
static REPORTED: AtomicBool = AtomicBool::new(false);

const BEFORE: &[u8] = b"memmap: byte ";
const AFTER: &[u8] = b" of a borrowed map is lost: its device failed, or its file was cut short; \
    the process ends, as borrowed bytes cannot change\n";

/// The digits of the largest number.
const DIGITS: usize = 20;

/// Passes the line about the byte of a range that is lost to `write`, once.
pub(crate) fn report(byte: usize, write: impl FnOnce(&[u8])) {
    if !REPORTED.swap(true, Ordering::Relaxed) {
        let mut line = Line::default();
        line.push(BEFORE);
        line.push_number(byte);
        line.push(AFTER);
        write(line.bytes.get(..line.len).unwrap_or_default());
    }
}

/// A line of text without allocation. It is cut where it does not fit.
struct Line {
    bytes: [u8; BEFORE.len() + DIGITS + AFTER.len()],
    len: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self { bytes: [0; _], len: 0 }
    }
}

impl Line {
    fn push(&mut self, text: &[u8]) {
        for (to, byte) in self.bytes.iter_mut().skip(self.len).zip(text) {
            *to = *byte;
            self.len += 1;
        }
    }

    fn push_number(&mut self, number: usize) {
        let mut digits = [b'0'; DIGITS];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
        self.push(digits.split_at(zeros.min(DIGITS - 1)).1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_full() {
        for number in [0, 1, 9, 10, 12_288, 99_999, 100_000, usize::MAX - 1, usize::MAX] {
            let mut line = Line::default();
            line.push_number(number);
            assert_eq!(line.bytes[..line.len], *number.to_string().as_bytes());
        }
    }

    #[test]
    fn the_longest_line_fits() {
        let mut line = Line::default();
        line.push(BEFORE);
        line.push_number(usize::MAX);
        line.push(AFTER);
        assert_eq!(line.len, line.bytes.len());
        assert!(line.bytes.ends_with(b"change\n"));
        line.push(b"more");
        assert_eq!(line.len, line.bytes.len());
    }
}

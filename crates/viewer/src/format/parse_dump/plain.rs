use super::{LineError, digit};

/// Reads the digits of `xxd -p` as they come: a line may be as long as the file.
#[derive(Debug, Default)]
pub(crate) struct PlainParser {
    /// The first digit of a byte.
    half: Option<u8>,
    /// Line ends seen.
    lines: u64,
}

impl PlainParser {
    /// Whether these are digits and nothing else.
    pub(crate) fn is_plain(text: &str) -> bool {
        let text = text.trim_end();
        !text.is_empty() && text.bytes().all(|it| it.is_ascii_hexdigit())
    }

    /// The number of the line, from 1 on.
    pub(crate) const fn line(&self) -> u64 {
        self.lines + 1
    }

    /// Appends the bytes of a piece. The error has the place in the piece.
    pub(crate) fn parse(
        &mut self,
        piece: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), (usize, LineError)> {
        for (at, &byte) in piece.iter().enumerate() {
            let shown = || {
                let first = self.half.map(|it| char::from_digit(u32::from(it), 16).unwrap_or('?'));
                first
                    .into_iter()
                    .chain([char::from(byte)])
                    .collect::<String>()
                    .trim_end()
                    .to_owned()
            };
            match (byte, self.half, digit(byte)) {
                (b'\n', None, _) => self.lines += 1,
                (b'\r' | b' ' | b'\t', None, _) => {}
                (_, None, Some(high)) => self.half = Some(high),
                (_, Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    self.half = None;
                }
                _ => return Err((at, LineError::Digits(shown()))),
            }
        }
        Ok(())
    }

    /// Fails if the first digit of a byte is the last one of all.
    pub(crate) fn end(&self) -> Result<(), LineError> {
        match self.half {
            Some(high) => Err(LineError::Digits(format!("{high:x}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_in_any_pieces() {
        for len in 1..9 {
            let mut parser = PlainParser::default();
            let mut out = Vec::new();
            for piece in b"68656C\r\n6c6f\n".chunks(len) {
                parser.parse(piece, &mut out).unwrap();
            }
            parser.end().unwrap();
            assert_eq!((&out[..], parser.line()), (&b"hello"[..], 3));
        }
    }

    #[test]
    fn a_digit_alone_and_other_characters_are_refused() {
        let failed = |text: &[u8]| {
            let mut parser = PlainParser::default();
            let parsed = parser.parse(text, &mut Vec::new()).map_err(|(_, error)| error);
            (parsed.and_then(|()| parser.end()).unwrap_err(), parser.line())
        };
        assert_eq!(failed(b"6868\n6"), (LineError::Digits("6".to_owned()), 2));
        assert_eq!(failed(b"6868\n6\n68"), (LineError::Digits("6".to_owned()), 2));
        assert_eq!(failed(b"6868\n68xy"), (LineError::Digits("x".to_owned()), 2));
        assert_eq!(failed(b"6868\n686y"), (LineError::Digits("6y".to_owned()), 2));
    }
}

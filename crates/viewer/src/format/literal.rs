//! Bytes as programs read them: an array of C, Rust, Python or JSON, and digits alone.

use super::copy_as::append_python;
use super::{DIGITS, Format};

/// Writes bytes one after the other, and an end of line after each `columns` of them.
#[derive(Debug)]
pub(super) struct Literal {
    format: Format,
    /// Bytes per line; 0 for a single line.
    columns: usize,
    /// The name of the constant. Without one, C has the bytes alone, like `xxd -i` of a pipe.
    name: Option<String>,
    /// Bytes written.
    len: u64,
    /// Bytes in the line.
    filled: usize,
}

impl Literal {
    pub(super) fn new(format: Format, columns: Option<usize>) -> Self {
        let columns = columns.unwrap_or_else(|| format.row_len());
        Self { format, columns, name: None, len: 0, filled: 0 }
    }

    /// Takes the name of a file as the name of the constant.
    pub(super) fn named(&mut self, file: &[u8]) {
        self.name = Some(identifier(file));
    }

    pub(super) fn append(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for &byte in bytes {
            if self.len == 0 {
                self.append_start(out);
            }
            self.append_byte(byte, out);
            self.len += 1;
            self.filled += 1;
            if self.filled == self.columns {
                self.filled = 0;
                if self.format == Format::Python {
                    out.push(b'"');
                }
                if matches!(self.format, Format::Plain | Format::Python) {
                    out.push(b'\n');
                }
            }
        }
    }

    /// The end of the last line, and what closes the array.
    pub(super) fn append_end(&self, out: &mut Vec<u8>) {
        if self.len == 0 {
            self.append_start(out);
        }
        let is_open = self.filled > 0;
        match self.format {
            Format::Plain if is_open => out.push(b'\n'),
            Format::Python => {
                let rest: &[u8] = match (self.len, is_open) {
                    (0, _) => b"    b\"\"\n",
                    (_, true) => b"\"\n",
                    (_, false) => b"",
                };
                out.extend_from_slice(rest);
                out.extend_from_slice(b")\n");
            }
            Format::C | Format::Rust | Format::Json => {
                if self.len > 0 {
                    out.push(b'\n');
                }
                let end = match (self.format, &self.name) {
                    (Format::Json, _) => "]\n".to_owned(),
                    (Format::Rust, _) => "];\n".to_owned(),
                    (_, Some(name)) => format!("}};\nunsigned int {name}_len = {};\n", self.len),
                    (_, None) => String::new(),
                };
                out.extend_from_slice(end.as_bytes());
            }
            _ => {}
        }
    }

    fn append_start(&self, out: &mut Vec<u8>) {
        let name = self.name.as_deref();
        let start = match self.format {
            Format::C => {
                name.map(|name| format!("unsigned char {name}[] = {{\n")).unwrap_or_default()
            }
            Format::Rust => {
                let name = name.unwrap_or("bytes").to_ascii_uppercase();
                format!("pub const {name}: &[u8] = &[\n")
            }
            Format::Python => format!("{} = (\n", name.unwrap_or("data")),
            Format::Json => "[\n".to_owned(),
            _ => String::new(),
        };
        out.extend_from_slice(start.as_bytes());
    }

    fn append_byte(&self, byte: u8, out: &mut Vec<u8>) {
        let is_first_of_line = self.filled == 0;
        match self.format {
            Format::Python => {
                if is_first_of_line {
                    out.extend_from_slice(b"    b\"");
                }
                append_python(byte, out);
                return;
            }
            Format::Plain => return out.extend_from_slice(&DIGITS[usize::from(byte)]),
            _ => {}
        }
        let between: &[u8] = match (self.len, is_first_of_line) {
            (0, _) => b"",
            (_, true) => b",\n",
            (_, false) => b", ",
        };
        out.extend_from_slice(between);
        if is_first_of_line {
            out.extend_from_slice(b"  ");
        }
        if self.format == Format::Json {
            out.extend_from_slice(byte.to_string().as_bytes());
        } else {
            out.extend_from_slice(b"0x");
            out.extend_from_slice(&DIGITS[usize::from(byte)]);
        }
    }
}

/// The identifier that xxd derives from a file name: each byte other than a letter or digit becomes `_`, and
/// `__` is put before a leading digit.
fn identifier(file: &[u8]) -> String {
    let before = if file.first().is_some_and(u8::is_ascii_digit) { "__" } else { "" };
    let letter = |&byte: &u8| if byte.is_ascii_alphanumeric() { char::from(byte) } else { '_' };
    before.chars().chain(file.iter().map(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(format: Format, columns: Option<usize>, name: &str, bytes: &[u8]) -> String {
        let mut literal = Literal::new(format, columns);
        literal.named(name.as_bytes());
        let mut out = Vec::new();
        for piece in bytes.chunks(3) {
            literal.append(piece, &mut out);
        }
        literal.append_end(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_language_reads_its_array() {
        let bytes = b"ab\"\\\n\0\xff";
        assert_eq!(
            text(Format::C, Some(4), "1.bin", bytes),
            "unsigned char __1_bin[] = {\n  0x61, 0x62, 0x22, 0x5c,\n  0x0a, 0x00, 0xff\n};\n\
             unsigned int __1_bin_len = 7;\n"
        );
        assert_eq!(
            text(Format::Rust, Some(4), "a-b", bytes),
            "pub const A_B: &[u8] = &[\n  0x61, 0x62, 0x22, 0x5c,\n  0x0a, 0x00, 0xff\n];\n"
        );
        assert_eq!(
            text(Format::Python, Some(4), "a-b", bytes),
            "a_b = (\n    b\"ab\\\"\\\\\"\n    b\"\\n\\x00\\xff\"\n)\n"
        );
        assert_eq!(
            text(Format::Json, Some(4), "", bytes),
            "[\n  97, 98, 34, 92,\n  10, 0, 255\n]\n"
        );
        assert_eq!(text(Format::Plain, Some(4), "", bytes), "6162225c\n0a00ff\n");
        assert_eq!(text(Format::Plain, Some(0), "", bytes), "6162225c0a00ff\n");
    }

    #[test]
    fn no_bytes_are_an_empty_array() {
        assert_eq!(
            text(Format::C, None, "e", b""),
            "unsigned char e[] = {\n};\nunsigned int e_len = 0;\n"
        );
        assert_eq!(text(Format::Rust, None, "e", b""), "pub const E: &[u8] = &[\n];\n");
        assert_eq!(text(Format::Python, None, "e", b""), "e = (\n    b\"\"\n)\n");
        assert_eq!(text(Format::Json, None, "e", b""), "[\n]\n");
        assert_eq!(text(Format::Plain, Some(3), "e", b""), "");
    }

    #[test]
    fn a_full_last_line_is_closed_once() {
        assert_eq!(
            text(Format::Python, Some(2), "e", b"abcd"),
            "e = (\n    b\"ab\"\n    b\"cd\"\n)\n"
        );
        assert_eq!(text(Format::Json, Some(2), "e", b"abcd"), "[\n  97, 98,\n  99, 100\n]\n");
        assert_eq!(text(Format::Plain, Some(2), "e", b"abcd"), "6162\n6364\n");
    }
}

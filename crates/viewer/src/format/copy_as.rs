//! Encodings for copies to the clipboard.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::format::hex::{DIGITS, Hex};

/// A clipboard format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum CopyFormat {
    /// Hexadecimal digits: `7f 45`.
    Hex,
    /// A C array.
    C,
    /// A Rust array.
    Rust,
    /// A Python bytes literal.
    Python,
    /// Base64 (RFC 4648) on one line.
    Base64,
    /// The bytes themselves.
    Raw,
}

/// Maximum length of the copied text. Some terminals ignore a longer one, and none reports that it
/// did.
pub(crate) const COPY_LEN_MAX: u64 = 64 << 10;

/// Bytes per line of an array.
const LINE: usize = 12;

impl CopyFormat {
    /// All formats, by their names in `:copy`.
    pub(crate) const NAMED: [(&'static str, Self); 6] = [
        ("hex", Self::Hex),
        ("c", Self::C),
        ("rust", Self::Rust),
        ("python", Self::Python),
        ("base64", Self::Base64),
        ("raw", Self::Raw),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(_, form)| *form == self).map_or("", |(name, _)| name)
    }

    /// Maximum number of bytes whose text fits.
    pub(crate) const fn bytes_max(self) -> u64 {
        match self {
            Self::Hex => COPY_LEN_MAX / 3,
            // Six characters per byte, an indent every twelve bytes, and the enclosing lines.
            Self::C | Self::Rust => (COPY_LEN_MAX - 64) / 7,
            Self::Python => (COPY_LEN_MAX - 3) / 4,
            Self::Base64 => COPY_LEN_MAX / 4 * 3,
            Self::Raw => COPY_LEN_MAX,
        }
    }

    /// Encodes bytes in this format.
    pub(crate) fn encode(self, bytes: &[u8]) -> Vec<u8> {
        let len = bytes.len();
        match self {
            Self::Hex => Hex::separated(bytes, " ").to_string().into_bytes(),
            Self::C => array(&format!("unsigned char bytes[{len}] = {{"), bytes, "};"),
            Self::Rust => array(&format!("const BYTES: [u8; {len}] = ["), bytes, "];"),
            Self::Python => python(bytes),
            Self::Base64 => STANDARD.encode(bytes).into_bytes(),
            Self::Raw => bytes.to_vec(),
        }
    }
}

fn array(before: &str, bytes: &[u8], after: &str) -> Vec<u8> {
    let mut out = format!("{before}\n");
    for line in bytes.chunks(LINE) {
        // Writing to a string cannot fail.
        writeln!(out, "    0x{},", Hex::separated(line, ", 0x")).ok();
    }
    out += after;
    out += "\n";
    out.into_bytes()
}

fn python(bytes: &[u8]) -> Vec<u8> {
    let mut out = b"b\"".to_vec();
    for &byte in bytes {
        append_python(byte, &mut out);
    }
    out.push(b'"');
    out
}

/// Appends a byte as it stands in a bytes literal of Python.
pub(super) fn append_python(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'"' | b'\\' => out.extend([b'\\', byte]),
        b' '..=b'~' => out.push(byte),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            out.extend_from_slice(b"\\x");
            out.extend_from_slice(&DIGITS[usize::from(byte)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(form: CopyFormat, bytes: &[u8]) -> String {
        String::from_utf8(form.encode(bytes)).unwrap()
    }

    #[test]
    fn each_form_is_what_its_language_reads() {
        let bytes = b"\x7fELF\"\\\n\0";
        assert_eq!(text(CopyFormat::Hex, bytes), "7f 45 4c 46 22 5c 0a 00");
        assert_eq!(
            text(CopyFormat::C, bytes),
            "unsigned char bytes[8] = {\n    0x7f, 0x45, 0x4c, 0x46, 0x22, 0x5c, 0x0a, 0x00,\n};\n"
        );
        assert_eq!(
            text(CopyFormat::Rust, &bytes[..2]),
            "const BYTES: [u8; 2] = [\n    0x7f, 0x45,\n];\n"
        );
        assert_eq!(text(CopyFormat::Python, bytes), r#"b"\x7fELF\"\\\n\x00""#);
        assert_eq!(text(CopyFormat::Base64, bytes), "f0VMRiJcCgA=");
        assert_eq!(CopyFormat::Raw.encode(bytes), bytes);
    }

    #[test]
    fn what_is_let_through_fits() {
        for (_, form) in CopyFormat::NAMED {
            let most = usize::try_from(form.bytes_max()).unwrap();
            for byte in [0, 0xff, b'"', b'a'] {
                let len = form.encode(&vec![byte; most]).len();
                assert!(memmap::widen(len) <= COPY_LEN_MAX, "{form:?}: {len}");
            }
        }
    }
}

//! Encodings of text: those of `encoding_rs`, and IBM437, which it does not have.

use std::sync::Arc;

use encoding_rs::Encoding;

/// The upper half of IBM437.
const IBM437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Chars {
    /// None is known; text that is not UTF-8 is marked.
    Unknown,
    Ascii,
    Latin1,
    Ibm437,
    Utf8,
    Other(&'static Encoding),
}

impl Chars {
    /// The encoding of a name, in any spelling of case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        Some(match lower.as_str() {
            "ascii" | "us-ascii" => Self::Ascii,
            "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "latin-1" => Self::Latin1,
            "ibm437" | "cp437" => Self::Ibm437,
            "utf-8" | "utf8" => Self::Utf8,
            "sjis" => Self::Other(encoding_rs::SHIFT_JIS),
            "utf-16le" | "utf16le" | "utf-16" | "utf16" => Self::Other(encoding_rs::UTF_16LE),
            "utf-16be" | "utf16be" => Self::Other(encoding_rs::UTF_16BE),
            "utf-32le" | "utf-32be" | "utf32le" | "utf32be" => return None,
            _ => Self::Other(Encoding::for_label_no_replacement(lower.as_bytes())?),
        })
    }

    /// How the style guide spells the name of an encoding.
    pub(crate) fn canonical(name: &str) -> Option<&'static str> {
        const NAMES: [&str; 37] = [
            "ASCII",
            "UTF-8",
            "UTF-16BE",
            "UTF-16LE",
            "UTF-32BE",
            "UTF-32LE",
            "ISO-8859-1",
            "ISO-8859-2",
            "ISO-8859-3",
            "ISO-8859-4",
            "ISO-8859-5",
            "ISO-8859-6",
            "ISO-8859-7",
            "ISO-8859-8",
            "ISO-8859-9",
            "ISO-8859-10",
            "ISO-8859-11",
            "ISO-8859-13",
            "ISO-8859-14",
            "ISO-8859-15",
            "ISO-8859-16",
            "windows-1250",
            "windows-1251",
            "windows-1252",
            "windows-1253",
            "windows-1254",
            "windows-1255",
            "windows-1256",
            "windows-1257",
            "windows-1258",
            "IBM437",
            "IBM866",
            "Shift_JIS",
            "Big5",
            "EUC-KR",
            "GB2312",
            "SJIS",
        ];
        const OTHERS: [(&str, &str); 9] = [
            ("us-ascii", "ASCII"),
            ("utf8", "UTF-8"),
            ("latin1", "ISO-8859-1"),
            ("latin-1", "ISO-8859-1"),
            ("iso8859-1", "ISO-8859-1"),
            ("iso_8859-1", "ISO-8859-1"),
            ("utf16le", "UTF-16LE"),
            ("utf16be", "UTF-16BE"),
            ("cp437", "IBM437"),
        ];
        let same = NAMES.iter().find(|it| it.eq_ignore_ascii_case(name)).copied();
        same.or_else(|| OTHERS.iter().find(|it| it.0.eq_ignore_ascii_case(name)).map(|it| it.1))
    }

    /// The bytes of a unit: 2 for UTF-16.
    pub(crate) fn unit(self) -> usize {
        match self {
            Self::Other(it) if it == encoding_rs::UTF_16LE || it == encoding_rs::UTF_16BE => 2,
            _ => 1,
        }
    }

    /// The text of bytes, and whether all of them are valid. What is not is `\xff`.
    pub(crate) fn decode(self, bytes: &[u8]) -> (Arc<str>, bool) {
        match self {
            Self::Ascii => {
                let valid = bytes.is_ascii();
                if valid {
                    (Arc::from(String::from_utf8_lossy(bytes)), true)
                } else {
                    (utf8(bytes).0, false)
                }
            }
            Self::Utf8 | Self::Unknown => utf8(bytes),
            Self::Latin1 => {
                (bytes.iter().map(|it| char::from(*it)).collect::<String>().into(), true)
            }
            Self::Ibm437 => {
                let upper: Vec<char> = IBM437.chars().collect();
                let one = |it: &u8| match it.checked_sub(128) {
                    Some(at) => upper.get(usize::from(at)).copied().unwrap_or('?'),
                    None => char::from(*it),
                };
                (bytes.iter().map(one).collect::<String>().into(), true)
            }
            Self::Other(encoding) => {
                let (text, malformed) = encoding.decode_without_bom_handling(bytes);
                (Arc::from(text.as_ref()), !malformed)
            }
        }
    }
}

/// UTF-8, with `\xff` for each byte that is not.
fn utf8(bytes: &[u8]) -> (Arc<str>, bool) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Arc::from(text), true);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            use std::fmt::Write as _;
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    (Arc::from(text), false)
}

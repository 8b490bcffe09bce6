//! A value as text, without what a terminal would obey.

use memmap_structure::Answer;

use crate::format::printable::printable;

/// A value alone: text as it is, bytes in hexadecimal.
pub(crate) fn shown(value: &Answer) -> String {
    match value {
        Answer::Int(n) => n.to_string(),
        Answer::Float(n) => format!("{n:?}"),
        Answer::Bool(it) => it.to_string(),
        Answer::Text(text) => printable(text),
        Answer::Bytes(bytes) => {
            bytes.iter().map(|it| format!("{it:02x}")).collect::<Vec<_>>().join(" ")
        }
        Answer::Enum(n, name) => name.clone().unwrap_or_else(|| n.to_string()),
        Answer::Object(path) | Answer::List(path, _) => format!("→ {path}"),
        Answer::Values(all) => {
            format!("[{}]", all.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        Answer::Stream(len) => format!("a stream of {len} bytes"),
        _ => String::new(),
    }
}

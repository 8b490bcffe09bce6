//! Fields as JSON: one object a line. Integers are exact; beyond 2^53 their text stands beside them.

use std::fmt::Write as _;
use std::path::Path;

use memmap_structure::{Answer, Row, RowState};
use serde_json::json;

/// The largest integer that every reader of JSON takes exactly.
const EXACT: u128 = 1 << 53;

pub(crate) fn file(path: &Path, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{}\n", json!({ "file": path.to_string_lossy() })).as_bytes());
}

/// A node.
pub(crate) fn row(row: &Row, out: &mut Vec<u8>) {
    let mut line = String::from("{");
    let _ = write!(line, "\"path\":{},\"type\":{}", json!(row.path), json!(row.type_name));
    if let Some(span) = &row.span {
        if let Some(inside) = &span.inside {
            let _ = write!(line, ",\"in\":{}", json!(inside));
        }
        let _ = write!(line, ",\"start\":{}", span.start);
        if let Some(len) = span.len {
            let _ = write!(line, ",\"len\":{len}");
        }
        if let Some((first, bits)) = span.bits {
            let _ = write!(line, ",\"first_bit\":{first},\"bits\":{bits}");
        }
    }
    match &row.value {
        // How many elements there are is not known yet.
        Some(Answer::List(..)) if row.state == RowState::More => {}
        Some(value) => keys(value, &mut line),
        None => line.push_str(",\"value\":null"),
    }
    if let Some(raw) = &row.raw {
        let _ = write!(line, ",\"hex\":\"{}\"", hex(raw));
    }
    let _ = write!(line, ",\"state\":\"{}\"", row.state.name());
    if let Some(fault) = &row.fault {
        let _ = write!(line, ",\"error\":{}", json!(fault.message));
    }
    line.push_str("}\n");
    out.extend_from_slice(line.as_bytes());
}

/// A computed value, which has no node.
pub(crate) fn value(value: &Answer, out: &mut Vec<u8>) {
    let mut line = String::new();
    keys(value, &mut line);
    out.extend_from_slice(format!("{{{}}}\n", line.trim_start_matches(',')).as_bytes());
}

/// The keys of a value, each after a comma.
fn keys(value: &Answer, line: &mut String) {
    let _ = match value {
        Answer::Int(n) if n.unsigned_abs() > EXACT => {
            write!(line, ",\"value\":{n},\"text\":\"{n}\"")
        }
        Answer::Float(n) if !n.is_finite() => {
            write!(line, ",\"value\":null,\"text\":\"{}\"", text_of(*n))
        }
        Answer::Bytes(bytes) => write!(line, ",\"hex\":\"{}\"", hex(bytes)),
        Answer::Object(_) => write!(line, ",\"value\":{{}}"),
        Answer::List(_, count) => write!(line, ",\"count\":{count}"),
        other => write!(line, ",\"value\":{}", plain(other)),
    };
}

fn plain(value: &Answer) -> String {
    match value {
        Answer::Int(n) => n.to_string(),
        Answer::Float(n) if n.is_finite() => format!("{n:?}"),
        Answer::Bool(it) => it.to_string(),
        Answer::Text(text) => json!(text).to_string(),
        Answer::Bytes(bytes) => format!("\"{}\"", hex(bytes)),
        Answer::Enum(n, name) => format!("{{\"value\":{n},\"name\":{}}}", json!(name)),
        Answer::Object(path) | Answer::List(path, _) => json!({ "path": path }).to_string(),
        Answer::Values(all) => format!("[{}]", all.iter().map(plain).collect::<Vec<_>>().join(",")),
        Answer::Stream(len) => json!({ "stream": len }).to_string(),
        _ => "null".to_owned(),
    }
}

fn text_of(n: f64) -> &'static str {
    if n.is_nan() {
        "NaN"
    } else if n > 0.0 {
        "inf"
    } else {
        "-inf"
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

//! The summary of a file in JSON.

use memmap::scan::{ByteClass, Outcome, Summary};
use serde_json::{Map, Value, json};

use super::Size;
use crate::cli::find::{Name, unreadable_json};

/// A JSON object without line breaks. Sizes are in bytes, entropies in bits per byte; `null` if the
/// bytes are unreadable.
pub(super) fn object(outcome: &Outcome<Summary>, file: &Size, name: &Name) -> Value {
    let summary = &outcome.value;
    let histogram = &summary.histogram;
    let classes: Map<String, Value> = ByteClass::ALL
        .into_iter()
        .map(|class| {
            (class.name().replace(' ', "_").to_lowercase(), json!(histogram.of_class(class)))
        })
        .collect();
    let entropies = summary.entropy_of_chunks.iter().map(|bits| bits.map(rounded));
    let mut object = json!({
        "path": serde_json::from_str::<Value>(&name.json).unwrap_or_default(),
        "path_is_lossy": name.bytes.is_some(),
        "length": file.mapped.is_none().then_some(file.len),
        "start": summary.range.start,
        "end": summary.range.end,
        "counted": histogram.total(),
        "histogram": histogram.counts().as_slice(),
        "classes": classes,
        "entropy": histogram.entropy().map(rounded),
        "entropy_of_pieces": {
            "piece_length": summary.chunk_len,
            "values": entropies.collect::<Vec<_>>(),
        },
        "longest_runs": summary.longest_runs.iter().map(|run| json!({
            "offset": run.offset,
            "length": run.len,
            "byte": run.byte,
        })).collect::<Vec<_>>(),
        "strings": {
            "min_length": summary.min_string,
            "count": summary.strings.count,
            "bytes": summary.strings.bytes,
        },
        "holes": { "count": summary.holes.count, "bytes": summary.holes.bytes },
        "unreadable": unreadable_json(&outcome.unreadable),
        "is_interrupted": outcome.is_cancelled,
    });
    if let (Some([mapped, readable]), Value::Object(object)) = (file.mapped, &mut object) {
        object.insert("mapped".to_owned(), mapped.into());
        object.insert("readable".to_owned(), readable.into());
    }
    if let (Some(bytes), Value::Object(object)) = (&name.bytes, &mut object) {
        object.insert("path_bytes".to_owned(), bytes.as_str().into());
    }
    object
}

/// Rounds to six decimals. Further digits depend on the order of additions.
fn rounded(bits: f64) -> f64 {
    (bits * 1e6).round() / 1e6
}

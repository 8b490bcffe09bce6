//! The summary of a file in JSON.

use memmap::scan::ByteClass;
use serde_json::{Map, Value, json};

use super::summary::Sums;
use crate::cli::find::{Name, unreadable_json};

/// A JSON object without line breaks. Sizes are in bytes, entropies in bits per byte; `null` if the
/// bytes are unreadable.
pub(super) fn object(sums: &Sums, name: &Name) -> Value {
    let classes: Map<String, Value> = ByteClass::ALL
        .into_iter()
        .map(|class| (class.name().replace(' ', "_").to_lowercase(), json!(sums.of_class(class))))
        .collect();
    let strings = sums.strings();
    let mut object = json!({
        "path": serde_json::from_str::<Value>(&name.json).unwrap_or_default(),
        "path_is_lossy": name.bytes.is_some(),
        "length": sums.file_len,
        "start": sums.range.start,
        "end": sums.range.end,
        "counted": sums.counted(),
        "histogram": sums.counts.as_slice(),
        "classes": classes,
        "entropy": sums.entropy.map(rounded),
        "entropy_of_pieces": {
            "piece_length": sums.piece_len,
            "values": sums.entropies.iter().map(|bits| bits.map(rounded)).collect::<Vec<_>>(),
        },
        "longest_runs": sums.runs().iter().map(|run| json!({
            "offset": run.offset,
            "length": run.len,
            "byte": run.byte,
        })).collect::<Vec<_>>(),
        "strings": {
            "min_length": sums.min_string,
            "count": strings.count,
            "bytes": strings.bytes,
        },
        "holes": { "count": sums.holes, "bytes": sums.hole_bytes },
        "unreadable": unreadable_json(&sums.unreadable),
        "is_interrupted": sums.is_cancelled,
    });
    if let (Some(bytes), Value::Object(object)) = (&name.bytes, &mut object) {
        object.insert("path_bytes".to_owned(), bytes.as_str().into());
    }
    object
}

/// Rounds to six decimals. Further digits depend on the order of additions.
fn rounded(bits: f64) -> f64 {
    (bits * 1e6).round() / 1e6
}

//! Differences as JSON, one object a line.

use std::ops::Range;

use memmap::compare::{Difference, DifferenceKind, Side};
use serde_json::{Value, json};

use super::{Ended, Input};
use crate::format::hex::Hex;

/// Bytes of each file that are printed of a difference.
const PRINTED: usize = 32;

/// Appends a difference.
pub(super) fn append(found: &Difference, (a, b): (&Input, &Input), out: &mut Vec<u8>) {
    let kind = match found.kind {
        DifferenceKind::Changed => "changed",
        DifferenceKind::OnlyInA => "only_in_a",
        DifferenceKind::OnlyInB => "only_in_b",
        DifferenceKind::Unreadable => "not_compared",
    };
    let (a, b) = (side(found, a, &found.a), side(found, b, &found.b));
    // Formatted by hand to keep the keys in a readable order.
    let line = format!("{{\"type\":\"difference\",\"kind\":\"{kind}\",\"a\":{a},\"b\":{b}}}\n");
    out.extend_from_slice(line.as_bytes());
}

/// The range of one file, with its first bytes if they differ and can be read.
fn side(found: &Difference, input: &Input, range: &Range<u64>) -> String {
    let (start, len) = (range.start, range.end - range.start);
    let mut bytes = [0; PRINTED];
    let bytes = &mut bytes[..usize::try_from(len).unwrap_or(PRINTED).min(PRINTED)];
    let is_shown = found.is_different() && input.map.read_into(start, bytes).is_ok();
    let bytes = if is_shown { json!(Hex::plain(bytes).to_string()) } else { Value::Null };
    format!("{{\"offset\":{start},\"length\":{len},\"bytes\":{bytes}}}")
}

/// Appends the end.
pub(super) fn append_end(
    ended: &Ended,
    (a, b): (&Input, &Input),
    is_interrupted: bool,
    out: &mut Vec<u8>,
) {
    let range = |range: &Range<u64>| json!({ "start": range.start, "end": range.end });
    let lost = ended.compared.not_compared.iter().map(|lost| {
        let side = match lost.side {
            Side::A => "a",
            Side::B => "b",
        };
        let reason = lost.error.to_string();
        json!({ "side": side, "a": range(&lost.a), "b": range(&lost.b), "reason": reason })
    });
    let lost: Value = lost.collect();
    let line = format!(
        "{{\"type\":\"end\",\"a\":{{{}}},\"b\":{{{}}},\"differences\":{},\"bytes\":{},\"compared\":{},\
         \"not_compared\":{lost},\"is_limited\":{},\"is_interrupted\":{is_interrupted}}}\n",
        a.name.json_keys(),
        b.name.json_keys(),
        ended.differences,
        ended.bytes,
        ended.compared.compared,
        ended.is_limited,
    );
    out.extend_from_slice(line.as_bytes());
}

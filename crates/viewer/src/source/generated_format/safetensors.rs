//! safetensors: the header is JSON.

use std::fmt::Write as _;

use memmap_structure::Source;
use serde_json::{Map, Value};

use super::ids::{Ids, quoted};
use super::values::Helpers;
use super::{SchemaError, read_head};
use crate::source::npy_layout;

pub(super) const NAME: &str = "safetensors";

/// The longest header that is read. The reference implementation reads up to 100 MB.
const HEADER_MAX: u64 = 16 << 20;

/// The longest text that is a value of the tree.
const TEXT_MAX: u64 = 1 << 20;

/// How many tensors are described.
const TENSORS_MAX: usize = 4096;

/// How many dimensions a tensor may have.
const DIMENSIONS_MAX: usize = 64;

macro_rules! head {
    () => {
        "meta:
  id: safetensors
  title: Tensors (safetensors)
  application: Hugging Face
  file-extension: safetensors
  license: MIT OR Apache-2.0
  endian: le
  encoding: UTF-8
doc-ref: https://huggingface.co/docs/safetensors
seq:
  - id: len_header
    type: u8
"
    };
}

/// The description for any file.
pub(super) const TEXT: &str = concat!(
    head!(),
    "  - id: header
    size: len_header
  - id: data
    size-eos: true
"
);

const HEAD: &str = head!();

fn bad(problem: impl Into<String>) -> SchemaError {
    SchemaError::Header { format: NAME, problem: problem.into() }
}

/// A tensor of the header.
#[derive(Debug)]
struct Tensor<'a> {
    name: &'a str,
    dtype: &'a str,
    shape: Vec<usize>,
    begin: u64,
    end: u64,
}

/// The description for one file.
pub(super) fn describe(bytes: &mut dyn Source) -> Result<String, SchemaError> {
    let Ok(first) = <[u8; 8]>::try_from(read_head(bytes, 8)?) else {
        return Err(bad("the file has less than 8 bytes"));
    };
    let len = u64::from_le_bytes(first);
    if len > HEADER_MAX {
        return Err(bad(format!("it has {len} bytes; at most {HEADER_MAX} are read")));
    }
    if len > bytes.len().saturating_sub(8) {
        return Err(bad(format!("it has {len} bytes, the file {}", bytes.len())));
    }
    let start = len.saturating_add(8);
    let head = read_head(bytes, usize::try_from(start).unwrap_or(usize::MAX))?;
    let header: Map<String, Value> = serde_json::from_slice(head.get(8..).unwrap_or_default())
        .map_err(|error| bad(format!("it is not a JSON object: {error}")))?;
    let mut tensors = header
        .iter()
        .filter(|it| it.0 != "__metadata__")
        .map(|(name, value)| tensor(name, value))
        .collect::<Result<Vec<_>, _>>()?;
    tensors.sort_by_key(|it| it.begin);
    text(&tensors, start)
}

/// A tensor by its entry of the header.
fn tensor<'a>(name: &'a str, value: &'a Value) -> Result<Tensor<'a>, SchemaError> {
    let lacks = |what: &str| bad(format!("tensor {} has no valid {what}", quoted(name)));
    let dtype = value.get("dtype").and_then(Value::as_str).ok_or_else(|| lacks("dtype"))?;
    let shape = value.get("shape").and_then(Value::as_array).ok_or_else(|| lacks("shape"))?;
    let length = |it: &Value| it.as_u64().and_then(|it| usize::try_from(it).ok());
    let shape: Option<Vec<usize>> = shape.iter().map(length).collect();
    let shape = shape.filter(|it| it.len() <= DIMENSIONS_MAX).ok_or_else(|| lacks("shape"))?;
    let offsets = value.get("data_offsets").and_then(Value::as_array).map(Vec::as_slice);
    let Some([begin, end]) = offsets else { return Err(lacks("data_offsets")) };
    match (begin.as_u64(), end.as_u64()) {
        (Some(begin), Some(end)) if begin <= end => Ok(Tensor { name, dtype, shape, begin, end }),
        _ => Err(lacks("data_offsets")),
    }
}

/// The description for these tensors. Their offsets count from `start`.
fn text(tensors: &[Tensor<'_>], start: u64) -> Result<String, SchemaError> {
    let mut out = HEAD.to_owned();
    let len = start.saturating_sub(8);
    // A longer text is no value, but its bytes can be shown.
    let kind = if len <= TEXT_MAX { "    type: str\n" } else { "" };
    let _ = write!(out, "  - id: header\n    doc: JSON.\n{kind}    size: {len}\n");
    let _ = write!(
        out,
        "instances:\n  num_tensors:\n    value: {}\n  tensors:\n    pos: {start}\n    type: tensors\n",
        tensors.len()
    );
    let left_out = tensors.len().saturating_sub(TENSORS_MAX);
    if left_out > 0 {
        let _ = write!(
            out,
            "  num_left_out:\n    doc: Only the first {TENSORS_MAX} tensors are shown.\n    value: {left_out}\n"
        );
    }
    out.push_str("types:\n  tensors:\n    instances:\n");
    if tensors.is_empty() {
        out.push_str("      none:\n        value: 0\n");
    }
    let mut ids = Ids::default();
    let mut helpers = Helpers::default();
    for tensor in tensors.iter().take(TENSORS_MAX) {
        let id = ids.make(tensor.name);
        let at = start.checked_add(tensor.begin).ok_or_else(|| {
            bad(format!("the offset of tensor {} is too large", quoted(tensor.name)))
        })?;
        let shape = npy_layout::shape(&tensor.shape);
        let doc = quoted(&format!("{}, {}, shape {shape}.", tensor.name, tensor.dtype));
        let name = quoted(tensor.name);
        let _ = write!(
            out,
            "      {id}:\n        -orig-id: {name}\n        doc: {doc}\n        pos: {at}\n"
        );
        let len = tensor.end.saturating_sub(tensor.begin);
        match value(tensor.dtype, &mut helpers).zip(tensor.count()) {
            Some(((ty, size), count)) if count.checked_mul(size) == Some(len) => {
                let _ = write!(
                    out,
                    "        type: {ty}\n        repeat: expr\n        repeat-expr: {count}\n"
                );
            }
            _ => {
                let _ = writeln!(out, "        size: {len}");
            }
        }
    }
    out.push_str(&helpers.text());
    Ok(out)
}

impl Tensor<'_> {
    /// The number of elements.
    fn count(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |count, it| count.checked_mul(memmap::widen(*it)))
    }
}

/// The type of the elements and its size. Elements smaller than a byte have none.
fn value(dtype: &str, helpers: &mut Helpers) -> Option<(&'static str, u64)> {
    Some(match dtype {
        "BOOL" | "U8" | "F8_E5M2" | "F8_E4M3" | "F8_E8M0" => ("u1", 1),
        "I8" => ("s1", 1),
        "U16" => ("u2", 2),
        "I16" => ("s2", 2),
        "F16" => (helpers.name("half_le"), 2),
        "BF16" => (helpers.name("bfloat_le"), 2),
        "U32" => ("u4", 4),
        "I32" => ("s4", 4),
        "F32" => ("f4", 4),
        "U64" => ("u8", 8),
        "I64" => ("s8", 8),
        "F64" => ("f8", 8),
        "C64" => (helpers.name("complex_8_le"), 8),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use memmap_structure::{Answer, Tree};

    use super::*;
    use crate::source::format_catalog::FormatCatalog;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let len = u64::try_from(header.len()).unwrap();
        [&len.to_le_bytes()[..], header.as_bytes(), data].concat()
    }

    fn tree(bytes: Vec<u8>) -> Tree {
        let schema =
            FormatCatalog::default().schema_for("safetensors", &mut bytes.clone()).unwrap();
        assert!(schema.warnings().is_empty(), "{:?}", schema.warnings());
        Tree::new(Arc::new(schema), Box::new(bytes))
    }

    const HEADER: &str = r#"{"__metadata__":{"format":"pt"},
        "a.B":{"dtype":"F32","shape":[1,2],"data_offsets":[2,10]},
        "a_b":{"dtype":"BF16","shape":[],"data_offsets":[0,2]},
        "\u00fc\n":{"dtype":"F4","shape":[2],"data_offsets":[10,11]},
        "wrong":{"dtype":"U8","shape":[9],"data_offsets":[10,12]}}"#;

    #[test]
    fn tensors_are_lists_of_their_values() {
        let data = [0x20, 0xc0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0x12, 0x34];
        let mut tree = tree(file(HEADER, &data));
        assert_eq!(tree.ask("num_tensors").unwrap(), Answer::Int(4));
        assert_eq!(tree.ask("tensors.a_b[0].value").unwrap(), Answer::Float(-2.5));
        assert_eq!(tree.ask("tensors.a_b_2.size").unwrap(), Answer::Int(2));
        assert_eq!(tree.ask("tensors.a_b_2[1]").unwrap(), Answer::Float(2.0));
        // Elements of four bits, and a length that is not that of the shape: bytes.
        assert_eq!(tree.ask("tensors.id___").unwrap(), Answer::Bytes(vec![0x12]));
        assert_eq!(tree.ask("tensors.wrong").unwrap(), Answer::Bytes(vec![0x12, 0x34]));
        assert_eq!(tree.ask("header").unwrap(), Answer::Text(HEADER.into()));
    }

    #[test]
    fn a_file_without_tensors_has_a_tree() {
        assert_eq!(tree(file("{}", b"")).ask("num_tensors").unwrap(), Answer::Int(0));
    }

    #[test]
    fn tensors_beyond_the_limit_are_left_out() {
        let entries: Vec<String> = (0..TENSORS_MAX + 5)
            .map(|it| {
                format!(r#""t{it}":{{"dtype":"U8","shape":[1],"data_offsets":[{it},{}]}}"#, it + 1)
            })
            .collect();
        let mut tree = tree(file(&format!("{{{}}}", entries.join(",")), &vec![7; TENSORS_MAX + 5]));
        assert_eq!(tree.ask("num_left_out").unwrap(), Answer::Int(5));
        assert_eq!(tree.ask("tensors.t4095[0]").unwrap(), Answer::Int(7));
        assert!(tree.ask("tensors.t4096[0]").is_err());
    }

    #[test]
    fn damaged_headers_are_errors() {
        let nested = format!("{{\"a\":{}", "[".repeat(100_000));
        let tensor = |it: &str| format!("{{\"a\":{{{it}}}}}");
        for header in [
            "",
            "[]",
            "{",
            &nested,
            "{\"a\":1}",
            &tensor(r#""dtype":"U8","shape":[1]"#),
            &tensor(r#""dtype":8,"shape":[1],"data_offsets":[0,1]"#),
            &tensor(r#""dtype":"U8","shape":[-1],"data_offsets":[0,1]"#),
            &tensor(r#""dtype":"U8","shape":[1],"data_offsets":[1,0]"#),
            &tensor(
                r#""dtype":"U8","shape":[1],"data_offsets":[18446744073709551615,18446744073709551615]"#,
            ),
        ] {
            let schema = FormatCatalog::default().schema_for("safetensors", &mut file(header, b""));
            assert!(matches!(schema, Err(SchemaError::Header { .. })), "{header}");
        }
        for bytes in
            [&b""[..], b"1234567", &u64::MAX.to_le_bytes(), &[9, 0, 0, 0, 0, 0, 0, 0, b'{']]
        {
            assert!(describe(&mut bytes.to_vec()).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_shape_that_overflows_is_bytes() {
        let header =
            r#"{"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,1]}}"#;
        assert_eq!(tree(file(header, &[5])).ask("tensors.a").unwrap(), Answer::Bytes(vec![5]));
    }
}

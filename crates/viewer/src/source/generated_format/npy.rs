//! `.npy`: the header is a Python literal.

use std::fmt::Write as _;

use memmap::array::npy::{DEFAULT_LIMIT, Header, Preamble, Version};
use memmap::array::{ByteOrder, DType, DTypeKind, Field, Order};
use memmap_structure::Source;

use super::ids::{Ids, quoted};
use super::values::Helpers;
use super::{SchemaError, read_head};
use crate::source::npy_layout;

pub(super) const NAME: &str = "npy";

/// How many fields, of fields too, a type may have.
const FIELDS_MAX: usize = 4096;

/// How deep fields may have fields.
const DEPTH_MAX: usize = 32;

macro_rules! head {
    () => {
        "meta:
  id: npy
  title: NumPy array (npy)
  application: NumPy
  file-extension: npy
  license: MIT OR Apache-2.0
  endian: le
  encoding: UTF-8
doc-ref: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
seq:
  - id: magic
    contents: [0x93, NUMPY]
  - id: version_major
    type: u1
  - id: version_minor
    type: u1
  - id: len_header
    type:
      switch-on: version_major
      cases:
        1: u2
        _: u4
  - id: header
    doc: A Python literal.
    type: str
    size: len_header
"
    };
}

/// The description for any file.
pub(super) const TEXT: &str = concat!(
    head!(),
    "  - id: data
    size-eos: true
"
);

const HEAD: &str = head!();

/// The description for one file.
pub(super) fn describe(bytes: &mut dyn Source) -> Result<String, SchemaError> {
    let bad = |error: memmap::array::Error| bad(error.kind().to_string());
    let first = read_head(bytes, Preamble::LEN)?;
    let preamble = Preamble::parse(&first, DEFAULT_LIMIT).map_err(bad)?;
    let head = read_head(bytes, preamble.data_start())?;
    let header = Header::parse(&head, DEFAULT_LIMIT).map_err(bad)?;
    Description::default().of(&header)
}

fn bad(problem: impl Into<String>) -> SchemaError {
    SchemaError::Header { format: NAME, problem: problem.into() }
}

/// A description as far as it is written.
#[derive(Debug, Default)]
struct Description {
    /// Types of structures, as entries of `types`.
    types: String,
    names: Ids,
    num_fields: usize,
    helpers: Helpers,
}

impl Description {
    fn of(mut self, header: &Header) -> Result<String, SchemaError> {
        let mut out = HEAD.to_owned();
        if header.version() != Version::V3 {
            out = out.replacen("encoding: UTF-8", "encoding: ISO-8859-1", 1);
        }
        let item = self.value(header.dtype(), 0)?;
        let shape = npy_layout::shape(header.shape());
        let order = header.order();
        let doc = quoted(&format!("{}, shape {shape}, {order} order.", header.dtype()));
        let _ = write!(out, "  - id: data\n    doc: {doc}\n");
        // A row is what lies together: the last dimension, in Fortran order the first.
        let (row, row_len) = match (order, header.shape()) {
            (Order::C, [.., last]) => ("row", *last),
            (_, [first, ..]) => ("column", *first),
            (_, []) => ("row", 0),
        };
        let count: u128 =
            header.shape().iter().map(|it| memmap::widen(*it)).map(u128::from).product();
        let has_rows = header.shape().len() > 1 && header.data_len() > 0;
        if has_rows {
            let len =
                memmap::widen(row_len).saturating_mul(memmap::widen(header.dtype().itemsize()));
            let rows = count / u128::from(memmap::widen(row_len));
            let _ = write!(
                out,
                "    type: {row}\n    size: {len}\n    repeat: expr\n    repeat-expr: {rows}\n"
            );
        } else {
            out.push_str(&item.indented(4));
            let _ = write!(out, "    repeat: expr\n    repeat-expr: {count}\n");
        }
        out.push_str("  - id: trailing_data\n    size-eos: true\n    if: not _io.eof\n");
        let _ = write!(
            out,
            "instances:\n  shape:\n    value: '\"{shape}\"'\n  order:\n    value: '\"{order}\"'\n"
        );
        self.types.push_str(&self.helpers.text());
        if has_rows {
            let _ = write!(
                self.types,
                "  {row}:\n    seq:\n      - id: values\n{}        repeat: expr\n        repeat-expr: {row_len}\n",
                item.indented(8)
            );
        }
        if !self.types.is_empty() {
            out.push_str("types:\n");
            out.push_str(&self.types);
        }
        Ok(out)
    }

    /// How a value of a type is described.
    fn value(&mut self, dtype: &DType, depth: usize) -> Result<Value, SchemaError> {
        let big = dtype.byte_order() == ByteOrder::Big;
        let order = if big { "be" } else { "le" };
        let size = dtype.itemsize();
        let number = |sign: char| match size {
            1 => Value::of(format!("{sign}1")),
            2 | 4 | 8 => Value::of(format!("{sign}{size}{order}")),
            _ => Value::bytes(size),
        };
        Ok(match dtype.kind() {
            DTypeKind::Bool => Value::of("u1".to_owned()),
            DTypeKind::UInt => number('u'),
            DTypeKind::Int | DTypeKind::DateTime(_) | DTypeKind::TimeDelta(_) => number('s'),
            DTypeKind::Float => match size {
                2 => {
                    Value::of(self.helpers.name(if big { "half_be" } else { "half_le" }).to_owned())
                }
                4 | 8 => number('f'),
                _ => Value::bytes(size),
            },
            DTypeKind::Complex => match (size, big) {
                (8, false) => Value::of(self.helpers.name("complex_8_le").to_owned()),
                (8, true) => Value::of(self.helpers.name("complex_8_be").to_owned()),
                (16, false) => Value::of(self.helpers.name("complex_16_le").to_owned()),
                (16, true) => Value::of(self.helpers.name("complex_16_be").to_owned()),
                _ => Value::bytes(size),
            },
            DTypeKind::Bytes => {
                Value { ty: "str".to_owned(), size: Some(size), padded: true, count: None }
            }
            DTypeKind::Text => self.text(size / 4, order),
            DTypeKind::Struct(fields) => {
                let ty = self.structure(fields.iter(), size, depth)?;
                Value { size: Some(size), ..Value::of(ty) }
            }
            DTypeKind::SubArray { base, shape } => {
                let mut value = self.value(base, depth)?;
                let count = shape.iter().try_fold(value.count.unwrap_or(1), |count, it| {
                    count.checked_mul(memmap::widen(*it)).ok_or_else(|| bad("a field is too large"))
                })?;
                value.count = Some(count);
                value
            }
            _ => Value::bytes(size),
        })
    }

    /// A text: the code points of its characters.
    fn text(&mut self, len: usize, order: &str) -> Value {
        let name = self.names.make("text");
        let _ = write!(
            self.types,
            "  {name}:\n    seq:\n      - id: characters\n        doc: Code points.\n        type: u4{order}\n        \
             repeat: expr\n        repeat-expr: {len}\n"
        );
        Value { size: Some(len.saturating_mul(4)), ..Value::of(name) }
    }

    /// A type with these fields, and returns its name.
    fn structure<'a>(
        &mut self,
        fields: impl Iterator<Item = &'a Field>,
        size: usize,
        depth: usize,
    ) -> Result<String, SchemaError> {
        if depth >= DEPTH_MAX {
            return Err(bad(format!("fields are nested deeper than {DEPTH_MAX}")));
        }
        let mut fields: Vec<&Field> = fields.collect();
        self.num_fields = self.num_fields.saturating_add(fields.len());
        if self.num_fields > FIELDS_MAX {
            return Err(bad(format!("more than {FIELDS_MAX} fields")));
        }
        fields.sort_by_key(|it| it.offset());
        let name = self.names.make("structure");
        let mut ids = Ids::default();
        let mut text = format!("  {name}:\n    seq:\n");
        let mut at = 0;
        for field in &fields {
            let value = self.value(field.dtype(), depth.saturating_add(1))?;
            let Some(gap) = field.offset().checked_sub(at) else {
                return Err(bad("fields overlap"));
            };
            if gap > 0 {
                let id = ids.make("padding");
                let _ = write!(text, "      - id: {id}\n        size: {gap}\n");
            }
            at = field.offset().saturating_add(field.dtype().itemsize());
            let id = ids.make(field.name());
            let original = quoted(field.name());
            let _ = write!(text, "      - id: {id}\n        -orig-id: {original}\n");
            text.push_str(&value.indented(8));
            if let Some(count) = value.count {
                let _ = write!(text, "        repeat: expr\n        repeat-expr: {count}\n");
            }
        }
        let gap = size.saturating_sub(at);
        if gap > 0 || fields.is_empty() {
            let id = ids.make("padding");
            let _ = write!(text, "      - id: {id}\n        size: {gap}\n");
        }
        self.types.push_str(&text);
        Ok(name)
    }
}

/// How a value is described: keys of an attribute.
#[derive(Debug)]
struct Value {
    /// The type. Empty for bytes.
    ty: String,
    size: Option<usize>,
    /// Zeros at the end do not count.
    padded: bool,
    /// How often it is repeated.
    count: Option<u64>,
}

impl Value {
    fn of(ty: String) -> Self {
        Self { ty, size: None, padded: false, count: None }
    }

    fn bytes(len: usize) -> Self {
        Self { size: Some(len), ..Self::of(String::new()) }
    }

    /// The keys, without repetition.
    fn indented(&self, by: usize) -> String {
        let mut out = String::new();
        if !self.ty.is_empty() {
            let _ = writeln!(out, "{:by$}type: {}", "", self.ty);
        }
        if let Some(size) = self.size {
            let _ = writeln!(out, "{:by$}size: {size}", "");
        }
        if self.padded {
            let _ = writeln!(out, "{:by$}pad-right: 0", "");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use memmap::array::DType;
    use memmap_structure::{Answer, Tree};

    use super::*;
    use crate::source::format_catalog::FormatCatalog;

    fn tree(header: &Header, data: &[u8]) -> Tree {
        let mut bytes = header.to_bytes().unwrap();
        bytes.extend_from_slice(data);
        let schema = FormatCatalog::default().schema_for("npy", &mut bytes).unwrap();
        assert!(schema.warnings().is_empty(), "{:?}", schema.warnings());
        Tree::new(Arc::new(schema), Box::new(bytes))
    }

    fn array(descr: &str, order: Order, shape: &[usize], data: &[u8]) -> Tree {
        tree(&Header::new(DType::from_descr(descr).unwrap(), order, shape).unwrap(), data)
    }

    #[test]
    fn elements_of_one_dimension_are_a_list() {
        let mut tree = array("'>i2'", Order::C, &[3], &[0, 1, 0xff, 0xfe, 0, 3, 9]);
        assert_eq!(tree.ask("data.size").unwrap(), Answer::Int(3));
        assert_eq!(tree.ask("data[1]").unwrap(), Answer::Int(-2));
        assert_eq!(tree.ask("trailing_data").unwrap(), Answer::Bytes(vec![9]));
        assert_eq!(tree.ask("shape").unwrap(), Answer::Text("(3,)".into()));
    }

    #[test]
    fn rows_are_elements_and_in_fortran_order_columns() {
        let data = [0, 1, 2, 3, 4, 5];
        let mut rows = array("'u1'", Order::C, &[2, 3], &data);
        assert_eq!(rows.ask("data.size").unwrap(), Answer::Int(2));
        assert_eq!(rows.ask("data[1].values[0]").unwrap(), Answer::Int(3));
        let mut columns = array("'u1'", Order::Fortran, &[2, 3], &data);
        assert_eq!(columns.ask("data.size").unwrap(), Answer::Int(3));
        assert_eq!(columns.ask("data[1].values[0]").unwrap(), Answer::Int(2));
    }

    #[test]
    fn halves_and_complex_numbers_have_values() {
        let halves: Vec<u8> = [0x3c00_u16, 0xc100, 1, 0x7c00, 0x7bff]
            .iter()
            .flat_map(|it| it.to_le_bytes())
            .collect();
        let mut tree = array("'<f2'", Order::C, &[5], &halves);
        let expected = [
            ("data[0].value", 1.0),
            ("data[1].value", -2.5),
            ("data[2].value", 1.0 / 16_777_216.0),
        ];
        for (path, value) in expected.into_iter().chain([("data[4].value", 65504.0)]) {
            assert_eq!(tree.ask(path).unwrap(), Answer::Float(value), "{path}");
        }
        assert_eq!(tree.ask("data[3].special").unwrap(), Answer::Text("inf".into()));
        let parts: Vec<u8> = [1_f32, -2.0].iter().flat_map(|it| it.to_be_bytes()).collect();
        let mut tree = array("'>c8'", Order::C, &[], &parts);
        assert_eq!(tree.ask("data[0].imaginary").unwrap(), Answer::Float(-2.0));
    }

    #[test]
    fn structures_have_their_fields() {
        let descr = "[('A b', '<i2'), ('', '|V2'), ('s', 'S3'), ('v', '<u2', (2, 2)), ('in', [('x', 'u1'), ('t', '<U1')])]";
        let data: Vec<u8> = (1..=20).collect();
        let mut tree = array(descr, Order::C, &[1], &data);
        assert_eq!(tree.ask("data[0].a_b").unwrap(), Answer::Int(0x0201));
        assert_eq!(tree.ask("data[0].s").unwrap(), Answer::Text("\u{5}\u{6}\u{7}".into()));
        assert_eq!(tree.ask("data[0].v[3]").unwrap(), Answer::Int(0x0f0e));
        assert_eq!(tree.ask("data[0].in.x").unwrap(), Answer::Int(16));
        assert_eq!(tree.ask("data[0].in.t.characters[0]").unwrap(), Answer::Int(0x1413_1211));
    }

    #[test]
    fn data_is_not_read_before_it_is_shown() {
        let header = Header::new(DType::F8, Order::C, &[1 << 20, 4]).unwrap();
        let mut tree = tree(&header, &vec![0; 32 << 20]);
        tree.ask("data.size").unwrap();
        assert_eq!(tree.ask("data[1000000].values[3]").unwrap(), Answer::Float(0.0));
        assert!(tree.blocks_read() <= 2, "{} blocks", tree.blocks_read());
    }

    #[test]
    fn damaged_headers_are_errors() {
        let good = Header::new(DType::F4, Order::C, &[3]).unwrap().to_bytes().unwrap();
        for len in 0..good.len() {
            assert!(describe(&mut good[..len].to_vec()).is_err(), "{len}");
        }
        for at in 0..good.len() {
            for byte in [0, 0xff, b'(', b'9', b'\''] {
                let mut bytes = good.clone();
                bytes[at] = byte;
                drop(FormatCatalog::default().schema_for("npy", &mut bytes));
            }
        }
    }

    #[test]
    fn too_many_fields_are_refused() {
        let fields: Vec<String> = (0..=FIELDS_MAX).map(|it| format!("('f{it}', 'u1')")).collect();
        let descr = format!("[{}]", fields.join(", "));
        let header =
            DType::from_descr(&descr).and_then(|it| Header::new(it, Order::C, &[1])).unwrap();
        let problem = Description::default().of(&header).unwrap_err().to_string();
        assert!(problem.contains("more than 4096 fields"), "{problem}");
    }
}

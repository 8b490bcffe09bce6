//! Formats types as numpy does.

use std::fmt::{self, Write};

use super::{DType, DTypeKind, Fields};
use crate::py_literal::quoted;
use crate::{ErrorKind, Result};

impl DType {
    /// The description of the type in a header: `'<f4'`, or a list of fields.
    ///
    /// It is Python's `repr` of the result of `numpy.lib.format.dtype_to_descr`. A sub-array, which is
    /// never the type of an array in numpy, is a tuple of base and shape, as within a structure.
    ///
    /// # Errors
    /// [`NoDescr`](ErrorKind::NoDescr) if fields overlap or are not in the order of their offsets.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::DType;
    ///
    /// let aligned = DType::aligned([("a", DType::U1), ("b", DType::F4)])?;
    /// assert_eq!(
    ///     aligned.with_byte_order(memmap_array::ByteOrder::Little).descr()?,
    ///     "[('a', '|u1'), ('', '|V3'), ('b', '<f4')]",
    /// );
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn descr(&self) -> Result<String> {
        let mut out = String::new();
        self.write_descr(&mut out)?;
        Ok(out)
    }

    fn write_descr(&self, out: &mut String) -> Result<()> {
        match &self.kind {
            DTypeKind::Struct(fields) => self.write_fields(fields, out),
            DTypeKind::SubArray { base, shape } => {
                out.push('(');
                base.write_descr(out)?;
                out.push_str(", ");
                write_shape(shape, out);
                out.push(')');
                Ok(())
            }
            _ => {
                out.extend(['\'']);
                out.push_str(&self.typestring());
                out.push('\'');
                Ok(())
            }
        }
    }

    fn write_fields(&self, fields: &Fields, out: &mut String) -> Result<()> {
        let mut separator = "";
        let mut pad = |out: &mut String, len: usize| {
            out.push_str(separator);
            separator = ", ";
            if len > 0 {
                // Writing to a `String` cannot fail.
                let _ = write!(out, "('', '|V{len}')");
            }
            len > 0
        };
        out.push('[');
        let mut end = 0;
        for field in fields {
            let Some(gap) = field.offset.checked_sub(end) else {
                return Err(ErrorKind::NoDescr { name: field.name.to_string() }.into());
            };
            if pad(out, gap) {
                out.push_str(", ");
            }
            out.push('(');
            let name = quoted(&field.name);
            match &field.title {
                Some(title) => {
                    let _ = write!(out, "({}, {name})", quoted(title));
                }
                None => out.push_str(&name),
            }
            out.push_str(", ");
            if let DTypeKind::SubArray { base, shape } = &field.dtype.kind {
                base.write_descr(out)?;
                out.push_str(", ");
                write_shape(shape, out);
            } else {
                field.dtype.write_descr(out)?;
            }
            out.push(')');
            end = field.end();
        }
        let rest = self.itemsize.saturating_sub(end);
        if rest > 0 {
            pad(out, rest);
        }
        out.push(']');
        Ok(())
    }

    /// Byte order, kind and size, and the unit of a time: numpy's `.str`.
    fn typestring(&self) -> String {
        let sign = self.byte_order.sign();
        let (kind, size) = match &self.kind {
            DTypeKind::DateTime(unit) => return format!("{sign}M8{unit}"),
            DTypeKind::TimeDelta(unit) => return format!("{sign}m8{unit}"),
            DTypeKind::Bool => ('b', self.itemsize),
            DTypeKind::Int => ('i', self.itemsize),
            DTypeKind::UInt => ('u', self.itemsize),
            DTypeKind::Float => ('f', self.itemsize),
            DTypeKind::Complex => ('c', self.itemsize),
            DTypeKind::Bytes => ('S', self.itemsize),
            DTypeKind::Text => ('U', self.itemsize / 4),
            DTypeKind::Void | DTypeKind::Struct(_) | DTypeKind::SubArray { .. } => {
                ('V', self.itemsize)
            }
        };
        format!("{sign}{kind}{size}")
    }
}

fn write_shape(shape: &[usize], out: &mut String) {
    out.push_str(&crate::py_literal::tuple(shape));
}

/// Formats the type as numpy does: `<f4`, or the list of fields of a structure.
///
/// Structures that no header can describe print as a dictionary that `numpy.dtype` accepts.
impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            DTypeKind::Struct(fields) => match self.descr() {
                Ok(descr) => f.pad(&descr),
                Err(_) => f.pad(&self.dictionary(fields)),
            },
            DTypeKind::SubArray { base, shape } => {
                let shape = crate::py_literal::tuple(shape);
                f.pad(&format!("({}, {shape})", base.as_literal()))
            }
            _ => f.pad(&self.typestring()),
        }
    }
}

impl fmt::Debug for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DType({self})")
    }
}

impl DType {
    fn dictionary(&self, fields: &Fields) -> String {
        let list = |each: &mut dyn FnMut(&super::Field) -> String| {
            fields.iter().map(each).collect::<Vec<_>>().join(", ")
        };
        let names = list(&mut |field| quoted(field.name()));
        let formats = list(&mut |field| field.dtype.as_literal());
        let offsets = list(&mut |field| field.offset.to_string());
        let titles = if fields.iter().any(|field| field.title.is_some()) {
            let titles = list(&mut |field| field.title().map_or_else(|| "None".to_owned(), quoted));
            format!("'titles': [{titles}], ")
        } else {
            String::new()
        };
        format!(
            "{{'names': [{names}], 'formats': [{formats}], 'offsets': [{offsets}], {titles}\
             'itemsize': {}}}",
            self.itemsize
        )
    }

    /// The printed form within another type.
    fn as_literal(&self) -> String {
        match self.kind {
            DTypeKind::Struct(_) | DTypeKind::SubArray { .. } => self.to_string(),
            _ => quoted(&self.typestring()),
        }
    }
}

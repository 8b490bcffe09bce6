//! Parses the arguments of `:type`: `f4 shape=3,4 order=F offset=.+16 stride=32`.

use memmap::array::{DType, Order};
use memmap::widen;

use crate::format::parse_size::parse_count;
use crate::source::strided_layout::StridedLayout;
use crate::view::array::error::ArrayViewError;

/// Requested elements. The offset is not evaluated yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub(crate) dtype: DType,
    /// Length of each dimension; a `None` in it is as many as there are. Without a shape, there is
    /// one such dimension.
    pub(crate) shape: Option<Vec<Option<usize>>>,
    pub(crate) order: Order,
    pub(crate) stride: Option<u64>,
    /// Address of the first element; by default the start of the data.
    pub(crate) offset: Option<String>,
}

/// The option names.
pub(crate) const KEYS: [&str; 4] = ["shape=", "order=", "offset=", "stride="];

/// Types offered as completions. Any numpy type is accepted.
pub(crate) const DTYPES: [&str; 29] = [
    "u1",
    "u2",
    "u4",
    "u8",
    "i1",
    "i2",
    "i4",
    "i8",
    "f2",
    "f4",
    "f8",
    "c8",
    "c16",
    "bool",
    ">u2",
    ">u4",
    ">u8",
    ">i2",
    ">i4",
    ">i8",
    ">f4",
    ">f8",
    "S8",
    "U4",
    "V16",
    "M8[s]",
    "M8[ns]",
    "(3,)f4",
    "{id:u4,len:u2}",
];

/// Parses the arguments of `:type`.
pub(crate) fn parse(text: &str) -> Result<Request, ArrayViewError> {
    let mut parts = split(text);
    let dtype = dtype(parts.next().map_or("", |(_, dtype)| dtype))?;
    let mut request = Request { dtype, shape: None, order: Order::C, stride: None, offset: None };
    for (key, value) in parts {
        let of_key = |why| ArrayViewError::Key { key, value: value.to_owned(), why: Box::new(why) };
        match key {
            "shape=" => request.shape = Some(shape(value).map_err(of_key)?),
            "order=" => request.order = parse_order(value).map_err(of_key)?,
            "offset=" => request.offset = Some(value.to_owned()),
            _ => {
                request.stride = Some(parse_count(value)?);
            }
        }
    }
    Ok(request)
}

/// Splits the text into the type, and options with their values. A value extends to the next
/// option.
fn split(text: &str) -> impl Iterator<Item = (&'static str, &str)> {
    let mut starts: Vec<(usize, &'static str)> = KEYS
        .into_iter()
        .flat_map(|key| text.match_indices(key).map(move |(at, _)| (at, key)))
        .filter(|&(at, _)| text.get(..at).is_some_and(|before| before.ends_with(' ')))
        .collect();
    starts.push((0, ""));
    starts.sort_unstable();
    let ends: Vec<usize> = starts.iter().skip(1).map(|&(at, _)| at).chain([text.len()]).collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|((at, key), end)| (key, text.get(at + key.len()..end).unwrap_or_default().trim()))
}

/// Parses a type: in numpy notation, as in `.npy` headers, or as a record `{id:u4, len:u2}`.
pub(crate) fn dtype(text: &str) -> Result<DType, ArrayViewError> {
    let text = text.trim();
    match text.as_bytes() {
        [] => Err(ArrayViewError::NoType),
        [b'[', ..] => Ok(DType::from_descr(text)?),
        [b'{', ..] => record(text),
        _ => parse_dtype(text),
    }
}

/// Parses a type in numpy notation.
fn parse_dtype(text: &str) -> Result<DType, ArrayViewError> {
    Ok(text.parse()?)
}

/// Parses an order: `C` or `F`.
pub(crate) fn parse_order(text: &str) -> Result<Order, ArrayViewError> {
    match text {
        "C" | "c" => Ok(Order::C),
        "F" | "f" => Ok(Order::Fortran),
        _ => Err(ArrayViewError::NotAnOrder),
    }
}

/// Parses a record: fields with name and type, packed without padding.
fn record(text: &str) -> Result<DType, ArrayViewError> {
    let inside = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let inside = inside.ok_or(ArrayViewError::OpenRecord)?;
    let mut fields = Vec::new();
    for part in parts(inside) {
        let (name, of) =
            part.split_once(':').ok_or_else(|| ArrayViewError::NotAField(part.to_owned()))?;
        let name = name.trim();
        let of_field = |why| ArrayViewError::Field { name: name.to_owned(), why: Box::new(why) };
        fields.push((name, dtype(of).map_err(of_field)?));
    }
    Ok(DType::structure(fields)?)
}

/// Splits at commas outside brackets. A trailing comma is allowed.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut open) = (0, 0_i32);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => open = open.saturating_add(1),
            ')' | ']' | '}' => open = open.saturating_sub(1),
            ',' if open <= 0 => {
                parts.push(text.get(from..at).unwrap_or_default().trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    let last = text.get(from..).unwrap_or_default().trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

/// Parses a shape. One length may be -1 for as many as there are.
fn shape(text: &str) -> Result<Vec<Option<usize>>, ArrayViewError> {
    let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    let mut shape = Vec::new();
    for part in parts(inside) {
        shape.push(match part {
            "-1" => None,
            part => {
                let len = parse_count(part).ok().and_then(|len| usize::try_from(len).ok());
                Some(len.ok_or_else(|| ArrayViewError::NotALength(part.to_owned()))?)
            }
        });
    }
    if shape.iter().filter(|len| len.is_none()).count() > 1 {
        return Err(ArrayViewError::TwoOpenLengths);
    }
    Ok(shape)
}

impl Request {
    /// The layout of the elements in `len` bytes, from an offset on.
    pub(crate) fn grid(&self, start: u64, len: u64) -> Result<StridedLayout, ArrayViewError> {
        let itemsize = widen(self.dtype.itemsize());
        if itemsize == 0 {
            return Err(ArrayViewError::NoBytes(self.dtype.clone()));
        }
        let asked = self.shape.clone().unwrap_or_else(|| vec![None]);
        let grid = |open: usize| {
            let shape: Vec<usize> = asked.iter().map(|len| len.unwrap_or(open)).collect();
            StridedLayout::new(&self.dtype, &shape, self.order, self.stride, start)
        };
        // Report an invalid layout before computing its length.
        let one = grid(1)?;
        let has_open = asked.iter().any(Option::is_none);
        let grid = if has_open {
            // An index of the open dimension covers all elements of the others.
            let others =
                asked.iter().flatten().try_fold(1_u64, |all, &len| all.checked_mul(widen(len)));
            let step = self.stride.unwrap_or(itemsize);
            let part = others.and_then(|others| others.checked_mul(step)).unwrap_or(u64::MAX);
            let there = len.saturating_sub(start);
            // The last element may lack the padding between elements.
            let there = if there >= itemsize { there - itemsize + step } else { 0 };
            grid(usize::try_from(there.checked_div(part).unwrap_or(0)).unwrap_or(usize::MAX))?
        } else {
            one
        };
        if grid.count() == 0 || start >= len {
            return Err(match has_open {
                true => ArrayViewError::TooFewBytes {
                    takes: one_len(&asked, itemsize),
                    left: len.saturating_sub(start),
                    start,
                },
                false if start >= len => ArrayViewError::BeyondTheEnd(start),
                false => ArrayViewError::Empty,
            });
        }
        Ok(grid)
    }
}

/// Length in bytes of the smallest array of this shape.
fn one_len(shape: &[Option<usize>], itemsize: u64) -> u64 {
    let lens = shape.iter().map(|len| widen(len.unwrap_or(1)));
    lens.fold(itemsize, u64::saturating_mul)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_type_and_what_is_said_of_it_in_any_order() {
        let request = parse("i4, (2,)f8 offset=$ - 4K stride=0x40 shape=(3, -1) order=F").unwrap();
        assert_eq!(request.dtype, "i4, (2,)f8".parse().unwrap());
        assert_eq!(request.shape, Some(vec![Some(3), None]));
        assert_eq!(request.order, Order::Fortran);
        assert_eq!((request.stride, request.offset.as_deref()), (Some(64), Some("$ - 4K")));
        let plain = parse(">u2").unwrap();
        assert_eq!((plain.shape, plain.offset), (None, None));
    }

    #[test]
    fn records_have_named_fields_and_nest() {
        let names = |text| {
            let dtype = dtype(text).unwrap();
            let fields = dtype.fields().unwrap();
            fields
                .iter()
                .map(|field| format!("{}@{}", field.name(), field.offset()))
                .collect::<Vec<_>>()
        };
        assert_eq!(names("{id:u4,len:u2}"), ["id@0", "len@4"]);
        assert_eq!(
            names("{ pos : (3,)f4, in: {a:u1, b:>u2}, name:S5, }"),
            ["pos@0", "in@12", "name@15"]
        );
        assert_eq!(names("[('a','<f4'),('b','<i2')]"), ["a@0", "b@4"]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, part) in [
            ("", "name a type"),
            ("klingon", "klingon"),
            ("{id:u4", "a record ends with }"),
            ("{id}", "\"id\" is not a field"),
            ("{id:x9}", "of id:"),
            ("{a:u1,a:u1}", "a"),
            ("u1 shape=3,x", "\"x\" is not a length"),
            ("u1 shape=-1,-1", "only one length"),
            ("u1 order=Z", "row after row"),
            ("u1 stride=x", "\"x\" is not a number"),
        ] {
            let why = parse(line).unwrap_err().to_string();
            assert!(why.contains(part), "{line}: {why}");
        }
    }

    #[test]
    fn as_many_elements_as_there_are_and_no_more() {
        let shape = |line: &str, start, len| {
            let grid = parse(line).unwrap().grid(start, len);
            grid.map(|it| it.shape).map_err(|why| why.to_string())
        };
        assert_eq!(shape("u4", 0, 11), Ok(vec![2]));
        assert_eq!(shape("u4", 3, 11), Ok(vec![2]));
        assert_eq!(shape("u4 stride=6", 0, 10), Ok(vec![2]));
        assert_eq!(shape("u2 shape=-1,3", 0, 100), Ok(vec![16, 3]));
        assert_eq!(shape("u2 shape=4,-1 order=F", 0, 100), Ok(vec![4, 12]));
        assert_eq!(shape("u1 shape=7", 0, 3), Ok(vec![7]));
        assert_eq!(shape("u1", 0, 1 << 50), Ok(vec![1 << 50]));
        assert!(shape("u4", 0, 3).unwrap_err().contains("it takes 4 bytes, and 3 are left"));
        assert!(shape("u1 shape=0,3", 0, 3).unwrap_err().contains("no elements"));
        assert!(shape("u1 shape=3", 3, 3).unwrap_err().contains("beyond the end"));
        assert!(shape("V0", 0, 3).unwrap_err().contains("no bytes"));
        assert!(shape("u4 stride=3", 0, 30).is_err());
        assert!(shape("u1 shape=-1,99999999999,9999999999", 0, 30).is_err());
    }
}

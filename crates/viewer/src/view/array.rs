//! The array view: arranges elements in rows and columns, and maps cells to offsets. Pure
//! arithmetic, without reading.

mod cell;
mod error;
mod spec;
mod summary;

use std::ops::Range;

use memmap::array::{DType, DTypeKind};
use memmap::widen;

use crate::source::strided_layout::StridedLayout;

pub(crate) use cell::{Cell, ValueClass, shown};
pub(crate) use error::ArrayViewError;
pub use spec::Request;
pub(crate) use spec::{DTYPES, KEYS, dtype, parse, parse_order};
pub(crate) use summary::Summary;

/// The state of an array view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArrayView {
    pub(crate) grid: StridedLayout,
    /// The request with its start offset, if a command made it: the number of elements then follows
    /// the length of the data.
    pub(crate) request: Option<(Request, u64)>,
    /// The dimensions by descending stride.
    pub(crate) descending: Vec<usize>,
    /// The fields of a structure; a single field for any other type.
    pub(crate) fields: Vec<Field>,
    kind: Rows,
    /// The first visible row, and the first visible column.
    pub(crate) top: u64,
    pub(crate) left: u64,
}

/// What a row consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// The fields of an element.
    Record,
    /// The elements of the last dimension.
    Axis,
    /// As many elements as fit, if there is only one dimension.
    Wrapped,
}

/// A field shown in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) dtype: DType,
    /// Offset within the element.
    pub(crate) offset: u64,
    pub(crate) cell: Cell,
}

/// A cell of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableCell<'a> {
    /// Number of the element.
    pub(crate) number: u64,
    /// Offset of the cell's bytes in the file.
    pub(crate) position: u64,
    pub(crate) field: &'a Field,
}

impl TableCell<'_> {
    /// The range of the bytes that are shown.
    pub(crate) fn shown(&self) -> Range<u64> {
        self.position..self.position.saturating_add(self.field.cell.len())
    }

    /// The range of all its bytes.
    pub(crate) fn range(&self) -> Range<u64> {
        self.position..self.position.saturating_add(widen(self.field.dtype.itemsize()))
    }
}

impl ArrayView {
    pub(crate) fn new(grid: StridedLayout, request: Option<(Request, u64)>) -> Self {
        let descending = grid.descending();
        let fields = fields(&grid);
        let kind = match grid.dtype.kind() {
            DTypeKind::Struct(_) if fields.iter().any(|field| !field.name.is_empty()) => {
                Rows::Record
            }
            _ if grid.shape.len() > 1 => Rows::Axis,
            _ => Rows::Wrapped,
        };
        Self { grid, request, descending, fields, kind, top: 0, left: 0 }
    }

    /// The same array for a new length of the data. Fails if no element is left.
    pub(crate) fn resized(&self, len: u64) -> Result<Self, ArrayViewError> {
        let grid = match &self.request {
            Some((request, start)) => request.grid(*start, len)?,
            None if self.grid.start < len => self.grid.clone(),
            None => return Err(ArrayViewError::Lost(self.grid.start)),
        };
        let (top, left) = (self.top, self.left);
        Ok(Self { top, left, ..Self::new(grid, self.request.clone()) })
    }

    /// The number of the element at or before an offset.
    pub(crate) fn number_at(&self, position: u64) -> u64 {
        let mut indices = vec![0; self.grid.shape.len()];
        self.digits(position, |axis, index| indices[axis] = index);
        self.grid.number(indices)
    }

    /// Computes the index in each dimension, by descending stride.
    fn digits(&self, position: u64, mut set: impl FnMut(usize, u64)) {
        let mut rest = position.saturating_sub(self.grid.start);
        for &axis in &self.descending {
            let (stride, len) = (self.grid.strides[axis].max(1), widen(self.grid.shape[axis]));
            let index = (rest / stride).min(len.saturating_sub(1));
            rest -= index * stride;
            set(axis, index);
        }
    }

    /// The offset of an element by its indices. Negative ones count from the end.
    pub(crate) fn position_of(&self, indices: &[i128]) -> Result<u64, ArrayViewError> {
        let shape = &self.grid.shape;
        if indices.len() > shape.len() {
            let (dims, given) = (shape.len(), indices.len());
            return Err(ArrayViewError::TooManyIndices { dims, given });
        }
        let mut found = Vec::new();
        for (axis, &len) in shape.iter().enumerate() {
            let index = indices.get(axis).copied().unwrap_or(0);
            let len = i128::try_from(len).unwrap_or(i128::MAX);
            let from_start = if index < 0 { index.saturating_add(len) } else { index };
            let is_there = (0..len).contains(&from_start);
            let there = u64::try_from(from_start).ok().filter(|_| is_there);
            found.push(there.ok_or(ArrayViewError::OutOfBounds { index, axis, len })?);
        }
        Ok(self.grid.position(self.grid.number(found)))
    }

    /// Formats the indices of an element: `[17, 3]`.
    pub(crate) fn indices_text(&self, number: u64) -> String {
        let indices: Vec<String> =
            self.grid.indices(number).iter().map(ToString::to_string).collect();
        format!("[{}]", indices.join(", "))
    }

    /// Elements per index of the outermost dimension; `None` if there are too few dimensions.
    pub(crate) fn slab(&self) -> Option<u64> {
        let outer = if self.kind == Rows::Record { 2 } else { 3 };
        let inner = self.grid.shape.get(1..).filter(|inner| inner.len() + 1 >= outer)?;
        Some(inner.iter().fold(1_u64, |all, &len| all.saturating_mul(widen(len))))
    }

    /// The table on a screen of this width.
    pub(crate) fn sheet(&self, width: u16) -> ArrayTable<'_> {
        let first = self.fields.first().map_or(1, |field| field.cell.width);
        let head_max = width.saturating_sub(first + GAP).max(4);
        let head = self.head_width().min(head_max);
        let per_row = match self.kind {
            Rows::Record => widen(self.fields.len()),
            Rows::Axis => self.grid.line_len(),
            Rows::Wrapped => {
                let fit = width.saturating_sub(head) / (first + GAP);
                ROUND.into_iter().rfind(|&n| n <= fit.into()).unwrap_or(1)
            }
        };
        ArrayTable { array: self, width, head, per_row: per_row.max(1) }
    }

    /// Maximum width of the indices before a row.
    fn head_width(&self) -> u16 {
        let digits = |&len: &usize| len.saturating_sub(1).to_string().len() + 2;
        let outer = match self.kind {
            Rows::Axis => self.grid.shape.split_last().map_or(&[][..], |(_, outer)| outer),
            _ => &self.grid.shape[..],
        };
        let digits: usize = outer.iter().map(digits).sum();
        let last = if self.kind == Rows::Axis { 3 } else { 0 };
        u16::try_from(digits.max(2) + last).unwrap_or(u16::MAX)
    }
}

/// Blanks between columns.
const GAP: u16 = 2;

/// Possible numbers of elements per row. Round numbers make rows easier to read.
const ROUND: [u64; 7] = [1, 2, 5, 10, 20, 50, 100];

fn fields(grid: &StridedLayout) -> Vec<Field> {
    let fields: Vec<Field> = grid
        .fields()
        .map(|field| {
            let name = field.name().escape_debug().to_string();
            let cell = Cell::of(field.dtype()).at_least(crate::format::width::width(&name));
            Field { name, dtype: field.dtype().clone(), offset: widen(field.offset()), cell }
        })
        .collect();
    if fields.is_empty() {
        let (dtype, cell) = (grid.dtype.clone(), Cell::of(&grid.dtype));
        return vec![Field { name: String::new(), dtype, offset: 0, cell }];
    }
    fields
}

/// The table at a given width.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArrayTable<'a> {
    array: &'a ArrayView,
    width: u16,
    /// Width of the indices before a row.
    pub(crate) head: u16,
    per_row: u64,
}

impl<'a> ArrayTable<'a> {
    pub(crate) fn row_count(self) -> u64 {
        match self.array.kind {
            Rows::Record => self.array.grid.count(),
            _ => self.array.grid.count().div_ceil(self.per_row),
        }
    }

    pub(crate) const fn column_count(self) -> u64 {
        self.per_row
    }

    /// The cell at a row and column; `None` past the last element.
    pub(crate) fn spot(self, row: u64, column: u64) -> Option<TableCell<'a>> {
        let ArrayView { grid, fields, kind, .. } = self.array;
        if column >= self.per_row {
            return None;
        }
        let (number, field) = match kind {
            Rows::Record => (row, fields.get(usize::try_from(column).ok()?)?),
            _ => (row.checked_mul(self.per_row)?.checked_add(column)?, fields.first()?),
        };
        let position = (number < grid.count()).then(|| grid.position(number))?;
        Some(TableCell { number, position: position.saturating_add(field.offset), field })
    }

    /// The row and column of the element at or before an offset.
    pub(crate) fn place(self, position: u64) -> (u64, u64) {
        let number = self.array.number_at(position);
        if self.array.kind != Rows::Record {
            return (number / self.per_row, number % self.per_row);
        }
        let within = position.saturating_sub(self.array.grid.position(number));
        let fields = &self.array.fields;
        let holds = |field: &Field| {
            let end = field.offset.saturating_add(widen(field.dtype.itemsize()));
            (field.offset..end).contains(&within)
        };
        let before = || {
            let starts = fields.iter().enumerate().filter(|(_, field)| field.offset <= within);
            starts.max_by_key(|(_, field)| field.offset).map(|(at, _)| at)
        };
        let column = fields.iter().position(holds).or_else(before).unwrap_or(0);
        (number, widen(column))
    }

    /// The visible columns from `left` on: index, position and width of each. The last one may be
    /// truncated if it is the only one.
    pub(crate) fn columns(self, left: u64) -> impl Iterator<Item = (u64, u16, u16)> {
        let mut x = self.head.saturating_add(GAP);
        (left..self.per_row).map_while(move |column| {
            let width = self.column_width(column);
            let fits = x.saturating_add(width) <= self.width || column == left;
            let seen = fits.then(|| (column, x, width.min(self.width.saturating_sub(x))));
            x = x.saturating_add(width).saturating_add(GAP);
            seen
        })
    }

    fn column_width(self, column: u64) -> u16 {
        let fields = &self.array.fields;
        let field = match self.array.kind {
            Rows::Record => usize::try_from(column).ok().and_then(|at| fields.get(at)),
            _ => fields.first(),
        };
        field.map_or(1, |field| field.cell.width)
    }

    /// The first column to show so that `column` is visible, as close to `left` as possible.
    pub(crate) fn left_for(self, column: u64, left: u64) -> u64 {
        let left = left.min(self.per_row.saturating_sub(1));
        if column <= left {
            return column;
        }
        let is_seen = |left: u64| self.columns(left).any(|(seen, ..)| seen == column);
        if is_seen(left) {
            return left;
        }
        // As many columns before it as fit.
        let mut first = column;
        while first > left && is_seen(first - 1) {
            first -= 1;
        }
        first
    }

    /// The largest `top` that leaves no row of the screen empty.
    pub(crate) fn last_top(self, rows: u16) -> u64 {
        self.row_count().saturating_sub(rows.max(1).into())
    }

    /// The indices before a row: `[17, :]`.
    pub(crate) fn header(self, row: u64) -> String {
        let grid = &self.array.grid;
        let (number, keep) = match self.array.kind {
            Rows::Record => (row, grid.shape.len()),
            Rows::Wrapped => (row.saturating_mul(self.per_row), grid.shape.len()),
            Rows::Axis => (row.saturating_mul(self.per_row), grid.shape.len().saturating_sub(1)),
        };
        let indices = grid.indices(number);
        let mut parts: Vec<String> = indices
            .iter()
            .zip(&grid.shape)
            .take(keep)
            .map(|(index, len)| {
                let width = len.saturating_sub(1).to_string().len();
                format!("{index:width$}")
            })
            .collect();
        if self.array.kind == Rows::Axis {
            parts.push(":".to_owned());
        }
        let text = format!("[{}]", parts.join(", "));
        // Truncate on the left, as the last indices change fastest.
        let skip = text.chars().count().saturating_sub(self.head.into());
        if skip == 0 { text } else { text.chars().skip(skip).collect() }
    }

    /// The line above the rows: the outer indices, if the rows span several.
    pub(crate) fn breadcrumb(self, position: u64) -> String {
        let grid = &self.array.grid;
        let inner = if self.array.kind == Rows::Record { 1 } else { 2 };
        let Some(outer) = grid.shape.len().checked_sub(inner).filter(|&outer| outer > 0) else {
            return String::new();
        };
        let indices = grid.indices(self.array.number_at(position));
        let parts = indices.iter().take(outer).map(ToString::to_string);
        let rest = std::iter::repeat_n(":".to_owned(), inner);
        format!("[{}]", parts.chain(rest).collect::<Vec<_>>().join(", "))
    }

    /// The heading of a column.
    pub(crate) fn label(self, column: u64) -> String {
        match self.array.kind {
            Rows::Record => usize::try_from(column)
                .ok()
                .and_then(|at| self.array.fields.get(at))
                .map_or_else(String::new, |field| field.name.clone()),
            Rows::Axis => column.to_string(),
            Rows::Wrapped => format!("+{column}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use memmap::array::Order;
    use proptest::prelude::*;

    use super::*;

    fn array(dtype: &str, shape: &[usize], order: Order, stride: Option<u64>) -> ArrayView {
        ArrayView::new(
            StridedLayout::new(&spec::dtype(dtype).unwrap(), shape, order, stride, 100).unwrap(),
            None,
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_stands_somewhere_is_found_there_again(
            dtype in prop::sample::select(vec!["u1", "f4", "(2,)u2", "(2,3)u1", "{a:u1,b:f8,c:(2,)u2}", "S3"]),
            shape in prop::collection::vec(1..5_usize, 0..4),
            is_fortran: bool, gap in prop::option::of(0..9_u64), width in 1..120_u16, within in 0..3_u64,
        ) {
            let order = if is_fortran { Order::Fortran } else { Order::C };
            let itemsize = widen(spec::dtype(dtype).unwrap().itemsize());
            let array = array(dtype, &shape, order, gap.map(|gap| itemsize + gap));
            let sheet = array.sheet(width);
            let mut seen = std::collections::BTreeSet::new();
            for row in 0..sheet.row_count() {
                for column in 0..sheet.column_count() {
                    let Some(spot) = sheet.spot(row, column) else { continue };
                    let last = spot.range().end - 1;
                    prop_assert_eq!(sheet.place(spot.position), (row, column));
                    prop_assert_eq!(sheet.place(last.min(spot.position + within)), (row, column));
                    prop_assert!(spot.range().all(|byte| seen.insert(byte)), "{:?}", spot);
                    prop_assert_eq!(array.number_at(spot.position), spot.number);
                }
            }
            prop_assert_eq!(widen(seen.len()), array.grid.count() * widen(array.grid.dtype.itemsize()));
        }

        #[test]
        fn the_column_that_is_wanted_is_seen(
            dtype in prop::sample::select(vec!["u1", "f8", "{a:u1,b:f8,long_name:S60,d:u2}"]),
            columns in 1..200_usize, column in 0..200_u64, left in 0..300_u64, width in 1..160_u16,
        ) {
            let array = array(dtype, &[3, columns], Order::C, None);
            let sheet = array.sheet(width);
            let column = column % sheet.column_count();
            let left = sheet.left_for(column, left);
            prop_assert!(sheet.columns(left).any(|(seen, ..)| seen == column));
            prop_assert_eq!(sheet.left_for(column, left), left);
        }
    }

    #[test]
    fn rows_have_the_last_dimension_the_fields_or_a_round_number_of_elements() {
        let head = |dtype, shape: &[usize], width| {
            let array = array(dtype, shape, Order::C, None);
            let sheet = array.sheet(width);
            let labels: Vec<String> =
                sheet.columns(0).map(|(column, ..)| sheet.label(column)).collect();
            format!("{} {} | {}", sheet.row_count(), sheet.header(1), labels.join(" "))
        };
        assert_eq!(head("u1", &[1000], 40), "200 [  5] | +0 +1 +2 +3 +4");
        assert_eq!(head("u1", &[1000, 3], 40), "1000 [  1, :] | 0 1 2");
        assert_eq!(head("u1", &[2, 20, 3], 40), "40 [0,  1, :] | 0 1 2");
        assert_eq!(head("{id:u4,name:S4}", &[7], 40), "7 [1] | id name");
        assert_eq!(head("{id:u4,name:S4}", &[7, 2], 40), "14 [0, 1] | id name");
        assert_eq!(head("u1", &[1 << 40, 3], 12), "1099511627776   1, :] | 0");
        let array = array("f4", &[4, 5, 6], Order::C, None);
        assert_eq!(array.sheet(80).breadcrumb(100 + 4 * 6 * 5 * 2), "[2, :, :]");
        assert_eq!(array.slab(), Some(30));
    }

    #[test]
    fn indices_lead_to_elements_and_say_where_they_end() {
        let array = array("f4", &[10, 5], Order::C, None);
        assert_eq!(array.position_of(&[1, 2]).unwrap(), 100 + 4 * 7);
        assert_eq!(array.position_of(&[-1, -1]).unwrap(), 100 + 4 * 49);
        assert_eq!(array.position_of(&[3]).unwrap(), 100 + 4 * 15);
        assert_eq!(
            array.position_of(&[10, 0]).unwrap_err().to_string(),
            "index 10 is out of bounds for axis 0 with size 10"
        );
        assert!(array.position_of(&[0, 0, 0]).is_err());
        assert!(array.position_of(&[i128::MIN]).is_err());
    }
}

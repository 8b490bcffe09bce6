//! The fields of the root, with the bytes that they take, as far as they are known. The map shows them.

use std::ops::Range;

use memmap_structure::{Outline, Tree, Trouble};

use crate::structure::read_fields::move_to;

/// How many fields are taken.
const MOST: usize = 256;

/// A field of the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopField {
    pub(crate) name: String,
    /// Its bytes in the file.
    pub(crate) range: Range<u64>,
}

/// The fields of the root that have bytes of the file.
pub(crate) fn read(tree: &mut Tree, base: u64) -> Result<Vec<TopField>, Trouble> {
    let rows = tree.rows(&Outline::of_root(), 0, MOST)?.rows;
    let mut fields = Vec::new();
    for mut row in rows.into_iter().filter(|row| row.depth == 1) {
        move_to(&mut row, base);
        let Some(span) = row.span.filter(|it| it.inside.is_none()) else { continue };
        // Of a list whose end was not reached it is what was walked.
        let end = match span.len {
            Some(len) => span.start.saturating_add(len),
            None => tree.walked(&row.trail).map_or(0, |(_, end)| end.saturating_add(base)),
        };
        if span.start < end {
            fields.push(TopField { name: row.name, range: span.start..end });
        }
    }
    Ok(fields)
}

/// The field that most bytes of a cell are in; of several the shortest.
pub(crate) fn in_cell(fields: &[TopField], cell: &Range<u64>) -> Option<usize> {
    let len = |range: &Range<u64>| range.end.saturating_sub(range.start);
    let shared = |it: &TopField| len(&(it.range.start.max(cell.start)..it.range.end.min(cell.end)));
    let found = fields.iter().enumerate().filter(|(_, it)| shared(it) > 0);
    let best = found.max_by_key(|(_, it)| (shared(it), std::cmp::Reverse(len(&it.range))));
    best.map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_of_the_field_that_most_of_it_is_in() {
        let field = |range| TopField { name: String::new(), range };
        let fields = [field(0..10), field(10..100), field(40..60)];
        let of = |cell| in_cell(&fields, &cell);
        assert_eq!((of(0..8), of(5..25), of(100..200)), (Some(0), Some(1), None));
        // One that lies in another is seen where it is.
        assert_eq!((of(40..50), of(30..70), of(0..0)), (Some(2), Some(1), None));
    }
}

//! Reads what a view shows of the fields: rows of the pane, the fields of the visible bytes, and the one
//! at the cursor.

use std::ops::Range;

use memmap_structure::{Detail, FieldSpan, Outline, Row, Rows, Stop, Trail, Tree, Trouble};

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::structure::shared_tree::{SharedTree, Turn};
use crate::structure::sticky;
use crate::structure::top_fields::{self, TopField};

/// What a view wants to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) tree: SharedTree,
    /// The version of the tree: it may know more now.
    pub(crate) version: u64,
    pub(crate) outline: Outline,
    /// The first row of the pane, and how many it has.
    pub(crate) first: u64,
    pub(crate) count: u16,
    /// The bytes to be coloured.
    pub(crate) visible: Vec<Range<u64>>,
    pub(crate) cursor: u64,
    /// Offsets in a list whose fields are named.
    pub(crate) listed: Vec<u64>,
    /// The row to be chosen, if it is not the one that is.
    pub(crate) goal: Goal,
    /// The node to be shown in full.
    pub(crate) detail: Option<DetailOf>,
    /// Whether the map shows the fields of the root.
    pub(crate) is_mapped: bool,
}

/// Which node is shown in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DetailOf {
    /// The field at the cursor.
    Cursor,
    Node(Trail),
}

/// Which row is to be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The one that is.
    #[default]
    Stays,
    /// That of the field at the cursor, or of what it is in.
    Cursor,
    /// That of a node. The groups of elements that it is in are opened.
    Node(Trail),
    /// That of the node or group of elements that a row is in.
    Above(Trail),
}

/// Answers a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct ReadFieldsJob {
    pub(crate) number: u64,
    pub(crate) wish: Wish,
}

/// The answer to a wish.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fields {
    /// The wish, with the rows that were found for it.
    pub(crate) wish: Wish,
    pub(crate) rows: Vec<Row>,
    /// The nodes above the first row that is shown, in place of as many rows.
    pub(crate) above: Vec<Row>,
    /// Number of rows as far as they are known.
    pub(crate) total: u64,
    /// Whether the budget of a request ended it.
    pub(crate) is_stopped: bool,
    /// The row that is to be chosen.
    pub(crate) chosen: Option<u64>,
    /// The groups of elements that were opened for it.
    pub(crate) opened: Vec<Trail>,
    /// Sorted, without overlap.
    pub(crate) colours: Vec<FieldColour>,
    pub(crate) at_cursor: Option<FieldAt>,
    /// The paths of the fields at the offsets of a list.
    pub(crate) listed: Vec<(u64, String)>,
    pub(crate) detail: Option<Box<Detail>>,
    /// The fields of the root, for the map.
    pub(crate) map: Vec<TopField>,
    /// How many blocks of 4 KiB were read so far.
    pub(crate) blocks: u64,
}

/// The colour of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldColour {
    pub(crate) range: Range<u64>,
    /// The first byte of the field, which may be before the range.
    pub(crate) start: u64,
    pub(crate) tint: Tint,
}

/// Which colour a field has: fields of one parent take turns in two tints of its hue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tint {
    pub(crate) hue: u64,
    pub(crate) is_second: bool,
}

impl Tint {
    /// The tint of a node.
    pub(crate) fn of(trail: &Trail) -> Self {
        let places: Vec<u64> = trail.places().collect();
        let (own, above) = places.split_last().map_or((0, &[][..]), |(own, above)| (*own, above));
        // Neighbours differ, and a child differs from its parent.
        let hue = above.iter().fold(0_u64, |sum, place| sum.wrapping_add(*place).wrapping_add(1));
        Self { hue, is_second: own % 2 == 1 }
    }
}

/// The field at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldAt {
    pub(crate) range: Range<u64>,
    pub(crate) trail: Trail,
    /// `header.section_headers[3].name`
    pub(crate) path: String,
}

impl Job for ReadFieldsJob {
    type Event = Never;
    type Output = Box<Fields>;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "fields of the file".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Box<Fields>, JobError> {
        let Self { number, wish } = self;
        let tree = wish.tree.clone();
        tree.with(cx, Turn::View(number), |tree| answer(tree, wish).map(Box::new))
    }
}

fn answer(tree: &mut Tree, mut wish: Wish) -> Result<Fields, Trouble> {
    let base = wish.tree.base();
    let at_cursor = match wish.cursor.checked_sub(base) {
        Some(at) => field_at(tree, at, base)?,
        None => None,
    };
    let mut opened = Vec::new();
    let goal = match std::mem::take(&mut wish.goal) {
        Goal::Stays => None,
        Goal::Cursor => at_cursor.as_ref().map(|it| it.trail.clone()),
        Goal::Node(trail) => {
            opened = open_groups(tree, &mut wish.outline, &trail)?;
            Some(trail)
        }
        Goal::Above(trail) => tree.rows_above(&trail)?.pop(),
    };
    let goal = goal.filter(|_| wish.count > 0);
    let (chosen, mut rows) = shown(tree, &mut wish, goal.as_ref())?;
    for row in &mut rows.rows {
        move_to(row, base);
    }
    let mut above = above(tree, &rows.rows, wish.count)?;
    for row in &mut above {
        move_to(row, base);
    }
    let wanted = match &wish.detail {
        Some(DetailOf::Node(trail)) => Some(trail),
        Some(DetailOf::Cursor) => at_cursor.as_ref().map(|it| &it.trail),
        None => None,
    };
    let detail = match wanted.map(|trail| tree.detail(trail)) {
        Some(Err(stop @ Trouble::Stop(Stop::Cancelled))) => return Err(stop),
        Some(Ok(mut detail)) => {
            let target = detail.target.as_mut().map(|(row, _)| row);
            for row in target.into_iter().chain([&mut detail.row]) {
                move_to(row, base);
            }
            Some(Box::new(detail))
        }
        Some(Err(_)) | None => None,
    };
    let mut listed = Vec::new();
    for &offset in &wish.listed {
        let Some(at) = offset.checked_sub(base) else { continue };
        listed.extend(field_at(tree, at, base)?.map(|field| (offset, field.path)));
    }
    let mut colours = Vec::new();
    for range in &wish.visible {
        let (start, end) = (range.start.saturating_sub(base), range.end.saturating_sub(base));
        if start < end {
            colours.extend(coloured(tree.fields_in(start, end)?, &(start..end), base));
        }
    }
    Ok(Fields {
        rows: rows.rows,
        above,
        total: rows.total,
        is_stopped: rows.stopped == Some(Stop::Budget),
        chosen,
        opened,
        colours,
        at_cursor,
        listed,
        detail,
        map: if wish.is_mapped { top_fields::read(tree, base)? } else { Vec::new() },
        blocks: tree.blocks_read(),
        wish,
    })
}

/// Moves a row of the tree to its place in the file.
pub(crate) fn move_to(row: &mut Row, base: u64) {
    if let Some(span) = row.span.as_mut().filter(|span| span.inside.is_none()) {
        span.start = span.start.saturating_add(base);
    }
}

/// How often a row is looked for: as long as lists above it turn out to be longer.
const LOOKS: usize = 4;

/// The rows of the window, and the number of the one that is to be chosen. The window moves so that it is
/// in it.
fn shown(
    tree: &mut Tree,
    wish: &mut Wish,
    goal: Option<&Trail>,
) -> Result<(Option<u64>, Rows), Trouble> {
    let mut left = LOOKS;
    loop {
        let chosen = match goal {
            Some(trail) => row_of(tree, &wish.outline, trail)?,
            None => None,
        };
        if let Some((row, trail)) = &chosen {
            let depth = tree.rows_above(trail)?.len();
            wish.first = scrolled_to(*row, depth, wish.first, wish.count);
        }
        let rows = tree.rows(&wish.outline, wish.first, wish.count.into())?;
        let Some((row, trail)) = chosen else { return Ok((None, rows)) };
        left -= 1;
        let at = usize::try_from(row - wish.first).unwrap_or(usize::MAX);
        if left == 0 || rows.rows.get(at).is_none_or(|it| it.trail == trail) {
            return Ok((Some(row), rows));
        }
    }
}

/// The first row of a window so that a row is in it; if it was outside, it is in the middle.
fn scrolled_to(row: u64, depth: usize, first: u64, count: u16) -> u64 {
    let count = u64::from(count);
    if (first..first.saturating_add(count)).contains(&row) {
        let margin = sticky::margin(depth, usize::try_from(count).unwrap_or(0));
        first.min(row.saturating_sub(memmap::widen(margin)))
    } else {
        row.saturating_sub(count / 2)
    }
}

/// The nodes that stay at the top, the outermost first.
fn above(tree: &mut Tree, rows: &[Row], count: u16) -> Result<Vec<Row>, Trouble> {
    let (taken, Some(row)) = sticky::count(rows, count.into()) else { return Ok(Vec::new()) };
    let inner = sticky::margin(row.depth, count.into());
    let mut above = Vec::new();
    let trails = tree.rows_above(&row.trail)?;
    let outer = trails.len().saturating_sub(inner);
    for (depth, trail) in trails.iter().enumerate().skip(outer).take(taken) {
        match tree.row_at(trail) {
            Ok(mut row) => {
                row.depth = depth;
                above.push(row);
            }
            Err(stop @ Trouble::Stop(Stop::Cancelled)) => return Err(stop),
            Err(_) => return Ok(Vec::new()),
        }
    }
    Ok(above)
}

/// Opens the groups that a node is in, of lists that are open.
fn open_groups(
    tree: &mut Tree,
    outline: &mut Outline,
    trail: &Trail,
) -> Result<Vec<Trail>, Trouble> {
    let mut opened = Vec::new();
    for above in tree.rows_above(trail)? {
        let is_shut = above.is_group() && !outline.is_open(&above);
        if is_shut && above.list().is_some_and(|list| outline.is_open(&list)) {
            outline.open(&above);
            opened.push(above);
        }
    }
    Ok(opened)
}

/// The row of a node or, if that is not shown, of the nearest row above that is.
fn row_of(
    tree: &mut Tree,
    outline: &Outline,
    trail: &Trail,
) -> Result<Option<(u64, Trail)>, Trouble> {
    let mut trail = trail.clone();
    loop {
        if let Some(row) = tree.row_number(outline, &trail)? {
            return Ok(Some((row, trail)));
        }
        trail = match (trail.first_of_group(), tree.rows_above(&trail)?.pop()) {
            // The list is not folded any more, or otherwise.
            (Some(first), _) if tree.row_at(&trail).is_err() => first,
            (_, Some(above)) => above,
            (_, None) => return Ok(None),
        };
    }
}

/// The field at a place of the tree's bytes, with its range in the file.
pub(crate) fn field_at(tree: &mut Tree, at: u64, base: u64) -> Result<Option<FieldAt>, Trouble> {
    let Some(FieldSpan { start, len, trail, .. }) = tree.field_at(at)? else { return Ok(None) };
    let path = match tree.row_at(&trail) {
        Ok(row) => row.path,
        Err(Trouble::Fault(fault)) => fault.path.clone(),
        Err(stop) => return Err(stop),
    };
    let start = start.saturating_add(base);
    Ok(Some(FieldAt { range: start..start.saturating_add(len), trail, path }))
}

/// The colours of a range: of fields that overlap, the shortest one is seen.
fn coloured(mut spans: Vec<FieldSpan>, range: &Range<u64>, base: u64) -> Vec<FieldColour> {
    let len = usize::try_from(range.end - range.start).unwrap_or(0);
    let mut owners: Vec<Option<usize>> = vec![None; len];
    spans.sort_by_key(|it| std::cmp::Reverse(it.len));
    for (number, span) in spans.iter().enumerate() {
        let at = |position: u64| {
            let inside = position.clamp(range.start, range.end) - range.start;
            usize::try_from(inside).unwrap_or(len)
        };
        let (from, to) = (at(span.start), at(span.start.saturating_add(span.len)));
        owners.get_mut(from..to).unwrap_or_default().fill(Some(number));
    }
    let mut colours: Vec<FieldColour> = Vec::new();
    let mut last = None;
    for (owner, at) in owners.into_iter().zip(range.start.saturating_add(base)..) {
        let Some(span) = owner.and_then(|number| spans.get(number)) else {
            last = None;
            continue;
        };
        match colours.last_mut().filter(|_| last == owner) {
            Some(colour) => colour.range.end = at + 1,
            None => colours.push(FieldColour {
                range: at..at + 1,
                start: span.start.saturating_add(base),
                tint: Tint::of(&span.trail),
            }),
        }
        last = owner;
    }
    colours
}

impl Fields {
    /// The answer that nothing could be read.
    pub(crate) fn none(wish: Wish) -> Self {
        let (rows, colours) = (Vec::new(), Vec::new());
        Self {
            wish,
            rows,
            above: Vec::new(),
            total: 0,
            is_stopped: false,
            chosen: None,
            opened: Vec::new(),
            colours,
            at_cursor: None,
            listed: Vec::new(),
            detail: None,
            map: Vec::new(),
            blocks: 0,
        }
    }

    /// The row of a number, if it is among those that were read.
    pub(crate) fn row(&self, number: u64) -> Option<&Row> {
        let at = number.checked_sub(self.wish.first)?;
        self.rows.get(usize::try_from(at).ok()?)
    }

    /// The colour of a byte.
    pub(crate) fn colour(&self, position: u64) -> Option<&FieldColour> {
        let next = self.colours.partition_point(|it| it.range.end <= position);
        self.colours.get(next).filter(|it| it.range.contains(&position))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use memmap::RamMap;
    use memmap_structure::Schema;

    use super::*;
    use crate::job::context::finish;
    use crate::source::format_catalog::FormatCatalog;
    use crate::source::handle::SourceHandle;

    fn schema() -> Arc<Schema> {
        Arc::new(FormatCatalog::default().schema("pcap").unwrap())
    }

    fn source() -> SourceHandle {
        let mut bytes = vec![0xee; 100];
        bytes.extend(0xa1b2_c3d4_u32.to_le_bytes());
        bytes.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0]);
        SourceHandle::new(RamMap::from_reader(&bytes[..]).unwrap().erase())
    }

    fn wish(tree: &SharedTree) -> Wish {
        Wish {
            tree: tree.clone(),
            version: 0,
            outline: Outline::of_root(),
            first: 0,
            count: 10,
            visible: vec![96..112, 118..124],
            cursor: 105,
            listed: vec![0, 104],
            goal: Goal::Cursor,
            detail: None,
            is_mapped: false,
        }
    }

    #[test]
    fn offsets_are_those_of_the_file_and_colours_do_not_overlap() {
        let tree = SharedTree::new(schema(), 100);
        let job = ReadFieldsJob { number: tree.request(), wish: wish(&tree) };
        let fields = finish(&source(), job).ended.unwrap();
        let at = fields.at_cursor.as_ref().unwrap();
        assert_eq!((at.path.as_str(), at.range.clone()), ("header.version_major", 104..106));
        assert_eq!(fields.listed, [(104, "header.version_major".to_owned())]);
        // The field is in a closed node, whose row is chosen instead.
        let chosen = fields.row(fields.chosen.unwrap()).unwrap();
        assert_eq!((chosen.name.as_str(), chosen.span.as_ref().unwrap().start), ("header", 104));
        let ranges: Vec<_> = fields.colours.iter().map(|it| it.range.clone()).collect();
        assert_eq!(ranges, [100..104, 104..106, 106..108, 108..112, 118..120, 120..124]);
        // One field begins before what is seen of it.
        assert_eq!(fields.colours[4].start, 116);
        let tints: Vec<_> = fields.colours.iter().map(|it| it.tint.is_second).collect();
        assert_eq!(tints[1..4], [false, true, false]);
        assert_eq!(fields.colour(107).map(|it| it.start), Some(106));
        assert_eq!((fields.colour(99), fields.colour(114)), (None, None));
    }

    #[test]
    fn a_newer_request_stops_an_older_one() {
        let tree = SharedTree::new(schema(), 100);
        let older = ReadFieldsJob { number: tree.request(), wish: wish(&tree) };
        let newer = ReadFieldsJob { number: tree.request(), wish: wish(&tree) };
        assert!(matches!(finish(&source(), older).ended, Err(JobError::Cancelled)));
        assert!(finish(&source(), newer).ended.is_ok());
    }
}

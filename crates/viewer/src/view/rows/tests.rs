use memmap::compare::Side;
use proptest::prelude::*;

use super::*;
use crate::analysis::alignment::testing::two_files;
use crate::source::regions::testing::{regions, some};

fn folds(runs: &[Range<u64>]) -> Folds {
    let mut folds = Folds::default();
    for range in runs {
        folds.take(Run::of_zeros(range.clone()));
    }
    folds
}

#[test]
fn scrolling_moves_no_further_than_it_must() {
    let folds = Folds::default();
    let rows =
        Rows { row_len: 16, phase: 0, len: 1 << 40, folds: &folds, alignment: None, regions: None };
    assert_eq!(rows.scrolled_to(0x1000, 0x1000, 20), 0x1000);
    assert_eq!(rows.scrolled_to(0x0FFF, 0x1000, 20), 0x0FF0);
    assert_eq!(rows.scrolled_to(0x113F, 0x1000, 20), 0x1000);
    assert_eq!(rows.scrolled_to(0x1140, 0x1000, 20), 0x1010);
    assert_eq!(rows.scrolled_to(u64::MAX, 0, 20), u64::MAX - 15 - 19 * 16);
    let last_top = |len| Rows { len, ..rows }.last_top(20);
    assert_eq!((last_top(0), last_top(5), last_top(321)), (0, 0, 16));
}

proptest! {
    #[test]
    fn many_rows_at_once_are_as_many_one_by_one(
        runs in prop::collection::vec((0..60_u64, 1..20_u64), 0..6),
        len in 1..1200_u64,
        from: u64,
        by in 0..90_u64,
    ) {
        let runs = runs.into_iter().map(|(row, rows)| row * 16..(row + rows) * 16);
        let runs: Vec<_> = runs.filter(|run| run.end <= len).collect();
        let folds = folds(&runs);
        let rows = Rows { row_len: 16, phase: 0, len, folds: &folds, alignment: None, regions: None };
        let start = rows.start(from % len);
        let (mut down, mut up) = (start, start);
        for _ in 0..by {
            down = rows.next(down).unwrap_or(down);
            up = rows.previous(up).unwrap_or(up);
        }
        prop_assert_eq!((rows.down(start, by), rows.up(start, by)), (down, up));
        let (first, last) = (rows.up(start, u64::MAX), rows.down(start, u64::MAX));
        prop_assert_eq!((first, rows.next(last)), (0, None));
    }
}

proptest! {
    #[test]
    fn aligned_rows_are_the_same_down_and_up_and_in_one_step(
        files in two_files(),
        row_len in 1..40_u64,
        folds_from in prop::option::of(0..6_u64),
        from: u64,
        by in 0..60_u64,
    ) {
        for side in [Side::A, Side::B] {
            let rows = Rows::aligned(files.alignment(side, folds_from), row_len);
            let all: Vec<Range<u64>> = rows.from(0, u16::MAX).collect();
            let ends = std::iter::once(0).chain(all.iter().map(|row| row.end));
            prop_assert!(all.iter().map(|row| row.start).eq(ends.take(all.len())));
            prop_assert_eq!(all.last().map_or(0, |row| row.end), rows.len);
            let own = if side == Side::A { &files.a } else { &files.b };
            // Their bytes are those of the file, in order.
            let mut end = 0;
            for row in &all {
                let bytes = rows.bytes(row);
                prop_assert_eq!(bytes.start, end);
                end = bytes.end;
                let pairs = rows.pairs(row).unwrap();
                let cells: Vec<u64> = pairs.iter().filter_map(|it| it.own).collect();
                prop_assert_eq!(cells, bytes.clone().collect::<Vec<_>>());
                let is_whole = row.end - row.start == row_len || row.end == rows.len;
                prop_assert!(is_whole || rows.fold(row.start) == Some(row.clone()));
                let column = from % row_len;
                let nearest = rows.nearest(row.start, column);
                prop_assert!(nearest.is_none_or(|at| bytes.contains(&at)));
                prop_assert_eq!(nearest.is_none(), bytes.is_empty());
            }
            prop_assert_eq!(end, memmap::widen(own.len()));
            let mut back: Vec<u64> =
                std::iter::successors(all.last().map(|row| row.start), |&row| rows.previous(row)).collect();
            back.reverse();
            prop_assert!(back.iter().copied().eq(all.iter().map(|row| row.start)));
            if rows.len == 0 {
                continue;
            }
            let start = rows.start(from % rows.len);
            let at = all.iter().position(|row| row.start == start);
            prop_assert!(at.is_some());
            let (at, by_rows) = (at.unwrap_or(0), usize::try_from(by).unwrap());
            let down = all[(at + by_rows).min(all.len() - 1)].start;
            prop_assert_eq!(rows.down(start, by), down);
            prop_assert_eq!(rows.up(start, by), all[at.saturating_sub(by_rows)].start);
            for offset in 0..memmap::widen(own.len()) {
                let place = rows.place(offset);
                prop_assert_eq!(rows.offset(place), offset);
            }
        }
    }
}

/// The rows of regions, one after the other: the bytes, and whether they are a heading's.
fn naive(all: &[(u64, u64, bool)], row_len: u64, runs: &[Range<u64>]) -> Vec<(Range<u64>, bool)> {
    let mut rows = Vec::new();
    let mut at = 0;
    for &(gap, len, is_readable) in all {
        if gap > 0 {
            rows.push((at..at + gap, true));
        }
        at += gap;
        let end = at + len;
        if !is_readable {
            rows.push((at..end, true));
            at = end;
            continue;
        }
        rows.push((at..at, true));
        while at < end {
            // What follows the first row of a run is one row.
            let run = runs.iter().find(|run| run.contains(&at) && at >= run.start + row_len);
            let next = run.map_or(at - at % row_len + row_len, |run| run.end).min(end);
            rows.push((at..next, false));
            at = next;
        }
    }
    rows
}

proptest! {
    #[test]
    fn rows_of_regions_are_those_of_a_naive_list(
        all in some(),
        row_len in 1..40_u64,
        runs in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u64, 2..6_u64), 0..4),
        from: u64,
        by in 0..90_u64,
    ) {
        let (regions, len) = regions(&all);
        // Runs are whole rows of one region, as a document splits them.
        let bodies: Vec<Range<u64>> = regions.readable_in(&(0..len)).collect();
        let mut folds = Folds::default();
        let mut kept: Vec<Range<u64>> = Vec::new();
        for (body, row, rows) in runs {
            if bodies.is_empty() {
                break;
            }
            let body = &bodies[body.index(bodies.len())];
            let start = body.start.next_multiple_of(row_len) + row * row_len;
            let run = start..start + rows * row_len;
            if run.end <= body.end && kept.iter().all(|it| it.end <= run.start || run.end <= it.start) {
                folds.take(Run::of_zeros(run.clone()));
                kept.push(run);
            }
        }
        let rows = Rows {
            row_len, phase: 0, len: regions.places(), folds: &folds, alignment: None, regions: Some(&regions),
        };
        let naive = naive(&all, row_len, &kept);
        let places: Vec<Range<u64>> = rows.from(0, u16::MAX).collect();
        let shown: Vec<(Range<u64>, bool)> =
            places.iter().map(|row| (rows.bytes(row), rows.heading(row.start).is_some())).collect();
        // So scrolling down by rows comes to each byte once, and to each gap as one row.
        prop_assert_eq!(&shown, &naive);
        let last = places.len() - 1;
        prop_assert_eq!(places[last].end, rows.len);
        let mut back: Vec<u64> =
            std::iter::successors(Some(places[last].start), |&row| rows.previous(row)).collect();
        back.reverse();
        prop_assert!(back.iter().eq(places.iter().map(|row| &row.start)));
        let place = from % rows.len;
        let at = places.iter().position(|row| row.contains(&place)).unwrap();
        prop_assert_eq!(rows.start(place), places[at].start);
        let by_rows = usize::try_from(by).unwrap();
        prop_assert_eq!(rows.down(places[at].start, by), places[(at + by_rows).min(last)].start);
        prop_assert_eq!(rows.up(places[at].start, by), places[at.saturating_sub(by_rows)].start);
        let column = from % row_len;
        let nearest = rows.nearest(places[at].start, column);
        prop_assert_eq!(nearest.is_none(), naive[at].0.is_empty());
        prop_assert!(nearest.is_none_or(|offset| naive[at].0.contains(&offset)));
        for (row, (bytes, is_heading)) in places.iter().zip(&naive) {
            if !is_heading {
                for (offset, place) in bytes.clone().zip(row.clone()) {
                    prop_assert_eq!((rows.place(offset), rows.column(place)), (place, offset % row_len));
                }
            }
        }
        // A row at the top of the screen brings its heading, if the screen moved up to it.
        let top = rows.scrolled_to(place, rows.len - 1, 9);
        let above = at.checked_sub(1).filter(|&above| naive[above].0.is_empty());
        let is_first_of_all = places[at].start >= places[last].start;
        let wanted = if is_first_of_all { at } else { above.unwrap_or(at) };
        prop_assert_eq!(top, places[wanted].start);
    }
}

#[test]
fn with_a_phase_the_first_row_is_shorter() {
    let folds = Folds::default();
    let rows =
        Rows { row_len: 16, phase: 3, len: 40, folds: &folds, alignment: None, regions: None };
    assert_eq!(rows.from(0, 9).collect::<Vec<_>>(), [0..3, 3..19, 19..35, 35..40]);
    assert_eq!((rows.start(2), rows.start(3), rows.start(39)), (0, 3, 35));
    assert_eq!((rows.column(0), rows.column(2), rows.column(3)), (13, 15, 0));
    assert_eq!((rows.at(0, 1), rows.at(0, 14), rows.at(19, 14)), (0, 1, 33));
    assert_eq!((rows.up(35, 9), rows.down(0, 2), rows.up(35, 2)), (0, 19, 3));
    assert_eq!((rows.previous(3), rows.last_top(2)), (Some(0), 19));
}

#[test]
fn a_fold_is_one_row_down_and_up() {
    let folds = folds(std::slice::from_ref(&(0x20..0x1000)));
    let rows =
        Rows { row_len: 16, phase: 0, len: 0x1018, folds: &folds, alignment: None, regions: None };
    let all: Vec<_> = rows.from(0, 20).collect();
    assert_eq!(
        all,
        [0..0x10, 0x10..0x20, 0x20..0x30, 0x30..0x1000, 0x1000..0x1010, 0x1010..0x1018]
    );
    let mut back = vec![rows.start(0x1017)];
    while let Some(row) = rows.previous(*back.last().unwrap()) {
        back.push(row);
    }
    back.reverse();
    assert_eq!(back, all.iter().map(|row| row.start).collect::<Vec<_>>());
    assert_eq!(rows.last_top(3), 0x30);
    assert_eq!(rows.scrolled_to(0x800, 0, 2), 0x20);
}

#[test]
fn a_fold_that_reaches_the_end_is_the_last_row() {
    let folds = folds(std::slice::from_ref(&(0..1 << 40)));
    let rows =
        Rows { row_len: 16, phase: 0, len: 1 << 40, folds: &folds, alignment: None, regions: None };
    assert_eq!(rows.from(0, 20).collect::<Vec<_>>(), [0..16, 16..1 << 40]);
    assert_eq!((rows.last_top(20), rows.start((1 << 40) - 1)), (0, 16));
}

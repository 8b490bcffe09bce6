//! Rows that are added to a `.npy` file while another process opens it over and over.
#![cfg(all(target_os = "linux", feature = "array"))]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "kit/child.rs"]
mod child;

use std::path::Path;

use memmap::array::{MemArray, MemArrayDyn, Order};

use child::{Child, say};

const LAST: u64 = 3000;

#[test]
fn whoever_opens_a_file_that_grows_finds_whole_rows_and_never_a_broken_file() {
    if let Some((_, path)) = child::part() {
        return read_until_the_last(&path);
    }
    let directory = tempfile::tempdir().unwrap();
    for order in [Order::C, Order::Fortran] {
        let path = directory.path().join(format!("rows-{order}.npy"));
        let shape = if order == Order::C { [0, 2] } else { [2, 0] };
        let options = MemArray::<u64>::options().shape(shape).order(order);
        let mut array = options.create_npy(&path).unwrap();
        let test = "whoever_opens_a_file_that_grows_finds_whole_rows_and_never_a_broken_file";
        let mut child = Child::start(test, "read", &path);
        assert_eq!(child.line(), "begun");
        for row in 0..LAST {
            array.append_rows(&[row, !row]).unwrap();
        }
        let line = child.line();
        let opened = line.strip_prefix("opened ").unwrap_or_else(|| panic!("{line}"));
        assert!(opened.parse::<u64>().unwrap() > 2);
    }
}

/// Says how often it opened the file before it had all its rows, or what was wrong.
fn read_until_the_last(path: &Path) {
    say("begun");
    let (mut opened, mut most) = (0_u64, 0);
    while most < LAST {
        match rows(path) {
            // The digits of a number are written last one first: it may be less for a moment.
            Ok(rows) => most = most.max(rows),
            Err(problem) => return say(&problem),
        }
        opened += 1;
    }
    say(&format!("opened {opened}"));
}

/// How many rows there are, each of which is to be whole.
fn rows(path: &Path) -> Result<u64, String> {
    let array = MemArrayDyn::options().open_npy(path).map_err(|error| error.to_string())?;
    let array = array.typed::<u64>().map_err(|refused| refused.to_string())?;
    // Not by the shape: that of two rows in Fortran's order is the one of two rows in C's.
    let elements =
        if array.is_contiguous(Order::C) { array.to_vec() } else { array.transpose().to_vec() };
    let elements = elements.map_err(|error| error.to_string())?;
    for (row, pair) in (0..).zip(elements.chunks(2)) {
        if *pair != [row, !row] {
            return Err(format!("row {row} is {pair:?}"));
        }
    }
    Ok(u64::try_from(elements.len() / 2).unwrap())
}

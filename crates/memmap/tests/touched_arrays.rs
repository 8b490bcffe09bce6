//! Arrays whose elements freeze when they are first touched.
#![cfg(all(target_os = "linux", feature = "array"))]
#![forbid(unsafe_code)]

use std::fs::OpenOptions;

use memmap::array::{FrozenArray, MemArray};
use memmap::{Proofs, proof::Proof};

const ROWS: usize = 3_000;
const COLUMNS: usize = 64;

#[test]
fn elements_of_a_file_that_is_cut_short_meanwhile_stay_as_they_were_seen() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("table.npy");
    let mut made = MemArray::<f32>::options().shape([ROWS, COLUMNS]).create_npy(&path).unwrap();
    let values: Vec<f32> = (0_u16..1000).cycle().map(f32::from).take(ROWS * COLUMNS).collect();
    made.assign(&values).unwrap();
    let sums = made.sum_axis(0).unwrap();
    drop(made);

    let live = MemArray::<f32>::options().open_npy(&path).unwrap();
    let frozen: FrozenArray<f32> = live.prove(Proofs::none().first_touch()).unwrap();
    assert_eq!(frozen.map().proof(), Proof::FirstTouch);
    assert_eq!(frozen.get([17, 3]).unwrap().to_bits(), values[17 * COLUMNS + 3].to_bits());
    assert!(frozen.map().touched() < 100_000);
    // A reduction reads in place what nobody touched, and a slice shows the same.
    assert_eq!(frozen.sum_axis(0).unwrap(), sums);
    OpenOptions::new().write(true).open(&path).unwrap().set_len(100).unwrap();
    assert!(frozen.as_slice().unwrap() == values);
    assert_eq!(frozen.sum_axis(0).unwrap(), sums);
}

//! Rows that are taken by indices and masks, slices by `usize`, and elements of `ndarray`.

use memmap_array::{ErrorKind, Slice};

use super::RamArray;

fn table() -> RamArray<u32> {
    let mut table = RamArray::<u32>::zeros([5, 2, 3]).unwrap();
    table.assign(&(0..30).collect::<Vec<_>>()).unwrap();
    table
}

/// The rows of [`table`] at these indices.
fn rows(indices: &[usize]) -> Vec<u32> {
    indices
        .iter()
        .flat_map(|&row| (0..6).map(move |at| u32::try_from(row * 6 + at).unwrap()))
        .collect()
}

#[test]
fn rows_are_taken_in_any_order_and_number() {
    let table = table();
    for indices in [&[][..], &[0], &[4, 0, 0], &[1, 2, 3], &[3, 4, 0, 1], &[0, 1, 2, 3, 4]] {
        assert_eq!(table.take(indices).unwrap(), rows(indices), "{indices:?}");
    }
    // Of a view that is not contiguous.
    let view = table.slice("::-1, 1, ::2").unwrap();
    assert_eq!(view.take(&[0, 4]).unwrap(), [27, 29, 3, 5]);
    let long = RamArray::<u8>::filled([3, 100_000], 7).unwrap();
    assert_eq!(long.take(&[2, 0, 1]).unwrap(), vec![7; 300_000]);
}

#[test]
fn rows_are_taken_where_a_mask_is_true() {
    let table = table();
    for bits in 0..32_u32 {
        let mask: Vec<bool> = (0..5).map(|row| bits >> row & 1 == 1).collect();
        let taken: Vec<usize> = (0..5).filter(|&row| mask[row]).collect();
        assert_eq!(table.take_where(&mask).unwrap(), rows(&taken));
    }
}

#[test]
fn indices_and_masks_that_do_not_fit_are_errors() {
    let table = table();
    let error = table.take(&[0, 5]).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::IndexOutOfBounds { axis: 0, index: 5, len: 5 }),
        "{error}"
    );
    for mask in [&[true; 4][..], &[true; 6], &[]] {
        let error = table.take_where(mask).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::ShapeDiffers { .. }), "{error}");
    }
    let scalar = RamArray::<u32>::zeros(()).unwrap();
    for error in [scalar.take(&[]).unwrap_err(), scalar.take_where(&[]).unwrap_err()] {
        assert!(matches!(error.kind(), ErrorKind::WrongDimensions { .. }), "{error}");
    }
}

#[test]
fn slices_are_given_as_usize_i64_and_literals() {
    let table = table();
    let all = |slices: &str| table.slice(slices).unwrap().to_vec().unwrap();
    let (one, three) = (1_usize, 3_usize);
    assert_eq!(table.slice(one).unwrap().to_vec().unwrap(), all("1"));
    assert_eq!(table.slice(one..three).unwrap().to_vec().unwrap(), all("1:3"));
    assert_eq!(table.slice((one.., 0_usize)).unwrap().to_vec().unwrap(), all("1:, 0"));
    assert_eq!(table.slice((..three, .., 0..2_usize)).unwrap().to_vec().unwrap(), all(":3, :, :2"));
    assert_eq!(table.slice([one, 0]).unwrap().to_vec().unwrap(), all("1, 0"));
    assert_eq!(table.slice((-1_i64, ..)).unwrap().to_vec().unwrap(), all("-1"));
    assert_eq!(table.slice((-1, 1..)).unwrap().to_vec().unwrap(), all("-1, 1:"));
    assert_eq!(table.slice(Slice::ALL.by(-1)).unwrap().to_vec().unwrap(), all("::-1"));
    // Out of bounds: ranges are clamped, indices are errors.
    assert_eq!(table.slice(4..usize::MAX).unwrap().to_vec().unwrap(), all("4:"));
    let error = table.slice(usize::MAX).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::IndexOutOfBounds { axis: 0, len: 5, .. }), "{error}");
}

#[cfg(feature = "ndarray")]
#[test]
fn elements_of_ndarray_are_assigned_whatever_their_layout() {
    use ndarray::{Array2, s};
    let big = Array2::from_shape_fn((40, 600), |(row, column)| {
        u64::try_from(row * 1000 + column).unwrap()
    });
    let views = [big.view(), big.slice(s![..;2, ..;-3]), big.slice(s![5..6, ..])];
    for view in views {
        for view in [view, view.reversed_axes()] {
            let mut array = RamArray::<u64>::zeros([view.nrows(), view.ncols()]).unwrap();
            array.assign_ndarray(&view).unwrap();
            assert_eq!(array.to_ndarray().unwrap(), view.to_owned().into_dyn());
            let mut array = RamArray::<u64>::zeros([view.ncols(), view.nrows()]).unwrap();
            let mut transposed = array.slice_mut("::-1").unwrap();
            transposed.assign_ndarray(&view.t()).unwrap();
            assert_eq!(transposed.to_ndarray().unwrap(), view.t().to_owned().into_dyn());
        }
    }
    let mut array = RamArray::<u64>::zeros([2, 3]).unwrap();
    let error = array.assign_ndarray(&Array2::zeros((3, 2))).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ShapeDiffers { .. }), "{error}");
}

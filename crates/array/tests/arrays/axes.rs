//! Reductions along an axis and products, against a reference that visits the elements one by one.

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "numbers of every type are made from an index"
)]

use std::fmt::Debug;

use memmap_array::{Array, Complex, Element, ErrorKind, Ordered, Storage};

use super::{MemArray, RamArray};

/// Shapes that reach each way of reducing: short, middling and long rows, few and many columns, several
/// chunks, and dimensions of length 0 and 1.
const SHAPES: [&[usize]; 16] = [
    &[5],
    &[300],
    &[132_000],
    &[3, 4],
    &[700, 3],
    &[3, 700],
    &[300, 96],
    &[40, 1000],
    &[2, 9_000],
    &[4, 6, 5],
    &[3, 1, 7],
    &[12, 30, 20],
    &[300, 2, 17],
    &[0, 3],
    &[3, 0],
    &[2, 0, 3],
];

/// The elements of each result, in C order of the other dimensions.
fn along<T: Copy>(elements: &[T], shape: &[usize], axis: usize) -> Vec<Vec<T>> {
    let inner: usize = shape[axis + 1..].iter().product();
    let outer: usize = shape[..axis].iter().product();
    let results = (0..outer * inner).map(|result| {
        let (outer, inner_at) = (result / inner, result % inner);
        (0..shape[axis]).map(|at| elements[(outer * shape[axis] + at) * inner + inner_at]).collect()
    });
    results.collect()
}

/// Runs a check on each shape, axis and layout.
fn everywhere<T: Element>(
    make: impl Fn(usize) -> T,
    check: impl Fn(&Array<T, &memmap_core::Map<memmap_anon::Ram>>, usize, Vec<Vec<T>>),
) {
    for shape in SHAPES {
        let elements: Vec<T> = (0..shape.iter().product()).map(&make).collect();
        let mut array = RamArray::<T>::zeros(shape).unwrap();
        array.assign(&elements).unwrap();
        let reversed: Vec<usize> = shape.iter().rev().copied().collect();
        let mut fortran = RamArray::<T>::zeros(&reversed[..]).unwrap();
        fortran.assign(&transposed(&elements, shape)).unwrap();
        let views = [array.view(), fortran.transpose(), array.slice("::-1").unwrap()];
        for view in views {
            let elements = view.to_vec().unwrap();
            for axis in 0..shape.len() {
                check(&view, axis, along(&elements, shape, axis));
            }
        }
    }
}

/// The elements in the order of the reversed dimensions.
fn transposed<T: Element>(elements: &[T], shape: &[usize]) -> Vec<T> {
    let mut array = RamArray::<T>::zeros(shape).unwrap();
    array.assign(elements).unwrap();
    array.transpose().to_vec().unwrap()
}

fn extremes<T: Ordered + PartialEq + Debug, S: Storage + Sync>(
    array: &Array<T, S>,
    axis: usize,
    expected: &[Vec<T>],
    lesser: impl Fn(T, T) -> T,
    greater: impl Fn(T, T) -> T,
) {
    if array.shape()[axis] == 0 && !expected.is_empty() {
        for error in [array.min_axis(axis).unwrap_err(), array.max_axis(axis).unwrap_err()] {
            assert!(matches!(error.kind(), ErrorKind::Empty { .. }), "{error}");
        }
        return;
    }
    let all = |pick: &dyn Fn(T, T) -> T| -> Vec<T> {
        expected.iter().map(|row| row.iter().copied().reduce(pick).unwrap()).collect()
    };
    let shape = array.shape();
    assert_eq!(array.min_axis(axis).unwrap(), all(&lesser), "{shape:?} {axis}");
    assert_eq!(array.max_axis(axis).unwrap(), all(&greater), "{shape:?} {axis}");
}

macro_rules! integers {
    ($($name:ident, $type:ty, $sum:ty;)+) => {
        $(
            #[test]
            fn $name() {
                everywhere(
                    |at| (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23) as $type,
                    |array, axis, expected| {
                        let sums: Vec<$sum> = expected
                            .iter()
                            .map(|row| row.iter().fold(0, |sum: $sum, &it| sum.wrapping_add(it.into())))
                            .collect();
                        assert_eq!(array.sum_axis(axis).unwrap(), sums, "{:?} {axis}", array.shape());
                        let means = array.mean_axis(axis).unwrap();
                        for (mean, row) in means.iter().zip(&expected) {
                            let total: i128 = row.iter().map(|&it| i128::from(it)).sum();
                            let expected = total as f64 / row.len() as f64;
                            assert!(*mean == expected || mean.is_nan() && row.is_empty());
                        }
                        let product = expected.iter().flatten();
                        let product =
                            product.fold(1, |product: $sum, &it| product.wrapping_mul(it.into()));
                        assert_eq!(array.prod().unwrap(), product);
                        extremes(array, axis, &expected, Ord::min, Ord::max);
                    },
                );
            }
        )+
    };
}

integers! {
    bytes_along_an_axis, u8, u64;
    signed_bytes_along_an_axis, i8, i64;
    words_along_an_axis, i16, i64;
    unsigned_words_along_an_axis, u16, u64;
    numbers_of_four_bytes_along_an_axis, i32, i64;
    unsigned_numbers_of_four_bytes_along_an_axis, u32, u64;
    sums_of_eight_bytes_wrap_around_and_means_do_not, i64, i64;
    unsigned_sums_of_eight_bytes_wrap_around_and_means_do_not, u64, u64;
}

#[test]
fn booleans_are_counted_along_an_axis() {
    everywhere(
        |at| at % 3 == 0,
        |array, axis, expected| {
            let counts: Vec<i64> = expected
                .iter()
                .map(|row| i64::try_from(row.iter().filter(|&&it| it).count()).unwrap())
                .collect();
            assert_eq!(array.sum_axis(axis).unwrap(), counts);
            let all = expected.iter().flatten().all(|&it| it);
            assert_eq!(array.prod().unwrap(), i64::from(all));
        },
    );
}

macro_rules! floats {
    ($($name:ident, $type:ty;)+) => {
        $(
            #[test]
            fn $name() {
                everywhere(
                    |at| if at % 5077 == 5000 { <$type>::NAN } else { (at % 1013) as $type / 7.0 - 60.0 },
                    |array, axis, expected| {
                        let close = |found: $type, expected: f64, size: f64| {
                            let near = (f64::from(found) - expected).abs()
                                <= 4.0 * f64::from(<$type>::EPSILON) * size;
                            assert!(near || found.is_nan() && expected.is_nan(), "{found} {expected}");
                        };
                        let sums = array.sum_axis(axis).unwrap();
                        let means = array.mean_axis(axis).unwrap();
                        assert_eq!((sums.len(), means.len()), (expected.len(), expected.len()));
                        for ((sum, mean), row) in sums.iter().zip(means).zip(&expected) {
                            let exact: f64 = row.iter().map(|&it| f64::from(it)).sum();
                            let size: f64 = row.iter().map(|&it| f64::from(it).abs()).sum();
                            close(*sum, exact, size);
                            let len = row.len() as f64;
                            close(mean, exact / len, size / len);
                        }
                        // NaN is not equal to itself: compared as bits.
                        let lesser = |a: $type, b: $type| {
                            if a.is_nan() || b.is_nan() { <$type>::NAN } else { a.min(b) }
                        };
                        let greater = |a: $type, b: $type| {
                            if a.is_nan() || b.is_nan() { <$type>::NAN } else { a.max(b) }
                        };
                        if expected.iter().flatten().any(|it| it.is_nan()) {
                            let least = array.min_axis(axis).unwrap();
                            let greatest = array.max_axis(axis).unwrap();
                            for ((least, greatest), row) in least.iter().zip(greatest).zip(&expected) {
                                let expected = row.iter().copied().reduce(lesser).unwrap();
                                assert!(*least == expected || least.is_nan() && expected.is_nan());
                                let expected = row.iter().copied().reduce(greater).unwrap();
                                assert!(greatest == expected || greatest.is_nan() && expected.is_nan());
                            }
                        } else {
                            extremes(array, axis, &expected, lesser, greater);
                        }
                    },
                );
            }
        )+
    };
}

floats! {
    floats_along_an_axis, f32;
    doubles_along_an_axis, f64;
}

#[test]
fn complex_numbers_are_added_along_an_axis() {
    everywhere(
        |at| Complex::new((at % 64) as f32, -((at % 7) as f32)),
        |array, axis, expected| {
            let sums: Vec<Complex<f32>> = expected
                .iter()
                .map(|row| row.iter().fold(Complex::new(0.0, 0.0), |sum, &it| sum + it))
                .collect();
            assert_eq!(array.sum_axis(axis).unwrap(), sums);
        },
    );
}

#[cfg(feature = "half")]
#[test]
fn halves_along_an_axis() {
    use half::f16;
    everywhere(
        |at| f16::from_f32((at % 13) as f32 - 6.0),
        |array, axis, expected| {
            let sums: Vec<f16> = expected
                .iter()
                .map(|row| f16::from_f64(row.iter().map(|it| it.to_f64()).sum()))
                .collect();
            assert_eq!(array.sum_axis(axis).unwrap(), sums);
            let lesser = |a: f16, b: f16| if b < a { b } else { a };
            let greater = |a: f16, b: f16| if b > a { b } else { a };
            extremes(array, axis, &expected, lesser, greater);
        },
    );
}

/// Threads make no difference, to the last bit.
#[cfg(feature = "rayon")]
#[test]
fn threads_reduce_along_an_axis_to_the_same_bits() {
    everywhere(
        |at| (at % 1013) as f32 / 7.0 - 60.0,
        |array, axis, _| {
            let bits = |sums: Vec<f32>| sums.into_iter().map(f32::to_bits).collect::<Vec<_>>();
            let par = array.par();
            assert_eq!(bits(par.sum_axis(axis).unwrap()), bits(array.sum_axis(axis).unwrap()));
            assert_eq!(bits(par.mean_axis(axis).unwrap()), bits(array.mean_axis(axis).unwrap()));
            assert_eq!(par.prod().unwrap().to_bits(), array.prod().unwrap().to_bits());
            if array.shape()[axis] > 0 {
                assert_eq!(par.min_axis(axis).unwrap(), array.min_axis(axis).unwrap());
                assert_eq!(par.max_axis(axis).unwrap(), array.max_axis(axis).unwrap());
            }
        },
    );
}

#[test]
fn products_of_floats_and_complex_numbers() {
    let mut array = RamArray::<f64>::zeros([3, 2]).unwrap();
    array.assign(&[1.5, 2.0, -4.0, 0.5, 8.0, 1.0]).unwrap();
    assert_eq!(array.prod().unwrap().to_bits(), (-48.0_f64).to_bits());
    assert_eq!(RamArray::<f32>::zeros(0).unwrap().prod().unwrap().to_bits(), 1.0_f32.to_bits());
    let mut array = RamArray::<Complex<f64>>::zeros(2).unwrap();
    array.assign(&[Complex::new(1.0, 2.0), Complex::new(3.0, -1.0)]).unwrap();
    assert_eq!(array.prod().unwrap(), Complex::new(5.0, 5.0));
}

#[test]
fn an_axis_that_does_not_exist_is_an_error() {
    let array = RamArray::<f32>::zeros([3, 4]).unwrap();
    for error in [
        array.sum_axis(2).unwrap_err(),
        array.mean_axis(2).unwrap_err(),
        array.min_axis(2).unwrap_err(),
        array.max_axis(2).unwrap_err(),
    ] {
        assert!(matches!(error.kind(), ErrorKind::NoAxis { axis: 2, dimensions: 2 }), "{error}");
    }
    let scalar = RamArray::<f32>::zeros(()).unwrap();
    assert!(matches!(scalar.sum_axis(0).unwrap_err().kind(), ErrorKind::NoAxis { .. }));
}

#[test]
fn a_file_in_the_other_byte_order_is_reduced_along_an_axis_and_one_cut_short_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let bytes: Vec<u8> = (0..20_000_u32).flat_map(u32::to_be_bytes).collect();
    std::fs::write(file.path(), bytes).unwrap();
    let options = MemArray::<u32>::options().shape([200, 100]);
    let array = options.byte_order(memmap_array::ByteOrder::Big).open(file.path()).unwrap();
    let expected: Vec<u64> = (0..100).map(|at| (0..200).map(|row| row * 100 + at).sum()).collect();
    assert_eq!(array.sum_axis(0).unwrap(), expected);
    // Windows truncates no file that is mapped.
    if cfg!(not(unix)) {
        return;
    }
    file.as_file().set_len(4096).unwrap();
    assert!(matches!(array.sum_axis(0).unwrap_err().kind(), ErrorKind::Map(_)));
    assert!(matches!(array.max_axis(1).unwrap_err().kind(), ErrorKind::Map(_)));
}

#[test]
fn sums_of_the_least_numbers_fit_in_rows_that_start_within_a_block() {
    const LEN: usize = 70_001;
    let mut array = RamArray::<i8>::zeros([3, LEN]).unwrap();
    array.assign(&vec![i8::MIN; 3 * LEN]).unwrap();
    assert_eq!(array.sum_axis(1).unwrap(), [-128 * LEN as i64; 3]);
}

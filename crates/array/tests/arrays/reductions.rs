//! Sums and their like, against twins that go through the elements one by one.
//!
//! Integers, `bool` and halves agree with them to the bit; floats within the tolerance of [`is_near`].

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "the twins round and cut as numpy does"
)]

use std::cmp::Ordering;
use std::fmt::Debug;
use std::fs;

use memmap_array::{
    Array, ByteOrder, Complex, Element, ErrorKind, Number, Order, Ordered, Slice, Storage,
};
use proptest::prelude::*;
use tempfile::NamedTempFile;

use super::model::laid_out;
use super::{MemArray, RamArray};

/// Whether a sum is within four of its last digits, where `size` is the sum of the absolute values. numpy's
/// pairwise sum needs tens of millions of elements to be further off.
fn is_near(found: f64, expected: f64, size: f64, epsilon: f64) -> bool {
    let same = found.is_nan() && expected.is_nan() || found == expected;
    same || (found - expected).abs() <= 4.0 * epsilon * size
}

/// The sum of the numbers as exact as it gets, and that of their absolute values.
fn exact(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    // Neumaier's sum: what additions lose is added up apart.
    let (mut sum, mut lost, mut size) = (0.0_f64, 0.0_f64, 0.0);
    for number in numbers {
        let next = sum + number;
        lost +=
            if sum.abs() >= number.abs() { (sum - next) + number } else { (number - next) + sum };
        sum = next;
        size += number.abs();
    }
    (if lost.is_nan() { sum } else { sum + lost }, size)
}

/// What a sum or a mean is, compared by bits.
trait Bits: Copy {
    fn bits(self) -> u128;
}

macro_rules! bits {
    ($($type:ty: $bits:expr;)+) => {
        $(impl Bits for $type {
            fn bits(self) -> u128 {
                let bits: fn($type) -> u128 = $bits;
                bits(self)
            }
        })+
    };
}

bits! {
    i64: |it| u128::from(it.cast_unsigned());
    u64: u128::from;
    f32: |it| u128::from(it.to_bits());
    f64: |it| u128::from(it.to_bits());
    Complex<f32>: |it| u128::from(it.re.to_bits()) << 64 | u128::from(it.im.to_bits());
    Complex<f64>: |it| u128::from(it.re.to_bits()) << 64 | u128::from(it.im.to_bits());
}

#[cfg(feature = "half")]
bits! {
    half::f16: |it| u128::from(it.to_bits());
}

/// What threads make of it, and what one makes of it: the same to the bit.
fn check_numbers<T, S>(array: &Array<T, S>, elements: &[T], is_zero: impl Fn(&T) -> bool)
where
    T: Number,
    T::Sum: Bits,
    T::Mean: Bits,
    S: Storage + Sync,
    S::Mapping: Sync,
{
    let nonzero = elements.iter().filter(|element| !is_zero(element)).count();
    assert_eq!(array.count_nonzero().unwrap(), u64::try_from(nonzero).unwrap());
    assert_eq!(array.any().unwrap(), nonzero > 0);
    assert_eq!(array.all().unwrap(), nonzero == elements.len());
    #[cfg(feature = "rayon")]
    {
        let par = array.par();
        assert_eq!(par.sum().unwrap().bits(), array.sum().unwrap().bits());
        assert_eq!(par.mean().unwrap().bits(), array.mean().unwrap().bits());
        assert_eq!(par.count_nonzero().unwrap(), array.count_nonzero().unwrap());
        assert_eq!(par.any().unwrap(), array.any().unwrap());
        assert_eq!(par.all().unwrap(), array.all().unwrap());
    }
    #[cfg(not(feature = "rayon"))]
    {
        array.sum().unwrap().bits();
        array.mean().unwrap().bits();
    }
}

/// The first of the best, where no number is better than one that is none: as numpy's.
fn first_best<T: PartialOrd + Copy>(elements: &[T], wanted: Ordering) -> Option<usize> {
    let nan = elements.iter().position(|it| it.partial_cmp(it).is_none());
    nan.or_else(|| {
        (0..elements.len()).reduce(|best, at| {
            let is_better = elements[at].partial_cmp(&elements[best]) == Some(wanted);
            if is_better { at } else { best }
        })
    })
}

fn check_ordered<T, S>(array: &Array<T, S>, elements: &[T])
where
    T: Ordered + Debug,
    S: Storage + Sync,
    S::Mapping: Sync,
{
    let (least, greatest) =
        (first_best(elements, Ordering::Less), first_best(elements, Ordering::Greater));
    let (Some(least), Some(greatest)) = (least, greatest) else {
        for error in [
            array.min().unwrap_err(),
            array.max().unwrap_err(),
            array.argmin().unwrap_err(),
            array.argmax().unwrap_err(),
            array.min_max().unwrap_err(),
        ] {
            assert!(matches!(error.kind(), ErrorKind::Empty { .. }), "{error}");
        }
        return;
    };
    // -0.0 and 0.0 are equal, so either may be the least.
    let same = |found: T, expected: T| {
        let are_nan =
            found.partial_cmp(&found).is_none() && expected.partial_cmp(&expected).is_none();
        assert!(found == expected || are_nan, "{found:?} instead of {expected:?}");
    };
    same(array.min().unwrap(), elements[least]);
    same(array.max().unwrap(), elements[greatest]);
    let (low, high) = array.min_max().unwrap();
    same(low, elements[least]);
    same(high, elements[greatest]);
    assert_eq!(array.argmin().unwrap(), least);
    assert_eq!(array.argmax().unwrap(), greatest);
    #[cfg(feature = "rayon")]
    {
        let par = array.par();
        assert_eq!(par.min().unwrap().as_bytes(), array.min().unwrap().as_bytes());
        assert_eq!(par.max().unwrap().as_bytes(), array.max().unwrap().as_bytes());
        assert_eq!(par.argmin().unwrap(), least);
        assert_eq!(par.argmax().unwrap(), greatest);
    }
}

/// Every way for the elements to lie: in a live file at an odd offset, in both orders and byte orders,
/// apart, and backwards.
fn everywhere<T: Element>(
    elements: &[T],
    shape: [usize; 2],
    mut check: impl FnMut(&Array<T, &memmap_core::Map<crate::Live>>, &[T]),
) {
    let foreign =
        if ByteOrder::NATIVE == ByteOrder::Little { ByteOrder::Big } else { ByteOrder::Little };
    for order in [Order::C, Order::Fortran] {
        for byte_order in [ByteOrder::NATIVE, foreign] {
            let is_foreign = byte_order == foreign && T::SWAPS;
            let file = NamedTempFile::new().unwrap();
            let bytes = laid_out(elements, &shape, order, is_foreign);
            fs::write(file.path(), [b"odd", &bytes[..]].concat()).unwrap();
            let options = MemArray::<T>::options().offset(3).shape(shape).order(order);
            let array = options.byte_order(byte_order).open(file.path()).unwrap();
            check(&array.view(), elements);
            for slices in ["::-1", ":, ::2", "::-3, 1:"] {
                let part = array.slice(slices).unwrap();
                check(&part, &part.to_vec().unwrap());
            }
            let part = array.transpose();
            check(&part, &part.to_vec().unwrap());
        }
    }
}

macro_rules! integers {
    ($($name:ident, $type:ty, $sum:ty;)+) => {
        $(
            fn $name(elements: &[$type], shape: [usize; 2]) {
                everywhere(elements, shape, |array, elements| {
                    check_numbers(array, elements, |&it| it == 0);
                    check_ordered(array, elements);
                    let sum = elements.iter().fold(0, |sum: $sum, &it| sum.wrapping_add(it.into()));
                    assert_eq!(array.sum().unwrap(), sum);
                    let total: i128 = elements.iter().map(|&it| i128::from(it)).sum();
                    let mean = total as f64 / elements.len() as f64;
                    assert_eq!(array.mean().unwrap().bits(), mean.bits());
                });
            }
        )+
    };
}

integers! {
    check_i8, i8, i64;
    check_i16, i16, i64;
    check_i32, i32, i64;
    check_i64, i64, i64;
    check_u8, u8, u64;
    check_u16, u16, u64;
    check_u32, u32, u64;
    check_u64, u64, u64;
}

macro_rules! floats {
    ($($name:ident, $complex:ident, $type:ty;)+) => {
        $(
            fn $name(elements: &[$type], shape: [usize; 2]) {
                everywhere(elements, shape, |array, elements| {
                    check_numbers(array, elements, |&it| it == 0.0);
                    check_ordered(array, elements);
                    let (sum, size) = exact(elements.iter().copied().map(f64::from));
                    let epsilon = f64::from(<$type>::EPSILON);
                    let (found, count) = (f64::from(array.sum().unwrap()), elements.len() as f64);
                    assert!(is_near(found, sum, size, epsilon), "{found} instead of {sum}");
                    let found = f64::from(array.mean().unwrap());
                    assert!(is_near(found, sum / count, size / count, epsilon), "{found}, {sum}");
                });
            }

            fn $complex(parts: &[$type], shape: [usize; 2]) {
                let elements: Vec<_> =
                    parts.iter().zip(parts.iter().rev()).map(|(&re, &im)| Complex::new(re, im)).collect();
                everywhere(&elements, shape, |array, elements| {
                    check_numbers(array, elements, |it| it.re == 0.0 && it.im == 0.0);
                    let (sum, mean) = (array.sum().unwrap(), array.mean().unwrap());
                    let (epsilon, count) = (f64::from(<$type>::EPSILON), elements.len() as f64);
                    for (sum, mean, part) in [
                        (sum.re, mean.re, (|it| it.re) as fn(&Complex<$type>) -> $type),
                        (sum.im, mean.im, |it| it.im),
                    ] {
                        let (expected, size) = exact(elements.iter().map(|it| f64::from(part(it))));
                        assert!(is_near(sum.into(), expected, size, epsilon), "{sum}, {expected}");
                        let expected = expected / count;
                        assert!(is_near(mean.into(), expected, size / count, epsilon), "{mean}");
                    }
                });
            }
        )+
    };
}

floats! {
    check_f32, check_c8, f32;
    check_f64, check_c16, f64;
}

#[cfg(feature = "half")]
fn check_f16(elements: &[half::f16], shape: [usize; 2]) {
    use half::f16;
    everywhere(elements, shape, |array, elements| {
        check_numbers(array, elements, |&it| it == f16::ZERO);
        check_ordered(array, elements);
        // In eight bytes this sum is exact.
        let sum: f64 = elements.iter().copied().map(f64::from).sum();
        let same = |found: f16, expected: f64| {
            let expected = f16::from_f64(expected);
            assert!(
                found == expected || found.is_nan() && expected.is_nan(),
                "{found}, {expected}"
            );
        };
        same(array.sum().unwrap(), sum);
        same(array.mean().unwrap(), sum / elements.len() as f64);
    });
}

/// Of a file's bytes any may be there; all but 0 are true.
fn check_bool(bytes: &[u8], shape: [usize; 2]) {
    everywhere(bytes, shape, |array, bytes| {
        let file = NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        let truths = MemArray::<bool>::options().shape(array.shape()).open(file.path()).unwrap();
        let elements: Vec<bool> = bytes.iter().map(|&it| it != 0).collect();
        assert_eq!(truths.to_vec().unwrap(), elements);
        check_numbers(&truths, &elements, |&it| !it);
        let count = elements.iter().filter(|&&it| it).count();
        assert_eq!(truths.sum().unwrap(), i64::try_from(count).unwrap());
        assert_eq!(truths.mean().unwrap().bits(), (count as f64 / elements.len() as f64).bits());
    });
}

/// Numbers as they come: of the middle, extremes, zeros of both signs, and what is no number.
fn float() -> BoxedStrategy<f64> {
    prop_oneof![
        12 => -1000.0..1000.0_f64,
        2 => prop::sample::select(&[0.0, -0.0, 1.0, -1.0, 65504.0, 6.0e-8][..]),
        1 => any::<f64>(),
    ]
    .boxed()
}

fn unusual() -> BoxedStrategy<f64> {
    prop_oneof![
        12 => float(),
        1 => prop::sample::select(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY][..]),
    ]
    .boxed()
}

fn shaped<T: Debug>(
    of: impl Strategy<Value = T> + Clone,
) -> impl Strategy<Value = (Vec<T>, [usize; 2])> {
    (0..7_usize, 0..40_usize).prop_flat_map(move |(rows, columns)| {
        let count = rows * columns;
        (prop::collection::vec(of.clone(), count..=count), Just([rows, columns]))
    })
}

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() }
}

/// The low bytes of numbers, and each a small one where `mask` says so.
fn cut<T>(numbers: &[u64], to: impl Fn(u64) -> T) -> Vec<T> {
    numbers.iter().map(|&number| to(number)).collect()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn integers_are_reduced_as_one_by_one(
        (numbers, shape) in shaped(prop_oneof![1 => Just(0), 1 => Just(u64::MAX), 4 => any::<u64>()])
    ) {
        check_i8(&cut(&numbers, |it| it as i8), shape);
        check_i16(&cut(&numbers, |it| it as i16), shape);
        check_i32(&cut(&numbers, |it| it as i32), shape);
        check_i64(&cut(&numbers, |it| it as i64), shape);
        check_u8(&cut(&numbers, |it| it as u8), shape);
        check_u16(&cut(&numbers, |it| it as u16), shape);
        check_u32(&cut(&numbers, |it| it as u32), shape);
        check_u64(&numbers, shape);
        check_bool(&cut(&numbers, |it| it as u8), shape);
    }

    #[test]
    fn floats_are_reduced_as_one_by_one((numbers, shape) in shaped(float())) {
        let narrow: Vec<f32> = numbers.iter().map(|&it| it as f32).collect();
        check_f32(&narrow, shape);
        check_f64(&numbers, shape);
        check_c8(&narrow, shape);
        check_c16(&numbers, shape);
        #[cfg(feature = "half")]
        check_f16(&numbers.iter().map(|&it| half::f16::from_f64(it)).collect::<Vec<_>>(), shape);
    }

    #[test]
    fn what_is_no_number_is_passed_on((numbers, shape) in shaped(unusual())) {
        let narrow: Vec<f32> = numbers.iter().map(|&it| it as f32).collect();
        check_f32(&narrow, shape);
        check_f64(&numbers, shape);
        check_c8(&narrow, shape);
        #[cfg(feature = "half")]
        check_f16(&numbers.iter().map(|&it| half::f16::from_f64(it)).collect::<Vec<_>>(), shape);
    }
}

/// More than one chunk, so that each thread takes some.
#[test]
fn megabytes_are_reduced_as_one_by_one_by_any_number_of_threads() {
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let numbers: Vec<u64> = (0..150_001).map(|_| random()).collect();
    let mut floats: Vec<f64> = cut(&numbers, |it| (it >> 11) as f64 / 1e15 - 4.5);
    let mut array = RamArray::<f64>::zeros(floats.len()).unwrap();
    for nan_at in [None, Some(140_000), Some(0)] {
        if let Some(at) = nan_at {
            floats[at] = f64::NAN;
        }
        array.assign(&floats).unwrap();
        check_numbers(&array, &floats, |&it| it == 0.0);
        check_ordered(&array, &floats);
        let (sum, size) = exact(floats.iter().copied());
        assert!(is_near(array.sum().unwrap(), sum, size, f64::EPSILON));
    }
    let mut array = RamArray::<u64>::zeros([1, numbers.len()]).unwrap();
    array.assign(&numbers).unwrap();
    check_numbers(&array, &numbers, |&it| it == 0);
    check_ordered(&array, &numbers);
    let mut zeros = RamArray::<u8>::zeros(3 << 20).unwrap();
    assert!(!zeros.any().unwrap());
    zeros.set(2 << 20, 1).unwrap();
    assert!(zeros.any().unwrap() && !zeros.all().unwrap());
    assert_eq!((zeros.argmax().unwrap(), zeros.argmin().unwrap()), (2 << 20, 0));
    let backwards = zeros.slice((Slice::ALL.by(-1),)).unwrap();
    assert_eq!(backwards.argmax().unwrap(), (1 << 20) - 1);
}

//! Parts of parts: what is read there, and what is written.

use std::fmt::Debug;
use std::fs;

use memmap_array::{
    Array, ByteOrder, Complex, Element, ErrorKind, Order, Slice, Storage, StorageMut,
};
use memmap_core::{Map, Mode, widen};
use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::NamedTempFile;
use zerocopy::IntoBytes;

use super::model::{Model, laid_out};
use super::{MemArray, RamArray};

/// One step from an array to a part of it.
#[derive(Debug, Clone)]
enum Step {
    Slice(Vec<Slice>),
    Transpose,
    /// In an order that these decide.
    Permute(Vec<Index>),
    /// Dimensions that these cut from the number of elements.
    Reshape(Vec<Index>),
}

/// An array, parts of it to look at, and what to write to one.
#[derive(Debug, Clone)]
struct Case {
    shape: Vec<usize>,
    order: Order,
    is_foreign: bool,
    offset: u64,
    bytes: Vec<u8>,
    steps: Vec<Step>,
    written: Vec<Slice>,
    chunk: usize,
}

fn slice() -> impl Strategy<Value = Slice> {
    let bound = || prop::option::of(-8..9_i64);
    let step = prop_oneof![4 => Just(1_i64), 4 => -3..0_i64, 2 => 2..4_i64, 1 => Just(i64::MIN), 1 => Just(i64::MAX)];
    let range = (bound(), bound(), step);
    prop_oneof![
        4 => range.prop_map(|(start, stop, step)| Slice::Range { start, stop, step }),
        1 => (-6..6_i64).prop_map(Slice::At),
        2 => Just(Slice::ALL),
    ]
}

fn slices() -> impl Strategy<Value = Vec<Slice>> {
    prop::collection::vec(slice(), 0..5)
}

fn step() -> impl Strategy<Value = Step> {
    let indices = || prop::collection::vec(any::<Index>(), 4);
    prop_oneof![
        3 => slices().prop_map(Step::Slice),
        1 => Just(Step::Transpose),
        1 => indices().prop_map(Step::Permute),
        1 => indices().prop_map(Step::Reshape),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let shape = prop::collection::vec(prop_oneof![1 => Just(0_usize), 9 => 1..6_usize], 0..5);
    let order = prop::sample::select(&[Order::C, Order::Fortran][..]);
    let place = (any::<bool>(), 0..70_u64, 1..50_usize);
    let steps = prop::collection::vec(step(), 0..4);
    let bytes = prop::collection::vec(any::<u8>(), 1..64);
    (shape, order, place, steps, slices(), bytes).prop_map(
        |(shape, order, (is_foreign, offset, chunk), steps, written, bytes)| Case {
            shape,
            order,
            is_foreign,
            offset,
            bytes,
            steps,
            written,
            chunk,
        },
    )
}

/// Elements as the bytes of the case are, `salt` further in them.
fn elements<T: Element>(case: &Case, count: usize, salt: usize) -> Vec<T> {
    let mut bytes = case.bytes.iter().copied().cycle().skip(salt);
    let mut number = 0_u8;
    let element = |_| {
        // No two neighbours are the same.
        number = number.wrapping_add(37);
        let mut element: Vec<u8> =
            bytes.by_ref().take(size_of::<T>()).map(|byte| byte ^ number).collect();
        T::tidy(&mut element);
        T::try_read_from_bytes(&element).unwrap()
    };
    (0..count).map(element).collect()
}

/// As bytes: no NaN is equal to itself.
fn raw<T: Element>(elements: &[T]) -> Vec<u8> {
    elements.as_bytes().to_vec()
}

/// Everything that reads says the same as the model.
fn check_reading<T, S>(array: &Array<T, S>, model: &Model, data: &[T], chunk: usize)
where
    T: Element + Debug,
    S: Storage + Sync,
{
    let expected: Vec<T> = model.numbers.iter().map(|&number| data[number]).collect();
    assert_eq!(array.shape(), model.shape);
    assert_eq!((array.len(), array.ndim()), (expected.len(), model.shape.len()));
    assert_eq!(array.byte_len(), widen(size_of_val(&expected[..])));
    for (index, element) in model.indices().iter().zip(&expected) {
        assert_eq!(array.get(&index[..]).unwrap().as_bytes(), element.as_bytes(), "{index:?}");
    }
    let beyond = array.shape().to_vec();
    assert!(beyond.is_empty() || array.get(&beyond[..]).is_err());
    assert!(array.get(&[beyond, vec![0]].concat()[..]).is_err());
    let expected = raw(&expected);
    assert_eq!(raw(&array.to_vec().unwrap()), expected);
    let one_by_one: Vec<T> = array.iter().map(|element| element.unwrap()).collect();
    assert_eq!(raw(&one_by_one), expected);
    let (mut chunks, mut by_chunks) = (array.chunks(chunk), Vec::new());
    while let Some(part) = chunks.next_chunk().unwrap() {
        assert!(part.len() == chunk || chunks_left(by_chunks.len(), part, array.len()));
        by_chunks.extend_from_slice(part);
        assert_eq!(chunks.position(), by_chunks.len());
    }
    assert_eq!(raw(&by_chunks), expected);
    let mut copied = data.iter().cycle().copied().take(array.len()).collect::<Vec<T>>();
    array.copy_to(&mut copied).unwrap();
    assert_eq!(raw(&copied), expected);
    copied.extend(data.first());
    assert!(copied.len() == array.len() || array.copy_to(&mut copied).is_err());
    let mut copy = RamArray::<T>::zeros(array.shape()).unwrap();
    copy.assign_from(array).unwrap();
    assert_eq!(raw(copy.as_slice().unwrap()), expected);
    #[cfg(feature = "rayon")]
    {
        let parts = array.par_chunks(chunk).map(|_, part| part.to_vec()).unwrap();
        assert_eq!(raw(&parts.concat()), expected);
    }
    #[cfg(feature = "ndarray")]
    {
        let copy = array.to_ndarray().unwrap();
        assert_eq!(
            (copy.shape(), raw(&copy.iter().copied().collect::<Vec<T>>())),
            (array.shape(), expected)
        );
    }
}

/// The last chunk has what is left.
fn chunks_left<T>(before: usize, part: &[T], len: usize) -> bool {
    before + part.len() == len
}

/// Walks the steps, and looks at each part on the way.
fn walk<T, S>(array: &Array<T, S>, model: &Model, data: &[T], steps: &[Step], chunk: usize)
where
    T: Element + Debug,
    S: Storage + Sync,
    S::Mapping: Sync,
{
    check_reading(array, model, data, chunk);
    let Some((step, rest)) = steps.split_first() else { return };
    match step {
        Step::Slice(slices) => {
            let found = array.slice(&slices[..]);
            match model.sliced(slices) {
                Some(model) => walk(&found.unwrap(), &model, data, rest, chunk),
                None => assert!(found.is_err()),
            }
        }
        Step::Transpose => {
            let axes: Vec<usize> = (0..array.ndim()).rev().collect();
            walk(&array.transpose(), &model.permuted(&axes), data, rest, chunk);
        }
        Step::Permute(indices) => {
            let mut left: Vec<usize> = (0..array.ndim()).collect();
            let pick = |index: &Index| {
                (!left.is_empty()).then(|| left.swap_remove(index.index(left.len())))
            };
            let axes: Vec<usize> = indices.iter().cycle().map_while(pick).collect();
            walk(&array.permute(&axes).unwrap(), &model.permuted(&axes), data, rest, chunk);
            assert!(axes.is_empty() || array.permute(&axes[1..]).is_err());
        }
        Step::Reshape(indices) => {
            let shape = factors(array.len(), indices);
            match array.reshape(&shape[..]) {
                Ok(part) => walk(&part, &model.reshaped(&shape), data, rest, chunk),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::NotContiguous { .. }), "{error}");
                    assert!(!array.is_contiguous(Order::C));
                }
            }
            assert!(array.reshape(array.len() + 1).is_err());
        }
    }
}

/// Lengths that have this product.
fn factors(mut product: usize, indices: &[Index]) -> Vec<usize> {
    let mut lengths = Vec::new();
    for index in indices {
        let divisors: Vec<usize> =
            (1..=product.max(1)).filter(|it| product.is_multiple_of(*it)).collect();
        let picked = divisors[index.index(divisors.len())];
        lengths.push(picked);
        product /= picked;
    }
    lengths.push(product);
    lengths
}

/// Everything that writes to a part changes that part, and nothing else.
fn check_writing<T, S>(array: &mut Array<T, S>, case: &Case, data: &mut [T])
where
    T: Element + Debug,
    S: StorageMut + Sync,
{
    let model = Model::of(&case.shape);
    let Some(part_model) = model.sliced(&case.written) else {
        assert!(array.slice_mut(&case.written[..]).is_err());
        return;
    };
    let new: Vec<T> = elements(case, part_model.numbers.len(), 11);
    let mut part = array.slice_mut(&case.written[..]).unwrap();
    part.assign(&new).unwrap();
    set_all(data, &part_model, &new);
    let too_many = [&new[..], &elements(case, 1, 3)].concat();
    assert!(matches!(part.assign(&too_many).unwrap_err().kind(), ErrorKind::ShapeDiffers { .. }));
    check_reading(array, &model, data, case.chunk);

    let mut part = array.slice_mut(&case.written[..]).unwrap();
    for (index, element) in part_model.indices().iter().zip(new.iter().rev()) {
        part.set(&index[..], *element).unwrap();
    }
    set_all(data, &part_model, &new.iter().rev().copied().collect::<Vec<T>>());
    check_reading(array, &model, data, case.chunk);

    // Of another array, in the other order.
    let mut other = RamArray::<T>::zeros(&part_model.shape[..]).unwrap();
    other.assign(&new).unwrap();
    let mut reversed = part_model.shape.clone();
    reversed.reverse();
    let mut turned = RamArray::<T>::zeros(&reversed[..]).unwrap();
    turned.assign_from(&other.transpose()).unwrap();
    let mut part = array.slice_mut(&case.written[..]).unwrap();
    part.assign_from(&turned.transpose()).unwrap();
    set_all(data, &part_model, &new);
    check_reading(array, &model, data, case.chunk);

    let value = elements::<T>(case, 1, 5)[0];
    array.slice_mut(&case.written[..]).unwrap().fill(value).unwrap();
    set_all(data, &part_model, &vec![value; new.len()]);
    check_reading(array, &model, data, case.chunk);
}

fn set_all<T: Copy>(data: &mut [T], model: &Model, new: &[T]) {
    for (&number, element) in model.numbers.iter().zip(new) {
        data[number] = *element;
    }
}

/// A live file, with bytes in front of the array and behind it.
fn check_live<T: Element + Debug>(case: &Case) {
    let model = Model::of(&case.shape);
    let mut data: Vec<T> = elements(case, model.numbers.len(), 0);
    let is_foreign = case.is_foreign && T::SWAPS;
    let around = |data: &[T]| {
        let bytes = laid_out(data, &case.shape, case.order, is_foreign);
        [&vec![0xAA; usize::try_from(case.offset).unwrap()][..], &bytes, b"behind"].concat()
    };
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), around(&data)).unwrap();
    let byte_order = if is_foreign { foreign() } else { ByteOrder::NATIVE };
    let options = MemArray::<T>::options()
        .mode(Mode::ReadWrite)
        .offset(case.offset)
        .shape(&case.shape[..])
        .order(case.order)
        .byte_order(byte_order);
    let mut array = options.open(file.path()).unwrap();
    walk(&array, &model, &data, &case.steps, case.chunk);
    check_writing(&mut array, case, &mut data);
    // What was written is in the file at once; to wait for the device would take seconds.
    drop(array);
    assert_eq!(fs::read(file.path()).unwrap(), around(&data));
}

fn foreign() -> ByteOrder {
    if ByteOrder::NATIVE == ByteOrder::Little { ByteOrder::Big } else { ByteOrder::Little }
}

fn check_ram<T: Element + Debug>(case: &Case) {
    let model = Model::of(&case.shape);
    let mut data: Vec<T> = elements(case, model.numbers.len(), 0);
    let bytes = laid_out(&data, &case.shape, case.order, false);
    let mut map = Map::new(case.offset + widen(bytes.len())).unwrap();
    map.write_at(case.offset, &bytes).unwrap();
    let mut array = RamArray::<T>::from_map(map, case.offset, &case.shape[..], case.order).unwrap();
    walk(&array, &model, &data, &case.steps, case.chunk);
    check_writing(&mut array, case, &mut data);
    let in_place = array.as_slice().map(raw);
    match in_place {
        Ok(lent) => assert_eq!(lent, raw(&data)),
        Err(error) => match error.kind() {
            ErrorKind::NotContiguous { .. } => assert!(!array.is_contiguous(Order::C)),
            ErrorKind::NotAligned { at, alignment } => {
                assert_eq!(*at, case.offset);
                assert!(!at.is_multiple_of(widen(*alignment)));
            }
            _ => panic!("{error}"),
        },
    }
    #[cfg(feature = "ndarray")]
    if let Ok(lent) = array.as_ndarray() {
        let expected = laid_out(&data, &case.shape, Order::C, false);
        assert_eq!(raw(&lent.iter().copied().collect::<Vec<T>>()), expected);
    }
}

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_live_file_of_single_bytes_is_as_its_model(case in case()) {
        check_live::<u8>(&case);
        check_live::<bool>(&case);
    }

    #[test]
    fn a_live_file_of_integers_is_as_its_model(case in case()) {
        check_live::<i16>(&case);
        check_live::<u64>(&case);
    }

    #[test]
    fn a_live_file_of_floats_is_as_its_model(case in case()) {
        check_live::<f32>(&case);
        check_live::<f64>(&case);
    }

    #[test]
    fn a_live_file_of_complex_numbers_and_records_is_as_its_model(case in case()) {
        check_live::<Complex<f32>>(&case);
        check_live::<Complex<f64>>(&case);
        check_live::<[u8; 3]>(&case);
        check_live::<[u8; 300]>(&case);
    }

    #[test]
    fn memory_is_as_its_model(case in case()) {
        check_ram::<i8>(&case);
        check_ram::<u16>(&case);
        check_ram::<i32>(&case);
        check_ram::<i64>(&case);
        check_ram::<Complex<f64>>(&case);
        check_ram::<[u8; 7]>(&case);
    }
}

/// Far apart, near each other, and so many that they are read in several pieces.
#[test]
fn long_rows_of_every_distance_are_read_and_written() {
    let count = 40_000_usize;
    let data: Vec<u32> = (0..).map(|it: u32| it.wrapping_mul(2_654_435_761)).take(count).collect();
    for is_foreign in [false, true] {
        let file = NamedTempFile::new().unwrap();
        fs::write(file.path(), laid_out(&data, &[count], Order::C, is_foreign)).unwrap();
        let byte_order = if is_foreign { foreign() } else { ByteOrder::NATIVE };
        let options = MemArray::<u32>::options().mode(Mode::ReadWrite).byte_order(byte_order);
        let mut array = options.open(file.path()).unwrap();
        for step in [1_i64, 2, 3, 63, 64, 65, 1000, -1, -2, -64, -65, -1000] {
            let slice = Slice::ALL.by(step);
            let distance = usize::try_from(step.unsigned_abs()).unwrap();
            let part = array.slice((slice,)).unwrap().to_vec().unwrap();
            let expected: Vec<u32> = match step {
                0.. => data.iter().step_by(distance).copied().collect(),
                _ => data.iter().rev().step_by(distance).copied().collect(),
            };
            assert_eq!(part, expected, "{step}");
            array.slice_mut((slice,)).unwrap().assign(&part).unwrap();
        }
        assert_eq!(array.to_vec().unwrap(), data);
    }
}

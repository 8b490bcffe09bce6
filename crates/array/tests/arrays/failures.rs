//! Files that were cut short, bytes that are no values, and what cannot be borrowed.

#![expect(clippy::float_cmp, reason = "these sums are exact")]

use std::fs;

use memmap_array::{Array, ByteOrder, Element, Error, ErrorKind, Order, Storage};
#[cfg(unix)]
use memmap_core::Mode;
use memmap_core::{Map, Proofs};
use tempfile::NamedTempFile;
use zerocopy::{Immutable, IntoBytes, TryFromBytes};

use super::{MemArray, RamArray};

#[cfg(unix)]
fn is_cut_short(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Map(error) if matches!(error.kind(), memmap_core::ErrorKind::Truncated { .. })
    )
}

// Windows cuts nothing short that is mapped.
#[cfg(unix)]
#[test]
fn what_was_cut_off_is_an_error_and_what_is_left_is_read() {
    let file = NamedTempFile::new().unwrap();
    let elements: Vec<f64> = (1..=16_384).map(f64::from).collect();
    fs::write(file.path(), elements.as_bytes()).unwrap();
    let mut array = MemArray::<f64>::options()
        .mode(Mode::ReadWrite)
        .shape([128, 128])
        .open(file.path())
        .unwrap();
    file.as_file().set_len(65_536).unwrap();
    assert_eq!(array.get([63, 127]).unwrap(), 8192.0);
    assert_eq!(array.slice(":64").unwrap().sum().unwrap(), 8192.0 * 8193.0 / 2.0);
    let left = array.slice("::-1, 5").unwrap().slice("64:").unwrap().to_vec().unwrap();
    assert_eq!(left.len(), 64);
    let mut out = vec![0.0; 16_384];
    let part = array.slice("63:").unwrap();
    for error in [
        array.get([64, 0]).unwrap_err(),
        array.to_vec().unwrap_err(),
        array.transpose().to_vec().unwrap_err(),
        array.copy_to(&mut out).unwrap_err(),
        array.sum().unwrap_err(),
        array.mean().unwrap_err(),
        array.min().unwrap_err(),
        array.max().unwrap_err(),
        array.argmax().unwrap_err(),
        array.all().unwrap_err(),
        array.count_nonzero().unwrap_err(),
        part.sum().unwrap_err(),
        part.min_max().unwrap_err(),
        RamArray::<f64>::zeros([128, 128]).unwrap().assign_from(&array).unwrap_err(),
    ] {
        assert!(is_cut_short(&error), "{error}");
        assert_eq!(error.path(), Some(file.path()), "{error}");
    }
    #[cfg(feature = "rayon")]
    for error in [
        array.par().sum().unwrap_err(),
        array.par().min().unwrap_err(),
        array.par_chunks(100).for_each(|_, _| {}).unwrap_err(),
    ] {
        assert!(is_cut_short(&error), "{error}");
    }
    for error in [
        array.set([127, 0], 1.0).unwrap_err(),
        array.fill(1.0).unwrap_err(),
        array.assign(&elements).unwrap_err(),
    ] {
        assert!(is_cut_short(&error), "{error}");
    }
}

// Windows cuts nothing short that is mapped.
#[cfg(unix)]
#[test]
fn an_iteration_over_a_file_that_was_cut_ends_with_errors() {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), vec![7; 100_000]).unwrap();
    let array = MemArray::<u8>::options().open(file.path()).unwrap();
    file.as_file().set_len(40_960).unwrap();
    let read: Vec<bool> = array.iter().map(|element| element.is_ok()).collect();
    let whole = read.iter().take_while(|it| **it).count();
    assert!((32_768..=40_960).contains(&whole), "{whole}");
    assert!(read.len() > whole && read[whole..].iter().all(|it| !it));
    let mut chunks = array.chunks(4096);
    let mut counts = (0, 0);
    loop {
        match chunks.next_chunk() {
            Ok(Some(_)) => counts.0 += 1,
            Ok(None) => break,
            Err(error) => {
                assert!(is_cut_short(&error), "{error}");
                counts.1 += 1;
            }
        }
    }
    assert_eq!(counts, (10, 15));
}

#[derive(Debug, Clone, Copy, PartialEq, TryFromBytes, IntoBytes, Immutable)]
#[repr(u8)]
enum Metal {
    Iron = 0,
    Gold = 1,
}

#[derive(Debug, Clone, Copy, PartialEq, TryFromBytes, IntoBytes, Immutable)]
#[repr(C)]
struct Coin {
    metal: Metal,
    worth: [u8; 3],
}

impl Element for Coin {}

/// As many coins, the one of this number of no metal there is.
fn coins(count: usize, bad: usize) -> Vec<u8> {
    let mut bytes = vec![Coin { metal: Metal::Gold, worth: [1, 2, 3] }; count].as_bytes().to_vec();
    bytes[bad * 4] = 9;
    bytes
}

#[track_caller]
fn is_at<R>(result: Result<R, Error>, expected: u64) {
    let error = result.err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::NotAValue { at } if *at == expected), "{error}");
}

fn check_coins<S: Storage>(array: &Array<Coin, S>, bad: [usize; 2], at: u64) {
    is_at(array.get(bad), at);
    is_at(array.to_vec(), at);
    is_at(array.copy_to(&mut vec![Coin { metal: Metal::Iron, worth: [0; 3] }; 10_000]), at);
    is_at(array.iter().collect::<Result<Vec<_>, _>>(), at);
    for slices in ["::-1", ":, ::-1", "1::2, ::2", "50:"] {
        is_at(array.slice(slices).unwrap().to_vec(), at);
    }
    is_at(array.transpose().to_vec(), at);
    let mut chunks = array.chunks(1000);
    let mut errors = 0;
    loop {
        match chunks.next_chunk() {
            Ok(None) => break,
            Ok(Some(_)) => {}
            Err(error) => {
                is_at(Err::<(), _>(error), at);
                errors += 1;
            }
        }
    }
    assert_eq!(errors, 1);
    assert_eq!(array.get([0, 0]).unwrap().metal, Metal::Gold);
}

#[test]
fn a_record_that_is_no_value_is_named_by_its_place_however_it_is_come_by() {
    for order in [Order::C, Order::Fortran] {
        let bad = [95, 88];
        let number = if order == Order::C { 95 * 100 + 88 } else { 88 * 100 + 95 };
        let bytes = coins(10_000, number);
        let at = u64::try_from(number * 4).unwrap();
        let file = NamedTempFile::new().unwrap();
        fs::write(file.path(), [b"12345", &bytes[..]].concat()).unwrap();
        let options = MemArray::<Coin>::options().offset(5).shape([100, 100]).order(order);
        check_coins(&options.open(file.path()).unwrap(), bad, at);
        let mut map = Map::new(40_008).unwrap();
        map.write_at(8, &bytes).unwrap();
        let mut array = RamArray::<Coin>::from_map(map, 8, [100, 100], order).unwrap();
        check_coins(&array, bad, at + 8);
        if order == Order::C {
            is_at(array.as_slice(), at + 8);
            is_at(array.as_slice_mut(), at + 8);
        } else {
            is_at(array.transpose().as_slice(), at + 8);
        }
        #[cfg(feature = "ndarray")]
        is_at(array.as_ndarray(), at + 8);
        array.set(bad, Coin { metal: Metal::Iron, worth: [0; 3] }).unwrap();
        assert!(array.to_vec().is_ok());
    }
}

#[test]
fn what_cannot_be_borrowed_says_why_and_can_be_copied() {
    let mut array = RamArray::<u32>::zeros([4, 6]).unwrap();
    array.assign(&(0..24).collect::<Vec<_>>()).unwrap();
    assert_eq!(array.as_slice().unwrap().len(), 24);
    assert_eq!(array.slice("1").unwrap().as_slice().unwrap(), [6, 7, 8, 9, 10, 11]);
    assert_eq!(array.slice("9:, ::3").unwrap().as_slice().unwrap(), [0; 0]);
    for slices in [":, ::2", "::-1", ":, :3", ":, 1"] {
        let part = array.slice(slices).unwrap();
        let error = part.as_slice().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotContiguous { .. }), "{slices}: {error}");
        assert!(part.to_vec().is_ok());
    }
    let error = array.transpose().as_slice().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotContiguous { .. }), "{error}");

    let map = Map::new(100).unwrap();
    let mut array = RamArray::<u32>::from_map(map, 6, 5, Order::C).unwrap();
    for error in
        [array.as_slice().map(drop).unwrap_err(), array.as_slice_mut().map(drop).unwrap_err()]
    {
        assert!(matches!(error.kind(), ErrorKind::NotAligned { at: 6, alignment: 4 }), "{error}");
    }
    assert_eq!(array.to_vec().unwrap(), [0; 5]);

    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), 7_u32.to_be_bytes()).unwrap();
    let frozen = |byte_order| {
        let array = MemArray::<u32>::options().byte_order(byte_order).open(file.path()).unwrap();
        array.prove(Proofs::none().snapshot_up_to(1 << 20)).unwrap()
    };
    let big = frozen(ByteOrder::Big);
    let little = frozen(ByteOrder::Little);
    let (native, foreign) = if cfg!(target_endian = "big") { (big, little) } else { (little, big) };
    assert_eq!(native.as_slice().unwrap(), native.to_vec().unwrap());
    let error = foreign.as_slice().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ForeignByteOrder { .. }), "{error}");
    assert_eq!(foreign.to_vec().unwrap().len(), 1);
}

#[test]
fn a_map_that_is_too_short_for_the_shape_is_refused() {
    let map = Map::new(100).unwrap();
    let error = RamArray::<u32>::from_map(map, 60, [3, 4], Order::C).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooShort { needed: 108, found: 100 }), "{error}");
    let map = Map::new(100).unwrap();
    let error = RamArray::<u32>::from_map(map, u64::MAX, 3, Order::C).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooShort { .. }), "{error}");
    let map = Map::new(100).unwrap();
    assert!(RamArray::<u32>::from_map(map, 100, [0, 4], Order::C).unwrap().is_empty());
}

#[test]
fn what_a_map_is_asked_an_array_can_be_asked_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made.npy");
    let options = MemArray::<u8>::options().shape([3]).file(|file| file.permissions(0o600));
    options.create_npy(&path).unwrap().close().unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // POSIX keeps nobody from writing.
        let error = MemArray::<u8>::options()
            .file(|file| file.deny_write(true))
            .open_npy(&path)
            .unwrap_err();
        let ErrorKind::Map(kind) = error.kind() else { panic!("{error:?}") };
        assert!(matches!(kind.kind(), memmap_core::ErrorKind::Unsupported { .. }), "{error}");
    }
    #[cfg(windows)]
    {
        let array =
            MemArray::<u8>::options().file(|file| file.deny_write(true)).open_npy(&path).unwrap();
        assert!(std::fs::File::options().write(true).open(&path).is_err());
        array.close().unwrap();
        std::fs::File::options().write(true).open(&path).unwrap();
    }
}

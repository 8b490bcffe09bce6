//! `.npy` data and archives from readers and into writers, and streams that fail.

use std::fs;
use std::io::{self, Cursor, Read, Write};

use memmap_array::npy::Header;
use memmap_array::{Array, ErrorKind, Order};
use memmap_core::Map;

use super::{MemArray, RamArray};

/// The elements 0, 1, 2, … in this order of memory.
fn counted(shape: &[usize], order: Order) -> RamArray<u32> {
    let len = shape.iter().product::<usize>();
    let map = Map::new(u64::try_from(4 * len).unwrap()).unwrap();
    let mut array = RamArray::<u32>::from_map(map, 0, shape, order).unwrap();
    array.assign(&(0..u32::try_from(len).unwrap()).collect::<Vec<_>>()).unwrap();
    array
}

/// Reads or writes a byte at a time, and fails after some of them.
struct Slow<T> {
    inner: T,
    left: usize,
}

impl<T: Read> Read for Slow<T> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other("a reader that fails"));
        }
        self.left -= 1;
        let len = out.len().min(1);
        self.inner.read(&mut out[..len])
    }
}

impl<T: Write> Write for Slow<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other("a writer that fails"));
        }
        self.left -= 1;
        self.inner.write(&bytes[..bytes.len().min(1)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[test]
fn arrays_of_every_shape_and_order_are_written_and_read() {
    for shape in [&[][..], &[0], &[5], &[3, 4], &[2, 0, 3], &[2, 3, 4], &[40_000, 3]] {
        for order in [Order::C, Order::Fortran] {
            let array = counted(shape, order);
            let mut bytes = Vec::new();
            array.write_npy(&mut bytes).unwrap();
            let read = RamArray::<u32>::read_npy(&bytes[..]).unwrap();
            assert_eq!(read.shape(), shape);
            assert_eq!(read.to_vec().unwrap(), array.to_vec().unwrap());
            // Both layouts are kept where they differ.
            assert!(read.is_contiguous(order) || array.is_contiguous(Order::C));
            // Of a view that is not contiguous, the elements in C order.
            if shape.len() == 2 {
                let view = array.slice("::-2, 1:").unwrap();
                let mut bytes = Vec::new();
                view.write_npy(&mut bytes).unwrap();
                let read = RamArray::<u32>::read_npy(&bytes[..]).unwrap();
                assert!(read.is_contiguous(Order::C));
                assert_eq!(read.to_vec().unwrap(), view.to_vec().unwrap());
            }
        }
    }
}

#[test]
fn what_follows_an_array_in_a_stream_is_not_read() {
    let mut bytes = Vec::new();
    counted(&[3], Order::C).write_npy(&mut bytes).unwrap();
    counted(&[2], Order::C).write_npy(&mut bytes).unwrap();
    let mut reader = Slow { inner: &bytes[..], left: usize::MAX };
    assert_eq!(RamArray::<u32>::read_npy(&mut reader).unwrap().len(), 3);
    assert_eq!(RamArray::<u32>::read_npy(&mut reader).unwrap().len(), 2);
    let error = RamArray::<u32>::read_npy(&mut reader).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::HeaderCutShort { .. }), "{error}");
}

#[test]
fn streams_that_end_early_or_fail_are_errors() {
    let mut bytes = Vec::new();
    counted(&[3], Order::C).write_npy(&mut bytes).unwrap();
    for len in 0..bytes.len() {
        let error = RamArray::<u32>::read_npy(&bytes[..len]).unwrap_err();
        let is_right = match error.kind() {
            ErrorKind::HeaderCutShort { .. } => len < 128,
            ErrorKind::DataCutShort { needed: 140, found } => *found == u64::try_from(len).unwrap(),
            _ => false,
        };
        assert!(is_right, "{len}: {error}");
        let failing = Slow { inner: &bytes[..], left: len };
        let error = RamArray::<u32>::read_npy(failing).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io(_)), "{error}");
        let failing = Slow { inner: Vec::new(), left: len };
        let error = counted(&[3], Order::C).write_npy(failing).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io(_)), "{error}");
    }
    let error = RamArray::<f32>::read_npy(&bytes[..]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::DTypeDiffers { .. }), "{error}");
    let error = RamArray::<f32>::read_npy(&b"no array"[..]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotNpy { .. }), "{error}");
}

#[test]
fn a_file_is_saved_in_one_step_and_loaded() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npy");
    let array = counted(&[3, 4], Order::Fortran);
    for _ in 0..2 {
        array.save(&path).unwrap();
        let loaded = RamArray::<u32>::load(&path).unwrap();
        assert_eq!(loaded.to_vec().unwrap(), array.to_vec().unwrap());
        let mapped = MemArray::<u32>::options().open_npy(&path).unwrap();
        assert_eq!(mapped.to_vec().unwrap(), array.to_vec().unwrap());
    }
    let missing = directory.path().join("missing").join("a.npy");
    for error in [array.save(&missing).unwrap_err(), RamArray::<u32>::load(&missing).unwrap_err()] {
        assert!(matches!(error.kind(), ErrorKind::Io(_)), "{error}");
        assert_eq!(error.path(), Some(missing.as_path()));
    }
}

/// On Windows a file that is mapped is neither replaced nor truncated.
#[cfg(unix)]
#[test]
fn a_mapped_array_is_saved_over_its_own_file_and_a_lost_one_over_none() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.npy");
    counted(&[3, 4], Order::Fortran).save(&path).unwrap();
    let mapped = MemArray::<u32>::options().open_npy(&path).unwrap();
    mapped.transpose().save(&path).unwrap();
    assert_eq!(RamArray::<u32>::load(&path).unwrap().shape(), [4, 3]);
    // What cannot be read leaves the file as it is, and no other.
    let before = fs::read(&path).unwrap();
    let raw = directory.path().join("raw");
    fs::write(&raw, [0; 8192]).unwrap();
    let cut = MemArray::<u8>::options().open(&raw).unwrap();
    fs::File::options().write(true).open(&raw).unwrap().set_len(10).unwrap();
    let error = cut.save(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Map(_)), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[test]
fn a_header_that_claims_more_than_memory_has_is_an_error() {
    let dtype = memmap_array::DType::U1;
    let header = Header::new(dtype, Order::C, &[isize::MAX.unsigned_abs()]).unwrap();
    let bytes = header.to_bytes().unwrap();
    let error = RamArray::<u8>::read_npy(&bytes[..]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Map(_)), "{error}");
}

#[cfg(feature = "npz")]
mod archives {
    use memmap_array::Untyped;
    use memmap_array::npz::{Directory, Method, Writer};

    use super::*;

    fn archive(names: &[&str]) -> Vec<u8> {
        let mut archive = Writer::new(Cursor::new(Vec::new())).unwrap();
        for (rows, name) in (1..).zip(names) {
            archive.add(name, &counted(&[rows, 3], Order::C)).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn directory(bytes: &[u8]) -> Directory {
        let read_at = |offset: u64, out: &mut [u8]| {
            out.copy_from_slice(&bytes[usize::try_from(offset).unwrap()..][..out.len()]);
            Ok(())
        };
        Directory::read(&read_at, u64::try_from(bytes.len()).unwrap()).unwrap()
    }

    #[test]
    fn members_are_stored_aligned_and_mapped_again() {
        let long = "n".repeat(300);
        let names = ["a", "bc", "ärger", "x/y", &long, "123456789012345678901234567890123"];
        let bytes = archive(&names);
        let directory = directory(&bytes);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &bytes).unwrap();
        assert_eq!(directory.members().len(), names.len());
        for (rows, name) in (1..).zip(names) {
            let member = directory.member(name).unwrap();
            assert_eq!((member.method(), member.range().unwrap().start % 64), (Method::Stored, 0));
            let mapped = MemArray::<u32>::options().open_npz(file.path(), name).unwrap();
            assert_eq!((mapped.shape(), mapped.offset() % 64), (&[rows, 3][..], 0));
            let read = RamArray::<u32>::read_npz(Cursor::new(&bytes), name).unwrap();
            assert_eq!(read.to_vec().unwrap(), mapped.to_vec().unwrap());
        }
        assert!(archive(&[]).starts_with(b"PK\x05\x06"));
    }

    #[test]
    fn names_that_cannot_be_written_are_errors_and_the_archive_goes_on() {
        let mut archive = Writer::new(Cursor::new(Vec::new())).unwrap();
        let array = counted(&[2], Order::C);
        archive.add("a", &array).unwrap();
        for name in ["a", "", "a\0b", &"n".repeat(65_532)] {
            let error = archive.add(name, &array).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{error}");
        }
        archive.add("b", &array).unwrap();
        assert_eq!(directory(&archive.finish().unwrap().into_inner()).members().len(), 2);
    }

    #[test]
    fn an_archive_that_could_not_be_written_is_not_finished() {
        let mut archive = Writer::new(Cursor::new([0; 300])).unwrap();
        let array = counted(&[100], Order::C);
        let error = archive.add("a", &array).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io(_)), "{error}");
        let error = archive.add("b", &array).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{error}");
        let error = archive.finish().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{error}");
    }

    /// A byte of the data that is wrong is found by its checksum.
    #[test]
    fn damaged_members_are_errors() {
        let bytes = archive(&["a"]);
        let range = directory(&bytes).member("a").unwrap().range().unwrap();
        let (start, end) =
            (usize::try_from(range.start).unwrap(), usize::try_from(range.end).unwrap());
        for at in [start + 100, start + 128, end - 1] {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            let error = RamArray::<Untyped>::read_npz(Cursor::new(&bytes), "a").unwrap_err();
            let is_damaged = matches!(error.kind(), ErrorKind::MemberDamaged { .. });
            assert!(is_damaged || at < start + 128, "{at}: {error}");
        }
        let error = RamArray::<u32>::read_npz(Cursor::new(&bytes), "b").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NoMember { .. }), "{error}");
        let error = RamArray::<u32>::read_npz(Cursor::new(b"no zip"), "b").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotZip), "{error}");
        let error = RamArray::<f32>::read_npz(Cursor::new(&bytes), "a").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::DTypeDiffers { .. }), "{error}");
    }
}

/// A stream is an array in memory that is its own.
#[test]
fn an_array_that_was_read_is_written() {
    let mut bytes = Vec::new();
    counted(&[3], Order::C).write_npy(&mut bytes).unwrap();
    let mut array = Array::<u32, Map<memmap_anon::Ram>>::read_npy(Cursor::new(bytes)).unwrap();
    array.set(1, 70).unwrap();
    assert_eq!(array.as_slice().unwrap(), [0, 70, 2]);
}

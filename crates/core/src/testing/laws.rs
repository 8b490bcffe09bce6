//! What holds for every mapping, every lender and every backend, each sentence a function.
//!
//! A law panics where it is broken. Run all of them with the macros; a law that is written here
//! and missing in its macro fails a test of this crate.

#![expect(missing_docs, reason = "the name of a law is its sentence")]
#![expect(
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a law is a test: panicking is how it speaks"
)]

use std::fs;
use std::path::Path;

use crate::{
    Backend, ErrorKind, FileKind, LendMut, MapOptions, Mapping, MemMap, Mode, Result, widen,
};

/// Runs the laws of reading: `mapping_laws!(name, |bytes: &[u8]| -> MemMap<M>)`.
#[macro_export]
macro_rules! mapping_laws {
    ($name:ident, $make:expr) => {
        $crate::laws!(
            $name,
            &$make,
            len_is_that_of_the_bytes,
            no_bytes_are_a_valid_mapping,
            every_range_reads_its_bytes,
            reads_across_many_pages_are_exact,
            reading_nothing_is_fine_up_to_the_end,
            read_past_end_is_out_of_bounds,
            numbers_near_the_maximum_do_not_overflow,
            a_failed_read_leaves_the_buffer_alone,
            get_reads_values_at_any_alignment,
            get_reads_plain_structs_of_every_size,
            many_threads_read_at_once,
            released_bytes_are_what_they_were,
            some_is_all_where_nothing_is_lost,
            erasing_keeps_bytes_and_description,
            debug_shows_no_address,
            close_succeeds
        );
    };
}

/// Runs the laws of lending: `lending_laws!(name, |len: u64| -> Result<MemMap<M>>)`.
#[macro_export]
macro_rules! lending_laws {
    ($name:ident, $make:expr) => {
        $crate::laws!(
            $name,
            &$make,
            new_memory_is_zeroed,
            writes_are_seen_by_reads,
            no_memory_lends_an_empty_slice,
            memory_beyond_the_address_space_is_too_large
        );
    };
}

/// Runs the laws of opening files: `backend_laws!(name, dir: &Path, || -> MapOptions<B>)`.
#[macro_export]
macro_rules! backend_laws {
    ($name:ident, $dir:expr, $options:expr) => {
        $crate::laws!(
            $name,
            ($dir, &$options),
            any_offset_maps_from_there,
            a_length_maps_that_much,
            an_empty_file_maps_to_nothing,
            the_end_of_the_file_is_a_valid_offset,
            offset_beyond_end_is_refused,
            length_beyond_end_is_refused,
            path_mode_and_offset_are_as_asked,
            a_missing_file_is_not_found,
            a_directory_is_not_mappable,
            modes_that_write_are_unsupported,
            a_refused_open_changes_nothing,
            an_unlinked_file_stays_mapped,
            the_same_file_maps_twice
        );
    };
}

/// Makes a module of tests out of a list of laws.
#[doc(hidden)]
#[macro_export]
macro_rules! laws {
    ($name:ident, ($dir:expr, $options:expr), $($law:ident),+ $(,)?) => {
        mod $name {
            #[allow(unused_imports, reason = "a maker may need nothing of its surroundings")]
            use super::*;
            $(#[test] fn $law() { $crate::testing::laws::$law($dir.as_ref(), $options) })+
        }
    };
    ($name:ident, $make:expr, $($law:ident),+ $(,)?) => {
        mod $name {
            #[allow(unused_imports, reason = "a maker may need nothing of its surroundings")]
            use super::*;
            $(#[test] fn $law() { $crate::testing::laws::$law($make) })+
        }
    };
}

/// Bytes without a period that a page, a word or a vector could hide behind.
#[must_use]
pub fn sample(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

// ---- reading -------------------------------------------------------------------------------

pub fn len_is_that_of_the_bytes<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    for len in [0, 1, 4095, 4096, 4097, 70_000] {
        let mm = make(&sample(len));
        assert_eq!(mm.len(), widen(len));
        assert_eq!(mm.is_empty(), len == 0);
    }
}

pub fn no_bytes_are_a_valid_mapping<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let mm = make(&[]);
    assert_eq!(mm.read_at(0, 0).unwrap(), []);
    assert!(matches!(
        mm.read_at(0, 1).unwrap_err().kind(),
        ErrorKind::OutOfBounds { offset: 0, len: 1, bound: 0 }
    ));
}

pub fn every_range_reads_its_bytes<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let bytes = sample(67);
    let mm = make(&bytes);
    for start in 0..=bytes.len() {
        for end in start..=bytes.len() {
            assert_eq!(mm.read_at(widen(start), end - start).unwrap(), bytes[start..end]);
        }
    }
}

pub fn reads_across_many_pages_are_exact<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let bytes = sample(5 * 65_536 + 123);
    let mm = make(&bytes);
    for border in [4096, 65_536, 2 * 65_536, 5 * 65_536] {
        for start in border - 17..border + 17 {
            for len in [1, 15, 16, 17, 4096, 65_536 - 3] {
                let end = bytes.len().min(start + len);
                let read = mm.read_at(widen(start), end - start).unwrap();
                assert!(read == bytes[start..end], "{start}..{end} differs");
            }
        }
    }
    assert!(mm.read_at(0, bytes.len()).unwrap() == bytes);
}

pub fn reading_nothing_is_fine_up_to_the_end<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let mm = make(&sample(10));
    for offset in 0..=10 {
        assert_eq!(mm.read_at(offset, 0).unwrap(), []);
        mm.read_into(offset, &mut []).unwrap();
    }
    assert!(mm.read_into(11, &mut []).is_err());
    assert!(mm.read_at(11, 0).is_err());
}

pub fn read_past_end_is_out_of_bounds<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let mm = make(&sample(10));
    for (offset, len) in [(0, 11), (10, 1), (9, 2), (11, 0), (4096, 1)] {
        let mut out = vec![0; len];
        let expected = (offset, widen(len), 10);
        for error in
            [mm.read_into(offset, &mut out).unwrap_err(), mm.read_at(offset, len).unwrap_err()]
        {
            let &ErrorKind::OutOfBounds { offset, len, bound } = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!((offset, len, bound), expected);
        }
    }
}

pub fn numbers_near_the_maximum_do_not_overflow<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    for mm in [make(&[]), make(&sample(10))] {
        for offset in [u64::MAX, u64::MAX - 1, u64::MAX - 9, 1 << 63, (1 << 32) - 1, 1 << 32] {
            assert!(matches!(
                mm.get::<u32>(offset).unwrap_err().kind(),
                ErrorKind::OutOfBounds { .. }
            ));
        }
        // Refused before memory is asked for.
        let error = mm.read_at(1, usize::MAX).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }));
    }
}

pub fn a_failed_read_leaves_the_buffer_alone<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let mm = make(&sample(10));
    let mut out = [0xAA; 8];
    mm.read_into(5, &mut out).unwrap_err();
    assert_eq!(out, [0xAA; 8]);
}

pub fn get_reads_values_at_any_alignment<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let bytes = sample(64);
    let mm = make(&bytes);
    for at in 0..=48 {
        let offset = widen(at);
        assert_eq!(mm.get::<u8>(offset).unwrap(), bytes[at]);
        assert_eq!(mm.get::<[u8; 3]>(offset).unwrap(), bytes[at..at + 3]);
        assert_eq!(mm.get::<u32>(offset).unwrap().to_ne_bytes(), bytes[at..at + 4]);
        assert_eq!(mm.get::<f64>(offset).unwrap().to_ne_bytes(), bytes[at..at + 8]);
        assert_eq!(mm.get::<i128>(offset).unwrap().to_ne_bytes(), bytes[at..at + 16]);
        assert_eq!(
            mm.get::<zerocopy::byteorder::big_endian::U16>(offset).unwrap().get(),
            u16::from_be_bytes([bytes[at], bytes[at + 1]])
        );
    }
    assert!(mm.get::<u32>(61).is_err() && mm.get::<u32>(60).is_ok());
    mm.get::<()>(64).unwrap();
}

pub fn get_reads_plain_structs_of_every_size<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    #[derive(zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::Immutable)]
    #[repr(C)]
    struct Vertex {
        position: [f32; 3],
        colour: [u16; 3],
        padding: [u8; 2],
    }
    let bytes = sample(1000);
    let mm = make(&bytes);
    let vertex = mm.get::<Vertex>(7).unwrap();
    assert_eq!(zerocopy::IntoBytes::as_bytes(&vertex), &bytes[7..27]);
    // On either side of the sizes where the way of copying changes.
    assert_eq!(mm.get::<[u8; 17]>(1).unwrap(), bytes[1..18]);
    assert_eq!(mm.get::<[u8; 256]>(1).unwrap(), bytes[1..257]);
    assert_eq!(mm.get::<[u8; 257]>(1).unwrap(), bytes[1..258]);
    assert!(mm.get::<[u8; 257]>(744).is_err());
}

pub fn many_threads_read_at_once<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let bytes = sample(50_000);
    let mm = make(&bytes);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (mm, bytes) = (&mm, &bytes);
            scope.spawn(move || {
                for round in 0..50 {
                    let start = (thread * 7919 + round * 104_729) % 40_000;
                    assert!(
                        mm.read_at(widen(start), 9_999).unwrap() == bytes[start..start + 9_999]
                    );
                }
            });
        }
    });
}

pub fn some_is_all_where_nothing_is_lost<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let bytes = sample(10_000);
    let mm = make(&bytes);
    for (offset, len) in [(0, 0), (0, 10_000), (4095, 3), (10_000, 0), (7, 9000)] {
        let mut out = vec![0; len];
        let partial = mm.read_some(widen(offset), &mut out).unwrap();
        assert!(partial.stopped.is_none());
        assert_eq!((partial.len, &out[..]), (len, &bytes[offset..offset + len]));
        out.fill(0);
        assert!(mm.rescue(widen(offset), &mut out).unwrap().is_empty());
        assert_eq!(out, bytes[offset..offset + len]);
    }
    for (offset, len) in [(0, 10_001), (10_001, 0), (u64::MAX, 1)] {
        let mut out = vec![0xAA; len];
        for error in
            [mm.read_some(offset, &mut out).unwrap_err(), mm.rescue(offset, &mut out).unwrap_err()]
        {
            assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }));
        }
        assert!(out.iter().all(|&byte| byte == 0xAA));
    }
}

pub fn released_bytes_are_what_they_were<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let bytes = sample(70_000);
    let mm = make(&bytes);
    for (offset, len) in [(0, 0), (0, 70_000), (5000, 20_000), (4096, 4096), (69_999, 1)] {
        mm.release(offset, len);
        assert!(mm.read_at(0, 70_000).unwrap() == bytes);
    }
    for (offset, len) in [(0, 70_001), (70_001, 0), (u64::MAX, 1), (1, u64::MAX), (70_000, 1)] {
        mm.release(offset, len);
    }
    make(&[]).release(0, 0);
    assert!(mm.read_at(0, 70_000).unwrap() == bytes);
}

pub fn erasing_keeps_bytes_and_description<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let bytes = sample(5000);
    let mm = make(&bytes);
    let before = (mm.len(), mm.offset(), mm.mode(), mm.path().map(Path::to_path_buf));
    let erased = mm.erase();
    assert_eq!(
        before,
        (erased.len(), erased.offset(), erased.mode(), erased.path().map(Path::to_path_buf))
    );
    assert_eq!(erased.read_at(100, 4000).unwrap(), bytes[100..4100]);
    assert!(matches!(erased.read_at(0, 5001).unwrap_err().kind(), ErrorKind::OutOfBounds { .. }));
    erased.close().unwrap();
}

pub fn debug_shows_no_address<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    let text = format!("{:?}", make(&sample(10)));
    assert!(text.contains("10") && !text.contains("0x"), "{text}");
}

pub fn close_succeeds<M: Mapping>(make: &impl Fn(&[u8]) -> MemMap<M>) {
    for len in [0, 1, 10_000] {
        make(&sample(len)).close().unwrap();
    }
}

// ---- lending -------------------------------------------------------------------------------

pub fn new_memory_is_zeroed<M: LendMut>(make: &impl Fn(u64) -> Result<MemMap<M>>) {
    for len in [1, 4096, 100_000] {
        let ram = make(len).unwrap();
        assert_eq!(ram.len(), len);
        assert!(ram.as_bytes().iter().all(|&byte| byte == 0));
        assert_eq!((ram.path(), ram.mode(), ram.offset()), (None, Mode::ReadWrite, 0));
    }
}

pub fn writes_are_seen_by_reads<M: LendMut>(make: &impl Fn(u64) -> Result<MemMap<M>>) {
    let bytes = sample(10_000);
    let mut ram = make(10_000).unwrap();
    ram.as_bytes_mut().copy_from_slice(&bytes);
    ram[17] ^= 0xFF;
    assert_eq!(ram.get::<u8>(17).unwrap(), !bytes[17]);
    assert_eq!(ram.read_at(18, 9982).unwrap(), ram[18..]);
    assert_eq!(ram[18..], bytes[18..]);
}

pub fn no_memory_lends_an_empty_slice<M: LendMut>(make: &impl Fn(u64) -> Result<MemMap<M>>) {
    let mut ram = make(0).unwrap();
    assert!(ram.is_empty() && ram.as_bytes().is_empty() && ram.as_bytes_mut().is_empty());
    assert_eq!(ram.read_at(0, 0).unwrap(), []);
}

pub fn memory_beyond_the_address_space_is_too_large<M: LendMut>(
    make: &impl Fn(u64) -> Result<MemMap<M>>,
) {
    for len in [u64::MAX, 1 << 63] {
        let error = make(len).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TooLarge { len: l, .. } if *l == len));
    }
}

// ---- opening files -------------------------------------------------------------------------

/// A file of a law's own. Laws run side by side, so each names its own.
fn file(dir: &Path, law: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = dir.join(law);
    fs::write(&path, bytes).unwrap();
    path
}

pub fn any_offset_maps_from_there<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(200_000);
    let path = file(dir, "any_offset", &bytes);
    for offset in [0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 131_073, 199_999, 200_000] {
        let mm = options().offset(widen(offset)).open(&path).unwrap();
        assert_eq!(mm.len(), widen(bytes.len() - offset));
        assert!(mm.read_at(0, bytes.len() - offset).unwrap() == bytes[offset..]);
    }
}

pub fn a_length_maps_that_much<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(20_000);
    let path = file(dir, "a_length", &bytes);
    for (offset, len) in [(0, 0), (0, 1), (5, 4096), (4096, 4096), (19_999, 1), (20_000, 0)] {
        let mm = options().offset(widen(offset)).len(widen(len)).open(&path).unwrap();
        assert_eq!(mm.len(), widen(len));
        assert_eq!(mm.read_at(0, len).unwrap(), bytes[offset..offset + len]);
        assert!(mm.read_at(0, len + 1).is_err());
    }
}

pub fn an_empty_file_maps_to_nothing<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let path = file(dir, "an_empty_file", &[]);
    let mm = options().open(&path).unwrap();
    assert!(mm.is_empty());
    assert!(options().len(0).open(&path).unwrap().is_empty());
    assert!(matches!(
        options().len(1).open(&path).unwrap_err().kind(),
        ErrorKind::LengthBeyondEnd { offset: 0, len: 1, file_len: 0 }
    ));
}

pub fn the_end_of_the_file_is_a_valid_offset<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    for len in [1, 4096, 65_536] {
        let path = file(dir, &format!("the_end_{len}"), &sample(len));
        assert!(options().offset(widen(len)).open(&path).unwrap().is_empty());
    }
}

pub fn offset_beyond_end_is_refused<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let path = file(dir, "offset_beyond", &sample(100));
    for asked in [101, 4096, 1 << 40, u64::MAX] {
        for options in [options().offset(asked), options().offset(asked).len(0)] {
            let error = options.open(&path).unwrap_err();
            let &ErrorKind::OffsetBeyondEnd { offset, file_len } = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!((offset, file_len, error.path()), (asked, 100, Some(&*path)));
        }
    }
}

pub fn length_beyond_end_is_refused<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let path = file(dir, "length_beyond", &sample(100));
    for (from, asked) in [(0, 101), (50, 51), (100, 1), (1, u64::MAX), (0, u64::MAX)] {
        let error = options().offset(from).len(asked).open(&path).unwrap_err();
        let &ErrorKind::LengthBeyondEnd { offset, len, file_len } = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!((offset, len, file_len), (from, asked, 100));
    }
}

pub fn path_mode_and_offset_are_as_asked<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let path = file(dir, "as_asked", &sample(100));
    let mm = options().offset(33).open(&path).unwrap();
    assert_eq!((mm.path(), mm.mode(), mm.offset()), (Some(&*path), Mode::Read, 33));
    assert!(mm.path().unwrap().is_absolute());
}

pub fn a_missing_file_is_not_found<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let path = dir.join("never_written");
    let error = options().open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound));
    assert_eq!(error.path(), Some(&*path));
    assert!(!path.exists());
}

pub fn a_directory_is_not_mappable<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let error = options().open(dir).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotMappable { kind: FileKind::Directory }));
}

pub fn modes_that_write_are_unsupported<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let path = file(dir, "modes", &sample(100));
    for mode in [Mode::ReadWrite, Mode::Create, Mode::CopyOnWrite] {
        let error = options().mode(mode).open(&path).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Unsupported { backend, .. } if *backend == B::NAME)
        );
    }
}

pub fn a_refused_open_changes_nothing<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let bytes = sample(100);
    let path = file(dir, "refused", &bytes);
    for mode in Mode::ALL {
        options().mode(mode).offset(101).open(&path).unwrap_err();
        options().mode(mode).len(101).open(&path).unwrap_err();
        options().mode(mode).offset(u64::MAX).len(u64::MAX).open(&path).unwrap_err();
        let missing = dir.join(format!("refused_{}", mode.long_name()));
        options().mode(mode).len(1).open(&missing).unwrap_err();
        assert!(!missing.exists());
    }
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

pub fn an_unlinked_file_stays_mapped<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(10_000);
    let path = file(dir, "unlinked", &bytes);
    let mm = options().open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(mm.read_at(0, 10_000).unwrap(), bytes);
    mm.close().unwrap();
}

pub fn the_same_file_maps_twice<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(10_000);
    let path = file(dir, "twice", &bytes);
    let first = options().open(&path).unwrap();
    let second = options().offset(1).open(&path).unwrap();
    first.close().unwrap();
    assert_eq!(second.read_at(0, 9_999).unwrap(), bytes[1..]);
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_law_is_run_by_a_macro() {
        let source = include_str!("laws.rs");
        let (macros, laws) = source.split_once("// ---- reading").unwrap();
        let run: Vec<&str> = macros.split(|c: char| c != '_' && !c.is_alphanumeric()).collect();
        let laws: Vec<&str> = laws
            .lines()
            .filter_map(|line| line.strip_prefix("pub fn ")?.split(['<', '(']).next())
            .collect();
        assert!(laws.len() > 20);
        for law in laws {
            assert!(run.contains(&law), "no macro runs `{law}`");
        }
    }
}

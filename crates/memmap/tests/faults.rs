//! A file that is cut short while it is mapped, against a naive twin: the bytes that the file has,
//! zeros up to the end of its last page, and nothing from there on.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use memmap::{
    Error, ErrorKind, MemMap, Mode, Partial, kernel::BLOCK_LEN, kernel::Folded, kernel::Kernel,
    plugin::Op, widen,
};
use proptest::prelude::*;
use tempfile::NamedTempFile;

fn page() -> usize {
    rustix::param::page_size()
}

/// Bytes of which none is zero, as zeros are what a file that grows is filled with.
fn pattern(len: usize) -> Vec<u8> {
    (1..=251).cycle().take(len).collect()
}

/// Where files live on a disk, mostly, and where they live in memory.
fn places() -> Vec<PathBuf> {
    let mut places = vec![std::env::temp_dir()];
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        places.push(memory.to_owned());
    } else {
        #[expect(clippy::print_stdout, reason = "whoever wonders what was tested shall know")]
        {
            println!("skipped: there is no {}", memory.display());
        }
    }
    places
}

/// Keeps what it is given.
struct Keep(Vec<u8>);

impl Kernel for Keep {
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        self.0.extend_from_slice(block);
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        self.0.extend_from_slice(rest);
    }
}

/// A file, and what it holds.
struct File {
    file: NamedTempFile,
    twin: Vec<u8>,
}

impl File {
    fn new(place: &Path, len: usize) -> Self {
        let file = NamedTempFile::new_in(place).unwrap();
        let twin = pattern(len);
        fs::write(file.path(), &twin).unwrap();
        Self { file, twin }
    }

    fn map(&self) -> MemMap {
        MemMap::open(self.file.path(), Mode::Read).unwrap()
    }

    /// Cuts it short, or lets it grow.
    fn set_len(&mut self, len: usize) {
        self.file.as_file().set_len(widen(len)).unwrap();
        self.twin.resize(len, 0);
    }

    /// Reads a range every way there is and compares each with the twin.
    fn check(&self, map: &MemMap, offset: usize, len: usize) {
        let start = usize::try_from(map.offset()).unwrap() + offset;
        let end_of_last_page = self.twin.len().next_multiple_of(page());
        let readable = end_of_last_page.saturating_sub(start).min(len);
        let mut expected = self.twin.get(start..).unwrap_or_default().to_vec();
        expected.resize(readable, 0);
        let loss = (readable < len).then(|| Loss {
            offset: widen(offset + readable),
            needed: widen(start + len),
            now: widen(self.twin.len()),
        });

        let mut out = vec![0xFF; len];
        let Partial { len: copied, stopped } = map.read_some(widen(offset), &mut out).unwrap();
        assert_eq!((copied, stopped.as_ref().map(Loss::of)), (readable, loss));
        assert_eq!(out[..copied], expected);

        let read = map.read_at(widen(offset), len);
        match &loss {
            None => assert_eq!(read.unwrap(), expected),
            Some(loss) => assert_eq!(Loss::of(&read.unwrap_err()), *loss),
        }

        out.fill(0xFF);
        let all = widen(offset)..widen(offset + len);
        let Folded { kernel: Keep(kept), len: taken, stopped, .. } =
            map.fold_some(all, Keep(Vec::new())).unwrap();
        assert_eq!(stopped.as_ref().map(Loss::of), loss);
        let whole = if loss.is_some() { readable - readable % BLOCK_LEN } else { readable };
        assert_eq!((taken, &kept[..]), (widen(whole), &expected[..whole]));

        let unreadable = map.rescue(widen(offset), &mut out).unwrap();
        expected.resize(len, 0);
        assert_eq!(out, expected);
        let unreadable: Vec<_> =
            unreadable.iter().map(|it| (it.range.clone(), Loss::of(&it.error))).collect();
        let rest = widen(len - readable);
        let expected = loss.map(|loss| (loss.offset..loss.offset + rest, loss));
        assert_eq!(unreadable, Vec::from_iter(expected));
    }
}

/// The numbers of [`ErrorKind::Truncated`].
#[derive(Debug, Clone, Copy, PartialEq)]
struct Loss {
    offset: u64,
    needed: u64,
    now: u64,
}

impl Loss {
    fn of(error: &Error) -> Self {
        match *error.kind() {
            ErrorKind::Truncated { offset, needed, now } => Self { offset, needed, now },
            ref other => panic!("not truncated: {other:?}"),
        }
    }
}

#[test]
fn a_file_cut_within_a_page_is_zeros_up_to_the_pages_end_and_gone_from_there() {
    let page = page();
    for place in places() {
        let mut file = File::new(&place, 4 * page);
        let map = file.map();
        file.set_len(page + 100);

        assert_eq!(map.read_at(widen(page + 98), 4).unwrap()[2..], [0, 0]);
        assert_eq!(map.read_at(widen(2 * page - 8), 8).unwrap(), [0; 8]);
        let error = map.read_at(widen(page), 2 * page).unwrap_err();
        let loss =
            Loss { offset: widen(2 * page), needed: widen(3 * page), now: widen(page + 100) };
        assert_eq!(Loss::of(&error), loss);
        assert_eq!((error.op(), error.path()), (Op::Read, Some(file.file.path())));

        for (offset, len) in [(0, page), (page, page), (page, page + 1), (3 * page, 1), (0, 0)] {
            file.check(&map, offset, len);
        }
        file.check(&map, 0, 4 * page);
        file.check(&map, 4 * page, 0);
    }
}

#[test]
fn offsets_count_from_the_start_of_the_mapping_and_pages_from_the_start_of_the_file() {
    let page = page();
    for place in places() {
        let mut file = File::new(&place, 5 * page);
        let start = page + 1000;
        let options = MemMap::options().offset(widen(start)).len(widen(3 * page));
        let map = options.open(file.file.path()).unwrap();
        file.set_len(2 * page + 1);

        let error = map.read_at(0, 3 * page).unwrap_err();
        let loss = Loss {
            offset: widen(3 * page - start),
            needed: widen(start + 3 * page),
            now: widen(2 * page + 1),
        };
        assert_eq!(Loss::of(&error), loss);
        for offset in [0, 1, page - 1001, page - 1000, page, 2 * page - 1001, 2 * page - 1000] {
            for len in [0, 1, 2, page] {
                file.check(&map, offset, len);
            }
        }
    }
}

#[test]
fn however_long_a_request_its_error_says_what_all_of_it_needs() {
    // Longer than what a fold copies at a time, and than what it passes in place.
    let len = 5 << 20;
    for place in places() {
        for cut in [0, 1, 40_000, 3 << 20, len - 10_000] {
            let mut file = File::new(&place, len);
            let map = file.map();
            file.set_len(cut);
            for (offset, len) in [(0, 32_769), (0, len), (1, len - 1), (33_000, 100_000)] {
                file.check(&map, offset, len);
            }
        }
    }
}

#[test]
fn a_value_across_the_border_is_truncated_at_the_border() {
    let page = page();
    for place in places() {
        let mut file = File::new(&place, 2 * page);
        let map = file.map();
        file.set_len(page);

        for before in 1..4 {
            let offset = widen(page - before);
            let needed = offset + 4;
            let loss = Loss { offset: widen(page), needed, now: widen(page) };
            assert_eq!(Loss::of(&map.get::<u32>(offset).unwrap_err()), loss);
        }
        let last: [u8; 4] = map.get(widen(page - 4)).unwrap();
        assert_eq!(last, file.twin[page - 4..]);
        let loss = Loss { offset: widen(page), needed: widen(page + 1), now: widen(page) };
        assert_eq!(Loss::of(&map.get::<u8>(widen(page)).unwrap_err()), loss);
    }
}

#[test]
fn a_file_that_grows_back_is_read_again_as_zeros() {
    let page = page();
    for place in places() {
        let mut file = File::new(&place, 3 * page);
        let map = file.map();
        file.set_len(10);
        map.read_at(widen(page), 1).unwrap_err();

        file.set_len(3 * page);
        assert_eq!(map.read_at(widen(page), 2 * page).unwrap(), vec![0; 2 * page]);
        file.check(&map, 0, 3 * page);

        // Longer than it was is no concern of the map.
        file.set_len(9 * page);
        file.check(&map, 0, 3 * page);
    }
}

#[test]
fn a_file_that_is_deleted_or_replaced_under_its_name_is_read_as_it_was() {
    let page = page();
    for place in places() {
        let file = File::new(&place, 2 * page);
        let path = file.file.path().to_owned();
        let map = file.map();
        let old = file.twin;

        fs::remove_file(&path).unwrap();
        assert_eq!(map.read_at(0, 2 * page).unwrap(), old);

        fs::write(&path, b"another").unwrap();
        assert_eq!(map.read_at(0, 2 * page).unwrap(), old);
        assert_eq!(MemMap::open(&path, Mode::Read).unwrap().read_at(0, 7).unwrap(), b"another");
    }
}

#[test]
fn the_texts_say_which_byte_is_lost_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.bin");
    fs::write(&path, pattern(100)).unwrap();
    let map = MemMap::open(&path, Mode::Read).unwrap();
    fs::write(&path, "").unwrap();
    let truncated = map.read_at(8, 4).unwrap_err();
    // No disk fails on demand here; `cargo xtask torture` makes one.
    let source = io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error());
    let io =
        Error::new(Op::Read, ErrorKind::Io { offset: 8192, source }).with_origin(path.as_path());

    let text = format!("{truncated}\n{io}").replace(dir.path().to_str().unwrap(), "DIR");
    insta::assert_snapshot!(text);
    let kind = |error: Error| io::Error::from(error).kind();
    assert_eq!(kind(truncated), io::ErrorKind::UnexpectedEof);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_lengths_a_map_reads_what_its_twin_has(
        first in 1..40_000_usize,
        start in 0.0..1.0_f64,
        lens in prop::collection::vec(0..40_000_usize, 1..5),
        ranges in prop::collection::vec((0..40_000_usize, 0..40_000_usize), 1..8),
    ) {
        let mut file = File::new(&std::env::temp_dir(), first);
        #[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss,
            clippy::cast_precision_loss, reason = "any number within the length will do")]
        let start = (first as f64 * start) as usize;
        let map = MemMap::options().offset(widen(start)).open(file.file.path()).unwrap();
        let len = first - start;
        for now in lens {
            file.set_len(now);
            for &(offset, some) in &ranges {
                let offset = offset % (len + 1);
                file.check(&map, offset, some % (len - offset + 1));
            }
        }
    }
}

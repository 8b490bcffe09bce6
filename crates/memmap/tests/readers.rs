//! Readers and writers against `std::io::Cursor`, and over files that change meanwhile.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs;
use std::io::{self, BufRead, Cursor, IoSlice, IoSliceMut, Read, Seek, SeekFrom, Write};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap::io::{Reader, Writer};
use memmap::plugin::Mapping;
use memmap::{Error, ErrorKind, FrozenMap, Map, MemMap, Mode, RamMap, widen};
use memmap_core::testing::{Fake, Fault};
use proptest::prelude::*;
use tempfile::NamedTempFile;

/// The error of ours inside one of std's.
fn ours(error: &io::Error) -> &Error {
    error.get_ref().unwrap().downcast_ref().unwrap()
}

/// Text of short lines.
fn text(len: usize) -> Vec<u8> {
    (0..len)
        .map(|at| if at % 7 == 3 { b'\n' } else { b'a' + u8::try_from(at % 23).unwrap() })
        .collect()
}

fn file_of(bytes: &[u8]) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, bytes).unwrap();
    file
}

#[derive(Debug, Clone)]
enum Step {
    Read(usize),
    Exact(usize),
    Vectored(usize, usize),
    Until(u8),
    Fill(usize),
    ToEnd,
    ToString,
    Seek(SeekFrom),
    SeekBy(i64),
    Place(u64),
}

fn seeks() -> impl Strategy<Value = SeekFrom> {
    prop_oneof![
        (0..5000_u64).prop_map(SeekFrom::Start),
        (-300..300_i64).prop_map(SeekFrom::Current),
        (-5000..200_i64).prop_map(SeekFrom::End),
        any::<u64>().prop_map(SeekFrom::Start),
        any::<i64>().prop_map(SeekFrom::Current),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let len = || prop_oneof![0..40_usize, 0..3000_usize];
    let step = prop_oneof![
        4 => len().prop_map(Step::Read),
        4 => len().prop_map(Step::Exact),
        1 => (len(), len()).prop_map(|(a, b)| Step::Vectored(a, b)),
        3 => prop_oneof![Just(b'\n'), any::<u8>()].prop_map(Step::Until),
        3 => len().prop_map(Step::Fill),
        1 => Just(Step::ToEnd),
        1 => Just(Step::ToString),
        4 => seeks().prop_map(Step::Seek),
        3 => (-60..60_i64).prop_map(Step::SeekBy),
        1 => (0..5000_u64).prop_map(Step::Place),
    ];
    prop::collection::vec(step, 1..40)
}

/// Whether both calls returned the same number, or errors of the same kind.
fn same<T: PartialEq + std::fmt::Debug>(one: &io::Result<T>, other: &io::Result<T>) {
    match (one, other) {
        (Ok(one), Ok(other)) => assert_eq!(one, other),
        (Err(one), Err(other)) => assert_eq!(one.kind(), other.kind()),
        _ => panic!("{one:?} against {other:?}"),
    }
}

/// Takes the steps with the reader and with a cursor over the same bytes.
fn follow<M: Mapping, H: Deref<Target = Map<M>>>(
    mut reader: Reader<H>,
    bytes: &[u8],
    capacity: usize,
    steps: &[Step],
) {
    let mut cursor = Cursor::new(bytes.to_vec());
    for step in steps {
        match *step {
            Step::Read(len) => {
                let (mut out, mut expected) = (vec![0; len], vec![0; len]);
                let (read, all) =
                    (reader.read(&mut out).unwrap(), cursor.read(&mut expected).unwrap());
                // A reader may stop at the end of its buffer.
                assert!(read <= all && (read > 0) == (all > 0), "{read} of {all}");
                assert_eq!(out[..read], expected[..read]);
                cursor.set_position(reader.position());
            }
            Step::Exact(len) => {
                let (mut out, mut expected) = (vec![0; len], vec![0; len]);
                let read = reader.read_exact(&mut out);
                same(&read, &cursor.read_exact(&mut expected));
                if read.is_ok() {
                    assert_eq!(out, expected);
                } else {
                    reader.set_position(cursor.position()); // std leaves it open
                }
            }
            Step::Vectored(one, two) => {
                let (mut one, mut two) = (vec![0; one], vec![0; two]);
                let mut parts = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
                let read = reader.read_vectored(&mut parts).unwrap();
                let mut expected = vec![0; read];
                cursor.read_exact(&mut expected).unwrap();
                assert_eq!([one, two].concat()[..read], expected);
            }
            Step::Until(byte) => {
                let (mut out, mut expected) = (vec![1], vec![1]);
                let read = reader.read_until(byte, &mut out);
                same(&read, &cursor.read_until(byte, &mut expected));
                assert_eq!(out, expected);
            }
            Step::Fill(len) => {
                let (out, expected) = (reader.fill_buf().unwrap(), cursor.fill_buf().unwrap());
                assert!(expected.starts_with(out) && out.is_empty() == expected.is_empty());
                assert!(out.len() <= capacity.max(1));
                let len = len.min(out.len());
                reader.consume(len);
                cursor.consume(len);
            }
            Step::ToEnd => {
                let (mut out, mut expected) = (vec![1], vec![1]);
                same(&reader.read_to_end(&mut out), &cursor.read_to_end(&mut expected));
                assert_eq!(out, expected);
            }
            Step::ToString => {
                let (mut out, mut expected) = (String::from("é"), String::from("é"));
                let read = reader.read_to_string(&mut out);
                same(&read, &cursor.read_to_string(&mut expected));
                assert_eq!(out, expected);
                cursor.set_position(reader.position());
            }
            Step::Seek(to) => same(&reader.seek(to), &cursor.seek(to)),
            Step::SeekBy(by) => same(&reader.seek_relative(by), &cursor.seek_relative(by)),
            Step::Place(position) => {
                reader.set_position(position);
                cursor.set_position(position);
            }
        }
        assert_eq!(reader.position(), cursor.position(), "after {step:?}");
        assert_eq!(reader.stream_position().unwrap(), reader.position());
    }
}

#[derive(Debug, Clone)]
enum Put {
    Write(Vec<u8>),
    All(Vec<u8>),
    Vectored(Vec<u8>, Vec<u8>),
    Seek(SeekFrom),
}

fn puts() -> impl Strategy<Value = Vec<Put>> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..300);
    let put = prop_oneof![
        bytes().prop_map(Put::Write),
        bytes().prop_map(Put::All),
        (bytes(), bytes()).prop_map(|(one, two)| Put::Vectored(one, two)),
        seeks().prop_map(Put::Seek),
        (0..1000_u64).prop_map(|at| Put::Seek(SeekFrom::Start(at))),
    ];
    prop::collection::vec(put, 1..20)
}

/// Writes with the writer and with a cursor over a slice of the same length.
fn put<M: Mapping, H: DerefMut<Target = Map<M>>>(map: H, bytes: &[u8], puts: &[Put]) {
    let mut expected = bytes.to_vec();
    let mut writer = Writer::new(map);
    let mut cursor = Cursor::new(&mut expected[..]);
    for put in puts {
        match put {
            Put::Write(bytes) => same(&writer.write(bytes), &cursor.write(bytes)),
            Put::All(bytes) => same(&writer.write_all(bytes), &cursor.write_all(bytes)),
            Put::Vectored(one, two) => {
                let parts = [IoSlice::new(one), IoSlice::new(two)];
                same(&writer.write_vectored(&parts), &cursor.write_vectored(&parts));
            }
            Put::Seek(to) => same(&writer.seek(*to), &cursor.seek(*to)),
        }
        writer.flush().unwrap();
        assert_eq!(writer.position(), cursor.position(), "after {put:?}");
    }
    assert_eq!(writer.into_inner().read_at(0, expected.len()).unwrap(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_over_any_map_is_a_cursor(
        bytes in prop_oneof![(0..5000_usize).prop_map(text), prop::collection::vec(any::<u8>(), 0..100)],
        capacity in prop_oneof![Just(0), Just(1), 2..100_usize, 100..6000_usize],
        steps in steps(),
    ) {
        let file = file_of(&bytes);
        let live = Arc::new(MemMap::open(file.path(), Mode::Read).unwrap());
        let reader = Reader::with_capacity(Arc::clone(&live), capacity);
        follow(reader.clone(), &bytes, capacity, &steps);
        follow(reader, &bytes, capacity, &steps);
        follow(live.reader(), &bytes, 64 << 10, &steps);

        let erased = Arc::into_inner(live).unwrap().erase();
        follow(Reader::with_capacity(Box::new(erased), capacity), &bytes, capacity, &steps);
        let frozen = FrozenMap::from(bytes.clone());
        follow(Reader::with_capacity(&frozen, capacity), &bytes, capacity, &steps);
        let mut ram = RamMap::new(widen(bytes.len())).unwrap();
        ram.copy_from_slice(&bytes);
        follow(Reader::with_capacity(&ram, capacity), &bytes, capacity, &steps);
        // Not in memory, as far as the reader knows.
        let fake = Map::from_mapping(Fake::new(&bytes));
        follow(Reader::with_capacity(&fake, capacity), &bytes, capacity, &steps);
    }

    #[test]
    fn a_writer_over_any_map_is_a_cursor_over_a_slice(len in 0..1000_usize, puts in puts()) {
        let bytes = text(len);
        let file = file_of(&bytes);
        let mut live = MemMap::open(file.path(), Mode::ReadWrite).unwrap();
        put(&mut live, &bytes, &puts);
        prop_assert_eq!(fs::read(file.path()).unwrap(), live.read_at(0, len).unwrap());
        let edited = MemMap::open(file_of(&bytes).path(), Mode::CopyOnWrite).unwrap();
        put(Box::new(edited), &bytes, &puts);
        put(Box::new(MemMap::open(file_of(&bytes).path(), Mode::ReadWrite).unwrap().erase()), &bytes, &puts);
        put(&mut Map::from_mapping(Fake::new(&bytes)), &bytes, &puts);
        let mut ram = RamMap::new(widen(len)).unwrap();
        ram.copy_from_slice(&bytes);
        put(&mut ram, &bytes, &puts);
    }
}

#[test]
fn a_reader_that_owns_its_map_goes_anywhere() {
    fn parse<R: Read + BufRead + Seek + Send + Sync + 'static>(mut reader: R) -> String {
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    }
    fn fill<W: Write + Seek + Send + Sync + 'static>(mut writer: W) {
        writer.write_all(b"0123").unwrap();
    }
    let file = file_of(b"text");
    let live = || MemMap::open(file.path(), Mode::ReadWrite).unwrap();
    fill(Writer::new(Box::new(live())));
    assert_eq!(parse(Reader::new(Arc::new(live()))), "0123");
    assert_eq!(parse(Reader::new(Box::new(live().erase()))), "0123");
    // While it is locked, too.
    let mut map = live();
    let mut locked = map.lock().unwrap();
    writeln!(Writer::new(&mut *locked), "abc").unwrap();
    assert_eq!(Reader::new(locked).lines().next().unwrap().unwrap(), "abc");
}

/// Counts the reads of a plug-in.
#[derive(Debug)]
struct Counting(Vec<u8>, Arc<AtomicUsize>);

impl Mapping for Counting {
    fn len(&self) -> u64 {
        widen(self.0.len())
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> memmap::Result<()> {
        self.1.fetch_add(1, Ordering::Relaxed);
        memmap_core::copy_lent(&self.0, offset, out)
    }
}

#[test]
fn a_plug_in_is_asked_for_whole_buffers_and_for_long_reads_at_once() {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = || count.swap(0, Ordering::Relaxed);
    let bytes = text(300_000);
    let map = Map::from_mapping(Counting(bytes.clone(), Arc::clone(&count)));

    let mut reader = map.reader();
    let mut word = [0; 16];
    for _ in 0..1000 {
        reader.read_exact(&mut word).unwrap();
        reader.seek_relative(8).unwrap();
    }
    reader.rewind().unwrap();
    reader.read_exact(&mut word).unwrap();
    assert_eq!((&word[..], asked()), (&bytes[..16], 1));

    let mut long = vec![0; 200_000];
    reader.set_position(100_000);
    reader.read_exact(&mut long).unwrap();
    assert_eq!((&long[..], asked()), (&bytes[100_000..], 1));
    // The buffer still has the first bytes.
    reader.rewind().unwrap();
    reader.read_exact(&mut word).unwrap();
    assert_eq!((&word[..], asked()), (&bytes[..16], 0));

    let mut all = Vec::new();
    Reader::with_capacity(&map, 1 << 20).read_to_end(&mut all).unwrap();
    assert_eq!((all == bytes, all.capacity(), asked()), (true, bytes.len(), 1));
}

#[test]
fn bytes_in_the_buffer_are_as_they_were_when_they_were_copied() {
    let file = file_of(b"old text");
    let map = MemMap::open(file.path(), Mode::Read).unwrap();
    let mut reader = map.reader();
    assert_eq!(reader.fill_buf().unwrap(), b"old text");
    file.as_file().write_all(b"new").unwrap();
    let next = |reader: &mut Reader<&MemMap>| {
        let mut out = [0; 3];
        reader.read_exact(&mut out).unwrap();
        out
    };
    assert_eq!(next(&mut reader.clone()), *b"new");
    assert_eq!(next(&mut reader), *b"old");
    reader.rewind().unwrap();
    assert_eq!(next(&mut reader), *b"old");
    assert_eq!(next(&mut Reader::new(reader.into_inner())), *b"new");
}

#[test]
fn an_error_comes_after_the_bytes_before_it_and_stays() {
    let bad = Fault::Read { at: 50, kind: io::ErrorKind::Other };
    let map = Map::from_mapping(Fake::new(&text(100)).with(bad));
    for capacity in [1, 7, 50, 51, 1000] {
        let mut reader = Reader::with_capacity(&map, capacity);
        let mut out = Vec::new();
        let error = reader.read_to_end(&mut out).unwrap_err();
        assert!(matches!(ours(&error).kind(), ErrorKind::Os(_)));
        assert_eq!((&out[..], reader.position()), (&text(50)[..], 50));
        reader.rewind().unwrap();
        reader.read_exact(&mut out).unwrap();
        reader.fill_buf().unwrap_err();
        reader.read(&mut [0]).unwrap_err();
        assert_eq!(reader.position(), 50);
        reader.set_position(51);
        assert_eq!(reader.read_to_end(&mut out).unwrap(), 49);

        let mut line = String::from("é");
        reader.set_position(45);
        reader.read_to_string(&mut line).unwrap_err();
        assert_eq!(line.as_bytes()[2..], text(50)[45..]);
    }
}

#[test]
fn text_that_is_not_utf_8_is_an_error_that_keeps_the_string() {
    let map = FrozenMap::from(b"a\xff".to_vec());
    let mut out = String::from("before");
    let error = map.reader().read_to_string(&mut out).unwrap_err();
    assert_eq!((error.kind(), out.as_str()), (io::ErrorKind::InvalidData, "before"));
}

#[test]
fn nothing_prints_bytes() {
    let mut map = Map::from_mapping(Fake::new(b"secret"));
    let mut reader = map.reader();
    reader.fill_buf().unwrap();
    let shown = format!("{reader:?}");
    assert!(shown.contains("position: 0, buffered: 6") && !shown.contains("115"), "{shown}");
    let shown = format!("{:?}", map.writer());
    assert!(shown.contains("position: 0") && !shown.contains("115"), "{shown}");
}

#[test]
fn a_map_that_may_not_be_written_says_so() {
    let file = file_of(b"text");
    let mut map = MemMap::open(file.path(), Mode::Read).unwrap();
    let mut writer = map.writer();
    let error = writer.write(b"T").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    assert!(matches!(ours(&error).kind(), ErrorKind::ReadOnly));
    let bad = Fault::Write { at: 1, kind: io::ErrorKind::Other };
    let mut map = Map::from_mapping(Fake::new(b"text").with(bad));
    let mut writer = map.writer();
    assert!(matches!(ours(&writer.write_all(b"TEXT").unwrap_err()).kind(), ErrorKind::Os(_)));
    assert_eq!(writer.position(), 0);
}

/// Elsewhere nobody can cut a mapped file short, or pages have other lengths.
#[cfg(target_os = "linux")]
mod cut_short {
    use super::*;

    #[test]
    fn what_is_left_is_read_then_the_error_and_again_when_the_file_grew_back() {
        let page = rustix::param::page_size();
        for capacity in [1, 100, page, 64 << 10] {
            let file = file_of(&vec![7; 10 * page]);
            let map = MemMap::open(file.path(), Mode::Read).unwrap();
            let mut reader = Reader::with_capacity(&map, capacity);
            reader.read_exact(&mut [0; 16]).unwrap();
            file.as_file().set_len(widen(3 * page)).unwrap();

            let lost = |error: io::Error| {
                assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
                match *ours(&error).kind() {
                    ErrorKind::Truncated { offset, now, .. } => (offset, now),
                    ref other => panic!("{other:?}"),
                }
            };
            let border = (widen(3 * page), widen(3 * page));
            let mut out = Vec::new();
            assert_eq!(lost(reader.read_to_end(&mut out).unwrap_err()), border);
            assert_eq!((out.len(), reader.position()), (3 * page - 16, border.0));
            // By short reads, by exact ones, and through the buffer.
            reader.set_position(border.0 - 40);
            assert_eq!(reader.read(&mut [0; 64]).unwrap(), 40);
            assert_eq!(lost(reader.read(&mut [0; 64]).unwrap_err()), border);
            reader.set_position(border.0 - 40);
            assert_eq!(lost(reader.read_exact(&mut [0; 64]).unwrap_err()), border);
            reader.set_position(border.0 - 40);
            assert_eq!(lost(reader.read_until(b'\n', &mut out).unwrap_err()), border);
            assert_eq!((out.len(), reader.position()), (3 * page - 16 + 40, border.0));

            file.as_file().set_len(widen(10 * page)).unwrap();
            out.clear();
            assert_eq!(reader.read_to_end(&mut out).unwrap(), 7 * page);
            assert!(out.iter().all(|&byte| byte == 0));
        }
    }

    #[test]
    fn what_was_written_before_the_lost_byte_is_counted_first() {
        let page = rustix::param::page_size();
        let file = file_of(&vec![7; 4 * page]);
        let mut map = MemMap::open(file.path(), Mode::ReadWrite).unwrap();
        let mut writer = map.writer();
        file.as_file().set_len(widen(page)).unwrap();
        writer.set_position(10);
        assert_eq!(writer.write(&vec![1; 2 * page]).unwrap(), page - 10);
        let error = writer.write(&vec![1; page]).unwrap_err();
        assert!(
            matches!(*ours(&error).kind(), ErrorKind::Truncated { offset, .. } if offset == widen(page))
        );
        assert_eq!(writer.position(), widen(page));
        assert_eq!(fs::read(file.path()).unwrap(), [vec![7; 10], vec![1; page - 10]].concat());
        file.as_file().set_len(widen(4 * page)).unwrap();
        writer.write_all(&vec![2; 3 * page]).unwrap();
        assert_eq!(writer.write(b"more").unwrap(), 0);
    }
}

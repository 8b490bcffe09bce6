//! Packed files against what a decompressor of the whole file makes of them, and files that are damaged or lie.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use memmap_conformance::conformance;
use memmap_core::testing::Fake;
use memmap_core::{ErrorKind, Map, Mapping, Progress, Result, check};
use memmap_unpack::{FRAME_MAX, Needs, Offer, Packing, Unpacked};
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

const MIB: usize = 1 << 20;

/// What the samples of `samples/` unpack to. `gzip` and `zstd` of the command line made them.
const LOG: &[u8] = include_bytes!("samples/log");
const SAMPLES: [(&str, &[u8]); 7] = [
    ("log.gz", include_bytes!("samples/log.gz")),
    ("members.gz", include_bytes!("samples/members.gz")),
    ("one.zst", include_bytes!("samples/one.zst")),
    ("plain.zst", include_bytes!("samples/plain.zst")),
    ("stream.zst", include_bytes!("samples/stream.zst")),
    ("frames.zst", include_bytes!("samples/frames.zst")),
    ("seekable.zst", include_bytes!("samples/seekable.zst")),
];

fn try_open(packed: &[u8]) -> Result<Map<Unpacked<Fake>>> {
    Unpacked::open(Map::from_mapping(Fake::new(packed)), &Progress::new())
}

fn open(packed: &[u8]) -> Map<Unpacked<Fake>> {
    try_open(packed).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// Frames of so many bytes each, and their table, with or without checksums.
fn seekable(bytes: &[u8], frame_len: usize, has_checksums: bool) -> Vec<u8> {
    let (mut packed, mut entries) = (Vec::new(), Vec::new());
    let number = |len: usize| u32::try_from(len).unwrap().to_le_bytes();
    for part in bytes.chunks(frame_len) {
        let frame = zstd(part);
        entries.extend(number(frame.len()));
        entries.extend(number(part.len()));
        if has_checksums {
            // The frame ends in the same checksum.
            entries.extend(&frame[frame.len() - 4..]);
        }
        packed.extend(frame);
    }
    packed.extend(0x184d_2a5e_u32.to_le_bytes());
    packed.extend(number(entries.len() + 9));
    packed.extend(entries);
    packed.extend(number(bytes.len().div_ceil(frame_len)));
    packed.push(if has_checksums { 0x80 } else { 0 });
    packed.extend(0x8f92_eab1_u32.to_le_bytes());
    packed
}

/// Bytes that pack well, and differ from place to place.
fn text(len: usize, seed: u64) -> Vec<u8> {
    let mut random = seed.wrapping_mul(2).wrapping_add(1);
    let mut bytes = Vec::with_capacity(len + 64);
    while bytes.len() < len {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        writeln!(bytes, "line {} of host{}: {}", bytes.len(), random >> 61, random >> 40).unwrap();
    }
    bytes.truncate(len);
    bytes
}

/// Compares ranges at places as good as random.
fn compare<M: Mapping>(map: &Map<M>, bytes: &[u8], count: usize) {
    assert_eq!(map.len(), u64::try_from(bytes.len()).unwrap());
    let mut random = 7_u64;
    let mut below = |end: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(random >> 33).unwrap() % end.max(1)
    };
    for _ in 0..count {
        let at = below(bytes.len() + 1);
        let bits = below(18);
        let len = below(1 << bits).min(bytes.len() - at);
        let read = map.read_at(u64::try_from(at).unwrap(), len).unwrap();
        assert!(read == bytes[at..at + len], "{len} bytes at {at}");
    }
}

/// The bytes that can be read, one by one where not all can.
fn readable(map: &Map<Unpacked<Fake>>) -> Vec<Option<u8>> {
    // A table that lies claims megabytes.
    let mut bytes = vec![0; usize::try_from(map.len()).unwrap().min(10 * MIB)];
    let lost = map.rescue(0, &mut bytes).unwrap();
    let mut bytes: Vec<Option<u8>> = bytes.into_iter().map(Some).collect();
    for lost in lost {
        let range = lost.range.start.try_into().unwrap()..lost.range.end.try_into().unwrap();
        bytes[range].fill(None);
    }
    bytes
}

conformance!(mod gzip_keeps_the_laws, |bytes: &[u8]| open(&gzip(bytes)), [read, read_only]);
conformance!(mod zstd_keeps_the_laws, |bytes: &[u8]| open(&zstd(bytes)), [read, read_only]);
conformance!(
    mod a_seek_table_keeps_the_laws,
    |bytes: &[u8]| open(&seekable(bytes, 1000, true)),
    [read, read_only]
);

#[test]
fn samples_of_other_programs_are_what_they_were() {
    for (name, packed) in SAMPLES {
        let map = open(packed);
        assert_eq!(map.read_at(0, LOG.len()).unwrap(), LOG, "{name}");
        assert_eq!(map.len(), u64::try_from(LOG.len()).unwrap());
        assert!(map.mapping().stopped().is_none());
        compare(&map, LOG, 100);
    }
}

#[test]
fn a_thousand_ranges_of_long_files_are_those_of_the_whole() {
    let bytes = text(9 * MIB + 123, 1);
    let (front, back) = bytes.split_at(3 * MIB + 7);
    let files = [
        gzip(&bytes),
        [gzip(front), gzip(b""), gzip(back)].concat(),
        [zstd(front), zstd(b""), zstd(back)].concat(),
        seekable(&bytes, 70_000, false),
        seekable(&bytes, 2 * MIB + 1, true),
    ];
    for packed in files {
        compare(&open(&packed), &bytes, 1000);
    }
}

#[test]
fn many_threads_read_what_one_does() {
    let bytes = Arc::new(text(6 * MIB, 2));
    for packed in [gzip(&bytes), seekable(&bytes, 300_000, true), zstd(&bytes)] {
        let map = open(&packed);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| compare(&map, &bytes, 60));
            }
        });
    }
}

#[test]
fn the_price_is_known_before_and_after() {
    let bytes = text(5 * MIB, 3);
    let offer = |packed: &[u8]| Offer::of(&Map::from_mapping(Fake::new(packed))).unwrap();
    let packed = gzip(&bytes);
    let gzip_offer = offer(&packed).unwrap();
    assert_eq!((gzip_offer.packing, gzip_offer.needs), (Packing::Gzip, Needs::Pass));
    assert_eq!(gzip_offer.packed_len, u64::try_from(packed.len()).unwrap());
    let cost = open(&packed).mapping().cost();
    assert_eq!(cost.distance, 1 << 20);
    // At most a sixteenth of what is unpacked.
    assert!(cost.index > 0 && cost.index < (5 << 20) / 16, "{cost:?}");
    let packed = seekable(&bytes, MIB, false);
    let table_offer = offer(&packed).unwrap();
    assert_eq!((table_offer.needs, table_offer.unpacked_len), (Needs::Table, Some(5 << 20)));
    assert_eq!(open(&packed).mapping().cost().distance, 1 << 20);
    let frames = offer(SAMPLES[2].1).unwrap();
    assert_eq!((frames.needs, frames.unpacked_len), (Needs::Headers, Some(6000)));
    assert_eq!(offer(b"plain"), None);
    assert_eq!(offer(b""), None);
}

#[test]
fn what_is_not_packed_is_refused_with_what_to_do() {
    for bytes in [&b""[..], b"\x1f", b"plain text"] {
        let error = try_open(bytes).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }));
        assert!(error.to_string().contains("neither gzip nor zstd"), "{error}");
    }
}

#[test]
fn a_file_cut_short_anywhere_shows_what_is_right_and_says_that_more_is_missing() {
    for (name, packed) in SAMPLES {
        for len in 4..packed.len() {
            let Ok(map) = try_open(&packed[..len]) else { panic!("{name} of {len} bytes") };
            let found = readable(&map);
            let is_right =
                found.iter().zip(LOG).all(|(found, &is)| found.is_none_or(|it| it == is));
            assert!(is_right, "{name} of {len} bytes");
            let is_whole = found.iter().all(Option::is_some);
            // Between two members, or after the last frame, nothing is missing.
            let is_end = map.mapping().stopped().is_none()
                && [1500, 3000, 4500, 6000].contains(&found.len());
            assert!(!is_whole || is_end, "{name} of {len} bytes");
        }
    }
}

#[test]
fn a_file_cut_short_says_where_and_keeps_what_was_before() {
    let bytes = text(3 * MIB, 4);
    for packed in [gzip(&bytes), zstd(&bytes)] {
        let map = open(&packed[..packed.len() - 1000]);
        let stopped = map.mapping().stopped().unwrap();
        assert!(stopped.packed > 1000 && stopped.packed <= u64::try_from(packed.len()).unwrap());
        let good = map.len() - 1;
        assert!(good > 2 << 20, "{good}");
        let len = usize::try_from(good).unwrap();
        assert!(map.read_at(0, len).unwrap() == bytes[..len]);
        let error = map.read_at(good, 1).unwrap_err();
        let ErrorKind::Damaged { offset, packed, .. } = error.kind() else { panic!("{error}") };
        assert_eq!((*offset, *packed), (good, stopped.packed));
    }
}

#[test]
fn no_flipped_bit_is_shown_without_an_error() {
    for (name, packed) in SAMPLES.into_iter().filter(|(name, _)| *name != "plain.zst") {
        for at in 0..packed.len() {
            let mut flipped = packed.to_vec();
            flipped[at] ^= 1 << (at % 8);
            let Ok(map) = try_open(&flipped) else { continue };
            let found = readable(&map);
            let is_wrong =
                found.iter().zip(LOG).any(|(found, &is)| found.is_some_and(|it| it != is));
            let is_other = is_wrong || found.len() != LOG.len();
            // What was unpacked while opening is shown, and that it is not right.
            let is_unpacked_first = name.ends_with("gz") || name == "stream.zst";
            let is_said = found.contains(&None);
            assert!(!is_other || is_said, "{name}, byte {at}");
            assert!(!is_wrong || is_unpacked_first, "{name}, byte {at}");
        }
    }
}

#[test]
fn a_damaged_frame_is_lost_and_the_others_are_not() {
    let bytes = text(8 * MIB, 5);
    let mut packed = seekable(&bytes, 2 * MIB, false);
    let (second, end) = {
        let first = zstd(&bytes[..2 * MIB]).len();
        (first, first + zstd(&bytes[2 * MIB..4 * MIB]).len())
    };
    packed[usize::midpoint(second, end)] ^= 0x55;
    let found = readable(&open(&packed));
    let lost = found.iter().filter(|it| it.is_none()).count();
    assert_eq!(lost, 2 * MIB);
    assert!(found[2 * MIB..4 * MIB].iter().all(Option::is_none));
    let is_right = found.iter().zip(&bytes).all(|(found, &is)| found.is_none_or(|it| it == is));
    assert!(is_right);
}

#[test]
fn a_seek_table_that_lies_is_an_error_or_not_used() {
    let bytes = text(5000, 6);
    let honest = seekable(&bytes, 1000, true);
    let table = honest.len() - 9 - 5 * 12;
    for at in table..honest.len() {
        for bit in [0, 3, 7] {
            let mut packed = honest.clone();
            packed[at] ^= 1 << bit;
            let Ok(map) = try_open(&packed) else { continue };
            // Lengths of gigabytes are claimed, and are not allocated.
            let mut first = [0; 5000];
            let len = usize::try_from(map.len().min(5000)).unwrap();
            if map.read_into(0, &mut first[..len]).is_ok() {
                assert_eq!(first[..len], bytes[..len], "byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn frames_that_cannot_be_read_at_random_are_refused_with_what_to_do() {
    // A frame that says it has one byte more than is allowed, in one block of one byte repeated.
    let mut packed = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000];
    packed.extend(u32::try_from(FRAME_MAX + 1).unwrap().to_le_bytes());
    packed.extend([0b011, 0, 0, b'x']);
    let error = try_open(&packed).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
    for word in ["268435457 bytes", "256 MiB", "`zstd -d`", "t2sz"] {
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_window_or_a_length_that_lies_takes_no_memory_and_is_an_error() {
    // The window of 3.75 TiB that the format allows at most, and a frame of 1 MiB with one empty block.
    let window = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 1, 0, 0];
    let mut claims = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000];
    claims.extend((1_u32 << 20).to_le_bytes());
    claims.extend([1, 0, 0]);
    for packed in [window, claims] {
        let map = open(&packed);
        assert!(map.mapping().stopped().is_some());
        assert!(matches!(map.read_at(0, 1).unwrap_err().kind(), ErrorKind::Damaged { .. }));
    }
}

#[test]
fn a_bomb_is_unpacked_where_it_is_read() {
    // One member of 64 MiB of zeros: its blocks are longer than the distance of places.
    let packed = gzip(&vec![0; 64 * MIB]);
    assert!(packed.len() < MIB);
    let map = open(&packed);
    assert_eq!(map.mapping().cost().distance, 1 << 20);
    assert!(map.mapping().cost().index < 4 << 20);
    assert_eq!(map.read_at(map.len() - 10, 10).unwrap(), [0; 10]);
}

#[test]
fn padding_is_passed_over_and_anything_else_is_named() {
    let packed = [gzip(b"tar"), vec![0; 512]].concat();
    let map = open(&packed);
    assert!((map.len(), map.mapping().stopped()) == (3, None));
    let map = open(&[gzip(b"tar"), b"rubbish".to_vec()].concat());
    assert_eq!(map.read_at(0, 3).unwrap(), b"tar");
    let stopped = map.mapping().stopped().unwrap().to_string();
    assert!(stopped.contains("what follows the last member is not gzip"), "{stopped}");
}

/// A packed file whose bytes change at a switch, and which counts what is read.
#[derive(Debug)]
struct Changing {
    bytes: [Vec<u8>; 2],
    is_other: Arc<AtomicBool>,
    reads: Arc<AtomicU64>,
}

impl Mapping for Changing {
    fn len(&self) -> u64 {
        u64::try_from(self.bytes[0].len()).unwrap()
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        check(offset, out.len(), self.len())?;
        self.reads.fetch_add(u64::try_from(out.len()).unwrap(), Ordering::Relaxed);
        let bytes = &self.bytes[usize::from(self.is_other.load(Ordering::Relaxed))];
        let at = usize::try_from(offset).unwrap();
        out.copy_from_slice(&bytes[at..at + out.len()]);
        Ok(())
    }
}

fn changing(bytes: Vec<u8>, other: Vec<u8>) -> (Changing, Arc<AtomicBool>, Arc<AtomicU64>) {
    let (is_other, reads) = (Arc::default(), Arc::default());
    let file = Changing {
        bytes: [bytes, other],
        is_other: Arc::clone(&is_other),
        reads: Arc::clone(&reads),
    };
    (file, is_other, reads)
}

#[test]
fn a_packed_file_that_changes_is_an_error_and_never_other_bytes() {
    // Stored blocks have bytes of the file in them, and nothing else says what they are.
    let stored = |byte| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(&vec![byte; 3 * MIB]).unwrap();
        encoder.finish().unwrap()
    };
    let (file, is_other, _) = changing(stored(b'a'), stored(b'b'));
    let map = Unpacked::open(Map::from_mapping(file), &Progress::new()).unwrap();
    assert_eq!(map.read_at(0, 1).unwrap(), b"a");
    is_other.store(true, Ordering::Relaxed);
    // This block is kept, the next one is not.
    assert_eq!(map.read_at(1, 1).unwrap(), b"a");
    let error = map.read_at(2 << 20, 1).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("open it again"), "{error}");
}

#[test]
fn a_read_goes_through_a_part_of_the_packed_file_and_a_table_through_none() {
    let bytes = text(32 * MIB, 8);
    for packed in [gzip(&bytes), seekable(&bytes, MIB, false)] {
        let len = u64::try_from(packed.len()).unwrap();
        let is_zstd = packed[0] != 0x1f;
        let (file, _, reads) = changing(packed, Vec::new());
        let map = Unpacked::open(Map::from_mapping(file), &Progress::new()).unwrap();
        let opened = reads.swap(0, Ordering::Relaxed);
        assert_eq!(opened < len / 4, is_zstd, "{opened} of {len}");
        let at = 20 * MIB + 5;
        assert!(map.read_at(u64::try_from(at).unwrap(), 100).unwrap() == bytes[at..at + 100]);
        let once = reads.load(Ordering::Relaxed);
        assert!(once < len / 8, "{once} of {len}");
    }
}

#[test]
fn the_pass_tells_how_far_it_is_and_can_be_cancelled() {
    let packed = gzip(&text(8 * MIB, 9));
    let len = u64::try_from(packed.len()).unwrap();
    let progress = Progress::new();
    let map = Map::from_mapping(Fake::new(&packed));
    drop(Unpacked::open(map, &progress).unwrap());
    assert_eq!((progress.total(), progress.done()), (len, len));
    for packed in [packed, zstd(b"x"), seekable(b"x", 1, false)] {
        let progress = Progress::new();
        progress.cancel();
        let error = Unpacked::open(Map::from_mapping(Fake::new(&packed)), &progress).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Cancelled { .. }), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn members_and_frames_of_any_lengths_are_their_bytes(
        lens in prop::collection::vec(0_usize..300_000, 1..12),
        at in any::<prop::sample::Index>(),
    ) {
        let parts: Vec<Vec<u8>> = lens.iter().map(|&len| text(len, u64::try_from(len).unwrap())).collect();
        let bytes = parts.concat();
        let gz: Vec<u8> = parts.iter().flat_map(|part| gzip(part)).collect();
        let zst: Vec<u8> = parts.iter().flat_map(|part| zstd(part)).collect();
        let start = at.index(bytes.len() + 1);
        for packed in [gz, zst] {
            let map = open(&packed);
            prop_assert_eq!(map.len(), u64::try_from(bytes.len()).unwrap());
            let read = map.read_at(u64::try_from(start).unwrap(), bytes.len() - start).unwrap();
            prop_assert!(read == bytes[start..]);
        }
    }
}

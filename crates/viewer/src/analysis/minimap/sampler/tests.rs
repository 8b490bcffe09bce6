use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap::{Map, MemMap, Mode, RamMap};
use memmap_core::testing::{Fake, Fault};

use super::*;
use crate::analysis::minimap::{ByteKind, Minimap};
use crate::job::Accumulate;
use crate::job::context::finish;
use crate::source::handle::SourceHandle;

/// Collects everything a job reports.
fn surveyed(source: &SourceHandle, survey: &MinimapJob) -> Minimap {
    let mut minimap = Minimap::begin(survey, source.len(), None);
    let done = finish(source, survey.clone());
    done.events.into_iter().for_each(|seen| minimap.take(seen));
    done.ended.unwrap();
    minimap
}

/// A terabyte of text that counts how many bytes are read.
#[derive(Debug)]
struct Counted(Arc<AtomicU64>);

impl memmap::plugin::Mapping for Counted {
    fn len(&self) -> u64 {
        1 << 40
    }

    fn read_into(&self, _: u64, out: &mut [u8]) -> memmap::Result<()> {
        self.0.fetch_add(widen(out.len()), Ordering::Relaxed);
        out.fill(b'a');
        Ok(())
    }
}

#[test]
fn of_a_terabyte_six_mebibytes_are_read_and_every_cell_is_known() {
    for parts in [64, 128, 1024] {
        let read = Arc::new(AtomicU64::new(0));
        let map = SourceHandle::new(Map::from_mapping(Counted(Arc::clone(&read))).erase());
        let range = 0..1 << 40;
        let minimap = surveyed(&map, &MinimapJob::sampled(range.clone(), parts, 1 << 39));
        let read = read.load(Ordering::Relaxed);
        assert_eq!(minimap.read(&range), read);
        assert!(read <= READ_MAX.min(parts * SAMPLES_EACH * SAMPLE_LEN), "{parts}: {read}");
        // The full limit, except for a few samples that fall into the same part twice.
        assert!(read * 100 >= READ_MAX.min(parts * SAMPLES_EACH * SAMPLE_LEN) * 95, "{read}");
        let buckets = minimap.buckets(&Regions::default(), &range, parts);
        assert!(buckets.iter().all(|it| (1..=SAMPLES_EACH).contains(&it.samples)));
        assert!(buckets.iter().all(|it| it.dominant() == Some(ByteKind::Text) && !it.is_exact));
    }
}

#[test]
fn what_is_near_the_cursor_is_looked_at_first() {
    let map = Map::from_mapping(Counted(Arc::default())).erase();
    let survey = MinimapJob::sampled(0..1 << 40, 64, 3 << 38);
    let surveyor = Sampler {
        map: &map,
        regions: &Regions::default(),
        survey: &survey,
        holes: &[],
        known_to: 1 << 40,
    };
    let order: Vec<u64> = surveyor.around_the_cursor(64).collect();
    assert_eq!(order[..5], [48, 49, 47, 50, 46]);
    let mut all = order.clone();
    all.sort_unstable();
    assert_eq!(all, (0..64).collect::<Vec<_>>());
}

#[test]
fn what_is_short_is_read_whole_and_exactly() {
    let mut bytes = vec![b'x'; 100_000];
    bytes.extend(vec![0; 50_000]);
    bytes.extend(vec![0xff; 50_000]);
    let map = SourceHandle::new(RamMap::from_reader(&bytes[..]).unwrap().erase());
    for survey in [MinimapJob::sampled(0..200_000, 64, 0), MinimapJob::full(0..200_000, 0)] {
        let minimap = surveyed(&map, &survey);
        assert_eq!(minimap.read(&(0..200_000)), 200_000);
        let buckets = minimap.buckets(&Regions::default(), &(0..200_000), 8);
        let kinds: Vec<ByteKind> =
            buckets.iter().filter_map(super::super::Bucket::dominant).collect();
        let (text, zero, ones) = (ByteKind::Text, ByteKind::Zero, ByteKind::Ones);
        assert_eq!(kinds, [text, text, text, text, zero, zero, ones, ones]);
        assert!(buckets.iter().all(|it| it.is_exact && it.lost == 0));
    }
}

#[test]
fn what_cannot_be_read_is_counted_as_that() {
    let fake =
        Fake::new(&[b'a'; 4096]).with(Fault::Read { at: 700, kind: std::io::ErrorKind::Other });
    let map = SourceHandle::new(Map::from_mapping(fake).erase());
    for survey in [MinimapJob::sampled(0..4096, 64, 0), MinimapJob::full(0..4096, 0)] {
        let minimap = surveyed(&map, &survey);
        let buckets = minimap.buckets(&Regions::default(), &(0..4096), 4);
        let lost: Vec<u64> = buckets.iter().map(|it| it.lost).collect();
        assert!(lost[0] > 0 && lost[1..] == [0, 0, 0], "{lost:?}");
        assert_eq!(minimap.read(&(0..4096)) + lost[0], 4096);
    }
}

#[test]
fn of_a_sparse_terabyte_the_data_is_found_and_the_rest_is_free() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(1 << 40).unwrap();
    let write = |at: u64, bytes: &[u8]| {
        use std::io::{Seek, SeekFrom, Write};
        let mut out = file.as_file();
        out.seek(SeekFrom::Start(at)).unwrap();
        out.write_all(bytes).unwrap();
    };
    write(0, &[b'a'; 4096]);
    write((1 << 40) - 8192, &[0x99; 8192]);
    let map = SourceHandle::new(MemMap::open(file.path(), Mode::Read).unwrap().erase());
    if map.map().extents(..1 << 30).unwrap().iter().all(memmap::Extent::is_data) {
        return; // a file system without holes
    }
    let minimap = surveyed(&map, &MinimapJob::sampled(0..1 << 40, 64, 0));
    let buckets = minimap.buckets(&Regions::default(), &(0..1 << 40), 64);
    assert_eq!(buckets[0].dominant(), Some(ByteKind::Text));
    assert_eq!(buckets[63].dominant(), Some(ByteKind::High));
    assert!(buckets[1..63].iter().all(super::super::Bucket::is_hole), "{:?}", buckets[1]);
    assert!(minimap.read(&(0..1 << 40)) <= 64 << 10, "{minimap:?}");
}

//! What is read, and by how many requests.

#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "numbers of tests are small"
)]

mod kit;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use kit::{Dice, Do, Server, sample};
use memmap_core::{Advice, Map, MapOptions, Mapping, Remote};
use memmap_object::{Object, Objects};
use memmap_scan::{Pattern, Scan};

const MIB: usize = 1 << 20;

fn open(server: &Server) -> Map<Object> {
    MapOptions::new(Objects::new()).open(server.url()).unwrap()
}

#[test]
fn first_and_last_bytes_cost_a_request_each() {
    let bytes = sample(10 * MIB + 5, 1);
    let server = Server::new(bytes.clone());
    let map = open(&server);
    assert_eq!(map.len(), bytes.len() as u64);
    assert_eq!(map.read_at(0, 16).unwrap(), bytes[..16]);
    assert_eq!(server.requests(), 1);
    assert_eq!(map.read_at(map.len() - 16, 16).unwrap(), bytes[bytes.len() - 16..]);
    assert_eq!(map.read_at(map.len() - 5, 5).unwrap(), bytes[bytes.len() - 5..]);
    assert_eq!(server.requests(), 3, "the end is in two blocks");
    let Remote { requests, fetched, .. } = map.remote().unwrap();
    assert_eq!((requests, fetched), (3, 2 * MIB as u64 + 5));
}

#[test]
fn a_scan_of_64_mib_asks_for_each_byte_once() {
    let mut bytes = sample(64 * MIB, 2);
    let at = 64 * MIB - 77;
    bytes[at..at + 8].copy_from_slice(b"a needle");
    let server = Server::new(bytes);
    let map = open(&server);
    let found = Scan::new(&map).find_first(&Pattern::literal(b"a needle").unwrap()).unwrap();
    assert_eq!(found.value.map(|found| found.offset), Some(at as u64));
    let Remote { fetched, requests, .. } = map.remote().unwrap();
    assert_eq!(fetched, 64 * MIB as u64);
    assert!(requests <= 66, "{requests}");
    assert_eq!(server.requests() as u64, requests);
}

#[test]
fn who_asks_for_a_block_shares_its_request() {
    let bytes = sample(4 * MIB, 3);
    let server = Server::new(bytes.clone());
    let map = open(&server);
    map.advise(.., Advice::Random).unwrap();
    server.rule(|_| Do::Slow(MIB / 4, Duration::from_millis(20)));
    thread::scope(|scope| {
        for at in 0..16 {
            let (map, bytes) = (&map, &bytes);
            scope.spawn(move || {
                let at = 2 * MIB + at * 1000;
                assert_eq!(map.read_at(at as u64, 500).unwrap(), bytes[at..at + 500]);
            });
        }
    });
    assert_eq!(server.requests(), 2);
}

#[test]
fn random_reads_of_many_threads_are_the_bytes() {
    let bytes = sample(20 * MIB + 999, 4);
    let server = Server::new(bytes.clone());
    // Fewer blocks than the object has, so that they come and go.
    let map = MapOptions::new(Objects::new().cache_up_to(6 << 20)).open(server.url()).unwrap();
    thread::scope(|scope| {
        for seed in 0..4 {
            let (map, bytes) = (&map, &bytes);
            scope.spawn(move || {
                let mut dice = Dice::new(seed);
                for _ in 0..50 {
                    let start = dice.below(map.len());
                    let len = dice.below((3 * MIB as u64).min(map.len() - start) + 1);
                    let read = map.read_at(start, len as usize).unwrap();
                    assert!(read == bytes[start as usize..(start + len) as usize], "{start} {len}");
                }
            });
        }
    });
}

#[test]
fn memory_has_a_bound() {
    let server = Server::new(sample(40 * MIB, 5));
    let map = MapOptions::new(Objects::new().cache_up_to(8 << 20)).open(server.url()).unwrap();
    map.read_at(0, 40 * MIB).unwrap();
    let resident: u64 = map.resident(..).unwrap().iter().map(|it| it.end - it.start).sum();
    assert!(resident <= 8 << 20, "{resident}");
    assert!(resident >= 4 << 20, "{resident}");
    map.advise(.., Advice::Evict).unwrap();
    assert_eq!(map.resident(..).unwrap(), []);
}

#[test]
fn what_will_be_needed_is_fetched_without_waiting_and_said_to_be_there() {
    let bytes = sample(9 * MIB, 6);
    let server = Server::new(bytes.clone());
    let map = open(&server);
    assert_eq!(map.resident(..).unwrap(), vec![0..MIB as u64; 1]);
    map.advise(3 * MIB as u64..6 * MIB as u64, Advice::WillNeed).unwrap();
    // It comes when it comes; prefault waits for the same request.
    map.prefault(3 * MIB as u64..6 * MIB as u64, &memmap_core::Progress::new()).unwrap();
    let mib = MIB as u64;
    assert!(
        map.resident(..).unwrap().contains(&(3 * mib..6 * mib))
            || map.resident(..).unwrap().len() == 2
    );
    let asked: Vec<_> = server.asked().iter().filter_map(|it| it.range.clone()).collect();
    assert_eq!(asked.iter().filter(|it| it.start == 3 * mib).count(), 1, "{asked:?}");
    let before = server.requests();
    assert_eq!(map.read_at(4 * mib, 10).unwrap(), bytes[4 * MIB..4 * MIB + 10]);
    assert_eq!(server.requests(), before);
}

#[test]
fn a_part_of_an_object_is_a_mapping_of_that_part() {
    let bytes = sample(3 * MIB, 7);
    let server = Server::new(bytes.clone());
    let options = || MapOptions::new(Objects::new());
    let map = options().offset(1000).len(2 * MIB as u64).open(server.url()).unwrap();
    assert_eq!(map.read_at(0, 2 * MIB).unwrap(), bytes[1000..1000 + 2 * MIB]);
    let asked = server.asked().iter().filter_map(|it| Some(it.range.as_ref()?.end)).max();
    assert_eq!(asked, Some(1000 + 2 * MIB as u64), "nothing beyond it is asked for");
    assert_eq!(options().offset(bytes.len() as u64).open(server.url()).unwrap().len(), 0);
    let error = options().offset(bytes.len() as u64 + 1).open(server.url()).unwrap_err();
    assert!(error.to_string().contains("is beyond the end"), "{error}");
}

#[test]
fn an_empty_object_is_an_empty_map() {
    let server = Server::new([]);
    assert!(open(&server).read_at(0, 0).unwrap().is_empty());
    assert_eq!(open(&server).len(), 0);
}

#[test]
fn reads_may_come_from_the_workers_of_another_runtime() {
    let bytes = sample(3 * MIB, 8);
    let server = Server::new(bytes.clone());
    let read = || {
        let (url, bytes) = (server.url(), bytes.clone());
        async move {
            let map = MapOptions::new(Objects::new()).open(&url).unwrap();
            assert_eq!(map.read_at(2 * MIB as u64, 9).unwrap(), bytes[2 * MIB..2 * MIB + 9]);
            map.close().unwrap();
        }
    };
    let alone = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    alone.block_on(read());
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let task = read();
    many.block_on(async move { tokio::spawn(task).await.unwrap() });
}

#[test]
fn maps_outlive_their_opener() {
    let server = Server::new(sample(3 * MIB, 9));
    let objects = Arc::new(Objects::new());
    let one = MapOptions::new(Arc::clone(&objects)).open(server.url()).unwrap();
    let two = MapOptions::new(Arc::clone(&objects)).open(server.url()).unwrap();
    drop((one, objects));
    assert_eq!(two.read_at(2 * MIB as u64, 1).unwrap().len(), 1);
    assert!(format!("{two:?}").contains("pinned: Some"));
    assert_eq!(two.mapping().len(), 3 * MIB as u64);
}

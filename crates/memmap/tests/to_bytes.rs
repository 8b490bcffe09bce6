//! Frozen bytes that nobody has touched, passed to the system.
#![forbid(unsafe_code)]
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write, pipe};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use memmap::proof::{OnLostPage, Proof};
use memmap::{ErrorKind, FrozenMap, Proofs};
use tempfile::TempDir;

const LEN: usize = 2 << 20;
/// `EFAULT`: what the system says of bytes that nobody has touched.
const BAD_ADDRESS: Option<i32> = Some(14);

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

/// A map that nobody has touched, and the bytes of its file.
fn untouched(folder: &TempDir, proofs: Proofs) -> (FrozenMap, Vec<u8>) {
    let (path, bytes) = (folder.path().join("file"), bytes(LEN));
    fs::write(&path, &bytes).unwrap();
    let frozen = FrozenMap::open_with(path, proofs).unwrap();
    assert_eq!((frozen.proof(), frozen.touched()), (Proof::FirstTouch, 0));
    (frozen, bytes)
}

fn first_touch() -> Proofs {
    Proofs::none().first_touch()
}

/// What arrives at the other end of a socket.
fn sent(send: impl FnOnce(&mut UnixStream) + Send) -> Vec<u8> {
    let (mut here, mut there) = UnixStream::pair().unwrap();
    let mut all = Vec::new();
    thread::scope(|scope| {
        scope.spawn(move || send(&mut here));
        there.read_to_end(&mut all).unwrap();
    });
    all
}

#[test]
fn a_socket_takes_bytes_that_nobody_has_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (frozen, expected) = untouched(&folder, first_touch());
    let all = sent(|socket| {
        let refused = socket.write(&frozen).unwrap_err();
        assert_eq!(refused.raw_os_error(), BAD_ADDRESS);
        socket.write_all(&frozen.to_bytes(..).unwrap()).unwrap();
    });
    assert!(all == expected);
}

#[test]
fn a_part_is_touched_and_the_rest_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (frozen, expected) = untouched(&folder, first_touch());
    let (start, end) = (1_000_001, 1_100_000);
    let part = frozen.slice(1000..).unwrap().to_bytes(start - 1000..end - 1000).unwrap();
    let (first, last) = (usize::try_from(start).unwrap(), usize::try_from(end).unwrap());
    assert_eq!(part, expected[first..last]);
    assert_eq!(part.as_ptr(), frozen[first..].as_ptr());
    assert!(frozen.touched() < 1 << 20, "{}", frozen.touched());

    // It keeps the memory, and a pipe takes it.
    drop(frozen);
    fs::remove_file(folder.path().join("file")).unwrap();
    let (mut reader, mut writer) = pipe().unwrap();
    let writing = thread::spawn(move || writer.write_all(&part));
    let mut all = Vec::new();
    reader.read_to_end(&mut all).unwrap();
    writing.join().unwrap().unwrap();
    assert!(all == expected[first..last]);
}

#[test]
fn a_lost_byte_is_an_error_that_counts_from_the_start_of_the_map() {
    for on_lost in [OnLostPage::Abort, OnLostPage::Zeros] {
        let folder = tempfile::tempdir().unwrap();
        let (frozen, expected) = untouched(&folder, first_touch().on_lost(on_lost));
        let file = OpenOptions::new().write(true).open(folder.path().join("file")).unwrap();
        file.set_len(1 << 20).unwrap();

        let error = frozen.to_bytes(4096..).unwrap_err();
        let ErrorKind::Truncated { offset, .. } = *error.kind() else { panic!("{error:?}") };
        assert_eq!(offset, 1 << 20);
        assert!(error.to_string().contains("file"), "{error}");
        assert_eq!(frozen.to_bytes(..1 << 20).unwrap(), expected[..1 << 20]);
    }
}

#[test]
fn ranges_are_checked_and_empty_ones_are_fine() {
    let folder = tempfile::tempdir().unwrap();
    let (frozen, _) = untouched(&folder, first_touch());
    let len = u64::try_from(LEN).unwrap();
    let error = frozen.to_bytes(1..=len).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }), "{error:?}");
    assert!(frozen.to_bytes(len..).unwrap().is_empty());
    assert_eq!(frozen.touched(), 0);
    assert!(FrozenMap::from(Vec::new()).to_bytes(..).unwrap().is_empty());
}

/// What the first page of the documentation says of functions of std.
#[test]
fn what_std_does_with_bytes_that_nobody_has_touched() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    let (frozen, expected) = untouched(&folder, first_touch());
    assert_eq!(fs::write(&copy, &frozen).unwrap_err().raw_os_error(), BAD_ADDRESS);
    assert!(fs::read(&copy).unwrap().is_empty());

    // What was touched is written before the error.
    assert_eq!(frozen[0], expected[0]);
    let mut file = fs::File::create(&copy).unwrap();
    assert_eq!(file.write_all(&frozen).unwrap_err().raw_os_error(), BAD_ADDRESS);
    let written = fs::read(&copy).unwrap();
    assert!(written.len() < LEN && expected.starts_with(&written), "{}", written.len());

    // A reader copies before it calls the system.
    let mut file = fs::File::create(&copy).unwrap();
    io::copy(&mut frozen.reader(), &mut file).unwrap();
    assert!(fs::read(&copy).unwrap() == expected);
}

#[test]
fn frozen_maps_are_what_other_crates_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    let (frozen, expected) = untouched(&folder, first_touch());
    let bytes = Bytes::from_owner(frozen.clone());
    let shared: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(frozen.clone());
    assert_eq!(frozen.touched(), 0);
    let seen = thread::spawn(move || (*shared).as_ref()[LEN - 1]).join().unwrap();
    assert_eq!((seen, bytes[LEN - 2]), (expected[LEN - 1], expected[LEN - 2]));
}

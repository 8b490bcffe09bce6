//! One version: what pins it, what notices another one, and what does not.

#![allow(clippy::as_conversions, clippy::unwrap_used, reason = "numbers of tests are small")]

mod kit;

use std::sync::Arc;

use base64::Engine as _;
use kit::{Dice, Do, Server, sample};
use memmap_core::{Error, ErrorKind, Map, MapOptions, PinnedBy, Progress, Proofs, Result};
use memmap_object::{Object, Objects};
use memmap_scan::{Pattern, Scan};
use sha2::Digest as _;

const MIB: usize = 1 << 20;

fn open(server: &Server) -> Result<Map<Object>> {
    MapOptions::new(Objects::new()).open(server.url())
}

fn is_replaced(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Replaced { .. })
}

#[test]
fn a_replaced_object_is_an_error_and_stays_one() {
    for ignores in [false, true] {
        let server = Server::with(sample(4 * MIB, 1), move |_| {
            if ignores { Do::IgnoreConditions } else { Do::Serve }
        });
        let map = open(&server).unwrap();
        assert_eq!(map.mapping().pinned().unwrap().to_string(), "ETag \"1\"");
        map.read_at(0, 5).unwrap();
        server.replace(sample(4 * MIB, 2), "\"2\"");
        let error = map.read_at(3 * MIB as u64 + 7, 5).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Replaced { offset, .. } if *offset == 3 * MIB as u64 + 7),
            "{error}"
        );
        assert!(error.to_string().contains("\"2\""), "{error}");
        // Bytes that were there, too; and when the old object is back.
        server.replace(sample(4 * MIB, 1), "\"1\"");
        assert!(is_replaced(&map.read_at(0, 5).unwrap_err()));
        assert!(open(&server).unwrap().read_at(0, 5).is_ok());
    }
}

#[test]
fn a_replaced_object_ends_a_scan_and_a_rescue_at_once() {
    let server = Server::new(sample(64 * MIB, 1));
    let map = open(&server).unwrap();
    server.replace(sample(64 * MIB, 2), "\"2\"");
    let before = server.requests();
    let pattern = Pattern::literal(b"it is not there").unwrap();
    let found = Scan::new(&map).find_first(&pattern);
    let is_noticed = match &found {
        Ok(outcome) => outcome.unreadable.iter().any(|range| is_replaced(&range.error)),
        Err(error) => is_replaced(error),
    };
    assert!(is_noticed, "{found:?}");
    let mut out = vec![0; 64 * MIB];
    assert!(is_replaced(&map.rescue(0, &mut out).unwrap_err()));
    // One for each thread that had begun.
    assert!(server.requests() - before <= 4, "{}", server.requests() - before);
}

#[test]
fn an_object_that_grew_or_shrank_or_went_is_replaced() {
    type Change = (&'static str, fn(&Server));
    let change: [Change; 3] = [
        ("longer", |server| server.replace(sample(5 * MIB, 1), "\"1\"")),
        ("shorter", |server| server.replace(sample(MIB, 1), "\"1\"")),
        ("gone", |server| server.rule(|_| Do::Status(404, "gone"))),
    ];
    for (name, change) in change {
        let server = Server::new(sample(4 * MIB, 1));
        let map = open(&server).unwrap();
        change(&server);
        let error = map.read_at(3 * MIB as u64, 5).unwrap_err();
        assert!(is_replaced(&error), "{name}: {error}");
    }
}

#[test]
fn a_server_that_names_no_version_must_be_asked_for_by_name() {
    let server = Server::new(sample(2 * MIB, 1));
    for etag in [None, Some("W/\"1\"".to_owned())] {
        server.change(|served| served.etag.clone_from(&etag));
        let error = open(&server).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains("allow_unpinned"), "{error}");
        let map = MapOptions::new(Objects::new().allow_unpinned()).open(server.url()).unwrap();
        assert_eq!(map.mapping().pinned(), None);
        assert!(server.asked().iter().all(|asked| asked.field("if-match").is_none()));
        // What can be seen is seen: another length, another weak ETag.
        server.replace(sample(3 * MIB, 2), "W/\"2\"");
        assert!(is_replaced(&map.read_at(MIB as u64, 5).unwrap_err()));
        server.replace(sample(2 * MIB, 1), "\"1\"");
    }
}

/// What nothing notices, so that a document must say it: the same tag and length, and other bytes.
#[test]
fn an_etag_that_lies_is_seen_by_a_checksum_and_by_nothing_else() {
    let (old, new) = (sample(4 * MIB, 1), sample(4 * MIB, 2));
    let server = Server::new(old.clone());
    let map = open(&server).unwrap();
    server.replace(new.clone(), "\"1\"");
    let mixed = map.read_at(0, 4 * MIB).unwrap();
    assert!(mixed[..MIB] == old[..MIB] && mixed[MIB..] == new[MIB..]);

    // A proof is not had for that, unless by name.
    let snapshot = Proofs::none().snapshot_up_to(u64::MAX);
    let progress = Progress::new();
    let error = Object::download(&map, snapshot, &progress).unwrap_err();
    assert!(error.to_string().contains("Proofs::etag"), "{error}");
    assert!(Object::download(&map, snapshot.etag(), &progress).unwrap() == mixed);

    // The checksum of what is there when it is opened.
    let digest = |bytes: &[u8]| {
        let sum = base64::prelude::BASE64_STANDARD.encode(sha2::Sha256::digest(bytes));
        ("Repr-Digest", format!("sha-256=:{sum}:"))
    };
    server.replace(old.clone(), "\"1\"");
    server.change(|served| served.fields.push(digest(&old)));
    let map = open(&server).unwrap();
    assert_eq!(map.mapping().pinned().unwrap().by, PinnedBy::Checksum);
    assert!(Object::download(&map, snapshot, &progress).unwrap() == old);
    let map = open(&server).unwrap();
    server.replace(new, "\"1\"");
    let error = Object::download(&map, snapshot, &progress).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
    assert!(matches!(error.kind(), ErrorKind::NotProven(_)));
}

#[test]
fn a_proof_takes_no_more_memory_than_was_allowed_and_can_be_stopped() {
    let server = Server::new(sample(2 * MIB, 1));
    let map = open(&server).unwrap();
    let progress = Progress::new();
    let error = Object::download(&map, Proofs::any().etag(), &progress).unwrap_err();
    assert!(error.to_string().contains("allow more"), "{error}");
    progress.cancel();
    let proofs = Proofs::none().snapshot_up_to(u64::MAX).etag();
    let error = Object::download(&map, proofs, &progress).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Cancelled { .. }), "{error}");
}

#[test]
fn a_map_is_opened_again_if_it_is_still_the_same() {
    let server = Server::new(sample(2 * MIB, 1));
    let seen = open(&server).unwrap().identity().unwrap();
    let again = || MapOptions::new(Objects::new()).identity(seen.clone()).open(server.url());
    assert!(again().is_ok());
    server.replace(sample(2 * MIB, 2), "\"2\"");
    assert!(is_replaced(&again().unwrap_err()));
}

/// Replaces an object at any moment of a read, some of them by one with the same tag.
#[test]
fn a_replacement_at_any_moment_is_never_a_mixture_without_an_error() {
    let len = 3 * MIB;
    // One thread and one set of certificates for all rounds.
    let objects = Arc::new(Objects::new());
    let versions: Vec<Arc<[u8]>> = (0..2).map(|seed| sample(len, seed).into()).collect();
    let sum = |bytes: &[u8]| {
        let sum = base64::prelude::BASE64_STANDARD.encode(sha2::Sha256::digest(bytes));
        ("Repr-Digest", format!("sha-256=:{sum}:"))
    };
    let sum = sum(&versions[0]);
    let mut dice = Dice::new(7);
    let (mut errors, mut whole) = (0, 0);
    for round in 0..100_u32 {
        let has_same_etag = round % 5 == 0;
        let server = Server::new(Arc::clone(&versions[0]));
        server.change(|served| served.fields.push(sum.clone()));
        let map = MapOptions::new(Arc::clone(&objects)).open(server.url()).unwrap();
        // The moment is a request: everything between two of them looks the same to the server.
        let (moment, mut count) = (dice.below(3), 0);
        let ignores = dice.below(2) == 0;
        let (other, etag) =
            (Arc::clone(&versions[1]), if has_same_etag { "\"1\"" } else { "\"2\"" });
        let shared = Arc::new(server);
        let weak = Arc::downgrade(&shared);
        shared.rule(move |_| {
            if count == moment
                && let Some(server) = weak.upgrade()
            {
                server.replace(Arc::clone(&other), etag);
            }
            count += 1;
            if ignores { Do::IgnoreConditions } else { Do::Serve }
        });
        let proofs = Proofs::none().snapshot_up_to(u64::MAX);
        let bytes = if has_same_etag {
            Object::download(&map, proofs, &Progress::new())
        } else {
            // Anything that reads.
            map.read_at(0, len)
        };
        match bytes {
            Ok(bytes) => {
                assert!(bytes[..] == versions[0][..], "round {round}: a mixture");
                whole += 1;
            }
            Err(error) => {
                let is_said =
                    is_replaced(&error) || matches!(error.kind(), ErrorKind::NotProven(_));
                assert!(is_said, "round {round}: {error}");
                errors += 1;
            }
        }
    }
    assert!(errors >= 20, "{errors} errors, {whole} whole");
}

//! The memory of this process and of a child.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use memmap_core::{ErrorKind, Extent, Map, MapOptions, widen};
use memmap_process::{ProcessMemory, Processes};
use memmap_scan::{Pattern, Scan};

fn open(process: u32) -> Map<ProcessMemory> {
    MapOptions::new(Processes).open(format!("pid://{process}")).unwrap()
}

/// A process that waits, with this text in its environment.
fn child(text: &str) -> Child {
    let mut command = Command::new("cat");
    let command = command.env("MARK", text).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // What it answers it does after everything is mapped.
    child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    child
}

#[test]
fn own_bytes_are_at_their_addresses() {
    let text = String::from("a needle in my own heap");
    let address = widen(text.as_ptr().addr());
    let memory = open(std::process::id());
    assert_eq!(memory.read_at(address, text.len()).unwrap(), text.as_bytes());
    let region = memory.regions().iter().find(|it| it.range.contains(&address)).unwrap();
    assert_eq!((region.access.as_str(), region.is_readable), ("rw-p", true));
    let origin = MapOptions::new(Processes).open("self").unwrap().origin().unwrap().to_string();
    assert!(origin.contains("pid self"), "{origin}");
}

#[test]
fn between_regions_is_nothing_and_that_is_no_loss() {
    let mut child = child("");
    let memory = open(child.id());
    let readable: Vec<_> = memory.regions().iter().filter(|it| it.is_readable).collect();
    let extents = memory.extents(..).unwrap();
    let (mut at, mut gaps) = (0, 0);
    for extent in &extents {
        let range = extent.range();
        assert_eq!(range.start, at);
        at = range.end;
        let is_mapped = readable.iter().any(|it| it.range.contains(&range.start));
        assert_eq!(is_mapped, extent.is_data());
        if let Extent::Gap(gap) = extent {
            gaps += 1;
            let error = memory.read_at(gap.start, 1).unwrap_err();
            let ErrorKind::Gap { offset, next } = *error.kind() else { panic!("{error}") };
            assert_eq!((offset, next), (gap.start, Some(gap.end)));
        }
    }
    assert_eq!(at, memory.len());
    assert!(gaps > 1, "{extents:?}");
    let error = memory.read_at(memory.len() - 1, 2).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }), "{error}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn all_memory_of_a_child_is_searched_and_its_gaps_cost_nothing() {
    let mut child = child("a needle that was planted");
    let needle = Pattern::literal("MARK=a needle that was planted").unwrap();
    let memory = open(child.id());
    let outcome = Scan::new(&memory).find_last(&needle).unwrap();
    assert!(outcome.unreadable.is_empty(), "{:?}", outcome.unreadable);
    let found = outcome.value.unwrap();
    let region = memory.regions().iter().find(|it| it.range.contains(&found.offset)).unwrap();
    assert_eq!(region.name, "[stack]");
    let extents = memory.extents(..).unwrap();
    let data = extents.iter().filter(|it| it.is_data()).map(Extent::range);
    let len: u64 = data.map(|range| range.end - range.start).sum();
    for threads in [1, 2] {
        let scan = Scan::new(&memory).threads(threads);
        let summary = scan.summary(4).unwrap();
        assert!(summary.unreadable.is_empty(), "{:?}", summary.unreadable);
        assert_eq!((summary.covered, summary.value.histogram.total()), (len, len));
        assert_eq!(summary.value.holes.count, 0);
        assert_eq!(scan.count_byte(b'M').unwrap().value, summary.value.histogram[b'M']);
        assert_eq!(scan.count(&needle).unwrap().covered, len);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let error = memory.read_at(found.offset, 4).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Ended { .. }), "{error}");
    let outcome = Scan::new(&memory).count(&needle).unwrap();
    assert_eq!((outcome.value, outcome.unreadable.len()), (0, 1));
}

#[test]
fn what_is_no_process_is_refused() {
    let open = |location: &str| MapOptions::new(Processes).open(location).unwrap_err();
    let error = open("pid://4194305").to_string();
    assert!(error.contains("no process has this number"), "{error}");
    for location in ["", "pid://", "1/../2", "x", "-1"] {
        assert!(matches!(open(location).kind(), ErrorKind::InvalidOptions { .. }), "{location}");
    }
    let part = MapOptions::new(Processes).offset(4096).open("self").unwrap_err();
    assert!(matches!(part.kind(), ErrorKind::InvalidOptions { .. }), "{part}");
}

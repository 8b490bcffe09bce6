use super::*;
use crate::testing::FakeRam;
use crate::{Files, Map, MapOptions, Mode, Progress};

fn this_file() -> std::path::PathBuf {
    std::env::current_exe().unwrap()
}

fn open_with(fault: Fault) -> Error {
    MapOptions::new(Files::new(FakeBackend::default().with(fault)))
        .len(16)
        .open(this_file())
        .unwrap_err()
}

#[test]
fn each_step_of_opening_reports_its_own_failure_and_the_path() {
    let error = open_with(Fault::Map(io::ErrorKind::OutOfMemory));
    assert_eq!(error.op(), Op::Map);
    assert_eq!(error.path(), Some(&*this_file()));

    let error = open_with(Fault::Inspect(io::ErrorKind::PermissionDenied));
    assert_eq!(error.op(), Op::Open);
    assert!(matches!(error.kind(), ErrorKind::PermissionDenied { mode: Mode::Read }));
}

#[test]
fn what_was_opened_counts_and_not_what_was_named() {
    let error = open_with(Fault::Found(FileKind::Fifo));
    assert!(matches!(error.kind(), ErrorKind::NotMappable { kind: FileKind::Fifo }));
}

#[test]
fn close_returns_its_error_with_the_path() {
    let backend = FakeBackend::default().with(Fault::Close(io::ErrorKind::StorageFull));
    let error = MapOptions::new(Files::new(backend))
        .len(16)
        .open(this_file())
        .unwrap()
        .close()
        .unwrap_err();
    assert_eq!(error.op(), Op::Close);
    assert_eq!(error.path(), Some(&*this_file()));
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::StorageFull);
}

#[test]
fn whatever_fails_while_a_file_is_made_or_grown_leaves_it_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::fs::write(&path, b"old bytes").unwrap();
    let kind = io::ErrorKind::StorageFull;
    for fault in [Fault::Map(kind), Fault::Extend(kind), Fault::Unmappable] {
        let options = || MapOptions::new(Files::new(FakeBackend::default().with(fault))).len(100);
        let error = options().mode(Mode::Create).open(&path).unwrap_err();
        assert_eq!(error.path(), Some(&*path));
        options().mode(Mode::ReadWrite).extend(true).open(&path).unwrap_err();
        assert_eq!(std::fs::read(&path).unwrap(), b"old bytes");
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
    }
}

#[test]
fn a_failing_sync_is_not_durable_and_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    let backend = FakeBackend::default().with(Fault::Sync(io::ErrorKind::Other));
    let mm = MapOptions::new(Files::new(backend)).mode(Mode::Create).len(10).open(&path).unwrap();
    let error = mm.sync(2..5).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotDurable { .. }));
    assert_eq!((error.op(), error.path()), (Op::Sync, Some(&*path)));
    assert!(matches!(mm.sync(2..11).unwrap_err().kind(), ErrorKind::OutOfBounds { .. }));
}

#[test]
fn what_is_cancelled_on_its_way_says_how_far_it_came() {
    use std::sync::atomic::{AtomicU64, Ordering};

    use crate::Cancel;

    /// Memory whose second step cancels the operation.
    #[derive(Debug)]
    struct Cancels(Cancel, AtomicU64);
    impl Cancels {
        fn step(&self) {
            if self.1.fetch_add(1, Ordering::Relaxed) == 1 {
                self.0.cancel();
            }
        }
    }
    impl Mapping for Cancels {
        fn len(&self) -> u64 {
            100 << 20
        }
        fn read_into(&self, _: u64, out: &mut [u8]) -> Result<()> {
            self.step();
            out.fill(7);
            Ok(())
        }
        fn prefault(&self, _: u64, _: u64) -> Result<()> {
            self.step();
            Ok(())
        }
    }
    let cancelled = |act: &dyn Fn(&Map<Cancels>, &Progress) -> Result<()>| {
        let cancel = Cancel::new();
        let mm = Map::from_mapping(Cancels(cancel.clone(), AtomicU64::new(0)));
        let progress = Progress::until(cancel);
        let error = act(&mm, &progress).unwrap_err();
        let &ErrorKind::Cancelled { done } = error.kind() else { panic!("{error:?}") };
        assert_eq!((done, progress.done(), progress.total()), (512 << 10, 512 << 10, 100 << 20));
        error.op()
    };
    assert_eq!(cancelled(&|mm, progress| mm.prefault(.., progress)), Op::Prefault);
    let copied = |mm: &_, progress: &_| Map::<FakeRam>::copy_of(mm, progress).map(drop);
    assert_eq!(cancelled(&copied), Op::Detach);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new");
    assert_eq!(cancelled(&|mm, progress| mm.replace_file(&path, progress)), Op::Create);
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
}

#[test]
fn only_writes_that_touch_the_bad_byte_fail() {
    let bad = Fault::Write { at: 5, kind: io::ErrorKind::Other };
    let mut mm = Map::from_mapping(Fake::new(&[0; 10]).with(bad));
    assert!(mm.write_at(0, &[7; 5]).is_ok() && mm.fill_range(6.., 7).is_ok());
    assert!(mm.write_at(5, &[]).is_ok() && mm.write_at(5, &[7]).is_err());
    assert!(mm.fill_range(.., 7).is_err() && mm.copy_within(..6, 4).is_err());
    assert_eq!(mm.read_at(0, 10).unwrap(), [7, 7, 7, 7, 7, 0, 7, 7, 7, 7]);
}

#[test]
fn nothing_is_rescued_from_where_nothing_can_be_read() {
    #[derive(Debug)]
    struct Stubborn;
    impl Mapping for Stubborn {
        fn len(&self) -> u64 {
            10
        }
        fn read_into(&self, _: u64, _: &mut [u8]) -> Result<()> {
            Err(os(Op::Read, io::ErrorKind::Other))
        }
    }
    let mm = Map::from_mapping(Stubborn);
    assert_eq!(mm.rescue(3, &mut [0; 4]).unwrap()[0].range, 3..7);
    mm.rescue(3, &mut []).unwrap();
}

#[test]
fn only_reads_that_touch_the_bad_byte_fail() {
    let mm = Map::from_mapping(
        Fake::new(&[0; 10]).with(Fault::Read { at: 5, kind: io::ErrorKind::Other }),
    );
    assert!(mm.read_at(0, 5).is_ok() && mm.read_at(6, 4).is_ok() && mm.read_at(5, 0).is_ok());
    assert!(mm.read_at(5, 1).is_err() && mm.read_at(0, 6).is_err() && mm.get::<u64>(2).is_err());
}

#[test]
fn some_stops_at_the_first_bad_byte_and_rescue_goes_on() {
    let bytes: Vec<u8> = (0..200).collect();
    for bad in 0..200_u64 {
        let kind = io::ErrorKind::Other;
        let fake = Fake::new(&bytes)
            .with(Fault::Read { at: bad, kind })
            .with(Fault::Read { at: 150, kind })
            .with(Fault::Read { at: 151, kind });
        let mm = Map::from_mapping(fake);
        let first = usize::try_from(bad.min(150)).unwrap();
        for start in 0..=first {
            let mut out = vec![0; 200 - start];
            let partial = mm.read_some(widen(start), &mut out).unwrap();
            assert_eq!(partial.len, first - start);
            assert_eq!(out[..partial.len], bytes[start..first]);
            assert!(matches!(partial.stopped.unwrap().kind(), ErrorKind::Os(_)));
        }
        let mut out = vec![0xAA; 200];
        let lost = mm.rescue(0, &mut out).unwrap();
        let lost: Vec<(u64, u64)> =
            lost.iter().map(|lost| (lost.range.start, lost.range.end)).collect();
        let expected = match bad {
            149 => vec![(149, 152)],
            150 | 151 => vec![(150, 152)],
            152 => vec![(150, 153)],
            _ if bad < 150 => vec![(bad, bad + 1), (150, 152)],
            _ => vec![(150, 152), (bad, bad + 1)],
        };
        assert_eq!(lost, expected);
        for (at, (&got, &byte)) in out.iter().zip(&bytes).enumerate() {
            let is_lost = [bad, 150, 151].contains(&widen(at));
            assert_eq!(got, if is_lost { 0 } else { byte });
        }
    }
}

#[test]
fn from_reader_grows_past_its_first_buffer_and_keeps_every_byte() {
    struct Dribble<R>(R, bool);
    impl<R: Read> Read for Dribble<R> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let most = out.len().min(7001);
            self.0.read(&mut out[..most])
        }
    }
    for len in [0, 1, 65_535, 65_536, 65_537, 300_000] {
        let bytes: Vec<u8> = (0..len).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let ram = Map::<FakeRam>::from_reader(Dribble(&*bytes, false)).unwrap();
        assert_eq!(ram[..], bytes[..]);
        assert_eq!(ram.mode(), Mode::ReadWrite);
    }
}

#[test]
fn from_reader_passes_the_readers_error_on() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    let error = Map::<FakeRam>::from_reader(Broken).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Os(e) if e.kind() == io::ErrorKind::ConnectionReset));
}

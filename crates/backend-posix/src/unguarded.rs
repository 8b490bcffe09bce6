//! Tests of maps on a system without a guard.

use std::fs::{self, File};
use std::io;
use std::sync::Arc;

use memmap_core::{Backend, ErrorKind, FileInfo, Files, Map, MapOptions, MapRequest, Mode, Result};

use crate::{Live, Posix};

/// Maps files as on a system without a guard.
#[derive(Debug)]
pub(crate) struct Unguarded;

impl Backend for Unguarded {
    type Mapping = Live;

    const NAME: &'static str = Posix::NAME;

    fn map(&self, file: &Arc<File>, request: &MapRequest) -> Result<Live> {
        Live::map(file, request, false)
    }

    fn in_memory(&self, bytes: Vec<u8>, mode: Mode, found: Option<FileInfo>) -> Live {
        Posix.in_memory(bytes, mode, found)
    }

    fn reopen(&self, file: &File, mode: Mode) -> io::Result<File> {
        Posix.reopen(file, mode)
    }

    fn inspect(&self, file: &File) -> io::Result<FileInfo> {
        Posix.inspect(file)
    }
}

fn unguarded(bytes: &[u8], mode: Mode) -> Map<Live> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, bytes).unwrap();
    MapOptions::new(Files::new(Unguarded)).mode(mode).open(file.path()).unwrap()
}

memmap_conformance::conformance!(mod read_by_pread, |bytes| unguarded(bytes, Mode::Read), [read, ours]);
memmap_conformance::conformance!(mod written_by_pwrite, |bytes| unguarded(bytes, Mode::ReadWrite), [write]);
memmap_conformance::conformance!(mod resized_without_a_guard, |bytes| unguarded(bytes, Mode::ReadWrite), [resize]);

#[test]
fn a_file_cut_short_is_an_error_without_a_guard_too() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, [7; 10_000]).unwrap();
    let mm = MapOptions::new(Files::new(Unguarded)).offset(10).open(file.path()).unwrap();
    file.as_file().set_len(5_000).unwrap();
    assert_eq!(mm.read_at(0, 4_990).unwrap(), [7; 4_990]);
    let error = mm.read_at(4_000, 2_000).unwrap_err();
    let &ErrorKind::Truncated { offset, needed, now } = error.kind() else { panic!("{error:?}") };
    assert_eq!((offset, needed, now), (4_990, 6_010, 5_000));
}

#[test]
fn a_write_without_a_guard_never_makes_the_file_longer() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, [7; 10_000]).unwrap();
    let options = MapOptions::new(Files::new(Unguarded)).mode(Mode::ReadWrite);
    let mut mm = options.open(file.path()).unwrap();
    file.as_file().set_len(5_000).unwrap();
    let error = mm.write_at(4_000, &[1; 2_000]).unwrap_err();
    let &ErrorKind::Truncated { offset, needed, now } = error.kind() else { panic!("{error:?}") };
    assert_eq!((offset, needed, now), (5_000, 6_000, 5_000));
    assert_eq!(fs::read(&file).unwrap(), [7; 5_000]);
}

#[test]
fn a_map_for_writing_shares_no_file_that_was_opened_for_reading() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, [7; 10_000]).unwrap();
    let open =
        |mode| MapOptions::new(Files::new(Unguarded)).mode(mode).open_file(file.as_file()).unwrap();
    let (read, mut written) = (open(Mode::Read), open(Mode::ReadWrite));
    written.write_at(5_000, b"new").unwrap();
    written.resize(20_000).unwrap();
    written.close().unwrap();
    assert_eq!(read.read_at(4_999, 5).unwrap(), b"\x07new\x07");
}

memmap_conformance::conformance!(mod private_without_a_guard, |bytes| unguarded(bytes, Mode::CopyOnWrite), [read, ours]);
memmap_conformance::conformance!(mod edited_without_a_guard, |bytes| unguarded(bytes, Mode::CopyOnWrite), [write]);
memmap_conformance::conformance!(mod private_cells_without_a_guard, |bytes| {
    unguarded(bytes, Mode::CopyOnWrite)
}, [cells]);

memmap_conformance::conformance!(mod shared_cells_without_a_guard, |bytes| {
    unguarded(bytes, Mode::ReadWrite)
}, [plain_cells]);

#[cfg(target_os = "linux")]
#[test]
fn where_this_user_may_not_write_is_an_error_without_a_guard() {
    use memmap_core::Op;
    use rustix::process::{Resource, Rlimit, setrlimit};
    use std::process::Command;

    const FILE: &str = "MEMMAP_TEST_LONG_FILE";
    let Some(path) = std::env::var_os(FILE) else {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(10_000).unwrap();
        // In a separate process, as the limit applies to the whole process.
        let name = "unguarded::where_this_user_may_not_write_is_an_error_without_a_guard";
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env(FILE, file.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(fs::read(file.path()).unwrap().iter().position(|&it| it == 7), Some(4000));
        return;
    };
    let mut map = MapOptions::new(Files::new(Unguarded)).mode(Mode::ReadWrite).open(path).unwrap();
    setrlimit(Resource::Fsize, Rlimit { current: Some(4096), maximum: Some(4096) }).unwrap();
    map.write_at(4000, &[7; 96]).unwrap();
    for at in [4001, 9000] {
        let error = map.write_at(at, &[8; 96]).unwrap_err();
        let ErrorKind::FileTooLarge { limit, .. } = *error.kind() else { panic!("{error:?}") };
        assert_eq!((limit, error.op()), (Some(4096), Op::Write));
    }
}

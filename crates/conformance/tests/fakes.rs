//! The laws hold for the fakes of the core, in memory and over files.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;

use memmap_conformance::{conformance, files_laws, memory_laws};
use memmap_core::testing::{Fake, FakeBackend, FakeRam};
use memmap_core::{Files, Map, MapOptions, Mode};
use tempfile::{NamedTempFile, TempDir};

fn fake(bytes: &[u8]) -> Map<Fake> {
    Map::from_mapping(Fake::new(bytes))
}

fn fake_of_file(mode: Mode, bytes: &[u8]) -> Map<Fake> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    MapOptions::new(files()).mode(mode).open_file(&file).unwrap()
}

fn files() -> Files<FakeBackend> {
    Files::new(FakeBackend::default())
}

/// A file, to be opened.
fn file(bytes: &[u8]) -> (Files<FakeBackend>, NamedTempFile) {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    (files(), file)
}

fn dir() -> &'static Path {
    static DIR: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    DIR.path()
}

conformance!(mod reading_fake, fake, [read, ours]);
conformance!(mod erased_fake, |bytes: &[u8]| fake(bytes).erase(), [read, ours]);
conformance!(mod writing_fake, fake, [write]);
conformance!(mod erased_writing_fake, |bytes: &[u8]| fake(bytes).erase(), [write]);
conformance!(
    mod read_only_fake,
    |bytes: &[u8]| fake(bytes).into_read_only().unwrap(),
    [read_only]
);
conformance!(mod sizing_fake, fake, [resize]);
conformance!(mod lent_fake, fake, [lend]);
conformance!(mod sizing_file, |bytes: &[u8]| fake_of_file(Mode::ReadWrite, bytes), [resize]);
conformance!(mod writing_file, |bytes: &[u8]| fake_of_file(Mode::ReadWrite, bytes), [write]);
conformance!(mod editing_file, |bytes: &[u8]| fake_of_file(Mode::CopyOnWrite, bytes), [write]);
conformance!(mod reading_file, |bytes: &[u8]| fake_of_file(Mode::Read, bytes), [read_only]);
conformance!(mod opened_file, file, [read, ours, read_only, open, durable]);
memory_laws!(mod lending_fake, |len| Map::<FakeRam>::new(len));
files_laws!(mod fake_open, dir(), || MapOptions::new(files()));

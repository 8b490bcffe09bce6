//! Mutants of what saving asks of the system.

use super::Mutant;

/// A test of `crates/backend-posix/tests/disk`.
macro_rules! of_disk {
    ($test:literal) => {
        &["test", "-p", "memmap-posix", "--test", "disk", $test]
    };
}

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "save-signal",
        file: "crates/backend-posix/src/disk/lease.rs",
        find: "calls::set_signal(&file, libc::SIGURG)",
        replace: "calls::set_signal(&file, libc::SIGIO)",
        test: of_disk!("a_lease_that_is_broken_says_so_and_ends_nobody"),
    },
    Mutant {
        name: "save-lease-stays",
        file: "crates/backend-posix/src/disk/lease.rs",
        find: "        calls::end_lease(&self.file);\n",
        replace: "        std::mem::forget(self.file.try_clone());\n",
        test: of_disk!("a_lease_ends_with_its_value_and_others_may_have_one_too"),
    },
    Mutant {
        name: "save-forked",
        file: "crates/backend-posix/src/disk/lease.rs",
        find: "if self.process == process::id() {",
        replace: "if self.process != 0 {",
        test: of_disk!("a_child_gives_back_no_lease_of_its_parent"),
    },
    Mutant {
        name: "save-extents",
        file: "crates/backend-posix/src/disk/room.rs",
        find: "Some(last) if last.flags & LAST == 0 => {",
        replace: "Some(last) if last.flags & LAST != 0 => {",
        test: of_disk!("every_hole_is_counted_however_many_there_are"),
    },
    Mutant {
        name: "save-cached",
        file: "crates/backend-posix/src/disk/device.rs",
        find: "OFlags::EXCL.union(OFlags::DIRECT)",
        replace: "OFlags::EXCL",
        test: of_disk!("what_a_file_system_wrote_is_seen_and_kept_though_the_device_is_mapped"),
    },
    Mutant {
        name: "save-not-alone",
        file: "crates/backend-posix/src/disk/device.rs",
        find: "OFlags::EXCL.union(OFlags::DIRECT)",
        replace: "OFlags::DIRECT",
        test: of_disk!("a_device_is_ours_alone_or_not_ours"),
    },
    Mutant {
        name: "save-shared",
        file: "crates/backend-posix/src/disk/room.rs",
        find: "FallocateFlags::KEEP_SIZE.union(FallocateFlags::UNSHARE_RANGE)",
        replace: "FallocateFlags::KEEP_SIZE",
        test: of_disk!("shared_blocks_are_given_blocks_of_their_own_where_the_system_can"),
    },
    Mutant {
        name: "save-attribute-order",
        file: "crates/backend-posix/src/disk/attributes.rs",
        find: "pub(super) fn give(file: &File, wanted: &Attributes) -> io::Result<Vec<NotKept>> {\n",
        replace: "pub(super) fn give(file: &File, wanted: &Attributes) -> io::Result<Vec<NotKept>> {\n    \
                  file.set_permissions(Permissions::from_mode(wanted.mode.unwrap_or(0o600)))?;\n",
        test: of_disk!("a_file_that_nobody_may_write_to_keeps_its_attributes"),
    },
    Mutant {
        name: "save-lower",
        file: "crates/backend-posix/src/disk/facts.rs",
        find: "let is_layered = pinned::is_layered(file);",
        replace: "let is_layered = false;",
        test: of_disk!("a_file_of_a_lower_layer_stays_the_same_when_it_is_opened_for_writing"),
    },
];

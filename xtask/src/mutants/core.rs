//! Mutants of core: what every map has, and what is computed on maps.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "bounds",
        file: "crates/guard/src/guarded.rs",
        find: "let last = bound.checked_sub(len)?;",
        replace: "let last = bound;",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "guarded::tests::quick_access_is_what_was_allowed",
        ],
    },
    Mutant {
        name: "cells-borrow",
        file: "crates/core/src/live/files.rs",
        find: r"    pub fn cells(&mut self) -> SharedCells<'_, Live<S>> {
        SharedCells::of(self)",
        replace: r"    pub fn cells<'a>(&mut self) -> SharedCells<'a, Live<S>> {
        SharedCells::of(unsafe { &mut *std::ptr::from_mut(self) })",
        test: &["test", "-p", "memmap-rs", "--doc", "src/lib"],
    },
    Mutant {
        name: "close-takes",
        file: "crates/core/src/map.rs",
        find: r"    pub fn close(mut self) -> Result<()> {
        match self.mapping.close() {",
        replace: r"    pub fn close(&self) -> Result<()> {
        match Ok::<(), Error>(()) {",
        test: &["test", "-p", "memmap-rs", "--doc", "src/lib"],
    },
    Mutant {
        name: "lend-erased",
        file: "crates/core/src/mapping.rs",
        find: "impl<M: Mapping + ?Sized> Mapping for Box<M> {",
        replace: r"impl Lend for Box<dyn Mapping> {
    fn as_bytes(&self) -> &[u8] {
        &[]
    }
}

impl<M: Mapping + ?Sized> Mapping for Box<M> {",
        test: &["test", "-p", "memmap-rs", "--doc", "src/lib"],
    },
    Mutant {
        name: "lock-forked",
        file: "crates/core/src/lock.rs",
        find: "self.holder == Some(process::id())",
        replace: "self.holder.is_some()",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "fork",
            "a_child_releases_no_lock_of_its_parent",
        ],
    },
    Mutant {
        name: "file-limit",
        file: "crates/core/src/system.rs",
        find: "Some(max) if len > max =>",
        replace: "Some(max) if len > max && max == 0 =>",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "limits",
            "a_file_longer_than_this_user_may_have_is_an_error_and_leaves_nothing",
        ],
    },
    Mutant {
        name: "save-limit",
        file: "crates/core/src/snapshot.rs",
        find: r"        system::require_len(self.len()).map_err(refuse)?;
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "limits",
            "a_file_longer_than_this_user_may_have_is_an_error_and_leaves_nothing",
        ],
    },
    Mutant {
        name: "saved-name",
        file: "crates/core/src/snapshot.rs",
        find: "directory.map_or(Ok(()), |directory| directory.sync()).map_err(not_durable)",
        replace: r"drop(directory);
        Ok(())",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "durable",
            "a_saved_file_whose_name_is_not_durable_is_an_error",
        ],
    },
    Mutant {
        name: "append-only",
        file: "crates/core/src/system.rs",
        find: "Attribute::AppendOnly => Obstacle::AppendOnlyDirectory,",
        replace: "Attribute::AppendOnly => return None,",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "obstacles",
            "a_directory_that_keeps_what_is_made_there_is_refused_before_anything_is",
        ],
    },
    Mutant {
        name: "group-bits",
        file: "crates/system/src/unix/attributes.rs",
        find: r"        bits &= 0o707;
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "owner",
            "a_group_that_cannot_be_kept_leaves_its_rights_to_nobody",
        ],
    },
    Mutant {
        name: "gap-merge",
        file: "crates/scan/src/unreadable_ranges.rs",
        find: "if touches_only && mem::discriminant(why.kind()) != mem::discriminant(reason.kind()) {",
        replace: "if touches_only && mem::discriminant(why.kind()) == mem::discriminant(&memmap_core::ErrorKind::NotFound) {",
        test: &[
            "test",
            "-p",
            "memmap-scan",
            "--lib",
            "unreadable_ranges::tests::what_touches_becomes_one_if_it_is_of_one_kind",
        ],
    },
    Mutant {
        name: "gap-reason",
        file: "crates/scan/src/unreadable_ranges.rs",
        find: r"            if at <= start {
",
        replace: r"            if at >= start {
",
        test: &[
            "test",
            "-p",
            "memmap-scan",
            "--lib",
            "unreadable_ranges::tests::what_overlaps_becomes_one_and_the_reason_is_that_of_the_first_byte",
        ],
    },
    Mutant {
        name: "no-bytes",
        file: "crates/array/src/layout.rs",
        find: "product.checked_mul(itemsize.max(1))",
        replace: "product.checked_mul(itemsize)",
        test: &[
            "test",
            "-p",
            "memmap-array",
            "--lib",
            "layout::tests::elements_of_no_bytes_are_counted_as_if_they_had_one",
        ],
    },
];

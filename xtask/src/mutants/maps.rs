//! Mutants of maps of files: their bytes, their edits, and the file that they map.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "fence-release",
        file: "crates/guard/src/atomic_op.rs",
        find: r"    if op.writes() {
        fence(Ordering::Release);
    }
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "atomic_op::tests::accesses_to_integers_are_between_the_fences_that_order_them",
        ],
    },
    Mutant {
        name: "fence-acquire",
        file: "crates/guard/src/atomic_op.rs",
        find: r"    if !matches!(op, AtomicOp::Store(_)) {
        fence(Ordering::Acquire);
    }
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "atomic_op::tests::accesses_to_integers_are_between_the_fences_that_order_them",
        ],
    },
    Mutant {
        name: "overlay-published",
        file: "crates/backend-posix/src/private_pages.rs",
        find: "self.state.store(self.becomes, Ordering::Release);",
        replace: "self.state.store(self.becomes, Ordering::Relaxed);",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "private_pages::tests::bytes_of_a_page_are_accessed_after_they_were_brought",
        ],
    },
    Mutant {
        name: "overlay-found",
        file: "crates/backend-posix/src/private_pages.rs",
        find: "state.load(Ordering::Acquire) == OWN",
        replace: "state.load(Ordering::Relaxed) == OWN",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "private_pages::tests::bytes_of_a_page_are_accessed_after_they_were_brought",
        ],
    },
    Mutant {
        name: "overlay-brought",
        file: "crates/backend-posix/src/private_pages.rs",
        find: "state.compare_exchange(OF_FILE, LOADING, Ordering::Acquire, Ordering::Acquire)",
        replace: "state.compare_exchange(OF_FILE, LOADING, Ordering::Acquire, Ordering::Relaxed)",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "private_pages::tests::bytes_of_a_page_are_accessed_after_they_were_brought",
        ],
    },
    Mutant {
        name: "overlay-alone",
        file: "crates/backend-posix/src/private_pages.rs",
        find: "state.compare_exchange(OF_FILE, LOADING, Ordering::Acquire, Ordering::Acquire)",
        replace: "state.compare_exchange(OF_FILE, LOADING, Ordering::Relaxed, Ordering::Acquire)",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "private_pages::tests::bytes_of_a_page_are_accessed_after_they_were_brought",
        ],
    },
    Mutant {
        name: "overlay-one",
        file: "crates/backend-posix/src/private_pages.rs",
        find: r"                Err(OWN) => return Ok(()),
",
        replace: r"                Err(OWN | LOADING) => return Ok(()),
",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "private_pages::tests::bytes_of_a_page_that_another_thread_brings_are_waited_for",
        ],
    },
    Mutant {
        name: "twin",
        file: "crates/backend-posix/src/lend.rs",
        find: r#"let first = if on_lost == OnLostPage::Zeros && cfg!(target_os = "linux") {"#,
        replace: "let first = if on_lost == OnLostPage::Zeros && cfg!(windows) {",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "assumed",
            "what_became_zeros_under_a_slice_is_an_error_of_everything_else",
        ],
    },
    Mutant {
        name: "twin-stored",
        file: "crates/backend-posix/src/lend.rs",
        find: r#"let first = if on_lost == OnLostPage::Zeros && cfg!(target_os = "linux") {"#,
        replace: "let first = if on_lost == OnLostPage::Zeros && cfg!(windows) {",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "assumed",
            "what_is_stored_never_goes_to_a_page_that_became_zeros",
        ],
    },
    Mutant {
        name: "taken-back",
        file: "crates/backend-posix/src/shown.rs",
        find: r"        self.lent = OnceLock::new();
        self.alias = OnceLock::new();
        self.exposed = OnceLock::new();
    }",
        replace: "    }",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "assumed",
            "a_map_that_moved_lends_its_bytes_where_they_are_now",
        ],
    },
    Mutant {
        name: "unguarded-read",
        file: "crates/core/src/live.rs",
        find: "let allowed = if self.is_guarded { self.len } else { 0 };",
        replace: "let allowed = self.len;",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "unguarded",
            "a_handler_that_ours_cannot_come_before_is_not_asked",
        ],
    },
    Mutant {
        name: "read-instead",
        file: "crates/backend-posix/src/shown.rs",
        find: r"        Err(error) if !needs_mapping && can_be_read(&error) => Ok(None),
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "descriptors",
            "where_addresses_run_out_a_file_is_read_all_the_same",
        ],
    },
    Mutant {
        name: "never-private",
        file: "crates/backend-posix/src/shown.rs",
        find: r"    if mode.reaches_file() {
        return mapped.map(Some)",
        replace: r"    if mode.reaches_file() && mapped.is_ok() {
        return mapped.map(Some)",
        test: &["torture", "fuse-direct-io"],
    },
    Mutant {
        name: "writable",
        file: "crates/core/src/live.rs",
        find: "let writes = self.mode.writes() && edits.is_none();",
        replace: "let writes = edits.is_none();",
        test: &["test", "-p", "memmap-posix", "--test", "laws", "read"],
    },
    Mutant {
        name: "identity",
        file: "crates/backend-posix/src/file_info.rs",
        find: "u64::from(minor), found.st_ino)",
        replace: "u64::from(minor), 0)",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "descriptors",
            "a_file_that_was_replaced_is_never_taken_for_the_one_that_is_there",
        ],
    },
    Mutant {
        name: "not-opened",
        file: "crates/backend-posix/src/file_handle.rs",
        find: r"    if file_info::identity(&rustix::fs::stat(path)?) != wanted {
        return Err(gone());
    }
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "descriptors",
            "what_took_the_path_is_not_opened",
        ],
    },
    Mutant {
        name: "shared-writes",
        file: "crates/backend-posix/src/file_handle.rs",
        find: "it.identity == identity && it.writes == writes",
        replace: "it.identity == identity",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "unguarded::a_map_for_writing_shares_no_file_that_was_opened_for_reading",
        ],
    },
    Mutant {
        name: "own-lock",
        file: "crates/backend-posix/src/file_handle.rs",
        find: "if Arc::strong_count(file) == 1 && Arc::weak_count(file) == 0 =>",
        replace: "if Arc::strong_count(file) > 0 =>",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "descriptors",
            "maps_of_one_file_lock_it_against_each_other",
        ],
    },
    Mutant {
        name: "failed-sync",
        file: "crates/core/src/live/durable.rs",
        find: r"        self.failed = Some(failed);
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "durable",
            "a_sync_that_failed_is_told_again_though_the_system_forgot",
        ],
    },
    Mutant {
        name: "made-name",
        file: "crates/core/src/live/durable.rs",
        find: "state.directory.as_ref().map_or(Ok(()), Directory::sync)",
        replace: "state.directory.as_ref().map_or(Ok(()), |_| Ok(()))",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "durable",
            "a_name_that_is_not_durable_is_an_error_of_the_first_sync_of_a_new_file",
        ],
    },
    Mutant {
        name: "explain-opens",
        file: "crates/backend-posix/src/explain.rs",
        find: r"    may(path, Permission::READ_OK | Permission::WRITE_OK)
",
        replace: r"    fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map(drop)
",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "explain",
            "explaining_opens_nothing_for_writing",
        ],
    },
    Mutant {
        name: "explain-breaks",
        file: "crates/backend-posix/src/explain.rs",
        find: r"    may(path, Permission::READ_OK | Permission::WRITE_OK)
",
        replace: r"    let mut options = fs::OpenOptions::new();
    options.read(true).write(true);
    // So that it does not wait for the lease.
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, 0o4000);
    options.open(path).map(drop)
",
        test: &["test", "-p", "memmap-posix", "--test", "explain", "explaining_breaks_no_lease"],
    },
    Mutant {
        name: "lend-live",
        file: "crates/core/src/live.rs",
        find: r"impl<S: System> Mapping for Live<S> {
",
        replace: r"impl<S: System> crate::Lend for Live<S> {
    fn as_bytes(&self) -> &[u8] {
        &[]
    }
}

impl<S: System> Mapping for Live<S> {
",
        test: &["test", "-p", "memmap-rs", "--doc", "src/lib"],
    },
];

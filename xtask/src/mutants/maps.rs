//! Mutants of maps of files: their bytes, their edits, and the file that they map.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "fence-release",
        file: "crates/backend-posix/src/order.rs",
        find: r"    if step.writes() {
        fence(Ordering::Release);
    }
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "store::fences::accesses_to_integers_are_between_the_fences_that_order_them",
        ],
    },
    Mutant {
        name: "fence-acquire",
        file: "crates/backend-posix/src/order.rs",
        find: r"    if !matches!(step, Step::Store(_)) {
        fence(Ordering::Acquire);
    }
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "store::fences::accesses_to_integers_are_between_the_fences_that_order_them",
        ],
    },
    Mutant {
        name: "overlay-published",
        file: "crates/backend-posix/src/overlay.rs",
        find: "state.store(if loaded.is_ok() { OWN } else { OF_FILE }, Ordering::Release);",
        replace: "state.store(if loaded.is_ok() { OWN } else { OF_FILE }, Ordering::Relaxed);",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "overlay::tests::bytes_of_a_page_are_accessed_after_they_were_brought",
        ],
    },
    Mutant {
        name: "overlay-found",
        file: "crates/backend-posix/src/overlay.rs",
        find: "state.load(Ordering::Acquire) == OWN",
        replace: "state.load(Ordering::Relaxed) == OWN",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "overlay::tests::bytes_of_a_page_are_accessed_after_they_were_brought",
        ],
    },
    Mutant {
        name: "overlay-brought",
        file: "crates/backend-posix/src/overlay.rs",
        find: "state.compare_exchange(OF_FILE, COMING, Ordering::Acquire, Ordering::Acquire)",
        replace: "state.compare_exchange(OF_FILE, COMING, Ordering::Acquire, Ordering::Relaxed)",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "overlay::tests::bytes_of_a_page_are_accessed_after_they_were_brought",
        ],
    },
    Mutant {
        name: "overlay-alone",
        file: "crates/backend-posix/src/overlay.rs",
        find: "state.compare_exchange(OF_FILE, COMING, Ordering::Acquire, Ordering::Acquire)",
        replace: "state.compare_exchange(OF_FILE, COMING, Ordering::Relaxed, Ordering::Acquire)",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "overlay::tests::bytes_of_a_page_are_accessed_after_they_were_brought",
        ],
    },
    Mutant {
        name: "overlay-one",
        file: "crates/backend-posix/src/overlay.rs",
        find: r"                Err(OWN) => return Ok(()),
",
        replace: r"                Err(OWN | COMING) => return Ok(()),
",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "overlay::tests::bytes_of_a_page_that_another_thread_brings_are_waited_for",
        ],
    },
    Mutant {
        name: "twin",
        file: "crates/backend-posix/src/lending.rs",
        find: r#"if on_lost == OnLostPage::Zeros && cfg!(target_os = "linux") {"#,
        replace: "if on_lost == OnLostPage::Zeros && cfg!(windows) {",
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
        file: "crates/backend-posix/src/lending.rs",
        find: r#"if on_lost == OnLostPage::Zeros && cfg!(target_os = "linux") {"#,
        replace: "if on_lost == OnLostPage::Zeros && cfg!(windows) {",
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
        file: "crates/backend-posix/src/lending.rs",
        find: r"        self.lent = OnceLock::new();
        self.twin = OnceLock::new();
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
        file: "crates/backend-posix/src/live.rs",
        find: "if self.is_guarded && pages.len() >= self.len =>",
        replace: "if pages.len() >= self.len =>",
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
        file: "crates/backend-posix/src/mapped.rs",
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
        file: "crates/backend-posix/src/mapped.rs",
        find: r"    if mode.reaches_file() {
        return mapped.map(Some)",
        replace: r"    if mode.reaches_file() && mapped.is_ok() {
        return mapped.map(Some)",
        test: &["torture", "fuse-direct-io"],
    },
    Mutant {
        name: "writable",
        file: "crates/backend-posix/src/live.rs",
        find: "self.writable_len = if self.mode.writes() { self.readable_len } else { 0 };",
        replace: "self.writable_len = self.readable_len;",
        test: &["test", "-p", "memmap-posix", "--test", "laws", "read"],
    },
    Mutant {
        name: "identity",
        file: "crates/backend-posix/src/origin.rs",
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
        file: "crates/backend-posix/src/origin.rs",
        find: r"    if identity(&rustix::fs::stat(path)?) != wanted {
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
        file: "crates/backend-posix/src/origin.rs",
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
        file: "crates/backend-posix/src/origin.rs",
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
        file: "crates/backend-posix/src/durable.rs",
        find: r"        self.failed = Some(code);
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
        file: "crates/backend-posix/src/durable.rs",
        find: "            .and_then(|()| state.directory.as_ref().map_or(Ok(()), Directory::sync));",
        replace: "            .and_then(|()| state.directory.as_ref().map_or(Ok(()), |_| Ok(())));",
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
        file: "crates/backend-posix/src/live.rs",
        find: r"impl DefaultBackend for Live {
",
        replace: r"impl memmap_core::Lend for Live {
    fn as_bytes(&self) -> &[u8] {
        &[]
    }
}

impl DefaultBackend for Live {
",
        test: &["test", "-p", "memmap-rs", "--doc", "src/lib"],
    },
];

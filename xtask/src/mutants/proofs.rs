//! Mutants of proofs that borrowed bytes do not change.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "seal-shrink",
        file: "crates/backend-posix/src/fixed/seal.rs",
        find: "SealFlags::WRITE.union(SealFlags::SHRINK)",
        replace: "SealFlags::WRITE",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "memory_is_sealed_against_writing_and_shrinking_or_not_at_all",
        ],
    },
    Mutant {
        name: "seal-made",
        file: "crates/backend-posix/src/fixed/seal.rs",
        find: "let seals = NEEDED | SealFlags::GROW",
        replace: "let seals = SealFlags::SHRINK | SealFlags::GROW",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "nobody_changes_what_is_sealed_whatever_the_way",
        ],
    },
    Mutant {
        name: "seal-inode",
        file: "crates/backend-posix/src/fixed/seal.rs",
        find: ".map_or(0, |memory| memory.ino()) != number {",
        replace: ".map_or(0, |memory| memory.ino()) == 0 {",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "a_name_of_other_memory_that_is_sealed_as_well_is_refused",
        ],
    },
    Mutant {
        name: "seal-opened",
        file: "crates/backend-posix/src/fixed/seal.rs",
        find: "    holds(&memory).map_err(|_why| {",
        replace: "    holds(&memory).or(Ok::<(), String>(())).map_err(|_why: String| {",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "a_name_of_memory_that_is_not_sealed_is_refused",
        ],
    },
    Mutant {
        name: "seal-limit",
        file: "crates/backend-posix/src/fixed/seal.rs",
        find: r"    system::require_len(len).map_err(refuse)?;
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "sealing_more_than_the_limit_of_a_file_is_an_error_with_the_numbers",
        ],
    },
    Mutant {
        name: "verity-any",
        file: "crates/backend-posix/src/fixed/verity.rs",
        find: "if !magic.is_some_and(|magic| KEEPERS.contains(&magic)) {",
        replace: "if magic.is_none() {",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::verity::tests::verity_is_believed_of_file_systems_that_keep_it_and_of_no_other",
        ],
    },
    Mutant {
        name: "verity-off",
        file: "crates/backend-posix/src/fixed/verity.rs",
        find: "if attributes.contains(StatxAttributes::VERITY) {",
        replace: "if !attributes.is_empty() {",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::verity::tests::verity_is_believed_of_file_systems_that_keep_it_and_of_no_other",
        ],
    },
    Mutant {
        name: "lease-any",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"    if !known {
",
        replace: r"    if !known && KEEPERS.is_empty() {
",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "a_file_in_memory_is_neither_leased_nor_sealed",
        ],
    },
    Mutant {
        name: "lease-pages",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"        if !is_seen(&part) {
",
        replace: r"        if !is_seen(&part) && part.range.is_empty() {
",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "a_file_of_which_a_page_is_in_use_is_not_leased",
        ],
    },
    Mutant {
        name: "lease-cachestat",
        file: "crates/backend-posix/src/fixed/cache.rs",
        find: "return Ok(cached.all > 0);",
        replace: "return Ok(cached.all > u64::MAX / 2);",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "a_file_of_which_a_page_is_in_use_is_not_leased",
        ],
    },
    Mutant {
        name: "lease-mincore",
        file: "crates/backend-posix/src/fixed/cache.rs",
        find: "resident.map(|ranges| !ranges.is_empty())",
        replace: "resident.map(|ranges| ranges.len() > 1)",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::cache::tests::mincore_sees_what_cachestat_sees",
        ],
    },
    Mutant {
        name: "lease-split",
        file: "crates/backend-posix/src/fixed/cache.rs",
        find: "let starts = iter::successors(Some(range.start), move |start| start.checked_add(len));",
        replace: "let starts = iter::successors(Some(range.start), move |start| start.checked_add(len + page));",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::cache::tests::a_range_is_split_into_whole_pages_without_a_gap",
        ],
    },
    Mutant {
        name: "lease-part",
        file: "crates/backend-posix/src/fixed/cache.rs",
        find: r"        self.file == other.file
            && other.range.start",
        replace: r"        self.file == other.file
            || other.range.start",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "a_file_of_which_a_page_is_in_use_is_not_leased",
        ],
    },
    Mutant {
        name: "lease-wanted",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"    if is_wanted(&held.file) {
",
        replace: r"    if is_wanted(&held.file) && held.span == 0 {
",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::lease::tests::who_wants_to_write_while_a_lease_is_looked_into_has_it",
        ],
    },
    Mutant {
        name: "lease-length",
        file: "crates/backend-posix/src/fixed.rs",
        find: "Ok(found) if found.len >= needed => Ok(()),",
        replace: "Ok(_) if needed > 0 => Ok(()),",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "a_file_that_was_cut_short_before_it_is_leased_is_refused",
        ],
    },
    Mutant {
        name: "lease-edits",
        file: "crates/backend-posix/src/fixed.rs",
        find: r#"    if view.has_edits {
        return Err("it is mapped"#,
        replace: r#"    if view.has_edits && view.reaches_file {
        return Err("it is mapped"#,
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "a_file_that_is_open_for_writing_is_not_leased",
        ],
    },
    Mutant {
        name: "lease-refused",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"            // Closing alone would not do: a child that was forked just now has the descriptor too.
            give_back(&file);
",
        replace: r"            std::mem::forget(file);
",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "a_file_that_was_cut_short_before_it_is_leased_is_refused",
        ],
    },
    Mutant {
        name: "lease-copy",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"        held.become_a_copy(|| is_in_time(quiet));
",
        replace: r"        let _ = quiet;
",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "whatever_another_process_does_borrowed_bytes_stay",
        ],
    },
    Mutant {
        name: "lease-order",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"        held.become_a_copy(|| is_in_time(quiet));
        held.is_broken",
        replace: r"        give_back(&held.file);
        thread::sleep(Duration::from_millis(100));
        held.become_a_copy(|| is_in_time(quiet));
        held.is_broken",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "whatever_another_process_does_borrowed_bytes_stay",
        ],
    },
    Mutant {
        name: "lease-advice",
        file: "crates/backend-posix/src/fixed.rs",
        find: "let may_drop = !matches!(promise, Promise::Lease(_));",
        replace: "let may_drop = true;",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "advice_drops_nothing_of_a_copy_that_took_the_place_of_a_leased_file",
        ],
    },
    Mutant {
        name: "lease-begun-late",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"        // Checked first: if it is too late already, borrowers may be reading changed bytes.
        if !is_in_time() {",
        replace: "        if false {",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::lease::tests::a_copy_that_was_begun_too_late_ends_the_process",
        ],
    },
    Mutant {
        name: "lease-done-late",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: "if protected.is_err() || !is_in_time() {",
        replace: "if protected.is_err() {",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::lease::tests::a_copy_that_took_too_long_ends_the_process",
        ],
    },
    Mutant {
        name: "lease-gone",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"        if !give_back(&self.file) {
",
        replace: r"        if !give_back(&self.file) && self.span == 0 {
",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::lease::tests::a_lease_that_is_gone_when_it_is_given_back_ends_the_process",
        ],
    },
    Mutant {
        name: "lease-gone-unseen",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"        if !give_back(&self.file) {
",
        replace: r"        if !give_back(&self.file) && self.span == 0 {
",
        test: &["torture", "lease-lost"],
    },
    Mutant {
        name: "lease-late-disk",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: "if protected.is_err() || !is_in_time() {",
        replace: "if protected.is_err() {",
        test: &["torture", "lease-late"],
    },
    Mutant {
        name: "lease-time",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"        if patience <= LOOK.saturating_add(MARGIN) {
",
        replace: r"        if patience.is_zero() {
",
        test: &["torture", "lease-short"],
    },
    Mutant {
        name: "lease-child",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"            watcher.leases.iter().for_each(Held::become_unreadable);
",
        replace: r"            drop(watcher);
",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "fork",
            "a_child_that_touches_the_bytes_ends_whatever_it_did_before",
        ],
    },
    Mutant {
        name: "lease-child-drop",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"            if is_ours {
",
        replace: r"            if is_ours || held.span > 0 {
",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "fork",
            "a_child_that_drops_the_map_takes_nothing_from_itself_or_its_parent",
        ],
    },
    Mutant {
        name: "lease-told",
        file: "crates/backend-posix/src/fixed/lease.rs",
        find: r"    own(&file, watcher.thread)?;
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-rs",
            "--test",
            "proofs",
            "the_same_file_is_leased_many_times",
        ],
    },
    Mutant {
        name: "clone-name",
        file: "crates/backend-posix/src/fixed/clone.rs",
        find: "OFlags::TMPFILE | OFlags::EXCL | OFlags::RDWR",
        replace: "OFlags::TMPFILE | OFlags::RDWR",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::clone::tests::a_file_without_a_name_can_get_none",
        ],
    },
    Mutant {
        name: "clone-open",
        file: "crates/backend-posix/src/fixed/clone.rs",
        find: r"        if answer == 0 {
",
        replace: r"        if answer == 0 || reader.as_raw_fd() >= 0 {
",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::clone::tests::a_file_that_somebody_opened_is_found",
        ],
    },
    Mutant {
        name: "clone-waits",
        file: "crates/backend-posix/src/fixed/clone.rs",
        find: "if kind == libc::F_WRLCK { Ok(()) }",
        replace: "if kind != i32::MAX { Ok(()) }",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--lib",
            "fixed::clone::tests::a_file_that_somebody_waits_for_is_found",
        ],
    },
    Mutant {
        name: "slice-lost",
        file: "crates/backend-posix/src/fixed.rs",
        find: r"_lent: Some(lent)",
        replace: r"_lent: { drop(lent); None }",
        test: &["torture", "eio-frozen"],
    },
];

//! Mutants of the guard: its routines, the self-test, and registered ranges.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "missing-count",
        file: "crates/guard/src/arch/x86_64.rs",
        find: r#"load!("load_8", "8", "mov rax, [rdi]")"#,
        replace: r#"load!("load_8", "0", "mov rax, [rdi]")"#,
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "access",
            "integers_of_every_width_are_loaded_stored_exchanged_and_added_or_missing",
        ],
    },
    Mutant {
        name: "exact-byte",
        file: "crates/guard/src/access.rs",
        find: "let fault = Fault { moved: reached, address: raw.address, cause: cause(raw) };",
        replace: "let fault = Fault { moved, address: raw.address, cause: cause(raw) };",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "access",
            "copies_stop_at_the_exact_byte_whatever_the_alignment_and_length",
        ],
    },
    Mutant {
        name: "one-step",
        file: "crates/guard/src/arch/x86_64.rs",
        find: r#"add!("fetch_add_8", "8", "rax"),"#,
        replace: r#"routine!("fetch_add_8"),
    "mov edx, 8",
    "mov rax, [rdi]",
    "add rsi, rax",
    ".rept 8",
    "pause",
    ".endr",
    "mov [rdi], rsi",
    "xor edx, edx",
    "ret","#,
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "mixed",
            "additions_of_two_threads_at_once_are_all_there",
        ],
    },
    Mutant {
        name: "routine-bounds",
        file: "crates/guard/src/arch/x86_64.rs",
        find: "at if at < begin || at >= end => None,",
        replace: "at if at < begin && at >= end => None,",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "a foreign fault ends the process",
        ],
    },
    Mutant {
        name: "inline-table",
        file: "crates/guard/src/linux.rs",
        find: "if let Some(end) = arch::resume_after(registers::instruction(context)) {",
        replace: "if let Some(end) = arch::resume_after(0) {",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "access",
            "short_copies_in_line_give_their_bytes_or_say_that_they_did_not",
        ],
    },
    Mutant {
        name: "block-missing",
        file: "crates/guard/src/simd/x86_64/vectors.rs",
        find: r"    (missing == 0).then_some([a, b, c, d])
}

/// # Safety
/// As [`fold`], for 32 bytes.
#[target_feature",
        replace: r"    let _ = missing;
    Some([a, b, c, d])
}

/// # Safety
/// As [`fold`], for 32 bytes.
#[target_feature",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "search",
            "a_byte_is_counted_whatever_the_alignment_and_length",
        ],
    },
    Mutant {
        name: "part-within",
        file: "crates/guard/src/in_place.rs",
        find: "is_some_and(|end| end <= self.len);",
        replace: "is_some();",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "search",
            "a_part_of_a_range_in_place_lies_within_it",
        ],
    },
    Mutant {
        name: "let-through",
        file: "crates/guard/src/linux.rs",
        find: r"    unblock(SIGBUS);
    READY.set(true);",
        replace: "    READY.set(true);",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "a thread with the signal blocked",
        ],
    },
    Mutant {
        name: "self-test",
        file: "crates/guard/src/linux.rs",
        find: "match self_test() {",
        replace: "match self_test().or(Ok::<(), &'static str>(())) {",
        test: &["test", "-p", "memmap-guard", "--test", "signals", "mappings may not grow"],
    },
    Mutant {
        name: "tried-again",
        file: "crates/guard/src/linux.rs",
        find: "match self_test() {",
        replace: r"match {
                static HINDERED: AtomicBool = AtomicBool::new(false);
                if HINDERED.load(Ordering::Relaxed) {
                    Err(NO_MEMORY)
                } else {
                    self_test().inspect_err(|_| HINDERED.store(true, Ordering::Relaxed))
                }
            } {",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "no address is left, for a while",
        ],
    },
    Mutant {
        name: "loss-noted",
        file: "crates/guard/src/linux/lent.rs",
        find: "self.entry().lost.fetch_min(byte, Ordering::Release);",
        replace: "let _ = Ordering::Release;",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "linux::lent::tests::a_range_is_found_by_each_page_that_it_has_a_part_in",
        ],
    },
    Mutant {
        name: "abort-counts",
        file: "crates/guard/src/linux/lent.rs",
        find: "if found.on_lost == OnLostPage::Abort {",
        replace: "if found.on_lost == OnLostPage::Zeros {",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "linux::lent::tests::of_ranges_in_one_page_all_lose_it_and_the_strictest_decides",
        ],
    },
    Mutant {
        name: "slot-held",
        file: "crates/guard/src/range_table.rs",
        find: "self.state.fetch_and(!(TAKEN | LIVE), Ordering::Release);",
        replace: "self.state.store(0, Ordering::Release);",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "range_table::tests::model_of_a_slot_that_is_used_again_while_the_handler_looks",
        ],
    },
    Mutant {
        name: "slot-live",
        file: "crates/guard/src/range_table.rs",
        find: "(state & LIVE != 0).then_some(held)",
        replace: "Some(held)",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "range_table::tests::model_of_a_slot_that_is_used_again_while_the_handler_looks",
        ],
    },
    Mutant {
        name: "fill-held",
        file: "crates/guard/src/filler.rs",
        find: "let mut is_held = self.is_held();",
        replace: "let mut is_held = false;",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "filler::tests::a_range_that_is_held_is_waited_for_or_left",
        ],
    },
    Mutant {
        name: "fill-closed",
        file: "crates/guard/src/range_table.rs",
        find: "self.state.fetch_and(!LIVE, Ordering::Relaxed);",
        replace: "let _ = LIVE;",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "filler::tests::model_of_a_range_that_is_removed_while_it_is_touched",
        ],
    },
    Mutant {
        name: "fill-waits",
        file: "crates/guard/src/linux/touch.rs",
        find: "self.process == unsafe { libc::getpid() }",
        replace: "self.process < unsafe { libc::getpid() }",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "a range is dropped while a stray touch is filled",
        ],
    },
    Mutant {
        name: "fill-child",
        file: "crates/guard/src/linux/touch.rs",
        find: "self.process == unsafe { libc::getpid() }",
        replace: "self.process > 0 || 0 == unsafe { libc::getpid() }",
        test: &["test", "-p", "memmap-guard", "--test", "signals", "a fork while a page is filled"],
    },
    Mutant {
        name: "fill-load",
        file: "crates/guard/src/linux/touch.rs",
        find: "let is_load = registers::is_load(interrupted);",
        replace: "let is_load = true;",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "a store into a range that is not filled yet",
        ],
    },
    Mutant {
        name: "chunk-once",
        file: "crates/guard/src/range_table.rs",
        find: r"                unsafe { &*other }
",
        replace: r"                unsafe { &*Box::into_raw(Box::new(Self::new())) }
",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "range_table::tests::model_of_two_threads_that_need_a_new_chunk",
        ],
    },
    Mutant {
        name: "lent-no-more",
        file: "crates/guard/src/registered_range.rs",
        find: r"            slot.retire();
",
        replace: r"            let _ = slot;
",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "a range that is no longer registered",
        ],
    },
    Mutant {
        name: "zeros-asked",
        file: "crates/guard/src/linux/page_repair.rs",
        find: "loss.on_lost == OnLostPage::Zeros && replace()",
        replace: "(loss.on_lost == OnLostPage::Zeros || loss.byte > 0) && replace()",
        test: &["test", "-p", "memmap-guard", "--test", "signals", "a lost page ends the process"],
    },
    Mutant {
        name: "no-room",
        file: "crates/guard/src/linux/page_repair.rs",
        find: "unsafe { libc::mmap(page, len, PROT_READ, flags, -1, 0) != MAP_FAILED }",
        replace: "unsafe { libc::mmap(page, len, PROT_READ, flags, -1, 0) == MAP_FAILED || len > 0 }",
        test: &["test", "-p", "memmap-guard", "--test", "signals", "no room for a page of zeros"],
    },
    Mutant {
        name: "mend-tail",
        file: "crates/guard/src/linux/mend.rs",
        find: ".filter(|&end| end <= page && !is_broken)",
        replace: ".filter(|&end| end <= page && is_broken)",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "all behind the end is one mapping",
        ],
    },
    Mutant {
        name: "mend-stays",
        file: "crates/guard/src/linux/mend.rs",
        find: "self.replace(end..replaced)",
        replace: "self.replace(end..self.pages)",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "stores to zeros stay, and reach no file",
        ],
    },
    Mutant {
        name: "mend-named",
        file: "crates/guard/src/linux/mend.rs",
        find: "(device == self.device && number == self.number)",
        replace: "(device == self.device || number != self.number)",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "another file by the number of the descriptor",
        ],
    },
    Mutant {
        name: "mend-rest",
        file: "crates/guard/src/linux/mend.rs",
        find: "const SINGLE_MAX: usize = 10_000;",
        replace: "const SINGLE_MAX: usize = usize::MAX;",
        test: &["test", "-p", "memmap-guard", "--test", "signals", "no mapping is left for zeros"],
    },
    Mutant {
        name: "loss-shared",
        file: "crates/guard/src/linux/shared_words.rs",
        find: "libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE",
        replace: "libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "what a child loses, its parent is told",
        ],
    },
    Mutant {
        name: "words-forked",
        file: "crates/guard/src/linux/shared_words.rs",
        find: "let slot = if age(state) == now {",
        replace: "let slot = if age(state) > 0 {",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "words_that_a_child_has_are_not_used_again_by_its_parent",
        ],
    },
];

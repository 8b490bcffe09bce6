//! The handler, its routines, and what is lent.

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
        name: "in-line-table",
        file: "crates/guard/src/linux.rs",
        find: "if let Some(behind) = arch::behind(registers::instruction(context)) {",
        replace: "if let Some(behind) = arch::behind(0) {",
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
        file: "crates/guard/src/arch/x86_64/vectors.rs",
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
        find: r"    unblock();
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
        file: "crates/guard/src/slots.rs",
        find: "self.slot.lost.fetch_min(byte, Ordering::Release);",
        replace: "let _ = Ordering::Release;",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "slots::tests::a_range_is_found_by_each_page_that_it_has_a_part_in",
        ],
    },
    Mutant {
        name: "abort-counts",
        file: "crates/guard/src/slots.rs",
        find: "if found.on_lost == OnLostPage::Abort {",
        replace: "if found.on_lost == OnLostPage::Zeros {",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "slots::tests::of_ranges_in_one_page_all_lose_it_and_the_strictest_decides",
        ],
    },
    Mutant {
        name: "slot-held",
        file: "crates/guard/src/slots.rs",
        find: "self.state.fetch_and(!(TAKEN | LIVE | ZEROS), Ordering::Release);",
        replace: "self.state.store(0, Ordering::Release);",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "slots::tests::model_of_a_slot_that_is_used_again_while_the_handler_looks",
        ],
    },
    Mutant {
        name: "slot-live",
        file: "crates/guard/src/slots.rs",
        find: "(state & LIVE != 0).then_some(held)",
        replace: "Some(held)",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "slots::tests::model_of_a_slot_that_is_used_again_while_the_handler_looks",
        ],
    },
    Mutant {
        name: "chunk-once",
        file: "crates/guard/src/slots.rs",
        find: r"                unsafe { &*other }
",
        replace: r"                unsafe { &*Box::into_raw(Box::new(Self::new())) }
",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "slots::tests::model_of_two_threads_that_need_a_new_chunk",
        ],
    },
    Mutant {
        name: "lent-no-more",
        file: "crates/guard/src/lent.rs",
        find: r"            slot.retire();
",
        replace: r"            let _ = slot;
",
        test: &["test", "-p", "memmap-guard", "--test", "signals", "a range that is lent no more"],
    },
    Mutant {
        name: "zeros-asked",
        file: "crates/guard/src/lost_page.rs",
        find: "loss.on_lost == OnLostPage::Zeros && unsafe",
        replace: "(loss.on_lost == OnLostPage::Zeros || loss.byte > 0) && unsafe",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "a lent page is lost, which ends the process",
        ],
    },
    Mutant {
        name: "no-room",
        file: "crates/guard/src/lost_page.rs",
        find: "unsafe { libc::mmap(page, len, PROT_READ, flags, -1, 0) != MAP_FAILED }",
        replace: "unsafe { libc::mmap(page, len, PROT_READ, flags, -1, 0) == MAP_FAILED || len > 0 }",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "a page is lent for zeros, and there is no room for them",
        ],
    },
    Mutant {
        name: "no-page",
        file: "crates/guard/src/linux.rs",
        find: "libc::BUS_ADRERR..=libc::BUS_MCEERR_AR;",
        replace: "libc::BUS_ADRALN..=libc::BUS_MCEERR_AR;",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "an unsuitable address in a lent page",
        ],
    },
    Mutant {
        name: "errno-kept",
        file: "crates/guard/src/lost_page.rs",
        find: r"    let result = act();
    // SAFETY: as above.
    unsafe { errno.write(before) };
",
        replace: r"    let result = act();
    let _ = before;
",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "errors of a lost page are nobody's",
        ],
    },
    Mutant {
        name: "no-thread-local",
        file: "crates/guard/src/linux.rs",
        find: r"    let code = unsafe { (*info).si_code };
",
        replace: r"    let code = unsafe { (*info).si_code };
    std::hint::black_box(READY.get());
",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "plugin",
            "nothing_is_allocated_in_the_handler",
        ],
    },
    Mutant {
        name: "passed-on",
        file: "crates/guard/src/linux/chain.rs",
        find: r"        unsafe { ask(previous, signal, info, context) };
",
        replace: r"        let _ = (previous, signal, info, context, ask);
",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "an earlier handler gets what is not ours",
        ],
    },
    Mutant {
        name: "default-ends",
        file: "crates/guard/src/linux/chain.rs",
        find: r"    set(&default_action());
    if was_sent {",
        replace: "    if was_sent {",
        test: &["test", "-p", "memmap-guard", "--test", "signals", "no handler, but flags of one"],
    },
    Mutant {
        name: "own-function",
        file: "crates/guard/src/linux/chain.rs",
        find: "entries::of(turn);",
        replace: "entries::of(turn.min(0));",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "handlers that come again and ask, and an earlier one",
        ],
    },
    Mutant {
        name: "asked-once",
        file: "crates/guard/src/linux/chain.rs",
        find: "asking.was_asked(other) && slot",
        replace: "asking.was_asked(other.max(64)) && slot",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "handlers that come again and ask, and an earlier one",
        ],
    },
    Mutant {
        name: "asked-anew",
        file: "crates/guard/src/linux/asked.rs",
        find: r"let is_inner = question.frame.load(Ordering::Relaxed) != frame
            && question",
        replace: "let is_inner = question",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "handler::asked::tests::who_is_asked_in_turn_knows_what_was_asked",
        ],
    },
    Mutant {
        name: "given-up",
        file: "crates/guard/src/linux/chain.rs",
        find: r"            gave_up(previous);
",
        replace: r"            let _ = gave_up;
",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "handlers that come again and give up in turn",
        ],
    },
    Mutant {
        name: "std-restored",
        file: "crates/guard/src/linux/chain.rs",
        find: "} else if was_sent && !now.0.passes_to_us() {",
        replace: "} else if was_sent && false {",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "a signal sent once is survived",
        ],
    },
    Mutant {
        name: "front-at-open",
        file: "crates/guard/src/linux.rs",
        find: r"    let status = try_to_work();
    if let",
        replace: r"    let status = status();
    if let",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "an open comes before a handler that does not ask",
        ],
    },
    Mutant {
        name: "behind",
        file: "crates/guard/src/linux/chain.rs",
        find: r"        None => Place::Behind,
",
        replace: r"        None => Place::Reached,
",
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
        name: "forked-alone",
        file: "crates/guard/src/linux/chain.rs",
        find: "Err(other) if other != process => {",
        replace: "Err(other) if other != process && process < 0 => {",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "forks while threads come first",
        ],
    },
    Mutant {
        name: "mark",
        file: "crates/guard/src/linux/entries.rs",
        find: "if unsafe { mark.read_volatile() } != MARK {",
        replace: "if unsafe { mark.read_volatile() } == [0; 16] {",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "handler::entries::tests::nothing_else_is_taken_for_one",
        ],
    },
    Mutant {
        name: "readable",
        file: "crates/guard/src/linux/entries.rs",
        find: r"        if !is_readable(mark) {
",
        replace: r"        if mark == 0 {
",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--lib",
            "handler::entries::tests::nothing_else_is_taken_for_one",
        ],
    },
    Mutant {
        name: "copies-push",
        file: "crates/guard/src/linux/chain.rs",
        find: "let Some(next) = entries::passes_to(function) else { return false };",
        replace: "let Some(next) = entries::passes_to(0) else { return false };",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "plugin",
            "two_copies_in_one_process_leave_each_other_alone",
        ],
    },
    Mutant {
        name: "kept-loaded",
        file: "crates/guard/src/linux/chain.rs",
        find: r"    pin::keep_loaded();
",
        replace: "",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "plugin",
            "it_stays_loaded_once_it_was_used_and_not_before",
        ],
    },
];

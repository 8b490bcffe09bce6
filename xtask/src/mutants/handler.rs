//! Mutants of the signal handler: what it does, and which other handlers are called.

use super::Mutant;

pub(super) const MUTANTS: &[Mutant] = &[
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
            "a misaligned access in a registered page",
        ],
    },
    Mutant {
        name: "errno-kept",
        file: "crates/guard/src/linux/report.rs",
        find: r"    let result = act();
    // SAFETY: as above.
    unsafe { errno.write(before) };
",
        replace: r"    let result = act();
    let _ = before;
",
        test: &["test", "-p", "memmap-guard", "--test", "signals", "a lost page preserves errno"],
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
        find: r"            unsafe { ask(previous, signal, info, context) };
",
        replace: r"            let _ = (previous, signal, info, context, ask);
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
        find: r"        self.set(&default_action());
        if was_sent {",
        replace: "        if was_sent {",
        test: &["test", "-p", "memmap-guard", "--test", "signals", "no handler, but flags of one"],
    },
    Mutant {
        name: "own-function",
        file: "crates/guard/src/linux/chain.rs",
        find: "self.entries.of(turn);",
        replace: "self.entries.of(turn.min(0));",
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
            "linux::asked::tests::who_is_asked_in_turn_knows_what_was_asked",
        ],
    },
    Mutant {
        name: "given-up",
        file: "crates/guard/src/linux/chain.rs",
        find: r"                self.gave_up(previous);
",
        replace: r"                let _ = Self::gave_up;
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
        find: "} else if was_sent && !self.is_passed_on_by(now.0) {",
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
        find: ".unwrap_or(LAST);",
        replace: ".unwrap_or(TURNS);",
        test: &[
            "test",
            "-p",
            "memmap-posix",
            "--test",
            "unguarded",
            "ours_comes_before_any_number_of_handlers",
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
        name: "fill-late",
        file: "crates/guard/src/linux.rs",
        find: r"    unblock(SIGBUS);
    READY.set(true);",
        replace: r"    unblock(SIGBUS);
    chain::OF_SIGSEGV.come_first();
    READY.set(true);",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "the handler comes with the first range that is filled",
        ],
    },
    Mutant {
        name: "fill-alone",
        file: "crates/guard/src/linux/chain.rs",
        find: "SEGV_MTEAERR, true);",
        replace: "SEGV_MTEAERR, false);",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "no signal comes while a page is filled",
        ],
    },
    Mutant {
        name: "fill-unblocked",
        file: "crates/guard/src/linux/touch.rs",
        find: "set_blocked(set | u32",
        replace: "set_blocked(set | !0 | u32",
        test: &[
            "test",
            "-p",
            "memmap-guard",
            "--test",
            "signals",
            "an earlier handler survives a lost page meanwhile",
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
            "linux::entries::tests::nothing_else_is_taken_for_one",
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
            "linux::entries::tests::nothing_else_is_taken_for_one",
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

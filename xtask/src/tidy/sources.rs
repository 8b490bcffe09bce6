//! Checks what source files may contain, and where.

use super::code::{Code, has_word};

/// The directories and files that may have unsafe code.
const UNSAFE_PATHS: &[&str] = &[
    "crates/guard/",
    "crates/backend-posix/",
    "crates/backend-windows/",
    "crates/backend-anon/src/unix.rs",
    "crates/backend-anon/src/windows.rs",
    "crates/memmap/tests/assumed.rs",
    "crates/memmap/tests/exposed.rs",
    "crates/bench/src/rival_map.rs",
    "python/src/door/",
];

/// The directories and files that may ask which platform they are built for.
const PLATFORM_PATHS: &[&str] = &[
    "crates/guard/",
    "crates/system/",
    "crates/backend-",
    "crates/bench/",
    "crates/memmap/src/native.rs",
    // Only Linux has a call that enlarges a pipe.
    "crates/viewer/src/cli/stdout_pipe.rs",
    // Only Unix suspends and continues programs.
    "crates/viewer/src/terminal/job_control.rs",
    // Only Unix has process groups, and shell scripts as programs for its tests.
    "crates/viewer/src/terminal/clipboard.rs",
    // Each system identifies a file in its own way.
    "crates/viewer/src/source/file_stat.rs",
    // The replacement for a closed standard input.
    "crates/viewer/src/source/standard_input.rs",
    // Each system has its own open files.
    "python/src/door/",
    // On Windows, `OSError` takes the error number of the system as `winerror`.
    "python/src/errors.rs",
];

const PLATFORM_WORDS: [&str; 4] = ["unix", "windows", "target_family", "target_os"];

/// Drafts that must not remain, with what to do about them.
const LEFT_OVERS: [(&str, &str); 4] = [
    ("todo!(", "write it"),
    ("unimplemented!(", "write it, or return an error that says so"),
    ("dbg!(", "remove it"),
    ("#[ignore", "make the test fast and reliable, or remove it"),
];

/// The root of a crate must forbid unsafe code, unless a file of the crate may have some.
pub(super) fn root_forbids_unsafe(path: &str, root: &Code) -> Option<String> {
    let crate_path = path.split_once("src/").map_or(path, |(directory, _)| directory);
    let may_have_some = UNSAFE_PATHS.iter().any(|path| path.starts_with(crate_path));
    let forbids = root.contains("#![forbid(unsafe_code)]");
    (!forbids && !may_have_some).then(|| {
        format!(
            "{path}: does not forbid unsafe code: add `#![forbid(unsafe_code)]` \
             (UNSAFE_PATHS in xtask/src/tidy/sources.rs lists the exceptions)"
        )
    })
}

/// Complaints about what must not be in this file.
pub(super) fn check(path: &str, code: &Code) -> Vec<String> {
    let is_in = |paths: &[&str]| paths.iter().any(|it| path.starts_with(it));
    let mut complaints = Vec::new();
    if let Some(line) = code.line_of_word("unsafe").filter(|_| !is_in(UNSAFE_PATHS)) {
        complaints.push(format!(
            "{path}:{line}: unsafe code is not allowed here: move it into one of {}",
            UNSAFE_PATHS.join(", ")
        ));
    }
    // Integration tests may need pipes or terminals, which differ between systems.
    let may_ask = is_in(PLATFORM_PATHS) || path.contains("/tests/");
    for (line, condition) in code.conditions().filter(|_| !may_ask) {
        if let Some(word) = PLATFORM_WORDS.iter().find(|word| has_word(condition, word)) {
            complaints.push(format!(
                "{path}:{line}: asks for a platform (`{word}`): \
                 let a backend answer, chosen in crates/memmap/src/native.rs"
            ));
        }
    }
    for (left_over, remedy) in LEFT_OVERS {
        if let Some(line) = code.line_of(left_over) {
            complaints.push(format!("{path}:{line}: `{left_over}` must not remain: {remedy}"));
        }
    }
    complaints
}

/// SAFETY.md must name each file with unsafe code, and no other.
pub(super) fn ledger(ledger: &str, sources: &[(String, Code)]) -> Vec<String> {
    let named: Vec<&str> = ledger
        .split(|c: char| !c.is_alphanumeric() && !"_-./".contains(c))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.contains('/') && word.strip_suffix(".rs").is_some())
        .collect();
    let with_unsafe: Vec<&str> = sources
        .iter()
        .filter(|(_, code)| code.line_of_word("unsafe").is_some())
        .map(|(path, _)| path.as_str())
        .collect();
    let missing = with_unsafe.iter().filter(|path| !named.contains(path)).map(|path| {
        format!("SAFETY.md: add `{path}`, which has unsafe code, and say why it is sound")
    });
    let stale = named.iter().filter(|path| !with_unsafe.contains(path)).map(|path| {
        format!("SAFETY.md: remove `{path}`, which has no unsafe code, or does not exist")
    });
    missing.chain(stale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        check(path, &Code::of(text))
    }

    #[test]
    fn a_root_that_does_not_forbid_unsafe_code_is_reported_unless_it_may_have_some() {
        let open = Code::of("// #![forbid(unsafe_code)]");
        assert!(root_forbids_unsafe("crates/core/src/lib.rs", &open).is_some());
        assert!(root_forbids_unsafe("crates/backend-posix/src/lib.rs", &open).is_none());
        assert!(root_forbids_unsafe("crates/bench/src/main.rs", &open).is_none());
        let closed = Code::of("#![forbid(unsafe_code)]");
        assert!(root_forbids_unsafe("crates/core/src/lib.rs", &closed).is_none());
    }

    #[test]
    fn unsafe_code_in_other_files_is_reported_with_its_line() {
        let text = "\nunsafe fn f() {}";
        assert!(complaints("crates/core/src/a.rs", text)[0].starts_with("crates/core/src/a.rs:2:"));
        assert_eq!(complaints("crates/backend-posix/src/a.rs", text), [""; 0]);
        assert_eq!(complaints("crates/bench/src/stats.rs", text).len(), 1);
    }

    #[test]
    fn asking_for_a_platform_in_other_files_is_reported() {
        for text in ["#[cfg(not(unix))]", "cfg!(target_os = \"linux\")", "#[cfg_attr(windows, a)]"]
        {
            assert_eq!(complaints("crates/viewer/src/main.rs", text).len(), 1, "{text}");
            assert_eq!(complaints("crates/memmap/src/native.rs", text), [""; 0]);
        }
        assert_eq!(complaints("crates/viewer/src/main.rs", "#[cfg(test)]"), [""; 0]);
    }

    #[test]
    fn each_left_over_is_reported_with_what_to_do() {
        for (left_over, remedy) in LEFT_OVERS {
            let found = complaints("a.rs", &format!("fn f() {{\n {left_over}"));
            assert!(found[0].starts_with("a.rs:2: ") && found[0].ends_with(remedy), "{found:?}");
        }
    }

    #[test]
    fn the_ledger_names_each_file_with_unsafe_code_and_no_other() {
        let sources = [
            ("crates/a/src/lib.rs".to_owned(), Code::of("unsafe {}")),
            ("crates/b/src/lib.rs".to_owned(), Code::of("// unsafe {}")),
        ];
        assert_eq!(ledger("See `crates/a/src/lib.rs`. And lib.rs.", &sources), [""; 0]);
        let found = ledger("See crates/b/src/lib.rs.", &sources);
        assert!(found[0].contains("add `crates/a/src/lib.rs`"), "{found:?}");
        assert!(found[1].contains("remove `crates/b/src/lib.rs`"), "{found:?}");
    }
}

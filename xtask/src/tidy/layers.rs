//! The folders of the viewer are layers: each may use only those below it.

use super::code::Code;

/// The viewer's sources.
const HOME: &str = "crates/viewer/src/";

/// The folders from top to bottom: one may use those to its right.
const ORDER: &str = "cli terminal ui update editor layout view document structure analysis search job patch format source";

/// The folder that may use the names of `lib.rs`, which is above all folders.
const BELOW_ROOT: &str = "cli";

/// The folders that hold state: they read no files, start no threads and do not ask for the time.
const STATE: [&str; 6] = ["ui", "update", "editor", "layout", "view", "document"];

/// Exceptions among their files, with the reason.
const REACHES_OUT: [(&str, &str); 4] = [
    ("document/path_completion.rs", "a job: reads a directory for the prompt"),
    ("document/write_range.rs", "a job: writes a new file"),
    ("editor/config.rs", "reads the configuration before there is a view"),
    ("editor/session.rs", "reads and writes the session; terminal calls it"),
];

/// The folders whose threads may block on a disk or network. State holds mappings, but does not
/// read them.
const MAY_BLOCK: [&str; 3] = ["cli", "terminal", "job"];

/// The token for blocking reads, and the file that defines it.
const TOKEN: &str = "MayBlock::on_this_thread";
const TOKEN_HOME: &str = "source/handle.rs";

/// The modules of `std` that these folders must not use.
const MODULES: [&str; 3] = ["env", "fs", "thread"];

/// Complaints about folders that use a folder above them, and about state that reaches out.
pub(super) fn check(sources: &[(String, Code)]) -> Vec<String> {
    let own: Vec<(&str, &Code)> = sources
        .iter()
        .filter_map(|(path, code)| Some((path.strip_prefix(HOME)?, code)))
        .filter(|(path, _)| !matches!(*path, "lib.rs" | "main.rs"))
        .collect();
    let mut complaints = Vec::new();
    for &(path, code) in &own {
        complaints.extend(arrows(path, code));
        let may_block = MAY_BLOCK.contains(&folder(path)) || path == TOKEN_HOME;
        if let Some(line) = code.line_of(TOKEN).filter(|_| !may_block) {
            complaints.push(format!(
                "{HOME}{path}:{line}: `{TOKEN}` in `{}`, whose thread must not wait for a disk: read in a \
                 job (MAY_BLOCK in xtask/src/tidy/layers.rs)",
                folder(path)
            ));
        }
        let excuse = REACHES_OUT.iter().find(|(named, _)| *named == path);
        let found = if STATE.contains(&folder(path)) { reach(code) } else { None };
        match (found, excuse) {
            (Some((line, what)), None) => complaints.push(format!(
                "{HOME}{path}:{line}: `{what}` in `{}`, which must read no files, start no threads and not \
                 ask for the time: let terminal do it, and pass the result in (REACHES_OUT in \
                 xtask/src/tidy/layers.rs lists the exceptions)",
                folder(path)
            )),
            (None, Some(_)) => complaints.push(stale(path)),
            _ => {}
        }
    }
    let gone = |(path, _): &&(&str, &str)| !own.is_empty() && own.iter().all(|(it, _)| it != path);
    complaints.extend(REACHES_OUT.iter().filter(gone).map(|(path, _)| stale(path)));
    complaints
}

fn stale(path: &str) -> String {
    format!(
        "{HOME}{path}: no longer reaches out: remove it from REACHES_OUT in xtask/src/tidy/layers.rs"
    )
}

/// The folder that a file is in, or whose module it is.
fn folder(path: &str) -> &str {
    let first = path.split_once('/').map_or(path, |(first, _)| first);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The depth of a folder in the order.
fn depth(folder: &str) -> Option<usize> {
    ORDER.split(' ').position(|it| it == folder)
}

/// Complaints about uses of folders that are not below the file's own.
fn arrows(path: &str, code: &Code) -> Vec<String> {
    let own = folder(path);
    let Some(from) = depth(own) else {
        return vec![format!(
            "{HOME}{path}: `{own}` is in no layer: move the file into a folder, or give the folder its \
             place in ORDER in xtask/src/tidy/layers.rs and in ARCHITECTURE.md"
        )];
    };
    let mut complaints = Vec::new();
    for (line, name) in code.names_after("crate") {
        match depth(name) {
            Some(to) if to >= from => {}
            Some(_) => complaints.push(points_up(path, line, name)),
            None if own == BELOW_ROOT => {}
            None => complaints.push(format!(
                "{HOME}{path}:{line}: `crate::{name}` is a name of lib.rs, above all folders: \
                 use the path of the file that defines it, or move it into a folder below"
            )),
        }
    }
    // From the file itself, and from a module in it, such as its tests.
    let outwards = path.split('/').count();
    for steps in [outwards, outwards + 1] {
        for (line, name) in code.names_after(&vec!["super"; steps].join("::")) {
            if depth(name).is_some_and(|to| to < from) {
                complaints.push(points_up(path, line, name));
            }
        }
    }
    complaints
}

fn points_up(path: &str, line: usize, name: &str) -> String {
    let own = folder(path);
    format!(
        "{HOME}{path}:{line}: `{own}` uses `{name}`, which is above it: move what both need into `{own}` \
         or below, or pass it in (the order is ORDER in xtask/src/tidy/layers.rs)"
    )
}

/// The first use of a file, a thread or the time in a file.
fn reach(code: &Code) -> Option<(usize, String)> {
    let modules = code.names_after("std").into_iter().filter(|(_, name)| MODULES.contains(name));
    let modules = modules.map(|(line, name)| (line, format!("std::{name}")));
    let now = code.line_of("Instant::now").map(|line| (line, "Instant::now".to_owned()));
    let clock = code.line_of_word("SystemTime").map(|line| (line, "SystemTime".to_owned()));
    modules.chain(now).chain(clock).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The complaints about these files and the exceptions.
    fn complaints(files: &[(&str, &str)]) -> Vec<String> {
        let excused = REACHES_OUT.map(|(path, _)| (path, "use std::fs;"));
        let files =
            excused.iter().filter(|(path, _)| files.iter().all(|(it, _)| it != path)).chain(files);
        let sources: Vec<_> =
            files.map(|(path, text)| (format!("{HOME}{path}"), Code::of(text))).collect();
        check(&sources)
    }

    #[test]
    fn a_folder_may_use_itself_and_those_below_it() {
        let text = "use crate::ui::write;\nuse crate::{format::theme, source};\nfn f() { crate::job::g() }";
        assert_eq!(complaints(&[("ui/tabs.rs", text), ("ui.rs", text)]), [""; 0]);
    }

    #[test]
    fn an_arrow_that_points_up_is_reported_with_its_line_in_each_of_its_forms() {
        for (text, line) in [
            ("\nuse crate::ui::write;", 2),
            ("\n\npub(crate) use crate::{format::theme, ui};", 3),
            ("use crate::{\n    format::{ui, theme},\n    ui::write,\n};", 3),
            ("fn f() {\n    crate::ui::write()\n}", 2),
            ("mod tests {\n    use crate::ui::write;\n}", 2),
            ("use super::super::ui;", 1),
            ("mod tests {\n    use super::super::super::ui;\n}", 2),
        ] {
            let found = complaints(&[("document/marks.rs", text)]);
            let expected =
                format!("{HOME}document/marks.rs:{line}: `document` uses `ui`, which is above");
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].starts_with(&expected), "{text}: {found:?}");
        }
        for above in ORDER.split(' ').take_while(|&it| it != "document") {
            assert_eq!(
                complaints(&[("document.rs", &format!("use crate::{above};"))]).len(),
                1,
                "{above}"
            );
        }
    }

    #[test]
    fn other_texts_are_not_paths() {
        for text in
            ["// use crate::ui;", "\"crate::ui::x\"", "use other_crate::ui;", "use super::ui;"]
        {
            assert_eq!(complaints(&[("document/marks.rs", text)]), [""; 0], "{text}");
        }
    }

    #[test]
    fn names_of_the_root_are_for_the_command_line_only() {
        assert_eq!(complaints(&[("cli/find.rs", "use crate::{Failure, say};")]), [""; 0]);
        let found = complaints(&[("document/marks.rs", "\nfn f(app: &crate::App) {}")]);
        assert!(
            found[0].contains("document/marks.rs:2: `crate::App` is a name of lib.rs"),
            "{found:?}"
        );
    }

    #[test]
    fn a_folder_without_a_layer_is_reported() {
        let found = complaints(&[("helpers/text.rs", "")]);
        assert!(found[0].contains("helpers/text.rs: `helpers` is in no layer"), "{found:?}");
    }

    #[test]
    fn state_that_reaches_out_is_reported_with_its_line_unless_it_is_named() {
        for text in [
            "\nuse std::fs;",
            "\nuse std::{env, io};",
            "\nuse std::{\n io, thread};",
            "\nlet now = Instant::now();",
            "\nuse std::time::SystemTime;",
            "\nstd::fs::read(path)",
        ] {
            for folder in STATE {
                let path = format!("{folder}/some.rs");
                let found = complaints(&[(&path, text)]);
                assert_eq!(found.len(), 1, "{path} {text}: {found:?}");
                assert!(found[0].contains("/some.rs:2: `") || found[0].contains("/some.rs:3: `"));
            }
            for path in ["terminal/tui.rs", "source/file_stat.rs", "editor/session.rs"] {
                assert_eq!(complaints(&[(path, text)]), [""; 0], "{path} {text}");
            }
        }
    }

    #[test]
    fn an_exception_that_no_longer_reaches_out_is_reported() {
        let found = complaints(&[("editor/config.rs", "")]);
        assert!(found[0].contains("editor/config.rs: no longer reaches out"), "{found:?}");
    }

    #[test]
    fn a_thread_that_answers_keys_reads_no_mapping() {
        let text = "fn f() {\n    source.mapping(MayBlock::on_this_thread())\n}";
        assert_eq!(complaints(&[("terminal/page_reader.rs", text)]), [""; 0]);
        let found = complaints(&[("update/motion.rs", text)]);
        assert!(
            found[0].starts_with("crates/viewer/src/update/motion.rs:2: `MayBlock"),
            "{found:?}"
        );
    }
}

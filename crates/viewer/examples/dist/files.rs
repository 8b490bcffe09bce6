//! Generates manual pages, and completions for three shells, from the command line definition that
//! the program itself uses.

use std::io;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

/// A path relative to the output directory, and the contents.
pub(crate) type File = (String, Vec<u8>);

/// Generates all files.
///
/// # Errors
/// None: writing to memory does not fail.
pub(crate) fn files() -> io::Result<Vec<File>> {
    let commands = lazyhex::command_lines();
    let mut files = Vec::new();
    for (name, command) in &commands {
        // `dump` shares its options and its page with the main program.
        if *name != "dump" {
            files.push(page(name, command.clone(), &commands)?);
        }
    }
    let mut whole = commands.iter().filter(|(name, _)| *name != "lazyhex").fold(
        commands
            .iter()
            .find(|(name, _)| *name == "lazyhex")
            .map(|(_, it)| it.clone())
            .unwrap_or_default(),
        |whole, (name, command)| whole.subcommand(command.clone().name(*name)),
    );
    for (shell, path) in [
        (Shell::Bash, "completions/lazyhex.bash"),
        (Shell::Zsh, "completions/_lazyhex"),
        (Shell::Fish, "completions/lazyhex.fish"),
    ] {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut whole, "lazyhex", &mut script);
        files.push((path.to_owned(), script));
    }
    Ok(files)
}

/// A manual page. That of the main program refers to the others.
fn page(name: &'static str, command: Command, all: &[(&'static str, Command)]) -> io::Result<File> {
    let is_main = name == "lazyhex";
    let (title, typed) = match name {
        "find" => ("lazyhex-find", "lazyhex find"),
        "stat" => ("lazyhex-stat", "lazyhex stat"),
        "info" => ("lazyhex-info", "lazyhex info"),
        "diff" => ("lazyhex-diff", "lazyhex diff"),
        "tree" => ("lazyhex-tree", "lazyhex tree"),
        "get" => ("lazyhex-get", "lazyhex get"),
        "formats" => ("lazyhex-formats", "lazyhex formats"),
        "patch" => ("lazyhex-patch", "lazyhex patch"),
        "load" => ("lazyhex-load", "lazyhex load"),
        _ => (name, name),
    };
    let mut page = Vec::new();
    let man = Man::new(command.name(title).bin_name(typed));
    if is_main {
        man.render_title(&mut page)?;
        man.render_name_section(&mut page)?;
        page.extend(synopsis(all).into_bytes());
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
        page.extend(keys().into_bytes());
        man.render_extra_section(&mut page)?;
        man.render_version_section(&mut page)?;
    } else {
        man.render(&mut page)?;
    }
    let others = all.iter().filter(|(other, _)| !matches!(*other, "lazyhex" | "dump"));
    let others: Vec<String> = if is_main {
        others.map(|(other, _)| format!("\\fBlazyhex\\-{other}\\fR(1)")).collect()
    } else {
        vec!["\\fBlazyhex\\fR(1)".to_owned()]
    };
    page.extend(format!(".SH \"SEE ALSO\"\n{}\n", others.join(", ")).into_bytes());
    Ok((format!("man/man1/{title}.1"), page))
}

/// The synopsis: a line per command.
fn synopsis(all: &[(&'static str, Command)]) -> String {
    let usage = |(_, command): &(&str, Command)| {
        let usage = command.clone().render_usage().to_string();
        let usage =
            usage.lines().next().unwrap_or_default().trim_start_matches("Usage: ").to_owned();
        format!("{}\n", escaped(&usage))
    };
    format!(".SH SYNOPSIS\n{}", all.iter().map(usage).collect::<Vec<_>>().join(".br\n"))
}

/// The keys and commands of the view, from its help.
fn keys() -> String {
    let line = |[left, right, detail]: &[String; 3]| {
        let more =
            if detail.is_empty() { String::new() } else { format!(".IP\n{}\n", escaped(detail)) };
        format!(".TP\n\\fB{}\\fR\n{}\n{more}", escaped(left), escaped(right))
    };
    let section = |(title, entries): (&str, Vec<[String; 3]>)| {
        let entries: String = entries.iter().map(line).collect();
        format!(".SS {}\n{entries}", escaped(title))
    };
    let sections: String = lazyhex::key_help().into_iter().map(section).collect();
    format!(".SH KEYS\n{sections}")
}

/// Escapes text for roff. A dash becomes a minus, which can be searched for and copied.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    // A line that starts with one of these would be a request.
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

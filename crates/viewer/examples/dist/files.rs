//! What is packed beside the program: manual pages, and completions of three shells. All of it is made
//! of the same definition of the command line that the program itself reads.

use std::io;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

/// A file's path below the directory, and what is in it.
pub(crate) type File = (String, Vec<u8>);

/// All of them.
///
/// # Errors
/// None that writing into memory could have.
pub(crate) fn files() -> io::Result<Vec<File>> {
    let commands = lazyhex::command_lines();
    let mut files = Vec::new();
    for (name, command) in &commands {
        // `dump` has the options of the program itself, and is explained there.
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

/// A manual page; the one of the program names the others.
fn page(name: &'static str, command: Command, all: &[(&'static str, Command)]) -> io::Result<File> {
    let is_main = name == "lazyhex";
    let (title, typed) = match name {
        "find" => ("lazyhex-find", "lazyhex find"),
        "stat" => ("lazyhex-stat", "lazyhex stat"),
        "info" => ("lazyhex-info", "lazyhex info"),
        _ => (name, name),
    };
    let mut page = Vec::new();
    Man::new(command.name(title).bin_name(typed)).render(&mut page)?;
    let others = all.iter().filter(|(other, _)| !matches!(*other, "lazyhex" | "dump"));
    let others: Vec<String> = if is_main {
        others.map(|(other, _)| format!("\\fBlazyhex\\-{other}\\fR(1)")).collect()
    } else {
        vec!["\\fBlazyhex\\fR(1)".to_owned()]
    };
    page.extend(format!(".SH \"SEE ALSO\"\n{}\n", others.join(", ")).into_bytes());
    Ok((format!("man/man1/{title}.1"), page))
}

//! Checks the packaged files: every option is documented, and the completions are valid.

#[path = "../../examples/dist/files.rs"]
mod files;

use std::process::Command;

fn text(name: &str) -> String {
    let files = files::files().unwrap();
    let (_, bytes) = files.iter().find(|(path, _)| path.ends_with(name)).unwrap();
    String::from_utf8(bytes.clone()).unwrap()
}

#[test]
fn every_option_is_in_the_manual_and_in_the_completions() {
    for (name, command) in lazyhex::command_lines() {
        let page = match name {
            "lazyhex" | "dump" => text("/lazyhex.1"),
            name => text(&format!("/lazyhex-{name}.1")),
        };
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            let quoted = option.replace('-', "\\-");
            assert!(page.contains(&format!("\\-\\-{quoted}")), "{option} of {name}");
            for completion in ["lazyhex.bash", "_lazyhex"] {
                assert!(
                    text(completion).contains(&format!("--{option}")),
                    "{option}: {completion}"
                );
            }
            assert!(text("lazyhex.fish").contains(&format!("-l {option}")), "{option}: fish");
        }
    }
    assert!(text("/lazyhex.1").contains("lazyhex\\-find"));
    assert_eq!(files::files().unwrap().len(), 13);
}

#[test]
fn the_manual_says_how_each_command_is_called_and_what_each_key_does() {
    let page = text("/lazyhex.1");
    let section = |name: &str| page.split(".SH ").find(|it| it.starts_with(name)).unwrap();
    for command in
        ["lazyhex [", "lazyhex dump [", "lazyhex find [", "lazyhex stat [", "lazyhex info ["]
    {
        assert!(section("SYNOPSIS").lines().any(|line| line.starts_with(command)), "{command}");
    }
    let count = lazyhex::key_help().iter().map(|(_, lines)| lines.len()).sum::<usize>();
    assert!(count > 100, "{count}");
    assert_eq!(section("KEYS").matches(".TP\n").count(), count);
    assert!(section("KEYS").contains("\\fBI F3\\fR\ninspector"), "{}", section("KEYS"));
}

#[test]
fn shells_accept_their_completions() {
    for (shell, flag, name) in
        [("bash", "-n", "lazyhex.bash"), ("zsh", "-n", "_lazyhex"), ("fish", "-n", "lazyhex.fish")]
    {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text(name)).unwrap();
        // Skip shells that are not installed.
        let Ok(output) = Command::new(shell).arg(flag).arg(file.path()).output() else { continue };
        assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

//! The memory of processes instead of files.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use lazyhex::testing::Stage;
use memmap::MapOptions;
use memmap::plugin::Schemes;
use memmap::process::Processes;

use super::{lazyhex, text};

const NEEDLE: &str = "a needle that was planted";

/// A process that has the needle on its stack.
struct Sleeper(Child);

impl Sleeper {
    fn begin() -> Self {
        let mut command = Command::new("cat");
        let command = command.env("MARK", NEEDLE).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // What it answers it does after everything is mapped.
        child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        Self(child)
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }

    fn finds(&self) -> String {
        let output = lazyhex(&["find", "--pid", &self.pid(), NEEDLE]).output().unwrap();
        text(&output.stdout).to_owned()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn stdout(args: &[&str]) -> String {
    let output = lazyhex(args).output().unwrap();
    assert_eq!(text(&output.stderr), "", "{args:?}");
    text(&output.stdout).to_owned()
}

fn stderr(args: &[&str]) -> String {
    let output = lazyhex(args).output().unwrap();
    assert!(!output.status.success(), "{args:?}");
    text(&output.stderr).to_owned()
}

#[test]
fn a_needle_is_found_with_its_region_and_dumped_at_its_address() {
    let process = Sleeper::begin();
    let pid = process.pid();
    let found = process.finds();
    let lines: Vec<&str> = found.lines().collect();
    assert!(lines[0].ends_with(" rw-p [stack]"), "{found}");
    assert!(lines[1].ends_with("|a needle that wa|"), "{found}");
    let json = stdout(&["find", "--json", "--pid", &pid, NEEDLE]);
    assert!(
        json.contains("\"region\":\"[stack]\"") && json.contains("\"unreadable\":[]"),
        "{json}"
    );
    let offsets = stdout(&["find", "-o", NEEDLE, &format!("/proc/{pid}/mem")]);
    let at = offsets.lines().last().unwrap().split(':').next().unwrap();
    for file in [format!("/proc/{pid}/mem"), format!("pid://{pid}")] {
        let dump = stdout(&["dump", "-f", "plain", "-s", at, "-n", "25", &file]);
        assert_eq!(
            dump.trim_end(),
            "61206e6565646c65207468617420776173 20706c616e746564".replace(' ', "")
        );
    }
    let range = format!("{at}..");
    assert_eq!(stdout(&["find", "-c", "--range", &range, "--pid", &pid, NEEDLE]), "1\n");
    let wrong = stderr(&["dump", "--pid", "1x"]);
    assert!(wrong.contains("a process is named by its number, such as 4242"), "{wrong}");
    let wrong = stderr(&["dump", "-s", "16", "-n", "4", "--pid", &pid]);
    assert!(wrong.contains("there is nothing at 0x10; the next bytes are at 0x"), "{wrong}");
}

#[test]
fn all_that_is_mapped_is_dumped_and_summed_up() {
    let process = Sleeper::begin();
    let pid = process.pid();
    let info = stdout(&["info", "--json", &format!("pid://{pid}")]);
    let info: serde_json::Value = serde_json::from_str(&info).unwrap();
    let regions = info["regions"].as_array().unwrap();
    let number = |value: &serde_json::Value| value.as_u64().unwrap();
    let readable = regions.iter().filter(|it| it["is_readable"] == true);
    let len: u64 = readable.map(|it| number(&it["end"]) - number(&it["start"])).sum();
    let dump = lazyhex(&["dump", "-f", "plain", "--pid", &pid]).output().unwrap();
    assert_eq!(text(&dump.stderr), "");
    let digits = dump.stdout.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    assert_eq!(memmap::widen(digits), len * 2);
    let stat = stdout(&["stat", "--json", "--pid", &pid]);
    let stat: serde_json::Value = serde_json::from_str(&stat).unwrap();
    let mapped: u64 = regions.iter().map(|it| number(&it["end"]) - number(&it["start"])).sum();
    let said = ["counted", "readable", "mapped"].map(|key| number(&stat[key]));
    assert_eq!(said, [len, len, mapped]);
    assert!(stat["length"].is_null(), "the highest address is no length: {stat}");
    let stat = stdout(&["stat", "--pid", &pid]);
    assert!(stat.contains(&format!("mapped         {mapped} bytes")), "{stat}");
    assert!(!stat.contains("length") && !stat.contains("counted"), "{stat}");
    let listed = stdout(&["info", &format!("pid://{pid}")]);
    assert!(listed.contains("[stack]") && listed.contains("rw-p"), "{listed}");
    // An array has no gaps.
    let wrong = stderr(&["dump", "-f", "json", "--pid", &pid]);
    assert!(wrong.contains("there is nothing at 0x0"), "{wrong}");
}

#[test]
fn the_view_is_of_its_regions_and_keeps_what_it_showed_when_it_ends() {
    let mut process = Sleeper::begin();
    let pid = process.pid();
    let map = MapOptions::new(Processes).open(&*pid).unwrap();
    let first = map.regions().iter().find(|it| it.is_readable).unwrap().range.start;
    let count = map.regions().iter().filter(|it| it.range.start < map.len()).count();
    let name = map.origin().unwrap().to_string();
    assert_eq!(name, format!("\"cat, pid {pid}\""));
    let mut stage = Stage::new((80, 24));
    let schemes = Schemes::default().with("pid", Processes);
    stage.open_location(&format!("pid://{pid}"), schemes).begin();
    assert_eq!(stage.at(), first);
    let screen = stage.screen();
    let title = format!("cat, pid {pid}  read-only  process memory, {count} regions");
    assert!(screen.contains(&title) && screen.contains("\"── "), "{screen}");
    assert!(screen.contains(&format!("region 1 of {count}")), "{screen}");
    stage.keys(":[stack]\n");
    assert!(stage.screen().contains("[stack] + 0x0"), "{}", stage.screen());
    stage.keys(&format!("/{NEEDLE}\n"));
    assert!(stage.screen().contains("a needle"), "{}", stage.screen());
    assert!(stage.screen().contains("[stack] + 0x"), "{}", stage.screen());
    let rows = |stage: &Stage| {
        stage.screen().lines().skip(3).take(8).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = rows(&stage);
    process.0.kill().unwrap();
    process.0.wait().unwrap();
    stage.keys("r");
    let screen = stage.screen();
    assert!(
        screen.contains("ENDED") && screen.contains("has ended; what was read of it stays"),
        "{screen}"
    );
    assert_eq!(rows(&stage), before);
}

#[test]
fn who_may_not_read_a_process_is_told_why() {
    let wrong = stderr(&["dump", "--pid", "4194305"]);
    assert!(wrong.contains("no process has this number"), "{wrong}");
    let process = Sleeper::begin();
    let mut command = lazyhex(&["dump", "--pid", &process.pid()]);
    // Only root may be somebody else.
    let Ok(output) = command.uid(65534).output() else { return };
    let wrong = text(&output.stderr);
    assert!(!output.status.success() && wrong.contains("not allowed: "), "{wrong}");
}

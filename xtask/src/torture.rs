//! `cargo xtask torture`: maps files on disks and servers that fail, fill up, lose data or stop
//! answering, and in processes that run out of descriptors, mappings and addresses.
//!
//! Most scenes mount file systems, and so need root. A scene that cannot run on this machine is
//! skipped, with the reason. Each scene is a separate process (see `runner`).

mod direct;
mod late;
mod orders;
mod pattern;
mod pinned;
mod proofs;
mod runner;
mod scenes;
mod served;
mod shortage;
mod tormented;
mod touched;
mod verity;

use std::time::{Duration, Instant};

use crate::shell::Result;
use crate::stage::Verdict;
use runner::{Played, Runner};

/// A scene: its name, what happens in it, and whether it is short enough for `--ci`.
struct Scene {
    name: &'static str,
    is_short: bool,
    play: fn() -> Verdict,
}

/// How a scene ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    Pass,
    Fail,
    Skip,
}

impl Outcome {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Pass, "PASS"), (Self::Fail, "FAIL"), (Self::Skip, "SKIP")];

    fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(it, _)| *it == self).map_or("", |(_, word)| word)
    }

    /// The result as one line.
    fn line(self, text: &str) -> String {
        let text: Vec<&str> = text.lines().collect();
        format!("{}: {}", self.word(), text.join(" | "))
    }

    /// Parses the last line of an output as a result.
    fn parse(output: &str) -> Option<(Self, String)> {
        let line = output.lines().next_back()?;
        Self::ALL.into_iter().find_map(|(it, word)| {
            let text = line.strip_prefix(word)?.strip_prefix(": ")?;
            Some((it, text.to_owned()))
        })
    }
}

/// How long a scene may take.
const SCENE_TIME: Duration = Duration::from_secs(600);

/// How long `--ci` may take in total, and each of its scenes.
const CI_TIME: Duration = Duration::from_secs(180);
const CI_SCENE_TIME: Duration = Duration::from_secs(60);

const USAGE: &str = "usage: cargo xtask torture [--list | --ci | SCENE…]";

const fn short(name: &'static str, play: fn() -> Verdict) -> Scene {
    Scene { name, is_short: true, play }
}

const fn long(name: &'static str, play: fn() -> Verdict) -> Scene {
    Scene { name, is_short: false, play }
}

static SCENES: &[Scene] = &[
    short("eio", scenes::failing_device),
    short("full-tmpfs-read", scenes::hole_in_full_tmpfs),
    short("full-tmpfs", scenes::full_tmpfs),
    short("full-ext4", scenes::full_ext4),
    short("full-xfs", scenes::full_xfs),
    short("full-btrfs", scenes::full_btrfs),
    short("orders-tmpfs", orders::orders_on_full_tmpfs),
    short("orders-ext4", orders::orders_on_full_ext4),
    short("no-room-tmpfs", orders::no_room_on_tmpfs),
    short("no-room-ext4", orders::no_room_on_ext4),
    short("refill-ext4", orders::refill_on_full_ext4),
    short("refill-xfs", orders::refill_on_full_xfs),
    short("refill-btrfs", orders::refill_on_full_btrfs),
    short("appends-ext4", orders::appends_on_full_ext4),
    short("appends-ext2", orders::appends_on_ext2),
    short("quota-btrfs", orders::quota_on_btrfs),
    short("failing-sync", orders::failing_sync),
    short("power-cut", orders::power_cut),
    short("clone-btrfs", proofs::clone_on_btrfs),
    short("clone-xfs", proofs::clone_on_xfs),
    short("clone-ext4", proofs::no_clone_on_ext4),
    short("lease-overlay", proofs::no_lease_on_overlay),
    short("lease-not-owner", proofs::no_lease_for_others),
    short("lease-break", proofs::lease_broken),
    short("lease-overdue", proofs::lease_overdue),
    short("lease-lost", late::lease_lost),
    short("lease-late", late::lease_late),
    short("lease-short", proofs::no_lease_without_time),
    short("lease-cut", proofs::lease_not_asked_for),
    short("lease-fuse", served::no_proof_on_fuse),
    short("lease-pinned-ext4", pinned::on_ext4),
    short("lease-pinned-xfs", pinned::on_xfs),
    short("lease-pinned-btrfs", pinned::on_btrfs),
    short("verity", verity::enabled),
    short("eio-frozen", proofs::failing_device),
    short("fuse-direct-io", direct::opened_for_direct_io),
    short("fuse-eio", served::failing_server),
    short("fuse-eio-direct", served::failing_direct_server),
    short("device-eio", served::failing_block_device),
    short("fuse-dead", served::dead_server),
    short("fuse-dead-direct", served::dead_direct_server),
    short("fuse-number", served::reused_number),
    short("many-maps", shortage::of_descriptors),
    short("no-descriptor", shortage::no_descriptor),
    short("many-mappings", shortage::of_mappings),
    short("no-address-space", shortage::of_addresses),
    short("deleted-and-cut", shortage::deleted_and_cut),
    short("touch-ext4", tormented::on_ext4),
    long("touch-tmpfs", tormented::on_tmpfs),
    short("touch-overlay", tormented::on_overlay),
    short("touch-fuse-direct", tormented::on_direct_fuse),
    short("touch-advised", tormented::advised),
    short("touch-blocked", tormented::blocked),
    short("touch-exits", tormented::exits),
    short("touch-hung", touched::hung_server),
    short("touch-dead", touched::dead_server),
    short("touch-handlers", touched::preloaded_handlers),
    short("touch-python", touched::in_python),
    long("touch-java", touched::in_java),
    long("touch-million", tormented::a_million),
    long("touch-thousand-exits", tormented::a_thousand_exits),
    long("storm", scenes::storm),
];

/// Runs all scenes, the named ones, or a selection in limited time.
pub(crate) fn run(arguments: &[String]) -> Result {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--list"] => {
            for scene in SCENES {
                println!("{}", scene.name);
            }
            Ok(())
        }
        ["--ci"] => play_all(&|scene| scene.is_short, Some(CI_TIME), CI_SCENE_TIME),
        [runner::PLAY, name] => runner::play_here(find(name)?),
        _ if words.iter().any(|word| word.starts_with('-')) => Err(USAGE.into()),
        _ => {
            words.iter().try_for_each(|name| find(name).map(drop))?;
            let is_wanted = |scene: &Scene| words.is_empty() || words.contains(&scene.name);
            play_all(&is_wanted, None, SCENE_TIME)
        }
    }
}

fn find(name: &str) -> Result<&'static Scene> {
    let found = SCENES.iter().find(|scene| scene.name == name);
    found.ok_or_else(|| {
        format!("unknown scene `{name}`; `cargo xtask torture --list` lists the scenes").into()
    })
}

/// Runs the wanted scenes. Those for which no time is left are skipped.
fn play_all(
    is_wanted: &dyn Fn(&Scene) -> bool,
    total_time: Option<Duration>,
    scene_time: Duration,
) -> Result {
    let building = Instant::now();
    let runner = Runner::new()?;
    println!("programs built in {:.1} s", building.elapsed().as_secs_f64());
    let begun = Instant::now();
    let mut counts = Outcome::ALL.map(|(outcome, _)| (outcome, 0_usize));
    for scene in SCENES.iter().filter(|scene| is_wanted(scene)) {
        let left = total_time.map(|total| total.saturating_sub(begun.elapsed()));
        let played = if left.is_some_and(|left| left.is_zero()) {
            let text = "no time is left".to_owned();
            Played { outcome: Outcome::Skip, text, took: Duration::ZERO }
        } else {
            runner.play(scene, scene_time)?
        };
        let Played { outcome, text, took } = played;
        println!("{} {} ({:.1} s): {text}", outcome.word(), scene.name, took.as_secs_f64());
        for (_, count) in counts.iter_mut().filter(|(it, _)| *it == outcome) {
            *count = count.saturating_add(1);
        }
    }
    let [(_, passed), (_, failed), (_, skipped)] = counts;
    let seconds = begun.elapsed().as_secs_f64();
    println!("torture: {passed} passed, {failed} failed, {skipped} skipped in {seconds:.1} s");
    if failed == 0 { Ok(()) } else { Err("a scene failed".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_one_line_and_read_back_from_the_end_of_an_output() {
        let line = Outcome::Fail.line("one\ntwo");
        assert_eq!(line, "FAIL: one | two");
        let output = format!("PASS: something else\n{line}");
        assert_eq!(Outcome::parse(&output), Some((Outcome::Fail, "one | two".to_owned())));
        assert_eq!(Outcome::parse("PASS: first\nthen a panic"), None);
    }

    #[test]
    fn names_of_scenes_are_unique() {
        let mut names: Vec<_> = SCENES.iter().map(|scene| scene.name).collect();
        names.sort_unstable();
        let len = names.len();
        names.dedup();
        assert_eq!(names.len(), len);
    }
}

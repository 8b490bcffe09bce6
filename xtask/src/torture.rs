//! `cargo xtask torture`: disks that fail, fill up and forget, under files that we have mapped.
//!
//! Most scenes mount, and so need root; where something is missing they say so and are skipped. Each
//! takes down what it has set up, also when it fails.

mod orders;
mod pattern;
mod proofs;
mod scenes;

use crate::shell::Result;
use crate::stage::{Stop, Verdict};

/// A scene: its name, and what happens in it.
struct Scene {
    name: &'static str,
    play: fn() -> Verdict,
}

const SCENES: [Scene; 26] = [
    Scene { name: "eio", play: scenes::failing_device },
    Scene { name: "full-tmpfs-read", play: scenes::hole_in_full_tmpfs },
    Scene { name: "full-tmpfs", play: scenes::full_tmpfs },
    Scene { name: "full-ext4", play: scenes::full_ext4 },
    Scene { name: "full-xfs", play: scenes::full_xfs },
    Scene { name: "full-btrfs", play: scenes::full_btrfs },
    Scene { name: "orders-tmpfs", play: orders::orders_on_full_tmpfs },
    Scene { name: "orders-ext4", play: orders::orders_on_full_ext4 },
    Scene { name: "no-room-tmpfs", play: orders::no_room_on_tmpfs },
    Scene { name: "no-room-ext4", play: orders::no_room_on_ext4 },
    Scene { name: "appends-ext4", play: orders::appends_on_full_ext4 },
    Scene { name: "appends-ext2", play: orders::appends_on_ext2 },
    Scene { name: "quota-btrfs", play: orders::quota_on_btrfs },
    Scene { name: "failing-sync", play: orders::failing_sync },
    Scene { name: "power-cut", play: orders::power_cut },
    Scene { name: "clone-btrfs", play: proofs::clone_on_btrfs },
    Scene { name: "clone-xfs", play: proofs::clone_on_xfs },
    Scene { name: "clone-ext4", play: proofs::no_clone_on_ext4 },
    Scene { name: "lease-overlay", play: proofs::no_lease_on_overlay },
    Scene { name: "lease-not-owner", play: proofs::no_lease_for_others },
    Scene { name: "lease-break", play: proofs::lease_broken },
    Scene { name: "lease-overdue", play: proofs::lease_overdue },
    Scene { name: "lease-short", play: proofs::no_lease_without_time },
    Scene { name: "lease-cut", play: proofs::lease_not_asked_for },
    Scene { name: "eio-frozen", play: proofs::failing_device },
    Scene { name: "storm", play: scenes::storm },
];

/// Plays all scenes, or those that are named.
pub(crate) fn run(arguments: &[String]) -> Result {
    if let Some(unknown) = arguments.iter().find(|name| SCENES.iter().all(|it| it.name != **name)) {
        let names = SCENES.map(|scene| scene.name).join(", ");
        return Err(format!("there is no scene `{unknown}`; there are {names}").into());
    }
    let (mut passed, mut failed, mut skipped) = (0_usize, 0_usize, 0_usize);
    for Scene { name, play } in SCENES {
        if !arguments.is_empty() && !arguments.iter().any(|wanted| wanted == name) {
            continue;
        }
        let (count, verdict, text) = match play() {
            Ok(text) => (&mut passed, "PASS", text),
            Err(Stop::Fail(text)) => (&mut failed, "FAIL", text),
            Err(Stop::Skip(text)) => (&mut skipped, "SKIP", text),
        };
        *count = count.saturating_add(1);
        println!("{verdict} {name}: {text}");
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { Ok(()) } else { Err("a scene failed".into()) }
}

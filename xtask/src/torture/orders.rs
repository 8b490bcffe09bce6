//! Scenes in which a program (`crates/memmap/tests/fixtures/scribe.rs`) follows orders, on disks that are
//! full, have a quota, or lose what is written.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::pattern::{self, PAGE};
use crate::shell;
use crate::stage::{Mounted, Scratch, Stop, Verdict, expect, need_root, tool};
use crate::talk::Talk;

const MIB: u64 = 1 << 20;

/// The value that `fill` sets bytes to.
const FILLER: u8 = 0xA5;

/// How an image is formatted and mounted.
const EXT4: [&str; 4] = ["-q", "-F", "-m", "0"];

/// A program that follows orders about a file.
struct Scribe<'a> {
    program: PathBuf,
    path: &'a Path,
}

impl<'a> Scribe<'a> {
    fn of(path: &'a Path) -> Verdict<Self> {
        Ok(Self { program: shell::example("memmap-rs", "scribe")?, path })
    }

    /// Sends orders, and returns the answer to each.
    fn obey(&self, orders: &[String]) -> Verdict<Vec<String>> {
        let lines = orders.join("\n");
        let answer = Talk::start(&mut Command::new(&self.program), self.path)?.ask(&lines)?;
        expect(answer.status.success(), || format!("{}: {}", answer.status, answer.errors))?;
        let answers: Vec<_> = answer.output.lines().map(str::to_owned).collect();
        expect(answers.len() == orders.len(), || format!("{orders:?} are answered {answers:?}"))?;
        Ok(answers)
    }

    /// Sends orders of which only the last one fails, and returns the answer to that.
    fn obey_but_last(&self, orders: &[String]) -> Verdict {
        let mut answers = self.obey(orders)?;
        let last = answers.pop().unwrap_or_default();
        expect(answers.iter().all(|answer| answer == "ok"), || {
            format!("{orders:?} are answered {answers:?}, {last}")
        })?;
        Ok(last)
    }
}

/// Owned words, for orders.
fn orders<const N: usize>(orders: [&str; N]) -> [String; N] {
    orders.map(str::to_owned)
}

pub(super) fn no_room_on_tmpfs() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("no-room-tmpfs")?;
    let disk = Mounted::tmpfs(scratch.path("disk"), 8 * MIB)?;
    refused_growth(&disk, pattern::PAGE)
}

/// The last blocks of an ext4 count as free and are reserved, so that a failure here comes midway.
pub(super) fn no_room_on_ext4() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("no-room-ext4")?;
    let image = scratch.sparse("image", 32 * MIB)?;
    tool(Command::new("mkfs.ext4").args(EXT4).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
    refused_growth(&disk, 0)
}

/// Creates or extends files by `beyond` bytes more than are free. Each way is refused, the existing
/// file keeps its length and its bytes, and nothing is left behind.
fn refused_growth(disk: &Mounted, beyond: usize) -> Verdict {
    const LEN: usize = 100_000;
    let path = disk.path("file");
    let bytes = pattern::bytes(LEN);
    fs::write(&path, &bytes)?;
    let ballast = vec![1; 1 << 20];
    fs::write(disk.path("ballast"), &ballast)?;
    tool(&mut Command::new("sync"))?;
    let free = free(disk)?;
    let more = free + u64::try_from(beyond).unwrap_or(0);
    let longer = more + u64::try_from(LEN.next_multiple_of(PAGE)).unwrap_or(0);

    let scribe = Scribe::of(&path)?;
    let other = disk.path("other");
    let elsewhere = Scribe::of(&other)?;
    for (scribe, words) in [
        (&scribe, vec![format!("create {more}")]),
        (&elsewhere, vec![format!("create {more}")]),
        (&scribe, vec![format!("create {}", 100 * more)]),
        (&scribe, vec![format!("extend {longer}")]),
        (&scribe, vec![format!("extend {}", 100 * longer)]),
        (&scribe, vec!["open".to_owned(), format!("resize {longer}")]),
        (&scribe, vec!["open".to_owned(), "resize 50000".to_owned(), format!("resize {longer}")]),
    ] {
        let said = scribe.obey_but_last(&words)?;
        expect(said.starts_with("no-room needed="), || format!("{words:?}: {said}"))?;
        if words.len() == 3 {
            expect(fs::read(&path)? == bytes[..50_000], || {
                "wrong bytes after resizing".to_owned()
            })?;
            fs::write(&path, &bytes)?;
        }
        expect(fs::read(&path)? == bytes, || format!("{words:?} changed the file"))?;
        let mut names = fs::read_dir(disk.path(""))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.retain(|name| name != "lost+found");
        names.sort();
        expect(names == ["ballast", "file"], || format!("{words:?} left {names:?}"))?;
        tool(&mut Command::new("sync"))?;
        let after = self::free(disk)?;
        expect(after == free, || format!("{words:?}: {free} bytes were free, now {after}"))?;
    }
    // After a refusal the map still works.
    let words = ["open".to_owned(), format!("resize {longer}")];
    let rest = orders(["write 0 99992", "close"]);
    let answers = scribe.obey(&[&words[..], &rest].concat())?;
    expect(answers[2..] == ["ok", "ok"], || format!("after a refusal: {answers:?}"))?;
    expect(fs::read(&path)? == bytes, || "wrong bytes after a refusal".to_owned())?;
    Ok(format!(
        "with {free} bytes free, {more} more are `StorageFull` to `w+`, to `extend` and to `resize`; the \
         file keeps its bytes, and nothing is left behind"
    ))
}

pub(super) fn refill_on_full_ext4() -> Verdict {
    // More is reserved for root than is left, as if root had filled the disk.
    refilled("refill-ext4", "ext4", &["-q", "-m", "20"], 32 * MIB)
}

pub(super) fn refill_on_full_xfs() -> Verdict {
    refilled("refill-xfs", "xfs", &["-q"], 320 * MIB)
}

pub(super) fn refill_on_full_btrfs() -> Verdict {
    refilled("refill-btrfs", "btrfs", &["-q"], 320 * MIB)
}

/// Empties a file on a full disk in place, to hold fewer bytes. Either it holds them afterwards, or
/// the order is refused and the file has all of its bytes.
fn refilled(name: &str, system: &str, arguments: &[&str], image_len: u64) -> Verdict {
    const LEN: usize = 3_000_000;
    need_root()?;
    let scratch = Scratch::new(name)?;
    let image = scratch.sparse("image", image_len)?;
    tool(Command::new(format!("mkfs.{system}")).args(arguments).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, system, "rw")?;
    let (path, bytes) = (disk.path("file"), pattern::bytes(LEN));
    let mut said = Vec::new();
    for less in [100_000, LEN / 2] {
        fs::write(&path, &bytes)?;
        tool(&mut Command::new("sync"))?;
        let mut ballast = File::create(disk.path("ballast"))?;
        while ballast.write_all(&[1; 4096]).is_ok() {}
        tool(&mut Command::new("sync"))?;
        let answers = Scribe::of(&path)?.obey(&[format!("refill {}", LEN - less)])?;
        let found = fs::read(&path)?;
        let is_right = match answers[0].as_str() {
            "ok" => found == vec![0; LEN - less],
            why => why.starts_with("no-room ") && found == bytes,
        };
        expect(is_right, || format!("{less} bytes fewer: {answers:?}, {} bytes", found.len()))?;
        said.push(answers[0].clone());
        fs::remove_file(disk.path("ballast"))?;
        fs::remove_file(&path)?;
        tool(&mut Command::new("sync"))?;
    }
    Ok(format!("on a full {system}, fewer bytes in place of a file are `{}`", said.join("`, `")))
}

/// Space that is requested, granted in part, and then refused. Giving it back does not remove what
/// others append at the same time.
pub(super) fn appends_on_full_ext4() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("appends-ext4")?;
    let image = scratch.sparse("image", 32 * MIB)?;
    tool(Command::new("mkfs.ext4").args(EXT4).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
    fs::write(disk.path("file"), [])?;
    tool(&mut Command::new("sync"))?;
    // An ext4 of this size reports its last 2 % as free, and does not grant them.
    let len = free(&disk)? - 300_000;
    let words = vec![format!("extend {len}"); 300];
    let (answers, count) = obey_while_others_append(&disk, &words)?;
    let refused = answers.iter().filter(|answer| answer.starts_with("no-room ")).count();
    expect(refused == words.len(), || format!("extending to {len} is answered {answers:?}"))?;
    Ok(format!(
        "{refused} times a file could not grow, and none of {count} appended records is lost"
    ))
}

/// A file system that cannot reserve space. The space is filled with zeros, which do not overwrite
/// what others append at the same time.
pub(super) fn appends_on_ext2() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("appends-ext2")?;
    let image = scratch.sparse("image", 64 * MIB)?;
    tool(Command::new("mkfs.ext2").args(EXT4).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
    fs::write(disk.path("file"), [])?;
    let words: Vec<_> = (1..=500).map(|turn| format!("extend {}", turn * 50_000)).collect();
    let (answers, count) = obey_while_others_append(&disk, &words)?;
    expect(answers.iter().all(|answer| answer == "ok"), || format!("{answers:?}"))?;
    Ok(format!("{} times a file grew, and none of {count} appended records is lost", words.len()))
}

/// Sends orders about `file` while another thread appends records to it, and checks that all
/// records are there. Returns the answers, and the number of records.
fn obey_while_others_append(disk: &Mounted, words: &[String]) -> Verdict<(Vec<String>, usize)> {
    const COUNT_MAX: u64 = 15_000;
    let path = disk.path("file");
    let scribe = Scribe::of(&path)?;
    let is_over = AtomicBool::new(false);
    let record = |number: u64| [[0xEE; 8], number.to_le_bytes()].concat();
    let (answers, appended) = thread::scope(|scope| {
        let appending = scope.spawn(|| -> io::Result<Vec<Vec<u8>>> {
            let mut file = File::options().append(true).open(&path)?;
            let mut appended = Vec::new();
            for number in 0..COUNT_MAX {
                // Nothing is appended while the disk is full.
                if matches!(file.write(&record(number)), Ok(16)) {
                    appended.push(record(number));
                }
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
            }
            Ok(appended)
        });
        let answers = scribe.obey(words);
        is_over.store(true, Ordering::Relaxed);
        (answers, appending.join())
    });
    let appended =
        appended.map_err(|_panic| Stop::Fail("the thread that appends panicked".to_owned()))??;
    let found = fs::read(&path)?;
    let mut rest = found.as_slice();
    let mut records = Vec::new();
    while let Some(start) = rest.iter().position(|&byte| byte != 0) {
        let (record, more) = rest[start..].split_at(rest[start..].len().min(16));
        records.push(record);
        rest = more;
    }
    expect(records == appended, || {
        let kept = appended.iter().filter(|it| records.contains(&it.as_slice())).count();
        format!("{1} of {0} appended records are lost", appended.len(), appended.len() - kept)
    })?;
    Ok((answers?, appended.len()))
}

/// The free bytes, including those that the file system reserves.
fn free(disk: &Mounted) -> Verdict<u64> {
    let said = tool(Command::new("stat").args(["-f", "-c", "%f %S"]).arg(disk.path("")))?;
    let mut numbers = said.split_whitespace().map(str::parse::<u64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(blocks)), Some(Ok(len))) => Ok(blocks * len),
        _ => Err(Stop::Skip(format!("unexpected output of `stat`: {said:?}"))),
    }
}

pub(super) fn orders_on_full_tmpfs() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("orders-tmpfs")?;
    let disk = Mounted::tmpfs(scratch.path("disk"), 4 * MIB)?;
    stopped_midway(&disk, 64 * MIB, "storage-full")
}

pub(super) fn orders_on_full_ext4() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("orders-ext4")?;
    let image = scratch.sparse("image", 16 * MIB)?;
    tool(Command::new("mkfs.ext4").args(EXT4).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
    stopped_midway(&disk, 64 * MIB, "storage-full")
}

/// A file of `len` bytes on a disk without space for it: filled, copied to and stored to until the
/// disk is full. The error names the first byte that is missing; all bytes before it are there,
/// none after it.
fn stopped_midway(disk: &Mounted, len: u64, why: &str) -> Verdict {
    let path = disk.path("file");
    let scribe = Scribe::of(&path)?;
    let anew = || -> io::Result<()> {
        fs::remove_file(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        File::create_new(&path)?.set_len(len)
    };

    anew()?;
    let words = ["open".to_owned(), format!("fill 8 {}", len - 8)];
    let filled = stop(&scribe.obey_but_last(&words)?, why)?;
    let found = fs::read(&path)?;
    let is_right = found[..8] == [0; 8]
        && found[8..filled].iter().all(|&byte| byte == FILLER)
        && found[filled..].iter().all(|&byte| byte == 0);
    expect(is_right, || format!("not filled up to {filled}"))?;

    anew()?;
    let count = len / 4096;
    let words = ["open".to_owned(), format!("cells 16 {count}")];
    let stored = stop(&scribe.obey_but_last(&words)?, why)?;
    let found = fs::read(&path)?;
    for (page, at) in found.chunks(PAGE).zip((16_u64..).step_by(PAGE)) {
        let word = if at < u64::try_from(stored).unwrap_or(0) { !at } else { 0 };
        expect(page[16..24] == word.to_le_bytes(), || format!("the integer at {at} is wrong"))?;
    }
    expect(stored % PAGE == 16, || format!("{stored} is not the offset of an integer"))?;

    anew()?;
    let half = len / 2;
    let words = [
        "open".to_owned(),
        format!("write 0 {}", 3 * MIB / 2),
        // A hole is copied as zeros, which take space too.
        format!("copy 0 {half} {half}"),
    ];
    let copied = stop(&scribe.obey_but_last(&words)?, why)?;
    let found = fs::read(&path)?;
    let half = usize::try_from(half).unwrap_or(0);
    expect(found[half..copied] == found[..copied - half], || "not copied".to_owned())?;
    expect(found[copied..].iter().all(|&byte| byte == 0), || "copied too far".to_owned())?;
    let written = usize::try_from(3 * MIB / 2).unwrap_or(0);
    expect(found[..written] == pattern::bytes(written), || "the source changed".to_owned())?;
    Ok(format!(
        "`{why}` names byte {filled} of a fill, {stored} of integers, {copied} of a copy; what comes \
         before is there"
    ))
}

/// The offset that an answer names.
fn stop(said: &str, why: &str) -> Verdict<usize> {
    let offset = said.strip_prefix(why).and_then(|rest| rest.trim_start().strip_prefix("offset="));
    let number = offset.and_then(|rest| rest.split(' ').next()?.parse().ok());
    number.ok_or_else(|| Stop::Fail(format!("not {why}: {said}")))
}

/// A subvolume of a btrfs with a small quota on a larger disk.
pub(super) fn quota_on_btrfs() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("quota")?;
    let image = scratch.sparse("image", 128 * MIB)?;
    tool(Command::new("mkfs.btrfs").arg("-q").arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "btrfs", "rw")?;
    let limited = disk.path("limited");
    let btrfs =
        |words: &[&str], paths: &[&Path]| tool(Command::new("btrfs").args(words).args(paths));
    btrfs(&["quota", "enable"], &[&disk.path("")])?;
    btrfs(&["subvolume", "create"], &[&limited])?;
    btrfs(&["qgroup", "limit", "4M"], &[&limited])?;

    let path = disk.path("limited/file");
    let bytes = pattern::bytes(100_000);
    fs::write(&path, &bytes)?;
    tool(&mut Command::new("sync"))?;
    let scribe = Scribe::of(&path)?;
    for words in [
        vec![format!("create {}", 8 * MIB)],
        vec![format!("extend {}", 8 * MIB)],
        vec!["open".to_owned(), format!("resize {}", 8 * MIB)],
    ] {
        let said = scribe.obey_but_last(&words)?;
        expect(said.starts_with("quota-exceeded"), || format!("{words:?}: {said}"))?;
        expect(fs::read(&path)? == bytes, || format!("{words:?} changed the file"))?;
        let names = fs::read_dir(&limited)?.count();
        expect(names == 1, || format!("{words:?} left {names} files"))?;
    }

    File::options().write(true).open(&path)?.set_len(16 * MIB)?;
    let words = ["open".to_owned(), format!("write 0 {}", 16 * MIB)];
    let stored = stop(&scribe.obey_but_last(&words)?, "quota-exceeded")?;
    drop(disk);
    let disk = Mounted::image(scratch.path("disk"), &image, "btrfs", "ro")?;
    let found = fs::read(disk.path("limited/file"))?;
    expect(found[..stored] == pattern::bytes(stored), || "wrong bytes were stored".to_owned())?;
    expect(found[stored..].iter().all(|&byte| byte == 0), || "bytes after the end".to_owned())?;
    Ok(format!(
        "of 4 MiB {stored} bytes were stored, and then `QuotaExceeded` names the next; files that \
         are to be made or to grow keep their bytes"
    ))
}

/// A device that accepts no more writes: the image of its disk is on a full tmpfs. What was written
/// to the map does not reach the device, which the system reports once and the map each time.
pub(super) fn failing_sync() -> Verdict {
    const LEN: u64 = 4 * MIB;
    need_root()?;
    let scratch = Scratch::new("failing-sync")?;
    let below = Mounted::tmpfs(scratch.path("below"), 32 * MIB)?;
    let image = below.path("image");
    File::create_new(&image)?.set_len(64 * MIB)?;
    let options =
        ["-q", "-F", "-b", "4096", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=0"];
    tool(Command::new("mkfs.ext4").args(options).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
    let path = disk.path("file");
    let scribe = Scribe::of(&path)?;
    // There is space on the disk, but none for its image.
    let made = scribe.obey(&[format!("create {LEN}"), "sync".to_owned(), "close".to_owned()])?;
    expect(made == ["ok", "ok", "ok"], || format!("while the device works: {made:?}"))?;
    tool(&mut Command::new("sync"))?;
    let ballast = io::copy(&mut io::repeat(1), &mut File::create_new(below.path("ballast"))?);
    expect(ballast.is_err(), || "the tmpfs does not become full".to_owned())?;

    let words = ["open", &format!("write 0 {LEN}"), "sync", "sync", "write 0 8", "sync", "close"];
    let said = scribe.obey(&orders(words))?;
    let lost = "not-durable";
    expect(said == ["ok", "ok", lost, lost, "ok", lost, lost], || {
        format!("{words:?} are answered {said:?}")
    })?;
    // Without a sync, closing reports it.
    let words = ["open", &format!("fill 0 {LEN}"), "close"];
    let said = scribe.obey(&orders(words))?;
    expect(said == ["ok", "ok", lost], || format!("{words:?} are answered {said:?}"))?;

    // The device works again, and the map has lost nothing.
    fs::remove_file(below.path("ballast"))?;
    let words = ["open", &format!("write 0 {LEN}"), "sync", "close"];
    let said = scribe.obey(&orders(words))?;
    expect(said == ["ok"; 4], || format!("after the device works again: {said:?}"))?;
    let len = usize::try_from(LEN).unwrap_or(0);
    expect(fs::read(&path)? == pattern::bytes(len), || "wrong bytes were stored".to_owned())?;
    Ok("what the device does not take is `NotDurable` to `sync`, to each one after it, and to \
        `close`; a new map of the device that works again syncs"
        .to_owned())
}

/// A power cut: a copy of the image has what reached the device, and nothing that is in memory
/// only. What was synced or replaced is there when the copy is mounted; the rest is not.
pub(super) fn power_cut() -> Verdict {
    need_root()?;
    let mut seen = Vec::new();
    // The first has a journal, and writes the name of a file together with its bytes. The other
    // does not.
    for kind in ["ext4", "ext2"] {
        let scratch = Scratch::new(&format!("power-{kind}"))?;
        let image = scratch.sparse("image", 64 * MIB)?;
        tool(Command::new(format!("mkfs.{kind}")).args(EXT4).arg(&image))?;
        let disk = Mounted::image(scratch.path("disk"), &image, kind, "rw")?;
        tool(&mut Command::new("sync"))?;
        for (name, words, len) in [
            ("made", vec!["create 300000", "write 0 300000", "sync"], 300_000),
            ("grown", vec!["create 96", "sync", "resize 70008", "write 0 70008", "sync"], 70_008),
            ("closed", vec!["create 50000", "write 0 50000", "close"], 50_000),
            ("replaced", vec!["replace 1000000"], 1_000_000),
            ("replaced", vec!["replace 2000000"], 2_000_000),
            ("made", vec!["create 400000", "write 0 400000", "sync"], 400_000),
        ] {
            let found = after_power_cut(&scratch, &disk, &image, (name, &words))?;
            expect(found.as_deref() == Some(&pattern::bytes(len)), || {
                let len = found.map(|found| found.len());
                format!("{kind}, {words:?}: after the power cut there are {len:?} bytes")
            })?;
        }
        let words = ["create 300000", "write 0 300000", "drop"];
        let found = after_power_cut(&scratch, &disk, &image, ("dropped", &words))?;
        expect(found.as_deref() != Some(&pattern::bytes(300_000)), || {
            format!("{kind}: what was not synced is there too, so that the scene shows nothing")
        })?;
        seen.push(kind);
    }
    Ok(format!(
        "on {} whatever was synced, closed or replaced is there after a power cut, and what was \
         just dropped is not",
        seen.join(" and ")
    ))
}

/// Sends orders about a file of the disk, and reads it from a copy of the image made right after.
fn after_power_cut(
    scratch: &Scratch,
    disk: &Mounted,
    image: &Path,
    (name, words): (&str, &[&str]),
) -> Verdict<Option<Vec<u8>>> {
    let path = disk.path(name);
    let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
    let last = Scribe::of(&path)?.obey_but_last(&words)?;
    let copy = scratch.path("copy");
    fs::copy(image, &copy)?;
    expect(last == "ok", || format!("{words:?}: {last}"))?;
    let copied = Mounted::image(scratch.path("copied"), &copy, "ext4", "rw")?;
    match fs::read(copied.path(name)) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

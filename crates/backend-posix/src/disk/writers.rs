//! Who has a file open for writing, or mapped for writing.
//!
//! # Source
//! `proc_pid_fdinfo(5)`, `proc_pid_maps(5)`, `proc_pid_map_files(5)`.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use memmap_core::disk::{LeaseOf, Writers};
use rustix::fs::{AtFlags, CWD, StatxFlags};

use super::lease;

/// Who else writes. A lease that is taken and given back tells of everybody; `/proc` tells names, of those
/// processes that this user may look at.
pub(super) fn of(file: &File) -> Writers {
    let leased = lease::take(file);
    if matches!(leased, LeaseOf::Held(_)) {
        return Writers::None;
    }
    let Ok(wanted) = Node::of(file) else { return Writers::Unknown };
    let mut found = Vec::new();
    let mut is_ours = false;
    for process in processes() {
        if !writes(process, wanted) {
            continue;
        }
        if process == std::process::id() {
            is_ours = true;
        } else {
            found.push((process, name(process)));
        }
    }
    match leased {
        _ if !found.is_empty() => Writers::Some(found),
        // The lease is refused because of this process, and says nothing of others.
        LeaseOf::Refused if !is_ours => Writers::Some(found),
        _ => Writers::Unknown,
    }
}

/// A file, as the system numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node {
    major: u32,
    minor: u32,
    inode: u64,
}

impl Node {
    fn of(file: &File) -> io::Result<Self> {
        Ok(Self::from(&rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::INO)?))
    }

    /// What is at a path. No server is asked, as one that is gone would not answer.
    fn at(path: &Path) -> io::Result<Self> {
        Ok(Self::from(&rustix::fs::statx(CWD, path, AtFlags::STATX_DONT_SYNC, StatxFlags::INO)?))
    }

    const fn from(found: &rustix::fs::Statx) -> Self {
        Self { major: found.stx_dev_major, minor: found.stx_dev_minor, inode: found.stx_ino }
    }
}

/// The numbers of the processes that there are.
fn processes() -> impl Iterator<Item = u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn name(process: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    name.trim_end().to_owned()
}

fn writes(process: u32, wanted: Node) -> bool {
    let own = format!("/proc/{process}");
    has_open(Path::new(&own), wanted) || has_mapped(Path::new(&own), wanted)
}

fn has_open(process: &Path, wanted: Node) -> bool {
    let all = fs::read_dir(process.join("fd")).into_iter().flatten().filter_map(Result::ok);
    let ours = all.filter(|entry| Node::at(&entry.path()).is_ok_and(|found| found == wanted));
    let mut infos = ours.filter_map(|entry| {
        fs::read_to_string(process.join("fdinfo").join(entry.file_name())).ok()
    });
    infos.any(|info| is_for_writing(&info))
}

/// Whether the flags of a descriptor allow writing: the last octal digit is the access.
fn is_for_writing(info: &str) -> bool {
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    flags.is_some_and(|flags| matches!(flags & 3, 1 | 2))
}

fn has_mapped(process: &Path, wanted: Node) -> bool {
    let maps = fs::read(process.join("maps")).unwrap_or_default();
    let mut all = maps.split(|&byte| byte == b'\n').filter_map(Mapped::parse);
    all.any(|mapped| {
        // btrfs gives the numbers of its volume to mappings and those of a subvolume to files. The mapping
        // itself leads to the file, for those who may look.
        mapped.node.inode == wanted.inode
            && Node::at(&process.join("map_files").join(mapped.range))
                .map_or(mapped.node == wanted, |node| node == wanted)
    })
}

/// A shared mapping for writing.
struct Mapped<'a> {
    range: &'a str,
    node: Node,
}

impl<'a> Mapped<'a> {
    /// Parses a line "first-end perms offset major:minor inode path"; `None` for other mappings.
    fn parse(line: &'a [u8]) -> Option<Self> {
        let mut words = line.splitn(6, |&byte| byte == b' ');
        let range = std::str::from_utf8(words.next()?).ok()?;
        let access = words.next()?;
        if access.get(1) != Some(&b'w') || access.get(3) != Some(&b's') {
            return None;
        }
        let device = std::str::from_utf8(words.nth(1)?).ok()?;
        let (major, minor) = device.split_once(':')?;
        let hex = |text| u32::from_str_radix(text, 16).ok();
        let inode = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
        Some(Self { range, node: Node { major: hex(major)?, minor: hex(minor)?, inode } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_writes_by_its_last_digit_alone() {
        for (flags, writes) in
            [("0100000", false), ("0100001", true), ("02100002", true), ("010000000", false)]
        {
            let info = format!("pos:\t0\nflags:\t{flags}\nmnt_id:\t29\n");
            assert_eq!(is_for_writing(&info), writes, "{flags}");
        }
        assert!(!is_for_writing("flags:\t1x\n") && !is_for_writing(""));
    }

    #[test]
    fn only_shared_mappings_for_writing_are_of_interest() {
        let parsed = |line: &str| Mapped::parse(line.as_bytes()).map(|it| it.node);
        let node = Node { major: 0xfe, minor: 0x10, inode: 12 };
        assert_eq!(parsed("7f00-7f10 rw-s 00000000 fe:10 12   /a b"), Some(node));
        for other in ["7f00-7f10 r--s 00000000 fe:10 12 /a", "7f00-7f10 rw-p 00000000 fe:10 12 /a"]
        {
            assert_eq!(parsed(other), None);
        }
        assert_eq!(parsed(""), None);
    }
}

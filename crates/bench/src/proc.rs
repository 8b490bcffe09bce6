//! What Linux reports about processes in `/proc`. Other systems report nothing.

use std::fs;
use std::path::Path;
use std::process;
use std::time::Duration;

use crate::report::mib;

/// The user and system time of all children that have ended, in steps of a clock tick (10 ms).
pub(crate) fn ended_children_cpu() -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process::id())).ok()?;
    children_ticks(&stat).map(|ticks| {
        let millis_a_tick = 1000 / rustix::param::clock_ticks_per_second().max(1);
        Duration::from_millis(ticks * millis_a_tick)
    })
}

/// The sum of `cutime` and `cstime`, fields 16 and 17 of proc(5). The name, field 2, may contain
/// anything; field 3 follows its closing bracket.
fn children_ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(16 - 3);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// A size in `/proc/PID/status`, such as `VmRSS`, in MiB.
pub(crate) fn status_mib(pid: u32, field: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(mib(kib << 10))
}

/// The type of the file system that a file is on, such as `ext4`.
pub(crate) fn file_system(path: &Path) -> Option<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    innermost(&mounts, &path.canonicalize().ok()?).map(str::to_owned)
}

/// The file system type of the mount that `path` is on: the deepest one above it, and of several at
/// the same place the last, which hides the others.
fn innermost<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let above = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (point, kind) = (Path::new(fields.next()?), fields.next()?);
        path.starts_with(point).then_some((point.components().count(), kind))
    });
    above.max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_after_a_name_with_brackets_and_spaces() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 30 12 20 0 1";
        assert_eq!(children_ticks(stat), Some(42));
        assert_eq!(children_ticks("nothing"), None);
    }

    #[test]
    fn a_file_is_on_the_deepest_and_last_mount() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tmp xfs rw 0 0\n";
        let kind = |path| innermost(mounts, Path::new(path));
        assert_eq!(kind("/tmpfile"), Some("ext4"));
        assert_eq!(kind("/tmp/file"), Some("xfs"));
        assert_eq!(innermost("", Path::new("/")), None);
    }
}

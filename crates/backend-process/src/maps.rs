use std::ops::Range;

use memmap_core::Region;

/// Memory that the kernel makes for a process, and shows to nobody else.
const UNREADABLE: [&str; 4] = ["[vvar]", "[vvar_vclock]", "[vsyscall]", "[uprobes]"];

/// Parses the lines of `/proc/PID/maps`. Lines that are none are left out.
pub(super) fn parse(text: &[u8]) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    for line in text.split(|&byte| byte == b'\n') {
        // A path may have any bytes but a line feed.
        let line = String::from_utf8_lossy(line);
        let Some(region) = parse_line(&line) else { continue };
        if regions.last().is_none_or(|last| last.range.end <= region.range.start) {
            regions.push(region);
        }
    }
    regions
}

/// `7f3a4c021000-7f3a4c177000 r-xp 00026000 fd:00 1234  /usr/lib/libc.so.6`
fn parse_line(line: &str) -> Option<Region> {
    let mut rest = line;
    let mut word = || {
        let (word, after) =
            rest.trim_start().split_once(' ').unwrap_or_else(|| (rest.trim_start(), ""));
        rest = after;
        word
    };
    let range = parse_range(word())?;
    let access = word().to_owned();
    let offset = u64::from_str_radix(word(), 16).ok()?;
    let (_device, inode) = (word(), word());
    let path = rest.trim_start();
    let mut region = Region::new(range, path);
    region.file_offset = (inode != "0").then_some(offset);
    region.is_readable = access.starts_with('r') && !UNREADABLE.contains(&path);
    region.access = access;
    Some(region)
}

fn parse_range(text: &str) -> Option<Range<u64>> {
    let (start, end) = text.split_once('-')?;
    let address = |text| u64::from_str_radix(text, 16).ok();
    let range = address(start)?..address(end)?;
    (range.start < range.end).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_regions() {
        let text = b"7f3a4c021000-7f3a4c177000 r-xp 00026000 fd:00 1234   /usr/lib/my libc.so.6\n\
            7f3a6a400000-7f3a6e400000 rw-p 00000000 00:00 0 \n\
            7ffd5c8e1000-7ffd5c902000 ---p 00000000 00:00 0                          [stack]\n\
            7ffd5c9f3000-7ffd5c9f7000 r--p 00000000 00:00 0                          [vvar]\n\
            garbage\n5-4 r--p 0 0:0 0\n1-2 r--p 0 0:0 0\n";
        let regions = parse(text);
        let names: Vec<_> = regions.iter().map(|it| (it.name.as_str(), it.is_readable)).collect();
        let wanted =
            [("/usr/lib/my libc.so.6", true), ("", true), ("[stack]", false), ("[vvar]", false)];
        assert_eq!(names, wanted);
        assert_eq!(regions[0].range, 0x7f3a_4c02_1000..0x7f3a_4c17_7000);
        assert_eq!((regions[0].file_offset, regions[1].file_offset), (Some(0x26000), None));
        assert_eq!(regions[0].access, "r-xp");
    }
}

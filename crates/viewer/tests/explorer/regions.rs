//! What has regions, as a process has: a heading for each, one row for a gap, and names as places.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::KeyCode;
use lazyhex::testing::Stage;
use memmap::plugin::{Mapping, Op, Opener, Origin, Request, Schemes};
use memmap::{Error, ErrorKind, Extent, Map, Region, Result};
use ratatui::style::Modifier;

use super::view;

const PROGRAM: u64 = 0x5500_0000_1000;
const LIBRARY: u64 = 0x7f00_0000_0000;
const STACK: u64 = 0x7ffd_0000_0000;
const LEN: u64 = STACK + 0x38;

/// Memory as a process has it, far apart.
#[derive(Debug, Clone, Default)]
struct Memory {
    regions: Arc<Vec<Region>>,
    /// Changes the byte at the start of the library.
    tick: Arc<AtomicU64>,
    has_ended: Arc<AtomicBool>,
    /// Number of reads.
    reads: Arc<AtomicU64>,
}

fn region(start: u64, len: u64, name: &str, access: &str, file_offset: Option<u64>) -> Region {
    let mut region = Region::new(start..start + len, name);
    access.clone_into(&mut region.access);
    region.file_offset = file_offset;
    region.is_readable = access.starts_with('r') && name != "[vvar]";
    region
}

impl Memory {
    fn new() -> Self {
        let regions = vec![
            region(PROGRAM, 0x48, "/usr/bin/demo", "r--p", Some(0)),
            region(PROGRAM + 0x48, 0x98, "/usr/bin/demo", "r-xp", Some(0x48)),
            region(LIBRARY, 0x120, "/usr/lib/libc.so.6", "r-xp", Some(0x2_6000)),
            region(LIBRARY + 0x120, 0x40, "", "rw-p", None),
            region(LIBRARY + 0x1000, 0x4000, "[vvar]", "r--p", None),
            region(STACK, 0x38, "[stack]", "rw-p", None),
        ];
        Self { regions: Arc::new(regions), ..Self::default() }
    }

    fn stage(&self, size: (u16, u16)) -> Stage {
        view(Map::from_mapping(self.clone()).erase(), size)
    }

    fn byte(&self, offset: u64) -> u8 {
        let seen = if offset == LIBRARY { self.tick.load(Ordering::Relaxed) } else { 0 };
        (offset.wrapping_mul(0x9e37_79b9) >> 7).wrapping_add(seen).to_le_bytes()[0]
    }

    fn readable(&self) -> impl Iterator<Item = &Region> {
        self.regions.iter().filter(|it| it.is_readable)
    }
}

impl Mapping for Memory {
    fn len(&self) -> u64 {
        LEN
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.has_ended.load(Ordering::Relaxed) {
            return Err(Error::new(Op::Read, ErrorKind::Ended { offset }));
        }
        for (at, byte) in (offset..).zip(out) {
            if !self.readable().any(|it| it.range.contains(&at)) {
                return Err(Error::new(Op::Read, ErrorKind::Gap { offset: at, next: None }));
            }
            *byte = self.byte(at);
        }
        Ok(())
    }

    fn next_readable(&self, offset: u64) -> u64 {
        let next = self.readable().find(|it| it.range.end > offset);
        next.map_or(LEN, |it| it.range.start.max(offset + 1))
    }

    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        let (mut at, end) = (offset, offset + len);
        let mut extents = Vec::new();
        for it in self.readable().filter(|it| it.range.end > offset && it.range.start < end) {
            let range = it.range.start.max(at)..it.range.end.min(end);
            if at < range.start {
                extents.push(Extent::Gap(at..range.start));
            }
            at = range.end;
            extents.push(Extent::Data(range));
        }
        if at < end {
            extents.push(Extent::Gap(at..end));
        }
        Ok(extents)
    }

    fn regions(&self) -> &[Region] {
        &self.regions
    }
}

/// Lines of the screen, without quotes.
fn lines(view: &Stage) -> Vec<String> {
    view.screen().lines().map(|line| line.trim_matches('"').to_owned()).collect()
}

/// The status line.
fn status(view: &Stage) -> String {
    lines(view).iter().rev().nth(1).cloned().unwrap()
}

fn underlined(view: &Stage) -> usize {
    let cells = view.buffer().content.iter();
    cells.filter(|it| it.modifier.contains(Modifier::UNDERLINED)).count()
}

/// The rows one below the other: their first bytes, and how many bytes each has; a gap has none.
fn rows(memory: &Memory) -> Vec<(u64, u64)> {
    let mut rows = Vec::new();
    let mut at = 0;
    for region in memory.regions.iter() {
        if at < region.range.start {
            rows.push((at, 0));
        }
        let Range { mut start, end } = region.range;
        if !region.is_readable {
            rows.push((start, 0));
            start = end;
        }
        while start < end {
            let next = (start - start % 16 + 16).min(end);
            rows.push((start, next - start));
            start = next;
        }
        at = end;
    }
    rows
}

#[test]
fn a_process_is_shown_by_its_regions() {
    let mut screens = String::new();
    for size in [(80, 24), (160, 50), (40, 12)] {
        for keys in ["", "G", "]r]rT", "Mo"] {
            let mut view = Memory::new().stage(size);
            view.keys(keys);
            writeln!(screens, "{}x{} {keys}\n{}", size.0, size.1, view.screen()).unwrap();
        }
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn down_and_up_come_to_every_row_once() {
    let memory = Memory::new();
    let rows = rows(&memory);
    let mut view = memory.stage((80, 24));
    view.keys("gg");
    assert_eq!(view.at(), PROGRAM);
    let mut seen = vec![view.at()];
    loop {
        view.keys("j");
        if seen.last() == Some(&view.at()) {
            break;
        }
        seen.push(view.at());
    }
    let rows_of = |seen: &[u64]| -> Vec<usize> {
        let after = |at: &u64| rows.partition_point(|row| row.0 <= *at);
        seen.iter().map(|at| after(at) - 1).collect()
    };
    // All but the gap above.
    assert_eq!(rows_of(&seen), (1..rows.len()).collect::<Vec<_>>());
    let mut back = vec![view.at()];
    loop {
        view.keys("k");
        if back.last() == Some(&view.at()) {
            break;
        }
        back.push(view.at());
    }
    back.reverse();
    assert_eq!(rows_of(&back), (0..rows.len()).collect::<Vec<_>>());
    // The column is kept across what has no bytes.
    view.keys(":libc.so.6+0x155\njjjj");
    assert_eq!(view.at(), STACK + 5, "{}", view.screen());
}

#[test]
fn right_and_left_pass_over_a_gap_in_one_step_and_come_to_every_byte() {
    let memory = Memory::new();
    let mut all = Vec::new();
    for (start, len) in rows(&memory) {
        all.extend(if len == 0 { start..start + 1 } else { start..start + len });
    }
    let mut view = memory.stage((80, 24));
    view.keys("0:0\n");
    let mut seen = vec![view.at()];
    while view.at() < LEN - 1 {
        view.press(KeyCode::Right);
        seen.push(view.at());
    }
    assert_eq!(seen, all);
    while view.at() > 0 {
        view.press(KeyCode::Left);
        assert_eq!(Some(view.at()), {
            seen.pop();
            seen.last().copied()
        });
    }
}

#[test]
fn pages_and_the_wheel_show_every_row_once() {
    let memory = Memory::new();
    let all: Vec<String> = {
        let mut view = memory.stage((80, 100));
        view.keys(":set inspector off\n:0\n");
        lines(&view)[2..98]
            .iter()
            .map(|line| line.trim_end_matches(['│', '█', ' ']).to_owned())
            .collect()
    };
    let all: Vec<String> = all.into_iter().take_while(|line| !line.is_empty()).collect();
    let headings = all.iter().filter(|line| line.starts_with("──")).count();
    // A heading for each region, and a row for each gap.
    assert_eq!((all.len(), headings), (rows(&memory).len() + 5, 10), "{all:#?}");
    for keys in ["\x06", "wheel"] {
        let mut view = memory.stage((80, 15));
        view.keys(":set inspector off\n:0\n");
        let mut seen: Vec<String> = Vec::new();
        loop {
            let shown: Vec<String> = lines(&view)[2..13]
                .iter()
                .map(|line| line.trim_end_matches(['│', '█', ' ']).to_owned())
                .collect();
            let new = shown.iter().position(|line| !seen.contains(line));
            let Some(new) = new else { break };
            assert!(new == 0 || seen.last() == shown.get(new - 1), "{shown:#?} after {seen:#?}");
            seen.extend_from_slice(&shown[new..]);
            if keys == "wheel" {
                view.scroll(1).scroll(1);
            } else {
                view.press(KeyCode::PageDown);
            }
        }
        assert_eq!(seen, all, "{keys}");
        view.keys("gg:0\n");
        assert!(lines(&view)[2].contains("not mapped: 85.00 TiB"), "{}", view.screen());
    }
}

#[test]
fn the_mouse_finds_the_bytes_below_headings() {
    let mut view = Memory::new().stage((80, 24));
    let text = lines(&view);
    let at = |text: &str, part: &str| text.find(part).unwrap();
    assert!(text[2].contains("demo") && text[3].starts_with("550000001000"), "{}", view.screen());
    let x = u16::try_from(at(&text[1], " 3  4 ") + 1).unwrap();
    view.mouse_down(x, 4).mouse_up();
    assert_eq!(view.at(), PROGRAM + 0x13);
    // The second region begins in the middle of a row.
    let heading = text.iter().position(|line| line.contains("r-xp")).unwrap();
    view.mouse_down(x, u16::try_from(heading).unwrap()).mouse_up();
    assert_eq!(view.at(), PROGRAM + 0x48);
    view.mouse_down(x, u16::try_from(heading + 1).unwrap()).mouse_up();
    assert_eq!(view.at(), PROGRAM + 0x48, "there is no byte in that column");
    // The end of the scroll bar is the end of the last region, and its start the gap before the first.
    let mut view = Memory::new().stage((100, 24));
    view.mouse_down(99, 18).mouse_up();
    assert_eq!(view.at(), LEN - 8);
    view.mouse_down(99, 2).mouse_up();
    assert!(view.at() < 16, "{:#x}", view.at());
}

#[test]
fn names_and_keys_lead_to_regions() {
    let mut view = Memory::new().stage((80, 24));
    for (line, at, words) in [
        ("libc.so.6+0x100", LIBRARY + 0x100, "libc.so.6 + 0x100"),
        ("/usr/lib/libc.so.6", LIBRARY, "libc.so.6 + 0x0"),
        ("[stack]", STACK, "region 6 of 6"),
        ("[stack] + 8", STACK + 8, "[stack] + 0x8"),
        ("demo + 0x50", PROGRAM + 0x50, "demo + 0x50"),
        ("0x7f0000000130", LIBRARY + 0x130, "[anonymous] + 0x10"),
        ("0x1000", 0x1000, "not mapped"),
        ("[vvar]", LIBRARY + 0x1000, "[vvar] + 0x0  ??"),
    ] {
        view.keys(&format!(":{line}\n"));
        assert_eq!(view.at(), at, "{line}: {}", view.screen());
        assert!(status(&view).contains(words), "{}", view.screen());
        view.ctrl('g').keys(&format!("{line}\n"));
        assert_eq!(view.at(), at, "{line}");
    }
    assert!(view.keys(":libm.so\n").footer().contains("there is no command \"libm\""));
    view.keys("\x1b:libc.so.6+\n");
    assert!(view.footer().contains("the expression is incomplete"), "{}", view.footer());
    view.keys("\x1bgg");
    for at in [PROGRAM + 0x48, LIBRARY, LIBRARY + 0x120, LIBRARY + 0x1000, STACK] {
        view.keys("]r");
        assert_eq!(view.at(), at);
    }
    assert!(view.keys("]r").footer().contains("there is no next region"));
    view.keys("l[r");
    assert_eq!(view.at(), STACK);
    view.keys("3[r");
    assert_eq!(view.at(), LIBRARY);
    view.keys("T");
    let list = view.screen();
    assert!(
        list.contains("[vvar]") && list.contains("r--p ??") && list.contains("288 B"),
        "{list}"
    );
    view.keys("kk\n");
    assert_eq!(view.at(), PROGRAM);
    view.keys("\x1b:maps\n");
    assert!(!view.screen().contains("[vvar]"), "it closes: {}", view.screen());
    // A file has none.
    let mut file = super::demo_view((80, 24));
    assert!(file.keys("]r").footer().contains("there are no regions here"));
    assert!(file.keys(":maps\n").screen().contains("no regions: a process has them"));
}

#[test]
fn changed_bytes_are_underlined_for_two_seconds() {
    let memory = Memory::new();
    let mut view = memory.stage((80, 24));
    view.keys(":libc.so.6+0x20\n");
    assert_eq!(underlined(&view), 0);
    memory.tick.store(1, Ordering::Relaxed);
    view.pass(Duration::from_secs(60));
    assert_eq!(underlined(&view), 0, "it is not read again by itself");
    view.keys("r");
    // Two digits and a character.
    assert_eq!(underlined(&view), 3, "{}", view.screen());
    view.pass(Duration::from_millis(1900));
    assert_eq!(underlined(&view), 3);
    view.pass(Duration::from_millis(300));
    assert_eq!(underlined(&view), 0);
    assert!(view.keys("F").footer().contains("read again every 1 s"), "{}", view.footer());
    memory.tick.store(2, Ordering::Relaxed);
    view.pass(Duration::from_secs(1));
    assert_eq!(underlined(&view), 3);
    let before = memory.reads.load(Ordering::Relaxed);
    view.pass(Duration::from_millis(300)).pass(Duration::from_millis(300));
    assert_eq!(memory.reads.load(Ordering::Relaxed), before, "once a second");
    assert!(view.keys("F").footer().contains("no longer read again"), "{}", view.footer());
    memory.tick.store(3, Ordering::Relaxed);
    view.pass(Duration::from_secs(30));
    assert_eq!(underlined(&view), 0);
}

/// Opens memory as it is at that moment.
#[derive(Debug, Clone)]
struct Processes(Arc<Mutex<Memory>>);

impl Opener for Processes {
    type Source = str;
    type Mapping = Memory;

    fn origin(&self, location: &str) -> Origin {
        location.to_owned().into()
    }

    fn open(&self, _: &str, _: &Request) -> Result<Memory> {
        Ok(self.0.lock().unwrap().clone())
    }
}

#[test]
fn regions_that_have_changed_are_shown_when_it_is_read_again() {
    let processes = Processes(Arc::new(Mutex::new(Memory::new())));
    let mut view = Stage::new((100, 24));
    view.open_location("one://1", Schemes::default().with("one", processes.clone())).begin();
    view.keys(":[stack]\n");
    assert!(lines(&view)[0].contains("6 regions"), "{}", view.screen());
    let mut more = Memory::new();
    let mut regions = (*more.regions).clone();
    regions.insert(5, region(STACK - 0x100, 0x20, "/usr/lib/new.so", "r--p", Some(0)));
    more.regions = Arc::new(regions);
    *processes.0.lock().unwrap() = more;
    view.keys("r");
    assert_eq!(view.at(), STACK);
    assert!(lines(&view)[0].contains("7 regions"), "{}", view.screen());
    assert!(view.screen().contains("7ffcffffff00  new.so  r--p  32 B"), "{}", view.screen());
    assert!(view.footer().contains("the regions have changed"), "{}", view.footer());
    // And without a key.
    view.keys("F").pass(Duration::from_secs(1));
    *processes.0.lock().unwrap() = Memory::new();
    view.pass(Duration::from_secs(1));
    assert!(lines(&view)[0].contains("6 regions"), "{}", view.screen());
    assert!(!view.screen().contains("new.so"), "{}", view.screen());
}

#[test]
fn what_was_read_of_a_process_stays_when_it_ends() {
    let memory = Memory::new();
    let mut view = memory.stage((80, 15));
    view.keys(":set inspector off\n:libc.so.6\nF");
    let before = lines(&view)[2..13].to_vec();
    memory.has_ended.store(true, Ordering::Relaxed);
    view.pass(Duration::from_secs(1));
    assert!(lines(&view)[0].contains("ENDED"), "{}", view.screen());
    assert!(view.footer().contains("has ended; what was read of it stays"), "{}", view.footer());
    assert_eq!(lines(&view)[2..13], before);
    // Also when it was off the screen, and what comes new is unreadable.
    view.keys("[r[r");
    assert!(view.screen().contains("?? ?? ??"), "{}", view.screen());
    view.keys(":libc.so.6\nr");
    let after = lines(&view);
    let seen: Vec<&String> = before.iter().filter(|row| row.starts_with("7f0000")).collect();
    assert!(seen.len() > 5 && seen.iter().all(|row| after.contains(row)), "{}", view.screen());
    assert!(view.keys("F").footer().contains("does not change any more"), "{}", view.footer());
}

#[test]
fn nothing_takes_long_however_far_regions_are_apart() {
    let memory = Memory::new();
    let mut view = memory.stage((160, 50));
    let looked = |view: &mut Stage, keys: &str| {
        let before = memory.reads.load(Ordering::Relaxed);
        view.keys(keys);
        let reads = memory.reads.load(Ordering::Relaxed) - before;
        assert!(reads < 300, "{keys:?}: {reads} reads");
    };
    looked(&mut view, "M");
    assert!(view.screen().contains("all read"), "{}", view.screen());
    looked(&mut view, "o");
    assert!(view.screen().contains("a demo"), "{}", view.screen());
    looked(&mut view, "\x1bH");
    looked(&mut view, "\x1bs");
    looked(&mut view, "\x1b\x1b");
    looked(&mut view, "gg]zG[z]uG[uggwwww]h]e[e");
    looked(&mut view, "gg#c");
    assert!(view.footer().contains("crc32"), "{}", view.footer());
    looked(&mut view, "gg/\x14\x14\x14zz\n");
    assert!(view.screen().contains("region"), "{}", view.screen());
}

#[test]
fn the_progress_of_a_search_counts_what_can_be_read() {
    let memory = Memory::new();
    let map = Map::from_mapping(memory.clone());
    let progress = memmap::Progress::new();
    let scan = memmap::scan::Scan::new(&map).progress(&progress);
    let found = scan.count(&memmap::scan::Pattern::literal("xyzzy").unwrap()).unwrap();
    let readable: u64 = memory.readable().map(|it| it.range.end - it.range.start).sum();
    assert_eq!((found.value, progress.total(), progress.done()), (0, readable, readable));
}

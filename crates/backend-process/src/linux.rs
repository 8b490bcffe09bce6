use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use memmap_core::{Error, ErrorKind, Extent, Mapping, Op, Partial, Region, Result, check, widen};

use crate::maps;

/// The memory of a process. It is open as long as this is: a process that has ended is not mistaken for another
/// one with its number.
#[derive(Debug)]
pub struct ProcessMemory {
    memory: File,
    /// All regions, in order.
    regions: Vec<Region>,
    /// Where the last one ends that can be read.
    len: u64,
}

/// The size of a page, as far as reading goes on after an error.
const PAGE_LEN: u64 = 4096;

/// Whether a text names a process, as a folder of `/proc`.
pub(super) fn is_process(text: &str) -> bool {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number || text == "self"
}

impl ProcessMemory {
    pub(super) fn open(process: &str) -> Result<Self> {
        if !is_process(process) {
            let what = "name a process by its number, such as pid://4242";
            return Err(Error::new(Op::Open, ErrorKind::InvalidOptions { what }));
        }
        // Opened first: from then on it is this process.
        let memory = File::open(format!("/proc/{process}/mem")).map_err(refused)?;
        let mut text = Vec::new();
        let read = File::open(format!("/proc/{process}/maps"))
            .and_then(|mut file| file.read_to_end(&mut text));
        read.map_err(refused)?;
        let regions = maps::parse(&text);
        let readable = regions.iter().filter(|region| region.is_readable);
        let len = readable.map(|region| region.range.end).max().unwrap_or(0);
        Ok(Self { memory, regions, len })
    }

    /// The regions that can be read and end after an offset.
    fn readable_from(&self, offset: u64) -> impl Iterator<Item = &Region> {
        let first = self.regions.partition_point(|region| region.range.end <= offset);
        self.regions.iter().skip(first).filter(|region| region.is_readable)
    }

    fn gap(&self, offset: u64) -> Error {
        let next = self.readable_from(offset).next().map(|region| region.range.start);
        Error::new(Op::Read, ErrorKind::Gap { offset, next })
    }

    /// Reads at most to the end of a region.
    fn read_region(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let region = self.readable_from(offset).next();
        let Some(region) = region.filter(|it| it.range.start <= offset) else {
            return Err(self.gap(offset));
        };
        let left = usize::try_from(region.range.end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = left.min(out.len());
        let room = out.get_mut(..len).unwrap_or_default();
        match self.memory.read_at(room, offset) {
            Ok(0) if len > 0 => Err(Error::new(Op::Read, ErrorKind::Ended { offset })),
            Ok(len) => Ok(len),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
            // It was mapped when the process was opened.
            Err(error) => Err(Error::io(Op::Read, offset, error)),
        }
    }
}

impl Mapping for ProcessMemory {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        match self.read_some(offset, out)?.stopped {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<Partial> {
        check(offset, out.len(), self.len)?;
        let mut len = 0;
        while let Some(rest) = out.get_mut(len..).filter(|rest| !rest.is_empty()) {
            match self.read_region(offset.saturating_add(widen(len)), rest) {
                Ok(read) => len = len.saturating_add(read),
                Err(error) => return Ok(Partial { len, stopped: Some(error) }),
            }
        }
        Ok(Partial { len, stopped: None })
    }

    fn next_readable(&self, offset: u64) -> u64 {
        let next = self.readable_from(offset).next();
        match next {
            Some(region) if region.range.start > offset => region.range.start,
            Some(region) => {
                let page = offset.saturating_add(1).checked_next_multiple_of(PAGE_LEN);
                let page = page.unwrap_or(u64::MAX);
                if page < region.range.end { page } else { self.next_readable(region.range.end) }
            }
            None => self.len.max(offset.saturating_add(1)),
        }
    }

    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        let end = offset.saturating_add(len);
        if end > self.len {
            let kind = ErrorKind::OutOfBounds { offset, len, bound: self.len };
            return Err(Error::new(Op::Query, kind));
        }
        let mut extents: Vec<Extent> = Vec::new();
        let mut at = offset;
        for region in self.readable_from(offset).take_while(|region| region.range.start < end) {
            let range = region.range.start.max(at)..region.range.end.min(end);
            if range.start > at {
                extents.push(Extent::Gap(at..range.start));
            }
            at = range.end;
            // Neighbours are one run of bytes.
            match extents.last_mut() {
                Some(Extent::Data(last)) if last.end == range.start => last.end = range.end,
                _ => extents.push(Extent::Data(range)),
            }
        }
        if at < end {
            extents.push(Extent::Gap(at..end));
        }
        Ok(extents)
    }

    fn regions(&self) -> &[Region] {
        &self.regions
    }

    fn name(&self) -> &'static str {
        "process"
    }
}

/// What the system says if it does not let a process be read.
fn refused(error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::NotFound => {
            ErrorKind::Os(io::Error::new(io::ErrorKind::NotFound, "no process has this number"))
        }
        io::ErrorKind::PermissionDenied => {
            ErrorKind::Os(io::Error::new(io::ErrorKind::PermissionDenied, advice()))
        }
        _ => ErrorKind::Os(error),
    };
    Error::new(Op::Open, kind)
}

/// Which setting refuses it, and what helps.
fn advice() -> String {
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    match scope.trim() {
        "" | "0" => "not allowed: it belongs to another user, or has privileges; run as that user, or \
                     as root"
            .to_owned(),
        "3" => "not allowed: ptrace_scope is 3, so that no process can be read until the next start of \
                the system"
            .to_owned(),
        scope => format!(
            "not allowed: ptrace_scope is {scope}; run as root, or start the program from here"
        ),
    }
}

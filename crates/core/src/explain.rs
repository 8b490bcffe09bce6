use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Backend, Error, FileKind, Mode, Prospect, Result};

/// Looks at what is at `path`, and says how it could be mapped and what would be in the way.
///
/// It neither makes nor changes anything. What cannot be mapped is explained too: a directory, a
/// pipe, a file of `/proc`. Pipes, sockets and character devices are not opened, so nothing waits.
///
/// # Errors
/// Each names the path, made absolute: [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there
/// is nothing, [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) if this user may
/// not even look, [`ErrorKind::Os`](crate::ErrorKind::Os) for what else the system says. A file that
/// this user may not read is no error: it is explained that no mode maps it.
///
/// # Platform
/// As much as the backend knows; see [`Backend::explain`].
///
/// # Cost
/// That of opening the file a few times, and of looking at it for at most about two seconds, however
/// long it is.
///
/// # Examples
/// ```
/// use memmap_core::{FileKind, testing::FakeBackend};
///
/// let directory = memmap_core::explain(&FakeBackend::default(), std::env::temp_dir())?;
/// assert_eq!((directory.kind, directory.len), (FileKind::Directory, None));
/// # Ok::<(), memmap_core::Error>(())
/// ```
pub fn explain<B: Backend>(backend: &B, path: impl AsRef<Path>) -> Result<Explanation> {
    let path = path.as_ref();
    // As when it is opened.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    backend.explain(&absolute).map_err(|error| error.with_path(&absolute))
}

/// What a file is, how it could be mapped, and what would be in the way.
///
/// It prints as aligned lines of at most 80 columns (a long path excepted), the path first and
/// escaped; sizes are exact, and then rounded down in binary units. The limits are left out where
/// nothing can be mapped. Programs use the fields.
///
/// Whatever is `None` is not known, or does not exist for what this is: a pipe has no length.
///
/// # Cost
/// As long as it is made; see [`explain`](fn@crate::explain). A clone copies a few strings.
///
/// # Examples
/// ```
/// use memmap_core::{Explanation, FileKind};
///
/// let mut explanation = Explanation::new("/tmp/data", FileKind::Regular);
/// explanation.len = Some(1 << 40);
/// assert_eq!(
///     explanation.to_string(),
///     "\"/tmp/data\"\n  \
///        is             a regular file\n  \
///        length         1099511627776 bytes (1 TiB)",
/// );
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explanation {
    /// Its path, absolute; symbolic links are as they were given.
    pub path: PathBuf,
    /// What it is.
    pub kind: FileKind,
    /// How many bytes it has.
    pub len: Option<u64>,
    /// How many of its bytes are stored, and how many are holes.
    pub stored: Option<Stored>,
    /// How many of its stored bytes are in memory.
    pub resident: Option<Residency>,
    /// The file system that it is on; of a pipe or a device, that of its name.
    pub file_system: Option<FileSystem>,
    /// Bytes of a page of memory.
    pub page_size: Option<u64>,
    /// For each mode whether the whole file could be mapped in it, in the order of [`Mode::ALL`].
    pub verdicts: Vec<Verdict>,
    /// For each proof that nobody can change the file whether it would hold, in the order of
    /// [`Proof::ALL`](crate::Proof::ALL); of what could not be mapped there are none.
    pub proofs: Vec<Prospect>,
    /// What this process, and the machine, have and may have.
    pub limits: Limits,
}

impl Explanation {
    /// An explanation that knows no more than this, for a backend to complete.
    pub fn new(path: impl Into<PathBuf>, kind: FileKind) -> Self {
        Self {
            path: path.into(),
            kind,
            len: None,
            stored: None,
            resident: None,
            file_system: None,
            page_size: None,
            verdicts: Vec::new(),
            proofs: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// Whether the whole file could be mapped in this mode; `None` if that was not found out.
    pub fn verdict(&self, mode: Mode) -> Option<&Verdict> {
        self.verdicts.iter().find(|verdict| verdict.mode() == mode)
    }

    /// What a user should know and can act on, the weightiest first. It follows from the fields.
    ///
    /// # Cost
    /// No system call.
    pub fn warnings(&self) -> Vec<Warning> {
        let on = self.file_system.as_ref().filter(|_| self.kind.is_mappable());
        let of_place = on.and_then(|on| {
            let file_system = on.name.clone();
            match on.kind {
                FileSystemKind::Layered => Some(Warning::Layered { file_system }),
                FileSystemKind::Network => Some(Warning::Network { file_system }),
                FileSystemKind::Program => Some(Warning::Program { file_system }),
                _ => None,
            }
        });
        let made_up = matches!(self.kind, FileKind::Proc | FileKind::Sys | FileKind::MadeUp)
            .then_some(Warning::MadeUp { kind: self.kind });
        let read_only = on.filter(|on| on.is_read_only).map(|_| Warning::ReadOnlyFileSystem);
        let of_size = self.warnings_of_size();
        [of_place, made_up, read_only].into_iter().chain(of_size).flatten().collect()
    }

    fn warnings_of_size(&self) -> [Option<Warning>; 5] {
        let Limits { mappings, address_space, memory, .. } = self.limits;
        let few_mappings = mappings.and_then(|Limit { now, max }| {
            let (now, max) = (now?, max?);
            let is_few = max.saturating_sub(now) <= max / 10;
            is_few.then_some(Warning::FewMappingsLeft { now, max })
        });
        let Some(len) = self.len.filter(|_| self.kind.is_mappable()) else {
            return [few_mappings, None, None, None, None];
        };
        // Where looking was broken off, what was seen is true as far as it goes.
        let (data, bare) = self.stored.map_or((len, 0), |stored| {
            (stored.data, stored.holes.min(len.saturating_sub(stored.on_disk)))
        });
        let on = self.file_system.as_ref();
        let is_memory = on.is_some_and(|on| on.kind == FileSystemKind::Memory);
        let no_addresses = address_space.and_then(|limit| {
            let left = limit.max?.saturating_sub(limit.now.unwrap_or(0));
            (len > left).then_some(Warning::NoAddresses { len, left })
        });
        let more_than_memory = memory
            .filter(|&memory| data > memory && !is_memory)
            .map(|memory| Warning::MoreThanMemory { data, memory });
        let no_room = on
            .filter(|on| bare > on.free && !on.is_read_only)
            .map(|on| Warning::HolesWithoutRoom { holes: bare, free: on.free });
        let is_small = len > 0 && self.page_size.is_some_and(|page| len < page);
        let small = is_small.then_some(Warning::SmallFile { len });
        [no_addresses, few_mappings, more_than_memory, no_room, small]
    }
}

/// How many bytes of a file are stored, and how many are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "backends outside this crate construct it")]
pub struct Stored {
    /// Bytes that are stored.
    pub data: u64,
    /// Bytes that are not, and read as zeros.
    pub holes: u64,
    /// Runs of stored bytes.
    pub runs: u64,
    /// Bytes of the disk that the whole file takes: with room that is reserved for holes, and less
    /// than its data where the file system compresses.
    pub on_disk: u64,
    /// Bytes, from the start of the file, that this is about: all, unless looking at them was broken
    /// off, because there are too many runs.
    pub looked_at: u64,
}

/// How many of a file's stored bytes are in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "backends outside this crate construct it")]
pub struct Residency {
    /// Bytes that are in memory, as the system says.
    pub bytes: u64,
    /// Stored bytes, the first ones, that this is about: all, unless looking at them took too long.
    pub looked_at: u64,
    /// Whether the system says what is true.
    ///
    /// # Platform
    /// Linux calls every byte present to a user who does not own the file and may not write to it, so
    /// that nobody can spy on what others read.
    pub is_certain: bool,
}

/// A file system, as far as it matters to a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSystem {
    /// What the system calls it, as `ext4` or `fuse.sshfs`; not escaped.
    pub name: String,
    /// Where its bytes are.
    pub kind: FileSystemKind,
    /// Whether nothing on it can be changed from here.
    pub is_read_only: bool,
    /// Bytes that this user could still store on it.
    pub free: u64,
    /// Bytes that it has in all.
    pub total: u64,
    /// Bytes of which it stores a multiple.
    pub block_size: u64,
}

impl FileSystem {
    /// A file system of this name that has no room, for a backend to complete.
    pub fn new(name: impl Into<String>, kind: FileSystemKind) -> Self {
        let (is_read_only, free, total, block_size) = (false, 0, 0, 0);
        Self { name: name.into(), kind, is_read_only, free, total, block_size }
    }
}

/// Where the bytes of a file system are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileSystemKind {
    /// On a device of this machine.
    Local,
    /// In its memory.
    Memory,
    /// Elsewhere: other machines may change them.
    Network,
    /// In other file systems, laid upon each other.
    Layered,
    /// Wherever a program says that serves them.
    Program,
    /// Nowhere: the kernel makes them up when they are read.
    MadeUp,
    /// We do not know it.
    Unknown,
}

impl fmt::Display for FileSystemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Local => "on this machine",
            Self::Memory => "in memory",
            Self::Network => "on another machine",
            Self::Layered => "layers of other file systems",
            Self::Program => "served by a program",
            Self::MadeUp => "made up by the kernel",
            Self::Unknown => "of a sort that is not known here",
        })
    }
}

/// Whether a whole file could be mapped in a mode.
#[derive(Debug, Clone)]
pub struct Verdict {
    mode: Mode,
    is_tried: bool,
    refusal: Option<Arc<Error>>,
}

impl Verdict {
    /// What came of mapping it.
    pub fn tried<T>(mode: Mode, result: Result<T>) -> Self {
        Self { mode, is_tried: true, refusal: result.err().map(Arc::new) }
    }

    /// What must come of it, going by what is known.
    pub fn concluded<T>(mode: Mode, result: Result<T>) -> Self {
        Self { is_tried: false, ..Self::tried(mode, result) }
    }

    /// The mode.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether the file was mapped to find out. Mode `w+`, which would replace it, is never tried;
    /// nor is mode `r+` where opening a file for writing has effects of its own.
    pub const fn is_tried(&self) -> bool {
        self.is_tried
    }

    /// Whether it could be mapped.
    pub const fn is_possible(&self) -> bool {
        self.refusal.is_none()
    }

    /// The error that [`MapOptions::open`](crate::MapOptions::open) would give, if it would.
    pub fn refusal(&self) -> Option<&Error> {
        self.refusal.as_deref()
    }
}

/// What this process, and the machine, have and may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Limits {
    /// Mappings, of files and of memory. Each map of a file is at least one.
    pub mappings: Option<Limit>,
    /// Bytes of address space: what all mappings take, used or not.
    pub address_space: Option<Limit>,
    /// Bytes that are kept in memory, as [`lock_in_ram`](crate::MemMap::lock_in_ram) does.
    pub locked_memory: Option<Limit>,
    /// Files that are open. Each map of a file keeps one.
    pub open_files: Option<Limit>,
    /// Bytes of memory the machine has.
    pub memory: Option<u64>,
}

/// How much there is of something, and may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "backends outside this crate construct it")]
pub struct Limit {
    /// How much there is now; `None` if the system does not tell.
    pub now: Option<u64>,
    /// How much there may be; `None` for no limit.
    pub max: Option<u64>,
}

/// Something that a user should know before mapping a file, and can act on.
///
/// It prints as a sentence that says what there is and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The file is on layers of other file systems, and may change its place.
    Layered {
        /// What the system calls the file system.
        file_system: String,
    },
    /// The file is on another machine.
    Network {
        /// What the system calls the file system.
        file_system: String,
    },
    /// A program serves the file.
    Program {
        /// What the system calls the file system.
        file_system: String,
    },
    /// The file has no bytes before it is read.
    MadeUp {
        /// What it is.
        kind: FileKind,
    },
    /// Nothing on the file system can be changed.
    ReadOnlyFileSystem,
    /// The process has not enough addresses left for the whole file.
    NoAddresses {
        /// Bytes of the file.
        len: u64,
        /// Bytes of address space that are left.
        left: u64,
    },
    /// The process has nearly as many mappings as it may.
    FewMappingsLeft {
        /// How many it has.
        now: u64,
        /// How many it may have.
        max: u64,
    },
    /// What is stored of the file does not fit into memory at once.
    MoreThanMemory {
        /// Bytes of the file that are stored.
        data: u64,
        /// Bytes of memory.
        memory: u64,
    },
    /// The holes of the file, where no room is reserved for them, do not fit on the disk.
    HolesWithoutRoom {
        /// Bytes of such holes.
        holes: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The file is so small that reading it costs less than mapping it.
    SmallFile {
        /// Its bytes.
        len: u64,
    },
}

impl Warning {
    /// A short name that stays as it is, for programs that get it as text.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Layered { .. } => "layered",
            Self::Network { .. } => "network",
            Self::Program { .. } => "program",
            Self::MadeUp { .. } => "made-up",
            Self::ReadOnlyFileSystem => "read-only-file-system",
            Self::NoAddresses { .. } => "no-addresses",
            Self::FewMappingsLeft { .. } => "few-mappings-left",
            Self::MoreThanMemory { .. } => "more-than-memory",
            Self::HolesWithoutRoom { .. } => "holes-without-room",
            Self::SmallFile { .. } => "small-file",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Layered { ref file_system } => write!(
                f,
                "it is on {}, which copies a file when it is first opened for writing, and a map \
                 made before that goes on showing the old one; map it anew after that, or put it on \
                 a file system of its own",
                file_system.escape_debug()
            ),
            Self::Network { ref file_system } => write!(
                f,
                "it is on {}: other machines may change it or cut it short, what they write may be \
                 seen late, and without a connection reads wait or fail; copy it to a local disk \
                 where that matters",
                file_system.escape_debug()
            ),
            Self::Program { ref file_system } => write!(
                f,
                "it is on {}, whose bytes come from a program: each read of what is not in memory \
                 waits for that program, and fails when it ends; copy the file to a local disk where \
                 that matters",
                file_system.escape_debug()
            ),
            Self::MadeUp { kind } => write!(
                f,
                "it is {kind}: it has no bytes before it is read, whatever its length says, and may \
                 read differently each time; read it as a whole, once"
            ),
            Self::ReadOnlyFileSystem => write!(
                f,
                "its file system is mounted for reading alone; use mode \"r\", or \"c\" to keep the \
                 changes to this process, or have it mounted for writing"
            ),
            Self::NoAddresses { len, left } => write!(
                f,
                "the whole file takes {} of address space, and this process may take {left} more; \
                 map a part of it with an offset and a length, or raise the limit on address space",
                Bytes(len)
            ),
            Self::FewMappingsLeft { now, max } => write!(
                f,
                "this process has {now} mappings and may have {max}; close some, or raise the \
                 system's limit on the number of mappings"
            ),
            Self::MoreThanMemory { data, memory } => write!(
                f,
                "{} of it are stored, and this machine has {memory} bytes of memory: pages will leave \
                 it again; use the file in order, and say so with `advise`, or give back what is done \
                 with",
                Bytes(data)
            ),
            Self::HolesWithoutRoom { holes, free } => write!(
                f,
                "its holes have {} for which no room is reserved, and {free} are free on the disk: \
                 writing into all of them fills it; make room, or write into fewer",
                Bytes(holes)
            ),
            Self::SmallFile { len } => write!(
                f,
                "it has {}, less than a page; where there are many such files, let `small_file` \
                 read them instead of mapping each",
                Bytes(len)
            ),
        }
    }
}

/// A count of bytes, exactly, and then in the largest unit that it fills, rounded down.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        write!(f, "{} {}", self.0, if self.0 == 1 { "byte" } else { "bytes" })?;
        let (mut whole, mut rest, mut unit) = (self.0, 0, None);
        for name in UNITS {
            if whole < 1024 {
                break;
            }
            (whole, rest, unit) = (whole / 1024, whole % 1024, Some(name));
        }
        match (unit, rest.saturating_mul(10) / 1024) {
            (None, _) => Ok(()),
            (Some(unit), 0) => write!(f, " ({whole} {unit})"),
            (Some(unit), tenths) => write!(f, " ({whole}.{tenths} {unit})"),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f, |f, count| write!(f, "{count}"))
    }
}

impl Limit {
    fn print<W: fmt::Write>(
        self,
        f: &mut W,
        count: impl Fn(&mut W, u64) -> fmt::Result,
    ) -> fmt::Result {
        match (self.now, self.max) {
            (Some(now), Some(max)) => {
                count(f, now)?;
                f.write_str(" of ")?;
                count(f, max)?;
                f.write_str(" that this process may have")
            }
            (Some(now), None) => {
                count(f, now)?;
                f.write_str(", without a limit")
            }
            (None, Some(max)) => {
                f.write_str("at most ")?;
                count(f, max)
            }
            (None, None) => f.write_str("without a limit"),
        }
    }

    fn in_bytes(self) -> String {
        let mut text = String::new();
        // A string takes everything.
        self.print(&mut text, |text, bytes| write!(text, "{}", Bytes(bytes))).ok();
        text
    }
}

/// Lines of a label and a text, which goes on below itself where it is long.
#[derive(Default)]
struct Rows(String);

impl Rows {
    const LABEL_WIDTH: usize = 15;
    const TEXT_WIDTH: usize = 63;

    fn add(&mut self, label: &str, text: &str) {
        let mut label = label;
        let mut line = String::new();
        let mut line_len = 0_usize;
        for word in text.split(' ') {
            let word_len = word.chars().count();
            let longer = line_len.saturating_add(word_len).saturating_add(1);
            if line.is_empty() {
                line_len = word_len;
            } else if longer > Self::TEXT_WIDTH {
                self.line(std::mem::take(&mut label), &line);
                line.clear();
                line_len = word_len;
            } else {
                line.push(' ');
                line_len = longer;
            }
            line.push_str(word);
        }
        self.line(label, &line);
    }

    fn line(&mut self, label: &str, text: &str) {
        let width = Self::LABEL_WIDTH;
        // A string takes everything.
        write!(self.0, "\n  {label:width$}{text}").ok();
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = Rows::default();
        rows.add("is", &self.kind.to_string());
        self.print_bytes(&mut rows);
        self.print_place(&mut rows);
        self.print_verdicts(&mut rows);
        self.print_proofs(&mut rows);
        if self.kind.is_mappable() {
            self.print_limits(&mut rows);
        }
        for warning in self.warnings() {
            rows.add("warning", &warning.to_string());
        }
        write!(f, "{:?}{}", self.path, rows.0)
    }
}

impl Explanation {
    fn print_bytes(&self, rows: &mut Rows) {
        if let Some(len) = self.len {
            rows.add("length", &Bytes(len).to_string());
        }
        let is_whole = self.stored.is_none_or(|stored| Some(stored.looked_at) == self.len);
        if let Some(Stored { data, holes, runs, on_disk, looked_at }) = self.stored {
            let runs = match runs {
                0 => String::new(),
                1 => " in one run".to_owned(),
                runs => format!(" in {runs} runs"),
            };
            rows.add("stored", &format!("{}{runs}", Bytes(data)));
            rows.add("holes", &Bytes(holes).to_string());
            rows.add("on the disk", &Bytes(on_disk).to_string());
            if !is_whole {
                rows.add("looked at", &format!("the first {} alone", Bytes(looked_at)));
            }
        }
        if let Some(Residency { bytes, looked_at, is_certain }) = self.resident {
            let is_all = is_whole && self.stored.is_none_or(|stored| stored.data == looked_at);
            let text = match bytes {
                _ if !is_certain => "not known: the system tells it only to the file's owner and \
                                     to users who may write to it"
                    .to_owned(),
                _ if !is_all => {
                    format!("{} of the first {looked_at} that are stored", Bytes(bytes))
                }
                _ => Bytes(bytes).to_string(),
            };
            rows.add("in memory", &text);
        }
    }

    fn print_place(&self, rows: &mut Rows) {
        if let Some(on) = &self.file_system {
            let writes = if on.is_read_only { ", mounted for reading alone" } else { "" };
            rows.add("file system", &format!("{}, {}{writes}", on.name.escape_debug(), on.kind));
            if on.total > 0 && self.kind == FileKind::Regular {
                let total = Bytes(on.total);
                rows.add("free there", &format!("{} of {total}", Bytes(on.free)));
                rows.add("its blocks", &Bytes(on.block_size).to_string());
            }
        }
    }

    /// Modes that are refused for the same reason share a line.
    fn print_verdicts(&self, rows: &mut Rows) {
        let (can, cannot): (Vec<_>, Vec<_>) =
            self.verdicts.iter().partition(|verdict| verdict.is_possible());
        if !can.is_empty() {
            let modes: Vec<&str> = can.iter().map(|verdict| verdict.mode().as_str()).collect();
            let is_guess = can.iter().any(|it| it.mode() == Mode::ReadWrite && !it.is_tried());
            let guess = if is_guess {
                "; r+ was not tried, as opening the file for writing may have effects there"
            } else {
                ""
            };
            rows.add("maps in mode", &format!("{}{guess}", modes.join(", ")));
        }
        let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
        for verdict in cannot {
            let Some(refusal) = verdict.refusal() else { continue };
            // Of a mode that it names, another one is named elsewhere.
            let mode = verdict.mode();
            let named = format!("for mode \"{mode}\"");
            let reason = refusal.kind().to_string().replace(&named, "for that");
            match reasons.iter_mut().find(|(other, _)| *other == reason) {
                Some((_, modes)) => modes.push(mode.as_str()),
                None => reasons.push((reason, vec![mode.as_str()])),
            }
        }
        for (reason, modes) in reasons {
            rows.add("not in mode", &format!("{}: {reason}", modes.join(", ")));
        }
    }

    /// Why it could be borrowed, and why not.
    fn print_proofs(&self, rows: &mut Rows) {
        let holds = self.proofs.iter().filter(|prospect| prospect.why_not.is_none());
        let holds: Vec<String> = holds.map(|prospect| prospect.proof.to_string()).collect();
        if !holds.is_empty() {
            rows.add("proven by", &holds.join(", "));
        }
        for Prospect { proof, why_not } in &self.proofs {
            if let Some(why_not) = why_not {
                rows.add("not by", &format!("{proof}: {why_not}"));
            }
        }
    }

    fn print_limits(&self, rows: &mut Rows) {
        let Limits { mappings, address_space, locked_memory, open_files, memory } = self.limits;
        if let Some(page_size) = self.page_size {
            rows.add("a page", &Bytes(page_size).to_string());
        }
        for (label, limit) in [
            ("mappings", mappings.map(|limit| limit.to_string())),
            ("address space", address_space.map(Limit::in_bytes)),
            ("locked memory", locked_memory.map(Limit::in_bytes)),
            ("open files", open_files.map(|limit| limit.to_string())),
            ("memory", memory.map(|memory| format!("{} in this machine", Bytes(memory)))),
        ] {
            if let Some(limit) = limit {
                rows.add(label, &limit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeBackend;
    use crate::{ErrorKind, Op};

    #[test]
    fn counts_are_exact_and_then_rounded_down() {
        for (count, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1024 bytes (1 KiB)"),
            (1536, "1536 bytes (1.5 KiB)"),
            ((1 << 20) - 1, "1048575 bytes (1023.9 KiB)"),
            (1 << 40, "1099511627776 bytes (1 TiB)"),
            (u64::MAX, "18446744073709551615 bytes (15.9 EiB)"),
        ] {
            assert_eq!(Bytes(count).to_string(), text);
        }
    }

    #[test]
    fn long_texts_go_on_below_themselves_within_80_columns() {
        let mut rows = Rows::default();
        rows.add("label", &"word ".repeat(60));
        rows.add("one", &"x".repeat(100));
        let lines: Vec<&str> = rows.0.lines().skip(1).collect();
        assert!(lines[0].starts_with("  label          word word"), "{lines:?}");
        assert!(lines[1].starts_with("                 word"), "{lines:?}");
        assert!(lines[..lines.len() - 1].iter().all(|line| line.len() <= 80), "{lines:?}");
        let words: usize = lines.iter().map(|line| line.matches("word").count()).sum();
        assert_eq!(words, 60);
        assert!(lines[lines.len() - 1].ends_with(&"x".repeat(100)));
    }

    #[test]
    fn a_backend_that_knows_no_more_than_the_default_tells_what_there_is() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(123).unwrap();
        let backend = FakeBackend::default();
        let explanation = explain(&backend, file.path()).unwrap();
        assert_eq!((explanation.kind, explanation.len), (FileKind::Regular, Some(123)));
        assert_eq!(explanation.path, file.path());
        assert!(explanation.verdicts.is_empty() && explanation.warnings().is_empty());

        let missing = file.path().join("inside");
        let error = explain(&backend, &missing).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotFound));
        assert_eq!((error.op(), error.path()), (Op::Query, Some(&*missing)));
    }

    fn regular(len: u64) -> Explanation {
        let mut explanation = Explanation::new("/a", FileKind::Regular);
        explanation.len = Some(len);
        explanation
    }

    #[test]
    fn each_place_that_matters_is_warned_of_by_its_name_but_not_for_a_pipe() {
        for (kind, name) in [
            (FileSystemKind::Layered, Some("layered")),
            (FileSystemKind::Network, Some("network")),
            (FileSystemKind::Program, Some("program")),
            (FileSystemKind::Local, None),
            (FileSystemKind::Memory, None),
            (FileSystemKind::Unknown, None),
        ] {
            let mut explanation = regular(10);
            explanation.file_system = Some(FileSystem::new("x\x1b", kind));
            let warnings = explanation.warnings();
            assert_eq!(warnings.first().map(Warning::name), name);
            assert!(!explanation.to_string().contains('\x1b'));
            explanation.kind = FileKind::Fifo;
            assert!(explanation.warnings().is_empty());
        }
    }

    #[test]
    fn sizes_are_warned_of_from_the_first_byte_that_is_too_much() {
        let names = |explanation: &Explanation| {
            explanation.warnings().iter().map(Warning::name).collect::<Vec<_>>()
        };
        let mut explanation = regular(4096);
        explanation.page_size = Some(4096);
        explanation.limits.memory = Some(4096);
        let (now, max) = (Some(10), Some(4106));
        explanation.limits.address_space = Some(Limit { now, max });
        assert_eq!(names(&explanation), [""; 0]);
        explanation.len = Some(4097);
        assert_eq!(names(&explanation), ["no-addresses", "more-than-memory"]);
        explanation.len = Some(4095);
        assert_eq!(names(&explanation), ["small-file"]);
        explanation.len = Some(0);
        assert_eq!(names(&explanation), [""; 0]);

        let mut explanation = regular(1 << 40);
        explanation.limits.memory = Some(1 << 30);
        let looked_at = 1 << 40;
        explanation.stored =
            Some(Stored { data: 1, holes: (1 << 40) - 1, runs: 1, on_disk: 1, looked_at });
        let mut on = FileSystem::new("ext4", FileSystemKind::Local);
        on.free = (1 << 40) - 1;
        explanation.file_system = Some(on.clone());
        assert_eq!(names(&explanation), [""; 0]);
        on.free -= 1;
        explanation.file_system = Some(on.clone());
        assert_eq!(names(&explanation), ["holes-without-room"]);
        if let Some(stored) = &mut explanation.stored {
            stored.on_disk = 2; // room is reserved for one more
        }
        assert_eq!(names(&explanation), [""; 0]);
        on.free = 0;
        on.is_read_only = true;
        explanation.file_system = Some(on);
        assert_eq!(names(&explanation), ["read-only-file-system"]);

        for (now, is_few) in [(89, false), (90, true), (u64::MAX, true)] {
            explanation.limits.mappings = Some(Limit { now: Some(now), max: Some(100) });
            assert_eq!(names(&explanation).contains(&"few-mappings-left"), is_few);
        }
    }

    #[test]
    fn what_is_in_memory_is_only_told_where_it_is_true() {
        let mut explanation = regular(8192);
        let mut residency = Residency { bytes: 8192, looked_at: 8192, is_certain: true };
        explanation.resident = Some(residency);
        assert!(explanation.to_string().contains("in memory      8192 bytes (8 KiB)"));
        residency.is_certain = false;
        explanation.resident = Some(residency);
        assert!(explanation.to_string().contains("in memory      not known: the system tells"));
    }

    #[test]
    fn modes_that_are_refused_for_the_same_reason_share_a_line() {
        let mut explanation = regular(0);
        explanation.verdicts = Mode::ALL
            .into_iter()
            .map(|mode| match mode {
                Mode::Read => Verdict::tried(mode, Ok(())),
                Mode::CopyOnWrite => {
                    let kind = ErrorKind::OutOfMemory { len: 5 };
                    Verdict::tried(mode, Err::<(), _>(Error::new(Op::Map, kind)))
                }
                mode => {
                    let error = Error::new(Op::Open, ErrorKind::PermissionDenied { mode });
                    Verdict::concluded(mode, Err::<(), _>(error))
                }
            })
            .collect();
        let text = explanation.to_string();
        assert!(text.contains("maps in mode   r\n"), "{text}");
        assert!(
            text.contains("not in mode    r+, w+: this user has no permission for that;"),
            "{text}"
        );
        assert!(
            text.contains("not in mode    c: the system has no room for 5 more bytes"),
            "{text}"
        );
        let verdict = explanation.verdict(Mode::CopyOnWrite).unwrap();
        assert!(verdict.is_tried() && !verdict.is_possible());
        assert_eq!(verdict.refusal().unwrap().op(), Op::Map);
    }
}

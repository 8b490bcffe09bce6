//! A FUSE file system with a single file, served from memory by a thread of this process. It
//! implements the protocol of `/dev/fuse`, so it needs neither libfuse nor unsafe code: `mount`
//! gets the device as its standard input.
//!
//! The file can be opened for direct I/O, have a range that cannot be read, and have its reads held
//! back until a scene releases them. Only child processes may access the file while reads are held:
//! a thread of this process would wait for its own server, even when the process is killed.

mod wire;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::shell::Result;
use crate::stage::{Stop, Verdict, need_root, tool};
use wire::{Reply, Request};

/// How long a scene waits for a read to arrive.
const TIMEOUT: Duration = Duration::from_secs(20);

const EIO: i32 = 5;

/// The contents of the file, and how it is served.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) bytes: Vec<u8>,
    /// Whether opened files bypass the page cache (`FOPEN_DIRECT_IO`).
    pub(crate) is_direct: bool,
    /// Reads that touch this range fail with `EIO`.
    pub(crate) lost: Range<usize>,
}

/// A mounted file system. Dropping it unmounts it and ends its server.
pub(crate) struct Fuse {
    mount: PathBuf,
    server: Arc<Server>,
    thread: Option<JoinHandle<()>>,
}

/// The state that the serving thread and the scene share.
struct Server {
    device: File,
    is_direct: bool,
    lost: Range<usize>,
    bytes: Mutex<Vec<u8>>,
    /// The file that has taken the name and the inode number of the first one.
    other: Mutex<Option<Vec<u8>>>,
    reads: Mutex<Reads>,
    arrived: Condvar,
}

#[derive(Default)]
struct Reads {
    is_holding: bool,
    held: Vec<Request>,
}

impl Fuse {
    /// Creates the directory `at`, and mounts the file system there.
    pub(crate) fn mount(at: PathBuf, contents: Contents) -> Verdict<Self> {
        need_root()?;
        let device = File::options().read(true).write(true).open("/dev/fuse");
        let device = device.map_err(|error| Stop::Skip(format!("/dev/fuse: {error}")))?;
        fs::create_dir_all(&at)?;
        // Without its helper, `mount` makes the system call itself, with its descriptor 0 as the
        // device.
        let options = "fd=0,rootmode=40000,user_id=0,group_id=0,allow_other";
        let mut command = Command::new("mount");
        command.args(["--internal-only", "-t", "fuse.memmap", "-o", options, "memmap-torture"]);
        tool(command.arg(&at).stdin(device.try_clone()?))?;
        let Contents { bytes, is_direct, lost } = contents;
        let server = Arc::new(Server {
            device,
            is_direct,
            lost,
            bytes: Mutex::new(bytes),
            other: Mutex::default(),
            reads: Mutex::default(),
            arrived: Condvar::new(),
        });
        let serving = Arc::clone(&server);
        // It ends with an error once the file system is unmounted or the connection is aborted.
        let thread = thread::spawn(move || drop(serving.serve()));
        Ok(Self { mount: at, server, thread: Some(thread) })
    }

    /// The file.
    pub(crate) fn file(&self) -> PathBuf {
        self.mount.join(wire::NAME)
    }

    /// The bytes of the file. A change is one by the server, which the kernel does not know of.
    pub(crate) fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        locked(&self.server.bytes)
    }

    /// Removes the file, so that reading it fails with `ESTALE`, and gives its name and its inode
    /// number to another file.
    pub(crate) fn replace(&self, other: Vec<u8>) {
        *locked(&self.server.other) = Some(other);
    }

    /// Leaves all later reads without an answer.
    pub(crate) fn hold_reads(&self) {
        locked(&self.server.reads).is_holding = true;
    }

    /// Waits until a read has arrived and is held.
    pub(crate) fn wait_for_read(&self) -> Verdict<()> {
        let reads = locked(&self.server.reads);
        let waited =
            self.server.arrived.wait_timeout_while(reads, TIMEOUT, |it| it.held.is_empty());
        let (_reads, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(Stop::Fail(format!("no read reached the FUSE server within {TIMEOUT:?}")));
        }
        Ok(())
    }

    /// Answers the held reads and all later ones.
    pub(crate) fn release_reads(&self) -> Verdict<()> {
        let held = {
            let mut reads = locked(&self.server.reads);
            reads.is_holding = false;
            std::mem::take(&mut reads.held)
        };
        for request in held {
            let reply = self.server.read(&request);
            self.server.send(&reply)?;
        }
        Ok(())
    }

    /// Aborts the connection: every request fails, including those without an answer.
    pub(crate) fn abort(&self) -> Verdict<()> {
        // The connection is named after the minor number of the device. `stat` would ask the
        // server.
        let mounts = fs::read_to_string("/proc/self/mountinfo")?;
        let mount = self.mount.to_string_lossy();
        let mut numbers = mounts.lines().filter_map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            (*words.get(4)? == mount).then(|| words.get(2)?.split_once(':').map(|(_, it)| it))?
        });
        let number = numbers.next().ok_or_else(|| Stop::Fail(format!("{mount} is not mounted")))?;
        let connections = "/sys/fs/fuse/connections";
        let abort = PathBuf::from(connections).join(number).join("abort");
        if !abort.exists() {
            tool(Command::new("mount").args(["-t", "fusectl", "memmap-torture", connections]))?;
        }
        Ok(fs::write(abort, "1")?)
    }
}

impl Drop for Fuse {
    fn drop(&mut self) {
        // `--force` aborts the connection, so that nothing waits for the server any more; `--lazy`,
        // because a program of a failed scene may still have the file open.
        let umount = |option: &str| Command::new("umount").arg(option).arg(&self.mount).output();
        let is_done = umount("--force").is_ok_and(|output| output.status.success())
            || umount("--lazy").is_ok_and(|output| output.status.success());
        if !is_done {
            eprintln!("cannot unmount {}; unmount it manually", self.mount.display());
            return;
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

impl Server {
    /// Answers requests until the connection ends.
    fn serve(&self) -> Result {
        let mut buffer = vec![0; wire::REQUEST_LEN_MAX];
        loop {
            let len = (&self.device).read(&mut buffer)?;
            let Some(request) = Request::parse(buffer.get(..len).unwrap_or_default()) else {
                continue;
            };
            if request.opcode == wire::READ && self.is_held(&request) {
                continue;
            }
            if let Some(reply) = self.answer(&request) {
                self.send(&reply)?;
            }
        }
    }

    fn is_held(&self, request: &Request) -> bool {
        let mut reads = locked(&self.reads);
        if reads.is_holding {
            reads.held.push(request.clone());
            self.arrived.notify_all();
        }
        reads.is_holding
    }

    fn send(&self, reply: &Reply) -> Result {
        // A reply is one `write`. The reply to an interrupted request fails with ENOENT.
        match (&self.device).write(reply.as_bytes()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The reply to a request; `None` if the request has no reply.
    fn answer(&self, request: &Request) -> Option<Reply> {
        let to = request.unique;
        Some(match request.opcode {
            wire::FORGET | wire::BATCH_FORGET | wire::INTERRUPT => return None,
            wire::INIT => Reply::init(to),
            wire::LOOKUP if request.name() == wire::NAME.as_bytes() => {
                let is_replaced = locked(&self.other).is_some();
                let node = if is_replaced { wire::OTHER_NODE } else { wire::FILE_NODE };
                Reply::entry(to, node, self.len(node))
            }
            wire::LOOKUP => Reply::error(to, wire::ENOENT),
            wire::GETATTR => Reply::attributes(to, request.node, self.len(request.node)),
            wire::SETATTR => {
                if let Some(len) = request.new_len() {
                    locked(&self.bytes).resize(len, 0);
                }
                Reply::attributes(to, request.node, self.len(request.node))
            }
            wire::OPEN | wire::OPENDIR => Reply::opened(to, self.is_direct),
            wire::READ => self.read(request),
            wire::WRITE => self.write(request),
            wire::STATFS => Reply::file_system(to),
            // The directory is listed as empty. Its file is found by name.
            wire::READDIR
            | wire::RELEASE
            | wire::RELEASEDIR
            | wire::FLUSH
            | wire::FSYNC
            | wire::ACCESS
            | wire::DESTROY => Reply::data(to, &[]),
            _ => Reply::error(to, wire::ENOSYS),
        })
    }

    fn len(&self, node: u64) -> usize {
        match &*locked(&self.other) {
            Some(other) if node == wire::OTHER_NODE => other.len(),
            _ => locked(&self.bytes).len(),
        }
    }

    fn read(&self, request: &Request) -> Reply {
        let bytes = match &*locked(&self.other) {
            None => locked(&self.bytes).clone(),
            Some(other) if request.node == wire::OTHER_NODE => other.clone(),
            Some(_) => return Reply::error(request.unique, wire::ESTALE),
        };
        let range = request.range();
        let range = range.start.min(bytes.len())..range.end.min(bytes.len());
        if range.start < self.lost.end && self.lost.start < range.end {
            return Reply::error(request.unique, EIO);
        }
        Reply::data(request.unique, &bytes[range])
    }

    fn write(&self, request: &Request) -> Reply {
        let mut bytes = locked(&self.bytes);
        let (range, data) = (request.range(), request.written());
        if bytes.len() < range.end {
            bytes.resize(range.end, 0);
        }
        bytes[range].copy_from_slice(data);
        Reply::written(request.unique, data.len())
    }
}

/// Locks a mutex. A thread that panicked leaves no inconsistent state.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

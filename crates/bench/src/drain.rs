//! Runs a program and discards its output.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::proc;
use crate::sample::Sample;

const BUFFER_LEN: usize = 1 << 20;

/// The interval at which the memory of the program is sampled.
const SAMPLE_EVERY: Duration = Duration::from_millis(5);

/// Runs a program to its end and passes its output to `sink`, on another thread.
///
/// The time is from before the program starts until after it has ended. Its peak memory is that of
/// the last sample, which means little if the program runs for a few intervals only.
pub(crate) fn drain(command: &mut Command, sink: impl FnMut(&[u8]) + Send) -> Result<Sample> {
    drain_up_to(0, command, sink)
}

/// The same for a program whose exit codes up to `code` mean that it did its work, as 1 of cmp does.
pub(crate) fn drain_up_to(
    code: i32,
    command: &mut Command,
    mut sink: impl FnMut(&[u8]) + Send,
) -> Result<Sample> {
    let cpu_before = proc::ended_children_cpu();
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut output = child.stdout.take().ok_or("its output is not a pipe")?;
    let (all_read, until_all_read) = mpsc::channel();
    let mut peak_mib: f64 = 0.0;
    let mut anon_mib: f64 = 0.0;
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut buffer = vec![0; BUFFER_LEN];
            let read_all = loop {
                match output.read(&mut buffer) {
                    Ok(0) => break Ok(()),
                    Ok(len) => sink(buffer.get(..len).unwrap_or_default()),
                    Err(error) => break Err(error),
                }
            };
            drop(output); // a program whose output cannot be read must not wait for a reader
            all_read.send(read_all)
        });
        loop {
            // The files of `/proc` are gone once the program has ended.
            let seen = |field| proc::status_mib(child.id(), field).unwrap_or_default();
            peak_mib = peak_mib.max(seen("VmHWM"));
            anon_mib = anon_mib.max(seen("RssAnon"));
            match until_all_read.recv_timeout(SAMPLE_EVERY) {
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break Ok(()),
                Ok(read_all) => break read_all,
            }
        }
    })?;
    let status = child.wait()?;
    let time = begun.elapsed();
    if status.code().is_none_or(|found| found > code) {
        return Err(status.to_string().into());
    }
    let mut notes = Vec::new();
    if let (Some(before), Some(after)) = (cpu_before, proc::ended_children_cpu()) {
        notes.push(("CPU s", after.saturating_sub(before).as_secs_f64()));
        notes.push(("peak MiB", peak_mib)); // including mapped pages of the page cache
        notes.push(("its own", anon_mib));
    }
    Ok(Sample { time, notes })
}

/// The length and FNV-1a hash of a stream: enough to tell whether two are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) len: usize,
    pub(crate) hash: u64,
}

impl Digest {
    pub(crate) const fn new() -> Self {
        Self { len: 0, hash: 0xCBF2_9CE4_8422_2325 }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.len += bytes.len();
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_does_not_depend_on_where_a_stream_is_cut() {
        let (mut whole, mut parts) = (Digest::new(), Digest::new());
        whole.add(b"foobar");
        parts.add(b"foo");
        parts.add(b"bar");
        assert_eq!(whole, parts);
        assert_eq!(whole.hash, 0x8594_4171_F739_67E8); // a published test vector of FNV-1a
    }

    #[test]
    fn all_output_of_a_program_arrives_and_its_failure_is_an_error() {
        let mut seen = Vec::new();
        drain(Command::new("echo").arg("hello"), |bytes| seen.extend_from_slice(bytes)).unwrap();
        assert_eq!(seen, b"hello\n");
        assert!(drain(&mut Command::new("false"), |_| {}).is_err());
    }
}

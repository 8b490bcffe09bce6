//! Scenes of bytes that freeze when they are first touched: file systems that hang, and processes that have handlers
//! of signals of their own.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use super::pattern::{self, PAGE};
use super::proofs::Holder;
use super::tormented::{WAYS, Writer, toucher};
use crate::fuse::{Contents, Fuse};
use crate::shell;
use crate::stage::{Scratch, Stop, Verdict, expect, tool};

const LEN: usize = 100 * PAGE + 100;

fn served(scratch: &Scratch, name: &str) -> Verdict<Fuse> {
    let contents = Contents { bytes: pattern::bytes(LEN), is_direct: true, ..Contents::default() };
    Fuse::mount(scratch.path(name), contents)
}

fn asked(way: &str, file: &Path) -> Verdict<Holder> {
    Holder::of(toucher(false)?.args([way, "ask"]), file)
}

/// A server that does not answer keeps whoever touches its file, and nobody else.
pub(super) fn hung_server() -> Verdict {
    for way in WAYS {
        let scratch = Scratch::new("touch-hung")?;
        let (hung, well) = (served(&scratch, "hung")?, served(&scratch, "well")?);
        let mut of_hung = asked(way, &hung.file())?;
        let mut of_well = asked(way, &well.file())?;
        let byte = |at: usize| pattern::bytes(at + 1).last().map_or(0, |&byte| byte).to_string();
        of_hung.insist("byte 5", &byte(5))?;
        hung.hold_reads();
        of_hung.tell(&format!("byte {}", 50 * PAGE))?;
        hung.wait_for_read()?;
        of_well.insist(&format!("byte {}", 60 * PAGE), &byte(60 * PAGE))?;
        expect(of_hung.is_running()?, || format!("{way}: it ended instead of waiting"))?;
        hung.release_reads()?;
        let said = of_hung.hear()?;
        expect(said == byte(50 * PAGE), || format!("{way}: {said}"))?;
        for holder in [of_hung, of_well] {
            let (status, errors) = holder.end()?;
            expect(status.success(), || format!("{way}: {status}, {errors}"))?;
        }
    }
    Ok("a touch waits while its server does not answer, and another file is read meanwhile"
        .to_owned())
}

/// A connection that is aborted: the pages that were touched stay, the others are lost with the reason.
pub(super) fn dead_server() -> Verdict {
    let mut seen = Vec::new();
    for way in WAYS {
        let scratch = Scratch::new("touch-dead")?;
        let fuse = served(&scratch, "dead")?;
        let mut holder = asked(way, &fuse.file())?;
        let first = pattern::bytes(1)[0].to_string();
        holder.insist("byte 0", &first)?;
        fuse.hold_reads();
        holder.tell(&format!("read {} 10", 50 * PAGE))?;
        fuse.wait_for_read()?;
        fuse.abort()?;
        let said = holder.hear()?;
        expect(said.starts_with(&format!("io offset={} code=", 50 * PAGE)), || {
            format!("{way}: after the connection is aborted: {said:?}")
        })?;
        holder.insist("byte 0", &first)?;
        let lost = holder.ask("lost")?;
        expect(lost.contains("io offset="), || format!("{way}: {lost}"))?;
        holder.tell(&format!("byte {}", 50 * PAGE))?;
        let touched = holder.hear()?;
        let (status, errors) = holder.end()?;
        let is_told = errors.contains(" of a borrowed map is lost");
        expect(touched.is_empty() && !status.success() && is_told, || {
            format!("{way}: {touched:?}, {status}, {errors}")
        })?;
        seen.push(format!("{way}: `{lost}`, then {status}"));
    }
    Ok(seen.join("; "))
}

/// A handler that is there before the program begins, as libSegFault's is: it prints, and gives up.
const PRELOADED: &str = r#"
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <unistd.h>
static void handler(int signal, siginfo_t *info, void *context) {
    (void)info; (void)context;
    write(2, "preloaded\n", 10);
    struct sigaction action; memset(&action, 0, sizeof action); action.sa_handler = SIG_DFL;
    sigaction(signal, &action, 0);
}
__attribute__((constructor)) static void begin(void) {
    struct sigaction action; memset(&action, 0, sizeof action);
    action.sa_sigaction = handler; action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigaction(SIGSEGV, &action, 0); sigaction(SIGBUS, &action, 0);
}
"#;

const TOUCHES: &str = "6000";
const FILE_LEN: u64 = 16 << 20;

pub(super) fn preloaded_handlers() -> Verdict {
    let scratch = Scratch::new("touch-handlers")?;
    let (source, library) = (scratch.path("handler.c"), scratch.path("handler.so"));
    fs::write(&source, PRELOADED)?;
    tool(Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source))?;
    let path = scratch.path("file");
    File::create(&path)?.set_len(FILE_LEN)?;
    let mut seen = Vec::new();
    for way in WAYS {
        let _writer = Writer::of(path.clone(), FILE_LEN);
        let mut toucher = toucher(false)?;
        toucher.args([way, "torment", TOUCHES]).arg(&path).env("LD_PRELOAD", &library);
        let output = toucher.output()?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        expect(output.status.success(), || {
            format!("{way}: {}, {said} {}", output.status, String::from_utf8_lossy(&output.stderr))
        })?;
        seen.push(format!("{way}: {said}"));
    }
    Ok(seen.join("; "))
}

/// Runs a host of the plug-in, which touches the file `tormented`.
fn host(scratch: &Scratch, mut host: Command) -> Verdict {
    let path = scratch.path("tormented");
    File::create(&path)?.set_len(FILE_LEN)?;
    let _writer = Writer::of(path, FILE_LEN);
    let output = host.current_dir(scratch.path("")).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    expect(output.status.success(), || {
        format!("{}: {} {errors}", output.status, String::from_utf8_lossy(&output.stdout))
    })?;
    Ok(errors.lines().filter(|line| line.starts_with("touches ")).collect::<Vec<_>>().join("; "))
}

/// A filter that refuses userfaultfd(2): pages are brought in a handler of `SIGSEGV` then.
const SANDBOX: &str = r"
import ctypes, platform, struct
def refuse_userfaultfd():
    libc = ctypes.CDLL(None, use_errno=True)
    number = {'x86_64': 323, 'aarch64': 282}[platform.machine()]
    filter = b''.join(struct.pack('HBBI', *it) for it in [(0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x50001), (6, 0, 0, 0x7fff0000)])
    buffer = ctypes.create_string_buffer(filter)
    class Program(ctypes.Structure): _fields_ = [('len', ctypes.c_ushort), ('filter', ctypes.c_void_p)]
    program = Program(4, ctypes.addressof(buffer))
    assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0
";

const IN_PYTHON: &str = r"
import faulthandler, sys, os
if sys.argv[2] == 'refused': refuse_userfaultfd()
library = ctypes.CDLL(sys.argv[1])
assert library.plugin_torment(b'tormented', 2000) == 0
faulthandler.enable()
assert library.plugin_torment(b'tormented', 5000) == 0
";

pub(super) fn in_python() -> Verdict {
    let library = plugin()?;
    let mut seen = Vec::new();
    for filter in ["allowed", "refused"] {
        let scratch = Scratch::new("touch-python")?;
        let mut python = Command::new("python3");
        tool(Command::new("python3").arg("--version"))?;
        python.args(["-c", &format!("{SANDBOX}{IN_PYTHON}")]).arg(&library).arg(filter);
        seen.push(format!("userfaultfd {filter}: {}", host(&scratch, python)?));
    }
    Ok(seen.join("; "))
}

/// The host faults by itself all the time: a null pointer is a signal, and so is a stop for the collector.
const IN_JAVA: &str = r#"
public class Host {
    static native int torment(int touches);
    static Host none = null; int field;
    static volatile boolean ends; static volatile long faults; static byte[] garbage;
    public static void main(String[] words) throws Exception {
        System.load(words[0]);
        Thread[] threads = new Thread[3];
        for (int at = 0; at < threads.length; at++) {
            threads[at] = new Thread(() -> { while (!ends) {
                try { none.field = 1; } catch (NullPointerException e) { faults++; }
                garbage = new byte[1 << 16];
            } });
            threads[at].start();
        }
        int changed = torment(5000);
        System.gc();
        changed += torment(5000);
        ends = true;
        for (Thread thread : threads) thread.join();
        if (changed != 0 || faults == 0) throw new Exception(changed + " changed, " + faults + " faults");
    }
}
"#;

const AS_JAVA: &str = r"
import os, sys
if sys.argv[2] == 'refused': refuse_userfaultfd()
os.execvp('java', ['java', '-Xmx256m', 'Host', sys.argv[1]])
";

pub(super) fn in_java() -> Verdict {
    let library = plugin()?;
    let mut seen = Vec::new();
    for filter in ["allowed", "refused"] {
        let scratch = Scratch::new("touch-java")?;
        fs::write(scratch.path("Host.java"), IN_JAVA)?;
        tool(Command::new("javac").arg("Host.java").current_dir(scratch.path("")))?;
        let mut java = Command::new("python3");
        java.args(["-c", &format!("{SANDBOX}{AS_JAVA}")]).arg(&library).arg(filter);
        seen.push(format!("userfaultfd {filter}: {}", host(&scratch, java)?));
    }
    Ok(seen.join("; "))
}

/// The plug-in of `crates/backend-posix`.
fn plugin() -> Verdict<std::path::PathBuf> {
    let program = shell::example("memmap-posix", "toucher")?;
    let library = program.with_file_name("libplugin.so");
    let library = fs::canonicalize(library);
    library.map_err(|error| Stop::Skip(format!("the plug-in is not built: {error}")))
}

//! The deeds.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, io, mem, ptr, thread};

use memmap_core::{ErrorKind, Map, OnLostPage, Proofs};
use memmap_posix::Frozen;

use crate::sandbox::{self, Refusal};
use crate::torment::{Seen, torment};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

pub(crate) fn run() -> Result {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [way, deed @ .., path] = &words[..] else {
        return Err("say a way, a deed and a file".into());
    };
    sandbox::enter(match *way {
        "thread" => &[],
        "markers" => &[Refusal::Userfaultfd],
        "no-access" => &[Refusal::Userfaultfd, Refusal::Markers],
        other => return Err(format!("{other:?} is no way").into()),
    });
    let path = PathBuf::from(path);
    match deed {
        ["torment", touches] => torment_it(&path, touches.parse()?, false),
        // Without children, which would outlive a process that ends.
        ["blocked", touches] => {
            let tally = torment(&path, touches.parse()?, block_all, |_| {});
            println!("{tally}");
            if tally.changed == 0 { Ok(()) } else { Err("bytes changed".into()) }
        }
        ["advised", touches] => {
            // SAFETY: numbers: pages that are the same may be one. What the system refuses is not asked again.
            unsafe { libc::prctl(libc::PR_SET_MEMORY_MERGE, 1, 0, 0, 0) };
            torment_it(&path, touches.parse()?, true)
        }
        ["exits", times] => exits(&path, times.parse()?),
        ["ask"] => answer(&path),
        other => Err(format!("{other:?} is no deed").into()),
    }
}

fn torment_it(path: &Path, touches: usize, is_advised: bool) -> Result {
    let (mut differ, mut children) = (0, 0);
    let tally = torment(
        path,
        touches,
        || {},
        |seen| {
            if is_advised {
                advise(seen);
            }
            children += 1;
            differ += usize::from(child_differs(seen));
        },
    );
    println!("{tally} children {children} differ {differ}");
    if tally.changed + differ == 0 { Ok(()) } else { Err("bytes changed".into()) }
}

/// Asks the system to make huge pages of the pages, and to page them out.
fn advise(seen: &Seen<'_>) {
    let (first, len) = (seen.map.as_ptr().cast_mut().cast(), seen.map[..].len());
    for advice in [libc::MADV_HUGEPAGE, libc::MADV_COLLAPSE, libc::MADV_PAGEOUT] {
        // SAFETY: advice that changes no byte. What the system refuses is an error.
        unsafe { libc::madvise(first, len, advice) };
    }
}

/// Whether a child finds other bytes in what was seen. It may be ended by a page that it has not.
fn child_differs(seen: &Seen<'_>) -> bool {
    // SAFETY: the child has this thread only, allocates nothing, and ends at once.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // The handler of std may wait for a thread that the child has not.
        // SAFETY: the default, in the child alone.
        unsafe { libc::signal(libc::SIGSEGV, libc::SIG_DFL) };
        let code = i32::from(seen.compare(7).0 != 0);
        // SAFETY: it ends the child, and no other process.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: our own child, and a local variable.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) != 0
}

fn block_all() {
    // SAFETY: plain data, filled below.
    let mut all = unsafe { mem::zeroed() };
    // SAFETY: a local variable.
    unsafe { libc::sigfillset(&raw mut all) };
    // SAFETY: changes the mask of this thread alone.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, ptr::null_mut()) };
}

fn touching(path: &Path) -> Result<Map<Frozen>> {
    Ok(Map::<Frozen>::open_with(path, Proofs::none().first_touch().on_lost(OnLostPage::Abort))?)
}

/// Children end in the middle of touches: of a file that has no zeros.
fn exits(path: &Path, times: usize) -> Result {
    const PAGE: usize = 4096;
    let (protection, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    // SAFETY: without an address the system chooses a range that nothing uses.
    let memory = unsafe { libc::mmap(ptr::null_mut(), PAGE, protection, flags, -1, 0) };
    if memory == libc::MAP_FAILED {
        return Err(io::Error::last_os_error().into());
    }
    // SAFETY: a page of zeros, aligned, that stays mapped and is accessed by atomics alone.
    let [zeros, touches] = unsafe { &*memory.cast::<[AtomicUsize; 2]>() };
    for turn in 0..times {
        // SAFETY: this process has no other thread.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let map = touching(path)?;
            let enough = touches.load(Ordering::Relaxed) + 10 * (turn % 17) + 1;
            for first in 0..4 {
                let map = map.clone();
                thread::spawn(move || {
                    for at in (first * PAGE..map[..].len()).step_by(4 * PAGE) {
                        let is_zero = map[..].get(at).is_some_and(|&byte| byte == 0);
                        zeros.fetch_add(usize::from(is_zero), Ordering::SeqCst);
                        touches.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            while touches.load(Ordering::Relaxed) < enough {
                thread::yield_now();
            }
            if turn % 2 == 1 {
                // SAFETY: ends the child.
                unsafe { libc::raise(libc::SIGKILL) };
            }
            // SAFETY: ends the child.
            unsafe { libc::_exit(0) };
        }
        let mut status = 0;
        // SAFETY: our own child, and a local variable.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
    }
    let (zeros, touches) = (zeros.load(Ordering::SeqCst), touches.load(Ordering::SeqCst));
    println!("exits {times} touches {touches} zeros {zeros}");
    if zeros == 0 && touches >= times { Ok(()) } else { Err("zeros were seen".into()) }
}

fn answer(path: &Path) -> Result {
    let map = touching(path)?;
    println!("mapped {}", map.len());
    for line in io::stdin().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["byte", offset] => {
                println!("{}", map[..].get(offset.parse::<usize>()?).ok_or("no such byte")?);
            }
            ["read", offset, len] => match map.read_at(offset.parse()?, len.parse()?) {
                Ok(_) => println!("ok"),
                Err(error) => println!("{}", why(error.kind())),
            },
            ["lost"] => {
                let lost = map.lost();
                let lost = lost.iter().map(|it| format!("{:?} {}", it.range, why(it.error.kind())));
                println!("{}", lost.collect::<Vec<_>>().join(", "));
            }
            _ => return Err(format!("{line:?} is no question").into()),
        }
    }
    Ok(())
}

fn why(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::Io { offset, source } => {
            format!("io offset={offset} code={}", source.raw_os_error().unwrap_or(0))
        }
        other => format!("{other:?}"),
    }
}

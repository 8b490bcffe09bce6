//! A storm: another process cuts a file short and lets it grow, over and over, while threads of this
//! one read all of it. Nobody dies, and no byte is made up.
//!
//! `MEMMAP_STORM_SECONDS` says how long, for a storm longer than a test.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::env;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use memmap::{Error, ErrorKind, MemMap, widen};

const FILE_LEN: usize = 16 << 20;
/// Not at the border of a page, so that positions in the file and in the mapping differ.
const MAP_OFFSET: usize = 4099;
const WINDOW: usize = 1 << 20;
const THREADS: u64 = 8;
/// How much longer than asked a storm lasts, if nobody ends it.
const PATIENCE: Duration = Duration::from_secs(40);

const FILE: &str = "MEMMAP_STORM_FILE";
const SECONDS: &str = "MEMMAP_STORM_SECONDS";

#[test]
fn whatever_another_process_cuts_off_reads_give_its_bytes_zeros_or_truncated() {
    // The other process is this test, told so.
    if let Some(path) = env::var_os(FILE) {
        rage(Path::new(&path), length() + PATIENCE);
        return;
    }
    let pattern = pattern();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &pattern).unwrap();
    let map = MemMap::options().offset(widen(MAP_OFFSET)).open(file.path()).unwrap();
    let mut storm = Storm::begin(file.path());

    let tally = Tally::default();
    let end = Instant::now() + length();
    thread::scope(|scope| {
        for seed in 1..=THREADS {
            let (map, pattern, tally) = (&map, &pattern, &tally);
            scope.spawn(move || read(map, pattern, tally, end, seed));
        }
    });
    assert!(storm.0.try_wait().unwrap().is_none(), "the other process ended too early");
    report(&tally);
    assert!(tally.is_mixed(), "{tally:?}");
}

fn length() -> Duration {
    let seconds = env::var(SECONDS).map_or(3, |seconds| seconds.parse().unwrap());
    Duration::from_secs(seconds)
}

#[expect(clippy::print_stdout, reason = "how hard it blew is worth knowing")]
fn report(Tally { whole, truncated }: &Tally) {
    println!(
        "{} windows were read, {} were truncated",
        whole.load(Relaxed),
        truncated.load(Relaxed)
    );
}

/// What became of the windows.
#[derive(Debug, Default)]
struct Tally {
    whole: AtomicUsize,
    truncated: AtomicUsize,
}

impl Tally {
    fn is_mixed(&self) -> bool {
        [&self.whole, &self.truncated].iter().all(|count| count.load(Relaxed) > 0)
    }
}

/// The other process, which ends with this value.
struct Storm(Child);

impl Storm {
    fn begin(path: &Path) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        Self(command.env(FILE, path).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Cuts the file anywhere and lets it grow back, a part of it with its bytes and the rest as zeros.
fn rage(path: &Path, most: Duration) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    let pattern = pattern();
    let mut random = Random(99);
    let end = Instant::now() + most;
    while Instant::now() < end {
        file.set_len(widen(random.below(FILE_LEN))).unwrap();
        // Half the time at once, so that it has grown back before anyone asks why a page is gone.
        if random.below(2) == 0 {
            thread::sleep(Duration::from_micros(widen(random.below(2000))));
        }
        file.set_len(widen(FILE_LEN)).unwrap();
        let start = random.below(FILE_LEN);
        let len = random.below(4 * WINDOW).min(FILE_LEN - start);
        file.write_all_at(&pattern[start..start + len], widen(start)).unwrap();
    }
}

/// Reads windows anywhere until `end`, or, on a machine so busy that the other process hardly runs,
/// until there were windows of both kinds.
fn read(map: &MemMap, pattern: &[u8], tally: &Tally, end: Instant, seed: u64) {
    let latest = end + PATIENCE / 2;
    let mut random = Random(seed);
    let mut out = vec![0; WINDOW];
    while Instant::now() < end || (!tally.is_mixed() && Instant::now() < latest) {
        let offset = random.below(FILE_LEN - MAP_OFFSET - WINDOW + 1);
        let count = match map.read_into(widen(offset), &mut out) {
            Ok(()) => {
                check_bytes(&out, &pattern[MAP_OFFSET + offset..]);
                &tally.whole
            }
            Err(error) => {
                check_loss(&error, offset);
                &tally.truncated
            }
        };
        count.fetch_add(1, Relaxed);
    }
}

fn check_bytes(out: &[u8], pattern: &[u8]) {
    const STEP: usize = 4096;
    for (found, expected) in out.chunks(STEP).zip(pattern.chunks(STEP)) {
        let is_uniform = found == &expected[..found.len()] || found == &[0; STEP][..found.len()];
        let is_fine =
            || found.iter().zip(expected).all(|(found, byte)| [byte, &0].contains(&found));
        assert!(is_uniform || is_fine(), "bytes that nobody wrote");
    }
}

fn check_loss(error: &Error, offset: usize) {
    let ErrorKind::Truncated { offset: lost, needed, now } = *error.kind() else {
        panic!("not truncated: {error}");
    };
    assert!((widen(offset)..widen(offset + WINDOW)).contains(&lost), "{error}");
    assert_eq!(needed, widen(MAP_OFFSET + offset + WINDOW), "{error}");
    // Not only is the file too short for the window: it ends before the byte that is lost.
    assert!(now <= widen(MAP_OFFSET) + lost, "{error}");
}

/// Bytes of which none is zero, as zeros are what a file that grows is filled with.
fn pattern() -> Vec<u8> {
    (1..=251).cycle().take(FILE_LEN).collect()
}

/// Marsaglia's xorshift: the same storm for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % widen(bound)).unwrap()
    }
}

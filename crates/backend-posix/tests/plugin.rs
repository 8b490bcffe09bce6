//! A library that uses maps, which a host loads, uses and unloads. Afterwards the host must see its own faults, and
//! end as it would without the library.
//!
//! Hosts are this test, a program in C, which needs `cc`, and Python, which needs `python3`. Without them, a line
//! reports what was skipped.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test speaks by panicking, and says what it leaves out"
)]

use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::ptr;
use std::sync::OnceLock;

const SIGBUS: i32 = 7;
const POINT: &str = "the point is reached";

/// The plug-in, built with the profile and target of this test.
fn plugin() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let this = env::current_exe().unwrap();
        let mut folders = this.ancestors().skip(2);
        let profile_folder = folders.next().unwrap();
        let profile = match profile_folder.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            other => other,
        };
        let mut target_folder = folders.next().unwrap();
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--quiet", "-p", "memmap-posix", "--example", "plugin"]);
        if !target_folder.join("CACHEDIR.TAG").exists() {
            command.arg("--target").arg(target_folder.file_name().unwrap());
            target_folder = folders.next().unwrap();
        }
        command.args(["--profile", profile]).arg("--target-dir").arg(target_folder);
        assert!(command.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap().success());
        let built = profile_folder.join("examples/libplugin.so");
        assert!(built.exists(), "{}", built.display());
        built
    })
}

/// A folder with two copies of the plug-in, and the host in C if it can be built.
struct Stage {
    folder: tempfile::TempDir,
    host: Option<PathBuf>,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.so", "b.so"] {
            fs::copy(plugin(), folder.path().join(name)).unwrap();
        }
        let host = folder.path().join("host");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plugin/host.c");
        let built = Command::new("cc")
            .args(["-O1", "-pthread", "-rdynamic", "-o"])
            .args([&host, &source])
            .arg("-ldl")
            .status();
        match built {
            Ok(built) => {
                assert!(built.success(), "the host does not compile");
                Self { folder, host: Some(host) }
            }
            Err(error) => {
                eprintln!("not tried, as there is no `cc`: {error}");
                Self { folder, host: None }
            }
        }
    }

    /// Runs the host with these commands in the folder; `None` if there is no host.
    fn play(&self, deeds: &str) -> Option<Output> {
        let output = Command::new(self.host.as_ref()?)
            .arg("data")
            .args(deeds.split(' '))
            .current_dir(self.folder.path())
            .output();
        Some(output.unwrap())
    }

    /// The host must end by `SIGBUS`, after it has printed that the point is reached.
    fn dies_as_it_means_to(&self, deeds: &str) {
        let Some(output) = self.play(deeds) else { return };
        let said = format!("{deeds}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(POINT), "{said}");
        assert_eq!(output.status.signal(), Some(SIGBUS), "{said}");
    }
}

#[test]
fn a_host_that_unloaded_it_has_its_own_faults() {
    let stage = Stage::new();
    for last in ["f", "g", "k"] {
        for before in [
            "+./a.so u0 -0",
            "+./a.so t0 -0",
            "+./a.so h0 -0",
            "+./a.so u0 -0 +./a.so u1 -1",
            "+./a.so +./b.so u0 u1 -0 u1 -1",
            "+./a.so +./b.so t0 h1 -1 t0 -0",
            "+./a.so u0 -0 +./b.so u1 s1",
        ] {
            stage.dies_as_it_means_to(&format!("{before} {last}"));
        }
    }
}

#[test]
fn it_stays_loaded_once_it_was_used_and_not_before() {
    let stage = Stage::new();
    let said = |deeds| {
        let output = stage.play(deeds)?;
        assert!(output.status.success(), "{output:?}");
        Some(String::from_utf8(output.stdout).unwrap())
    };
    for (deeds, expected) in [
        ("+./a.so -0 ?0", "library 0 is gone\n"),
        ("+./a.so u0 -0 ?0", "library 0 stays\n"),
        ("+./a.so +./b.so u1 -0 -1 ?0 ?1", "library 0 is gone\nlibrary 1 stays\n"),
    ] {
        assert!(said(deeds).is_none_or(|said| said == expected), "{deeds}");
    }
}

#[test]
fn nothing_is_allocated_in_the_handler() {
    let stage = Stage::new();
    for before in [
        "+./a.so u0",
        "+./a.so t0",
        "+./a.so u0 -0",
        "+./a.so +./b.so u0 u1",
        "+./a.so u0 c o0",
        "+./a.so +./b.so u0 u1 c o0 o1",
    ] {
        // In a thread that has made no access before.
        stage.dies_as_it_means_to(&format!("{before} g"));
        stage.dies_as_it_means_to(&format!("{before} f"));
    }
}

#[test]
fn two_copies_in_one_process_leave_each_other_alone() {
    let stage = Stage::new();
    let turns = "o0 o1 u0 u1 ".repeat(20);
    let both = "+./a.so +./b.so u0 u1";
    for last in ["f", "g", "k"] {
        stage.dies_as_it_means_to(&format!("{both} {turns}s0 s1 {last}"));
        // With a handler of the host that passes signals on, installed before one copy or both, repeatedly.
        stage.dies_as_it_means_to(&format!("{both} c {turns}s0 s1 {last}"));
        stage.dies_as_it_means_to(&format!("{both} c o1 c o0 c o1 c o0 {turns}s0 s1 {last}"));
    }
    let again = "e o0 u1 e o1 u0 ".repeat(30);
    let Some(output) = stage.play(&format!("{both} {again}s0 s1 f")) else { return };
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, format!("status 0\nstatus 0\n{POINT}\n"), "{output:?}");
    assert_eq!(output.status.code(), Some(33), "the host's handler is asked: {output:?}");
}

/// Set for the process that is the host in Rust; the value is its last action.
const LAST: &str = "MEMMAP_PLUGIN_LAST";

/// The program contains the library, and loads two plug-ins that contain it too.
#[test]
fn a_host_in_rust_has_a_copy_of_its_own() {
    if let Ok(last) = env::var(LAST) {
        return host(&last);
    }
    let stage = Stage::new();
    for (last, signal) in [("touch", Some(SIGBUS)), ("send twice", Some(SIGBUS)), ("end", None)] {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "a_host_in_rust_has_a_copy_of_its_own", "--nocapture"])
            .env(LAST, last)
            .current_dir(stage.folder.path())
            .output()
            .unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains(POINT), "{output:?}");
        assert_eq!(output.status.signal(), signal, "{last}: {output:?}");
        assert!(signal.is_some() || output.status.success(), "{output:?}");
    }
}

fn host(last: &str) {
    use memmap_core::{ErrorKind, Map, Mode};
    use memmap_posix::{FaultGuard, Live};

    let own = || {
        fs::write("own", [1; 8192]).unwrap();
        let map = Map::<Live>::open("own", Mode::Read).unwrap();
        fs::File::create("own").unwrap();
        let error = map.read_at(4096, 10).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{error}");
        assert_eq!(FaultGuard::status(), FaultGuard::Active);
    };
    // SAFETY: the call takes a number. It ends a process that hangs.
    unsafe { libc::alarm(60) };
    own();
    for _ in 0..50 {
        for path in [c"./a.so", c"./b.so"] {
            // SAFETY: the library is the plug-in, which runs no code when it is loaded.
            let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
            assert!(!library.is_null());
            // SAFETY: `library` is open.
            let used = unsafe { libc::dlsym(library, c"plugin_cut".as_ptr()) };
            assert!(!used.is_null());
            // SAFETY: this is the type with which the plug-in declares the function.
            let used = unsafe {
                std::mem::transmute::<
                    *mut libc::c_void,
                    unsafe extern "C" fn(*const libc::c_char) -> libc::c_int,
                >(used)
            };
            // SAFETY: the path is terminated by a zero.
            assert_eq!(unsafe { used(c"data".as_ptr()) }, 0);
            own();
            // SAFETY: `library` is open, and not used any more.
            assert_eq!(unsafe { libc::dlclose(library) }, 0);
            own();
        }
    }
    println!("{POINT}");
    match last {
        "touch" => {
            let file = tempfile::tempfile().unwrap();
            let (read, shared) = (rustix::mm::ProtFlags::READ, rustix::mm::MapFlags::SHARED);
            // SAFETY: a new mapping at an address that the system chooses.
            let page = unsafe { rustix::mm::mmap(ptr::null_mut(), 4096, read, shared, &file, 0) };
            let page = page.unwrap().cast::<u8>();
            // SAFETY: the address is mapped, and the read ends the process, as the page does not exist.
            unsafe { page.read_volatile() };
        }
        "send twice" => {
            // The first signal makes std's handler uninstall itself, also in a program without maps.
            for _ in 0..2 {
                // SAFETY: the call takes a number.
                assert_eq!(unsafe { libc::raise(SIGBUS) }, 0);
                own();
            }
        }
        _ => {}
    }
}

/// The start of each Python script: it loads the plug-in by `ctypes`, and can cause faults.
const PYTHON: &str = r#"
import ctypes, faulthandler, mmap, os, resource, signal, sys, tempfile, _ctypes
resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); signal.alarm(60)
class Plugin:
    def __init__(self, path): self.library = ctypes.CDLL(path)
    def use(self): assert self.library.plugin_cut(b"data") == 0
    def open(self): assert self.library.plugin_open(b"data", 1) == 0
    def status(self): return self.library.plugin_status()
    def unload(self): _ctypes.dlclose(self.library._handle)
def die():
    with tempfile.TemporaryFile() as file:
        file.truncate(4096)
        page = mmap.mmap(file.fileno(), 4096)
        file.truncate(0)
        print("the point is reached", flush=True)
        page[0]
a, b = Plugin("./a.so"), Plugin("./b.so")
"#;

/// Runs a script in Python; `None` if there is no Python.
fn python(deeds: &str) -> Option<Output> {
    let stage = Stage::new();
    let output = Command::new("python3")
        .args(["-c", &format!("{PYTHON}{deeds}")])
        .current_dir(stage.folder.path())
        .output();
    if let Err(error) = &output {
        eprintln!("not tried, as there is no `python3`: {error}");
    }
    output.ok()
}

#[track_caller]
fn python_dies(deeds: &str, saying: &str) {
    let Some(output) = python(deeds) else { return };
    assert!(String::from_utf8_lossy(&output.stdout).contains(POINT), "{output:?}");
    assert_eq!(output.status.signal(), Some(SIGBUS), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains(saying), "{output:?}");
}

#[test]
fn python_that_unloaded_it_has_its_own_faults() {
    python_dies("a.use(); a.unload(); die()", "");
    python_dies("a.use(); b.use(); b.unload(); a.use(); a.unload(); die()", "");
    python_dies(
        "a.use(); a.unload(); os.kill(os.getpid(), signal.SIGBUS) if not print('the point is reached', flush=True) else 0",
        "",
    );
}

/// `faulthandler`, which pytest enables: its handler prints a traceback and ends the program.
#[test]
fn pythons_own_handler_is_behind_ours_however_often_it_comes() {
    const TOLD: &str = "Bus error";
    python_dies("a.use(); faulthandler.enable(); a.use(); b.use(); die()", TOLD);
    python_dies("faulthandler.enable(); a.use(); b.use(); die()", TOLD);
    let often = "
for turn in range(100):
    faulthandler.enable(); a.open(); b.open(); a.use(); b.use()
    faulthandler.disable(); b.open(); a.open(); b.use(); a.use()
assert (a.status(), b.status()) == (0, 0)
";
    python_dies(&format!("a.use(); b.use(){often}die()"), "");
    python_dies(&format!("faulthandler.enable(); a.use(); b.use(){often}die()"), "");
    python_dies(&format!("a.use(){often}faulthandler.enable(); a.open(); die()"), TOLD);
    python_dies(&format!("b.use(){often}faulthandler.enable(); die()"), TOLD);
    // The default action and `faulthandler.disable` remove our handler.
    python_dies(
        "a.use(); signal.signal(signal.SIGBUS, signal.SIG_DFL); a.use(); b.use(); die()",
        "",
    );
    python_dies(
        "faulthandler.enable(); a.use(); faulthandler.disable(); a.use(); b.use(); die()",
        "",
    );
}

/// A signal handler of Python sets a flag and returns. Ours is called first, so that maps can be read.
#[test]
fn maps_are_read_whoever_handles_signals_in_python() {
    let Some(output) = python(
        "
for turn in range(100):
    signal.signal(signal.SIGBUS, lambda *_: None); a.use(); b.use()
    faulthandler.enable(); b.use(); a.use(); faulthandler.disable()
    signal.signal(signal.SIGBUS, signal.SIG_DFL); a.use(); b.use()
print(a.status(), b.status())
",
    ) else {
        return;
    };
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0 0\n", "{output:?}");
}

//! What becomes of a whole process: with signals that are not the guard's, with handlers of others,
//! in threads, forks and handlers of every kind.
//!
//! A signal is a matter of the process, so each scene is played by a process of its own with one
//! thread: this program, started again with a variable that names the scene. How that process ended
//! is held against what the scene is to come to.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
fn main() {
    theatre::main();
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(miri)
)))]
fn main() {}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
#[expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::multiple_unsafe_ops_per_block,
    clippy::undocumented_unsafe_blocks,
    reason = "a test speaks by panicking and printing, and its deaths are arranged"
)]
mod theatre {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Output};

    use crate::scenes;

    /// Names the scene that this process is to play.
    const SCENE: &str = "MEMMAP_GUARD_SCENE";

    /// How a process ends.
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum End {
        /// The scene was played to its end.
        Well,
        /// A handler of the scene ended it by this code.
        Code(i32),
        /// This signal ended it.
        Signal(i32),
    }

    pub(crate) struct Scene {
        pub(crate) name: &'static str,
        pub(crate) play: fn(),
        pub(crate) end: End,
        /// What the process prints: for one that is to die, that it came to the point where.
        pub(crate) says: &'static str,
        /// All that it prints as errors, where that matters.
        pub(crate) complains: Option<&'static str>,
    }

    /// Plays the scene that the variable names, or else all (whose names contain the argument).
    pub(crate) fn main() {
        let all = scenes::all();
        if let Ok(name) = std::env::var(SCENE) {
            let scene = all.iter().find(|scene| scene.name == name).unwrap();
            unsafe {
                // A death on purpose needs no picture, and a scene that hangs is a failure.
                libc::setrlimit(libc::RLIMIT_CORE, &libc::rlimit { rlim_cur: 0, rlim_max: 0 });
                libc::alarm(30);
            }
            return (scene.play)();
        }
        let filter = std::env::args().nth(1).filter(|argument| !argument.starts_with('-'));
        let mut failed = false;
        for scene in &all {
            if filter.as_ref().is_none_or(|filter| scene.name.contains(filter)) {
                let output = Command::new(std::env::current_exe().unwrap())
                    .env(SCENE, scene.name)
                    .output()
                    .unwrap();
                let result = check(scene, &output);
                failed |= result.is_err();
                let result =
                    result.err().map_or_else(|| "ok".into(), |why| format!("FAILED: {why}"));
                println!("scene {} ... {result}", scene.name);
            }
        }
        assert!(!failed, "some scenes failed");
    }

    fn check(scene: &Scene, output: &Output) -> Result<(), String> {
        let complained = String::from_utf8_lossy(&output.stderr);
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let end = match (output.status.code(), output.status.signal()) {
            (Some(0), _) => End::Well,
            (Some(code), _) => End::Code(code),
            (None, signal) => End::Signal(signal.unwrap()),
        };
        let complains_so = scene.complains.is_none_or(|expected| complained == expected);
        if end == scene.end && said.contains(scene.says) && complains_so {
            return Ok(());
        }
        let Scene { end: expected, says, complains, .. } = scene;
        let expected = format!("{expected:?}, saying {says:?} and as errors {complains:?}");
        Err(format!("not {expected}, but {end:?}, saying:\n{said}"))
    }
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
#[expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    clippy::multiple_unsafe_ops_per_block,
    clippy::undocumented_unsafe_blocks,
    clippy::print_stdout,
    reason = "a test speaks by panicking and printing, its numbers are small, and it is unsafe all over"
)]
mod scenes {
    mod front;
    mod lent;
    mod shortage;

    use std::fs::File;
    use std::mem::zeroed;
    use std::ptr::{null, null_mut};
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use libc::{SIG_IGN, SIGABRT, SIGBUS, c_int, c_void, sigaction, siginfo_t};
    use memmap_guard::{
        Cause, Fault, OnLostPage, RegisteredRange, Status, copy_in, copy_out, ensure, load, status,
    };
    use memmap2::{MmapOptions, MmapRaw};

    use crate::theatre::{End, Scene};

    const PAGE: usize = 4096;

    /// What a scene that is to die prints just before.
    const POINT: &str = "the point is reached";

    /// By which a handler of a scene ends the process.
    const OTHERS: c_int = 33;

    fn scene(name: &'static str, play: fn(), end: End, says: &'static str) -> Scene {
        Scene { name, play, end, says, complains: None }
    }

    fn well(name: &'static str, play: fn()) -> Scene {
        scene(name, play, End::Well, "")
    }

    fn dies(name: &'static str, play: fn(), signal: c_int) -> Scene {
        scene(name, play, End::Signal(signal), POINT)
    }

    fn others(name: &'static str, play: fn()) -> Scene {
        scene(name, play, End::Code(OTHERS), POINT)
    }

    pub(crate) fn all() -> Vec<Scene> {
        let mut scenes = vec![
            dies("a foreign fault ends the process", foreign_fault, SIGBUS),
            Scene {
                says: "has overflowed its stack",
                ..dies("a full stack is told of", full_stack, SIGABRT)
            },
            well("a signal sent once is survived", sent_once),
            dies("a signal sent twice ends the process", sent_twice, SIGBUS),
            well("broken memory that nobody needed is survived once", broken_once),
            dies("broken memory told of twice ends the process", broken_twice, SIGBUS),
            well("a thread with the signal blocked", blocked_in_a_thread),
            well("a process with the signal blocked", blocked_from_the_start),
            well("a fork", fork),
            well("within the handler of another signal", within_a_handler),
            others("an earlier handler gets what is not ours", earlier_with_info),
            others("an earlier handler without information", earlier_without_info),
            well("an earlier handler that repairs", earlier_that_repairs),
            #[cfg(target_arch = "x86_64")]
            well("an earlier handler that leaves by a jump", earlier_that_jumps),
            dies("an earlier handler that gives up, and a fault", earlier_gives_up_fault, SIGBUS),
            well("an earlier handler that gives up, and a signal", earlier_gives_up_sent),
            well("an earlier handler ignores what is sent", ignored_when_sent),
            dies("no handler, but flags of one", default_with_flags, SIGBUS),
            dies("an ignored signal and a foreign fault", ignored_and_foreign, SIGBUS),
            well("a later handler that asks us", later_that_asks),
            others("a later handler that does not", later_that_does_not),
            others("a later handler is asked after ensuring", later_after_ensuring),
            dies("handlers that ask each other, and a fault", each_other_fault, SIGBUS),
            well("handlers that ask each other, and an earlier one", each_other_and_earlier),
            well("handlers that ask each other, and a signal", each_other_sent_once),
            dies("handlers that ask each other, and two signals", each_other_sent_twice, SIGBUS),
            dies("a handler that comes twice", twice, SIGBUS),
            dies("a later handler that gives up, and a fault", later_gives_up_fault, SIGBUS),
            well("a later handler that gives up, and a signal", later_gives_up_sent),
            dies("a later handler that gives up, and two signals", later_gives_up_twice, SIGBUS),
            others("a handler that comes a hundred times", many_handlers),
            well("a thread without a stack for signals", no_alternate_stack),
            well("a profiler", profiler),
        ];
        scenes.extend(front::all());
        scenes.extend(lent::all());
        scenes.extend(shortage::all());
        scenes
    }

    // What scenes are made of.

    /// A page whose file has lost it.
    struct Missing {
        page: MmapRaw,
        _file: File,
    }

    impl Missing {
        fn new() -> Self {
            let file = tempfile::tempfile().unwrap();
            file.set_len(PAGE as u64).unwrap();
            let page = MmapOptions::new().len(PAGE).map_raw(&file).unwrap();
            file.set_len(0).unwrap();
            Self { page, _file: file }
        }

        fn address(&self) -> usize {
            self.page.as_ptr().addr()
        }

        /// By the guard: the fault is a value.
        fn is_missing(&self) {
            let expected = Fault { moved: 0, address: self.address(), cause: Cause::Missing };
            let found = unsafe { load::<u8>(self.page.as_ptr()) };
            assert_eq!(found, Err(expected));
        }

        /// As everyone does it: the fault is the process's.
        fn touch(&self) -> u8 {
            unsafe { self.page.as_ptr().read_volatile() }
        }
    }

    fn say_the_point() {
        println!("{POINT}");
    }

    /// Calls of a scene's handlers.
    static ASKED: AtomicUsize = AtomicUsize::new(0);

    fn asked() -> usize {
        ASKED.load(SeqCst)
    }

    type WithInfo = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

    fn handle(signal: c_int, handler: usize, flags: c_int) -> sigaction {
        unsafe {
            let mut action: sigaction = zeroed();
            action.sa_sigaction = handler;
            action.sa_flags = flags | libc::SA_ONSTACK;
            let mut before: sigaction = zeroed();
            assert_eq!(sigaction(signal, &raw const action, &raw mut before), 0);
            before
        }
    }

    fn handle_with_info(handler: WithInfo) -> sigaction {
        handle(SIGBUS, handler as usize, libc::SA_SIGINFO)
    }

    fn send() {
        // This process has one thread, so the signal arrives before this returns.
        assert_eq!(unsafe { libc::kill(libc::getpid(), SIGBUS) }, 0);
    }

    /// As the system tells of broken memory that no instruction needed so far.
    fn send_broken_memory() {
        unsafe {
            let mut info: siginfo_t = zeroed();
            info.si_signo = SIGBUS;
            info.si_code = libc::BUS_MCEERR_AO;
            let process = libc::getpid();
            let sent = libc::syscall(libc::SYS_rt_sigqueueinfo, process, SIGBUS, &raw mut info);
            assert_eq!(sent, 0);
        }
    }

    fn block() {
        unsafe {
            let mut set = zeroed();
            libc::sigemptyset(&raw mut set);
            libc::sigaddset(&raw mut set, SIGBUS);
            assert_eq!(libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, null_mut()), 0);
        }
    }

    // Nobody else has a handler, but for the standard library.

    fn foreign_fault() {
        Missing::new().is_missing();
        say_the_point();
        Missing::new().touch();
    }

    fn full_stack() {
        fn deeper(depth: u64) -> u64 {
            let room = std::hint::black_box([depth; 64]);
            if depth == u64::MAX { 0 } else { deeper(depth + 1) + room[0] }
        }
        Missing::new().is_missing();
        println!("{}", deeper(0));
    }

    fn sent_once() {
        let missing = Missing::new();
        missing.is_missing();
        send();
        missing.is_missing();
        assert_eq!(status(), Status::Active);
    }

    fn sent_twice() {
        sent_once();
        say_the_point();
        send();
    }

    fn broken_once() {
        let missing = Missing::new();
        missing.is_missing();
        send_broken_memory();
        missing.is_missing();
        assert_eq!(status(), Status::Active);
    }

    fn broken_twice() {
        broken_once();
        say_the_point();
        send_broken_memory();
    }

    fn blocked_in_a_thread() {
        let missing = Missing::new();
        missing.is_missing();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                block();
                missing.is_missing();
            });
        });
    }

    fn blocked_from_the_start() {
        block();
        assert_eq!(status(), Status::Active);
        Missing::new().is_missing();
    }

    fn fork() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(PAGE as u64).unwrap();
        let page = MmapOptions::new().len(PAGE).map_raw(&file).unwrap();
        let address = page.as_ptr().addr();
        let expected = Err(Fault { moved: 0, address, cause: Cause::Missing });
        let look = || unsafe { load::<u64>(page.as_ptr()) };
        assert_eq!(look(), Ok(0));
        let mut ended = 0;
        unsafe {
            let child = libc::fork();
            assert!(child >= 0);
            if child == 0 {
                let well = file.set_len(0).is_ok() && look() == expected;
                libc::_exit(if well { OTHERS } else { 1 });
            }
            assert_eq!(libc::waitpid(child, &raw mut ended, 0), child);
        }
        assert!(libc::WIFEXITED(ended), "the child ended by {ended:#x}");
        assert_eq!(libc::WEXITSTATUS(ended), OTHERS);
        assert_eq!(look(), expected);
    }

    // Other signals.

    static ADDRESS: AtomicUsize = AtomicUsize::new(0);

    fn within_a_handler() {
        extern "C" fn look(_: c_int) {
            let address = ADDRESS.load(SeqCst);
            let found = unsafe { load::<u32>(std::ptr::with_exposed_provenance(address)) };
            if found == Err(Fault { moved: 0, address, cause: Cause::Missing }) {
                ASKED.fetch_add(1, SeqCst);
            }
        }
        let missing = Missing::new();
        missing.is_missing();
        ADDRESS.store(missing.page.as_ptr().expose_provenance(), SeqCst);
        handle(libc::SIGUSR1, look as *const () as usize, 0);
        for times in 1..=100 {
            assert_eq!(unsafe { libc::raise(libc::SIGUSR1) }, 0);
            assert_eq!(asked(), times);
            missing.is_missing();
        }
    }

    fn profiler() {
        extern "C" fn tick(_: c_int) {
            ASKED.fetch_add(1, SeqCst);
        }
        const LEN: usize = 64 * PAGE;
        let file = tempfile::tempfile().unwrap();
        file.set_len(2 * LEN as u64).unwrap();
        let pages = MmapOptions::new().len(2 * LEN).map_raw(&file).unwrap();
        let bytes: Vec<u8> = (0..LEN).map(|at| (at % 251) as u8).collect();
        unsafe { copy_in(pages.as_mut_ptr(), &bytes) }.unwrap();
        file.set_len(LEN as u64).unwrap();
        handle(libc::SIGPROF, tick as *const () as usize, libc::SA_RESTART);
        let often = libc::timeval { tv_sec: 0, tv_usec: 1000 };
        let often = libc::itimerval { it_interval: often, it_value: often };
        assert_eq!(unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const often, null_mut()) }, 0);

        let address = pages.as_ptr().addr() + LEN;
        let mut out = vec![0; LEN + 1];
        // As many as half a second of work has at 250 a second, the least that kernels do.
        while asked() < 125 {
            out.fill(0xEE);
            unsafe { copy_out(pages.as_ptr(), &mut out[..LEN]) }.unwrap();
            assert!(out[..LEN] == bytes);
            out.fill(0xEE);
            let fault = unsafe { copy_out(pages.as_ptr(), &mut out) }.unwrap_err();
            assert_eq!(fault, Fault { moved: LEN, address, cause: Cause::Missing });
            assert!(out[..LEN] == bytes);
            for at in (0..LEN).step_by(PAGE) {
                let lost = unsafe { load::<u16>(pages.as_ptr().wrapping_add(LEN + at)) };
                assert_eq!(lost.unwrap_err().address, address + at);
            }
        }
    }

    // Threads that are none of Rust's.

    fn no_alternate_stack() {
        extern "C" fn run(missing: *mut c_void) -> *mut c_void {
            let mut stack: libc::stack_t = unsafe { zeroed() };
            let asked = unsafe { libc::sigaltstack(null(), &raw mut stack) };
            if asked == 0 && stack.ss_flags & libc::SS_DISABLE != 0 {
                unsafe { &*missing.cast::<Missing>() }.is_missing();
                ASKED.fetch_add(1, SeqCst);
            }
            null_mut()
        }
        let missing = Missing::new();
        unsafe {
            let mut thread = zeroed();
            let argument = (&raw const missing).cast_mut().cast();
            assert_eq!(libc::pthread_create(&raw mut thread, null(), run, argument), 0);
            assert_eq!(libc::pthread_join(thread, null_mut()), 0);
        }
        assert_eq!(asked(), 1, "the thread has such a stack after all");
    }

    // Handlers that were there before.

    /// Ends the process, if it was told what happened.
    extern "C" fn end(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
        let (code, at) = unsafe { ((*info).si_code, (*info).si_addr().addr()) };
        let told = signal == SIGBUS && code == libc::BUS_ADRERR && at == ADDRESS.load(SeqCst);
        unsafe { libc::_exit(if told { OTHERS } else { 1 }) }
    }

    /// Puts a page of zeros where one is missing.
    extern "C" fn repair(_: c_int, info: *mut siginfo_t, _: *mut c_void) {
        ASKED.fetch_add(1, SeqCst);
        unsafe {
            let at = (*info).si_addr().map_addr(|at| at & !(PAGE - 1));
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
            if libc::mmap(at, PAGE, libc::PROT_READ, flags, -1, 0) == libc::MAP_FAILED {
                libc::_exit(1);
            }
        }
    }

    /// Touches a page that the handler is to be told of.
    fn touch_for_the_handler() {
        let missing = Missing::new();
        ADDRESS.store(missing.address(), SeqCst);
        say_the_point();
        missing.touch();
    }

    fn earlier_with_info() {
        handle_with_info(end);
        assert_eq!(status(), Status::Active);
        Missing::new().is_missing();
        touch_for_the_handler();
    }

    fn earlier_without_info() {
        extern "C" fn end(signal: c_int) {
            unsafe { libc::_exit(if signal == SIGBUS { OTHERS } else { 1 }) }
        }
        handle(SIGBUS, end as *const () as usize, 0);
        assert_eq!(status(), Status::Active);
        Missing::new().is_missing();
        touch_for_the_handler();
    }

    fn repaired_again_and_again() {
        for times in 1..=3 {
            Missing::new().is_missing();
            assert_eq!(asked(), times - 1);
            assert_eq!(Missing::new().touch(), 0);
            assert_eq!(asked(), times);
        }
    }

    fn earlier_that_repairs() {
        handle_with_info(repair);
        repaired_again_and_again();
    }

    /// As `siglongjmp` leaves a handler: without coming back to who called it.
    #[cfg(target_arch = "x86_64")]
    fn earlier_that_jumps() {
        extern "C" fn repair_and_jump(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
            repair(signal, info, context);
            unsafe {
                std::arch::asm!(
                    "mov rsp, {}", "syscall",
                    in(reg) context, in("rax") libc::SYS_rt_sigreturn, options(noreturn)
                )
            }
        }
        handle_with_info(repair_and_jump);
        repaired_again_and_again();
    }

    /// As libwayland does: restores who was there before, and sends the signal again.
    extern "C" fn give_up(signal: c_int, _: *mut siginfo_t, _: *mut c_void) {
        ASKED.fetch_add(1, SeqCst);
        unsafe {
            let mut action: sigaction = zeroed();
            action.sa_sigaction = NEXT.load(SeqCst);
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            sigaction(signal, &raw const action, null_mut());
            libc::raise(signal);
        }
    }

    fn come_and_give_up() {
        NEXT.store(handle_with_info(give_up).sa_sigaction, SeqCst);
    }

    fn earlier_gives_up_fault() {
        come_and_give_up();
        Missing::new().is_missing();
        say_the_point();
        Missing::new().touch();
    }

    fn earlier_gives_up_sent() {
        come_and_give_up();
        Missing::new().is_missing();
        send();
        assert_eq!(asked(), 1);
        Missing::new().is_missing();
        assert_eq!(status(), Status::Active);
    }

    fn ignored_when_sent() {
        handle(SIGBUS, SIG_IGN, 0);
        for _ in 0..3 {
            Missing::new().is_missing();
            send();
            assert_eq!(status(), Status::Active);
        }
        Missing::new().is_missing();
    }

    fn ignored_and_foreign() {
        handle(SIGBUS, SIG_IGN, 0);
        Missing::new().is_missing();
        say_the_point();
        Missing::new().touch();
    }

    fn default_with_flags() {
        handle(SIGBUS, libc::SIG_DFL, libc::SA_SIGINFO);
        Missing::new().is_missing();
        say_the_point();
        Missing::new().touch();
    }

    // Handlers that come later.

    static NEXT: AtomicUsize = AtomicUsize::new(0);

    /// Counts, and asks the handler that was there before.
    extern "C" fn ask_next(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
        ASKED.fetch_add(1, SeqCst);
        let next: WithInfo = unsafe { std::mem::transmute(NEXT.load(SeqCst)) };
        next(signal, info, context);
    }

    fn come_later_and_ask() {
        Missing::new().is_missing();
        NEXT.store(handle_with_info(ask_next).sa_sigaction, SeqCst);
        assert_eq!(status(), Status::Replaced);
    }

    fn later_that_asks() {
        come_later_and_ask();
        Missing::new().is_missing();
        // Once or twice: what is missing in line is asked for again by a call.
        let before = asked();
        assert!(before > 0, "that one is in front");
        assert_eq!(ensure(), Status::Active);
        Missing::new().is_missing();
        assert_eq!(asked(), before, "and now it is not");
    }

    fn later_that_does_not() {
        let missing = Missing::new();
        missing.is_missing();
        handle_with_info(end);
        assert_eq!(status(), Status::Replaced);
        ADDRESS.store(missing.address(), SeqCst);
        say_the_point();
        missing.is_missing();
    }

    fn later_after_ensuring() {
        Missing::new().is_missing();
        handle_with_info(end);
        assert_eq!(status(), Status::Replaced);
        assert_eq!(ensure(), Status::Active);
        assert_eq!(status(), Status::Active);
        Missing::new().is_missing();
        touch_for_the_handler();
    }

    /// We ask the later one, which asks us in turn.
    fn each_other() {
        come_later_and_ask();
        assert_eq!(ensure(), Status::Active);
        Missing::new().is_missing();
        assert_eq!(asked(), 0);
    }

    fn each_other_fault() {
        each_other();
        say_the_point();
        Missing::new().touch();
    }

    fn each_other_and_earlier() {
        handle_with_info(repair);
        each_other();
        for times in 1..=3 {
            assert_eq!(Missing::new().touch(), 0);
            assert_eq!(asked(), 2 * times, "both are asked, once");
            Missing::new().is_missing();
        }
    }

    /// Its handler finds ours, then asks itself through ours.
    fn twice() {
        each_other();
        come_later_and_ask();
        assert_eq!(ensure(), Status::Active);
        come_later_and_ask();
        Missing::new().is_missing();
        say_the_point();
        Missing::new().touch();
    }

    fn later_gives_up() {
        Missing::new().is_missing();
        come_and_give_up();
        assert_eq!(ensure(), Status::Active);
        Missing::new().is_missing();
    }

    fn later_gives_up_fault() {
        later_gives_up();
        say_the_point();
        Missing::new().touch();
    }

    fn later_gives_up_sent() {
        later_gives_up();
        send();
        assert_eq!(asked(), 1);
        Missing::new().is_missing();
        assert_eq!(status(), Status::Active);
    }

    fn later_gives_up_twice() {
        later_gives_up_sent();
        say_the_point();
        send();
    }

    /// More often than there are functions of ours.
    fn many_handlers() {
        Missing::new().is_missing();
        for _ in 0..100 {
            handle_with_info(end);
            assert_eq!(status(), Status::Replaced);
            assert_eq!(ensure(), Status::Active);
            Missing::new().is_missing();
        }
        touch_for_the_handler();
    }

    fn each_other_sent_once() {
        each_other();
        send();
        assert_eq!(asked(), 1);
        Missing::new().is_missing();
        assert_eq!(status(), Status::Active);
    }

    fn each_other_sent_twice() {
        each_other_sent_once();
        say_the_point();
        send();
    }
}

//! Processes that lack what the guard needs, for a while or permanently. The shortage is reported once, and has
//! no effect after it is over.

use memmap_guard::can_guard;

use super::{Missing, Scene, Status, copy_out, status, well};

pub(super) fn all() -> Vec<Scene> {
    vec![
        well("no descriptor is free", no_descriptor),
        well("memfd_create is not permitted", || without_call(libc::SYS_memfd_create, libc::EPERM)),
        well("memfd_create is unknown", || without_call(libc::SYS_memfd_create, libc::ENOSYS)),
        well("no address is left, for a while", no_address),
        well("no mapping is left, for a while", no_mapping),
        well("mappings may not grow", no_growth),
        well("no handler may be installed", no_handler),
    ]
}

const NO_MEMORY: Status =
    Status::Unavailable("the system had no memory, or no mapping, left to test the handler with");

fn is_guarded() {
    assert!(can_guard());
    assert_eq!(status(), Status::Active);
    Missing::new().is_missing();
}

#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = libc::c_int;

fn limit(resource: Resource, limit: libc::rlim_t) -> libc::rlim_t {
    unsafe {
        let mut limits = std::mem::zeroed::<libc::rlimit>();
        assert_eq!(libc::getrlimit(resource, &raw mut limits), 0);
        let before = std::mem::replace(&mut limits.rlim_cur, limit);
        assert_eq!(libc::setrlimit(resource, &raw const limits), 0);
        before
    }
}

fn no_descriptor() {
    let missing = Missing::new();
    let before = limit(libc::RLIMIT_NOFILE, 3);
    let is_full = std::fs::File::open("/").is_err();
    let could = can_guard();
    limit(libc::RLIMIT_NOFILE, before);
    assert!(is_full && could);
    missing.is_missing();
    is_guarded();
}

/// The state after a shortage: it is reported once, in any thread, and has no other effect.
fn is_over() {
    assert_eq!(std::thread::scope(|scope| scope.spawn(status).join().unwrap()), NO_MEMORY);
    assert_eq!(status(), Status::Active);
    assert_eq!(status(), Status::Active);
    // This thread has made its first access in the meantime.
    Missing::new().is_missing();
    is_guarded();
    std::thread::scope(|scope| scope.spawn(is_guarded).join().unwrap());
}

fn no_address() {
    let mut out = [0; 8];
    let before = limit(libc::RLIMIT_AS, 1 << 20);
    let could = [can_guard(), can_guard()];
    unsafe { copy_out([7; 8].as_ptr(), &mut out) }.unwrap();
    limit(libc::RLIMIT_AS, before);
    assert_eq!((could, out), ([false; 2], [7; 8]));
    is_over();

    // Later shortages have no effect: the test is not repeated.
    let before = limit(libc::RLIMIT_AS, 1 << 20);
    let could = can_guard();
    limit(libc::RLIMIT_AS, before);
    assert!(could);
    assert_eq!(status(), Status::Active);
}

fn no_mapping() {
    const PAGE: usize = 4096;
    let allowed = std::fs::read_to_string("/proc/sys/vm/max_map_count").unwrap();
    let allowed: usize = allowed.trim().parse().unwrap();
    if allowed > 300_000 {
        return println!("not tried, as {allowed} mappings are allowed here");
    }
    let len = (2 * allowed + 2) * PAGE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let mut out = [0; 8];
    unsafe {
        let pages = libc::mmap(std::ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0);
        assert_ne!(pages, libc::MAP_FAILED);
        // Each page that differs from its neighbours adds two mappings.
        let is_split = (1..=allowed).all(|page| {
            let page = pages.cast::<u8>().wrapping_add(2 * page * PAGE).cast();
            libc::mprotect(page, PAGE, libc::PROT_READ) == 0
        });
        // Takes the last mapping, if one is left.
        let last = libc::mmap(std::ptr::null_mut(), PAGE, libc::PROT_READ, flags, -1, 0);
        let could = can_guard();
        copy_out([7; 8].as_ptr(), &mut out).unwrap();
        assert_eq!(libc::munmap(pages, len), 0);
        if last != libc::MAP_FAILED {
            libc::munmap(last, PAGE);
        }
        assert!(!is_split && !could);
    }
    is_over();
}

/// Makes the system return an error for this call from now on, as a container does.
pub(super) fn forbid(call: libc::c_long, error: libc::c_int) {
    let step = |code: u32, yes, no, k| libc::sock_filter { code: code as u16, jt: yes, jf: no, k };
    let (load, is, answer) = (
        libc::BPF_LD | libc::BPF_W | libc::BPF_ABS,
        libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
        libc::BPF_RET | libc::BPF_K,
    );
    let mut filter = [
        step(load, 0, 0, 0),
        step(is, 0, 1, u32::try_from(call).unwrap()),
        step(answer, 0, 0, libc::SECCOMP_RET_ERRNO | error.cast_unsigned()),
        step(answer, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program =
        libc::sock_fprog { len: filter.len() as libc::c_ushort, filter: filter.as_mut_ptr() };
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let made = libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program);
        assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
    }
}

fn without_call(call: libc::c_long, error: libc::c_int) {
    forbid(call, error);
    assert_eq!(unsafe { libc::syscall(call, c"".as_ptr(), 0) }, -1);
    is_guarded();
}

fn no_growth() {
    forbid(libc::SYS_mremap, libc::EPERM);
    let why = Status::Unavailable("the system refused a mapping to test the handler with");
    for _ in 0..3 {
        assert!(!can_guard());
        assert_eq!(status(), why);
    }
}

fn no_handler() {
    forbid(libc::SYS_rt_sigaction, libc::EPERM);
    assert!(!can_guard());
    assert_eq!(status(), Status::Unavailable("the system accepts no handler for SIGBUS"));
}

//! Refuses system calls to the current thread, and to those that it starts, as the sandboxes of containers do.

/// What is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal {
    /// userfaultfd(2), with `EPERM`.
    Userfaultfd,
    /// madvise(2) with `MADV_GUARD_INSTALL`, with `EINVAL`, as by kernels that do not know it.
    Markers,
}

const GUARD_INSTALL: u32 = 102;

const LOAD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS
const IF_EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const RETURN: u16 = 0x06; // BPF_RET | BPF_K

/// The number of the call, and the low half of its third argument, in `struct seccomp_data`.
const NUMBER: u32 = 0;
const THIRD: u32 = 32;

const fn code(code: u16, yes: u8, no: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter { code, jt: yes, jf: no, k }
}

fn number(call: libc::c_long) -> u32 {
    u32::try_from(call).unwrap()
}

/// The answer to a call that fails with `errno`.
pub(crate) fn errno(errno: i32) -> u32 {
    libc::SECCOMP_RET_ERRNO | u32::try_from(errno).unwrap()
}

/// Refuses these calls to this thread.
pub(crate) fn enter(refused: &[Refusal]) {
    for refused in refused {
        let filter = match refused {
            Refusal::Userfaultfd => vec![
                code(LOAD, 0, 0, NUMBER),
                code(IF_EQUAL, 0, 1, number(libc::SYS_userfaultfd)),
                code(RETURN, 0, 0, errno(libc::EPERM)),
            ],
            Refusal::Markers => vec![
                code(LOAD, 0, 0, NUMBER),
                code(IF_EQUAL, 0, 3, number(libc::SYS_madvise)),
                code(LOAD, 0, 0, THIRD),
                code(IF_EQUAL, 0, 1, GUARD_INSTALL),
                code(RETURN, 0, 0, errno(libc::EINVAL)),
            ],
        };
        install(filter, 0);
    }
}

/// Answers a call in this way, in all threads that exist.
#[allow(dead_code, reason = "not every test that includes this needs it")]
pub(crate) fn answer(call: libc::c_long, answer: u32) {
    let filter = vec![
        code(LOAD, 0, 0, NUMBER),
        code(IF_EQUAL, 0, 1, number(call)),
        code(RETURN, 0, 0, answer),
    ];
    install(filter, libc::SECCOMP_FILTER_FLAG_TSYNC);
}

/// # Source
/// seccomp(2), `SECCOMP_SET_MODE_FILTER`; `Documentation/userspace-api/seccomp_filter.rst` of Linux.
fn install(mut filter: Vec<libc::sock_filter>, flags: libc::c_ulong) {
    filter.push(code(RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
    let len = u16::try_from(filter.len()).unwrap();
    let program = libc::sock_fprog { len, filter: filter.as_mut_ptr() };
    // SAFETY: numbers.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }, 0);
    let mode = libc::SECCOMP_SET_MODE_FILTER;
    // SAFETY: numbers, and a program that the system copies. What it refuses later is an error there, or the end.
    let answer = unsafe { libc::syscall(libc::SYS_seccomp, mode, flags, &raw const program) };
    assert_eq!(answer, 0);
}

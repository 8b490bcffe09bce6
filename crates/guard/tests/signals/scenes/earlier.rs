//! Handlers that were installed before ours.

use super::*;

pub(super) fn all() -> Vec<Scene> {
    vec![
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
    ]
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

/// As `siglongjmp` leaves a handler: without returning to its caller.
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

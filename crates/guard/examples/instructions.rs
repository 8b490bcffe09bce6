//! The same accesses with and without the handler, for a tool that counts instructions:
//! `cargo xtask instructions`.
//!
//! `with`: the normal state. `without`: the handler is uninstalled after the first access.

fn main() {
    #[cfg(target_os = "linux")]
    linux::main();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::hint::black_box;

    use memmap_guard::{copy_out, load};

    pub(super) fn main() {
        let source = vec![7_u8; 1 << 16];
        // The first access of a thread is the one that installs the handler.
        measured_accesses(&source, 1);
        if std::env::args().nth(1).as_deref() == Some("without") {
            uninstall();
        }
        collected_accesses(&source);
    }

    /// The tool counts this function, by its name.
    #[inline(never)]
    fn collected_accesses(source: &[u8]) {
        measured_accesses(source, 10_000);
    }

    #[inline(never)]
    fn measured_accesses(source: &[u8], rounds: usize) {
        let mut out = vec![0; 4096];
        for round in 0..rounds {
            let at = source.as_ptr().wrapping_add(round % 1000);
            // SAFETY: within `source`, which is not written to.
            black_box(unsafe { load::<u32>(at) }).ok();
            for len in [64, 4096] {
                // SAFETY: within `source`, which is not written to.
                black_box(unsafe { copy_out(at, black_box(&mut out[..len])) }).ok();
            }
        }
    }

    fn uninstall() {
        // SAFETY: plain data, for which all zeros is the default action.
        let action: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: a valid action.
        unsafe { libc::sigaction(libc::SIGBUS, &raw const action, std::ptr::null_mut()) };
    }
}

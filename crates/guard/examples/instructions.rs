//! The same accesses with and without the handler, for a tool that counts instructions:
//! `cargo xtask instructions`.
//!
//! `with`: as always. `without`: the handler is taken out again after the first access.

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
            take_out();
        }
        collected_accesses(&source);
    }

    /// What the tool collects, by this name.
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

    fn take_out() {
        // SAFETY: plain data, of which all zeros is the default action.
        let action: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: a valid action.
        unsafe { libc::sigaction(libc::SIGBUS, &raw const action, std::ptr::null_mut()) };
    }
}

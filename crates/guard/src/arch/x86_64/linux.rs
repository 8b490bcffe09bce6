//! The registers of the interrupted thread that the handler reads and edits.

use libc::{REG_ERR, REG_R10, REG_R11, REG_RDX, REG_RIP, greg_t, ucontext_t};

fn slot(context: &mut ucontext_t, register: libc::c_int) -> Option<&mut greg_t> {
    context.uc_mcontext.gregs.get_mut(usize::try_from(register).ok()?)
}

pub(crate) fn instruction(context: &mut ucontext_t) -> usize {
    slot(context, REG_RIP).map_or(0, |at| at.cast_unsigned().try_into().unwrap_or(0))
}

/// Whether the page fault that interrupted the thread is that of a load: not of a store, and not of the fetch of an
/// instruction.
///
/// # Source
/// Intel SDM, volume 3, "Page-Fault Exceptions": bits 1 and 4 of the error code.
pub(crate) fn is_load(context: &mut ucontext_t) -> bool {
    const STORE_OR_FETCH: greg_t = 1 << 1 | 1 << 4;
    slot(context, REG_ERR).is_some_and(|error| *error & STORE_OR_FETCH == 0)
}

/// Whether it is that of a store.
pub(crate) fn is_store(context: &mut ucontext_t) -> bool {
    const STORE: greg_t = 1 << 1;
    slot(context, REG_ERR).is_some_and(|error| *error & STORE != 0)
}

/// Makes the thread continue at `landing`, with the fault in the registers that the landing pad reads.
pub(crate) fn redirect(context: &mut ucontext_t, landing: usize, address: usize, code: usize) {
    write(context, [(REG_RIP, landing), (REG_R10, address), (REG_R11, code)]);
}

/// Makes the thread continue after a block of inline assembly, with the register set that reports the
/// fault.
pub(crate) fn skip(context: &mut ucontext_t, end: usize) {
    write(context, [(REG_RIP, end), (REG_RDX, 1)]);
}

fn write<const N: usize>(context: &mut ucontext_t, values: [(libc::c_int, usize); N]) {
    for (register, value) in values {
        if let (Some(slot), Ok(value)) = (slot(context, register), i64::try_from(value)) {
            *slot = value;
        }
    }
}

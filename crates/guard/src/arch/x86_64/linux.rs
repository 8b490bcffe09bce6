//! The interrupted thread's registers, as far as the handler needs them.

use libc::{REG_R10, REG_R11, REG_RDX, REG_RIP, greg_t, ucontext_t};

fn slot(context: &mut ucontext_t, register: libc::c_int) -> Option<&mut greg_t> {
    context.uc_mcontext.gregs.get_mut(usize::try_from(register).ok()?)
}

pub(crate) fn instruction(context: &mut ucontext_t) -> usize {
    slot(context, REG_RIP).map_or(0, |at| at.cast_unsigned().try_into().unwrap_or(0))
}

/// Lets the thread go on at `landing`, with what it needs to know.
pub(crate) fn redirect(context: &mut ucontext_t, landing: usize, address: usize, code: usize) {
    write(context, [(REG_RIP, landing), (REG_R10, address), (REG_R11, code)]);
}

/// Lets the thread go on behind instructions in line, and know that they failed.
pub(crate) fn skip(context: &mut ucontext_t, behind: usize) {
    write(context, [(REG_RIP, behind), (REG_RDX, 1)]);
}

fn write<const N: usize>(context: &mut ucontext_t, values: [(libc::c_int, usize); N]) {
    for (register, value) in values {
        if let (Some(slot), Ok(value)) = (slot(context, register), i64::try_from(value)) {
            *slot = value;
        }
    }
}

//! The registers of the interrupted thread that the handler reads and edits.

use windows_sys::Win32::System::Diagnostics::Debug::CONTEXT;

pub(crate) fn instruction(context: &CONTEXT) -> usize {
    usize::try_from(context.Rip).unwrap_or(0)
}

/// Makes the thread continue at `landing`, with the fault in the registers that the landing pad reads.
pub(crate) fn redirect(context: &mut CONTEXT, landing: usize, address: usize, code: u32) {
    let wide = |number: usize| u64::try_from(number).unwrap_or(0);
    context.Rip = wide(landing);
    context.R10 = wide(address);
    context.R11 = code.into();
}

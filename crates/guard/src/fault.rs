/// Why a guarded access stopped early: what is missing, and where.
///
/// It says nothing about files; who mapped the memory asks the system why the page is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a fact of the processor, with nothing to add")]
pub struct Fault {
    /// Bytes that were moved before, exact: those before the faulting address.
    pub moved: usize,
    /// The address that could not be accessed. It lies in the guarded memory or, where the caller's
    /// own buffer is memory that vanished, in that.
    pub address: usize,
    /// What the system says about the page.
    pub cause: Cause,
}

/// What the system says about a page that cannot be accessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// There is no page: the file is shorter now, the disk is full, or the device failed.
    Missing,
    /// The memory itself is broken (a hardware memory error).
    Hardware,
    /// The system could not read the page: the device, or the network, failed. Windows says so.
    InPage {
        /// What it says, as an `NTSTATUS`.
        status: u32,
    },
}

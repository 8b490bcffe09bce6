/// Why a guarded access stopped early: how far it came, and the address that was missing.
///
/// It says nothing about files. The backend that mapped the memory finds out why the page is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a fact of the processor, with nothing to add")]
pub struct Fault {
    /// Bytes that were moved: exactly those before the faulting address.
    pub moved: usize,
    /// The address that could not be accessed. It lies in the guarded memory or, if the caller's own
    /// buffer is memory that vanished, in that buffer.
    pub address: usize,
    /// What the system reports about the page.
    pub cause: Cause,
}

/// What the system reports about a page that cannot be accessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// There is no page: the file is shorter now, the disk is full, or the device failed.
    Missing,
    /// The memory itself is broken (a hardware memory error).
    Hardware,
    /// The system could not read the page because the device, or the network, failed. Windows only.
    InPage {
        /// The reason, as an `NTSTATUS`.
        status: u32,
    },
}

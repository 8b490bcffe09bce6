//! Bytes that freeze when they are first touched.
//!
//! The memory is our own, and its pages are missing at first. The first touch of a page brings a copy of what
//! the file holds at that moment; from then on nobody can change it, whatever happens to the file. Each page
//! is as the file was at one moment; the whole is not.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use memmap_core::{ErrorKind, Lazy, OnLostPage};

mod area;
mod bits;
mod fork;
mod probe;
mod server;
mod signal;
mod source;
mod state;
mod uffd;

use area::Area;
use server::Server;
use signal::{Kept, Signalled};
use state::State;

/// A map that is not longer is read at once.
pub(crate) const AT_ONCE: usize = 64 << 10;

/// Memory whose pages are read from a file when they are first touched.
pub(crate) struct Touch {
    way: Way,
    state: Arc<State>,
}

/// Who brings the pages.
enum Way {
    Server(Server),
    Signalled(Signalled),
}

impl Touch {
    /// Maps `len` bytes of a regular file or a device, at least one, from `offset` on. None of them is read
    /// yet.
    ///
    /// # Errors
    /// Why no way is open.
    pub(crate) fn new(
        file: &Arc<File>,
        offset: u64,
        len: usize,
        on_lost: OnLostPage,
    ) -> Result<Self, String> {
        let state = State::new(offset, len, on_lost).map(Arc::new);
        let state = state.ok_or_else(|| "no memory is left".to_owned())?;
        let served = Server::new(file, &state).map(Way::Server);
        let way = served.or_else(|why| {
            let signalled = |kept| Signalled::new(file, &state, kept).map(Way::Signalled);
            signalled(Kept::Markers)
                .or_else(|markers| signalled(Kept::NoAccess).map_err(|no| (markers, no)))
                .map_err(|(markers, no)| format!("{why}; {markers}; {no}"))
        })?;
        Ok(Self { way, state })
    }

    /// The address of the first byte.
    pub(crate) fn first(&self) -> *mut u8 {
        match &self.way {
            Way::Server(server) => server.first(),
            Way::Signalled(signalled) => signalled.first(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.state.len
    }

    /// Whether lost bytes are zeros in a slice.
    pub(crate) fn lends_zeros(&self) -> bool {
        self.state.on_lost == OnLostPage::Zeros
    }

    /// The first byte of a range that is lost although it can be read as zero. To be asked after the read.
    pub(crate) fn first_zeroed(&self, bytes: &Range<usize>) -> Option<usize> {
        self.lends_zeros().then(|| self.state.first_lost(bytes)).flatten()
    }
}

impl Lazy for Touch {
    fn touched(&self) -> u64 {
        self.state.touched()
    }

    fn present(&self, window: &Range<usize>) -> Vec<Range<u64>> {
        self.state.present_in(window)
    }

    fn lost(&self, window: &Range<usize>) -> Vec<(Range<usize>, ErrorKind)> {
        self.state.lost_in(window)
    }
}

/// Whether so many bytes could be mapped.
pub(crate) fn could(len: usize) -> Result<(), String> {
    Area::private(len).map(drop).map_err(|error| format!("no addresses are left: {error}"))
}

//! Bytes that freeze when they are first touched.
//!
//! The memory is our own, and its pages are missing at first. The first touch of a page brings a copy of what
//! the file holds at that moment; from then on nobody can change it, whatever happens to the file. Each page
//! is as the file was at one moment; the whole is not.

use std::fs::File;
use std::sync::Arc;

use memmap_core::{Lazy, OnLostPage};

mod area;
mod child;
mod fork;
mod probe;
mod server;
mod signal;
mod source;
mod uffd;

/// What is known of the pages.
mod state {
    pub(super) use memmap_core::touch::{Bring, LEAST, Locks, MOST, Why};

    pub(super) type State = memmap_core::touch::State<super::area::Words>;
}

use area::Area;
use server::Server;
use signal::{Kept, Signalled};
use state::State;

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
        if !memmap_guard::can_guard() {
            return Err("faults in this process cannot be handled".to_owned());
        }
        let state = State::new(offset, len, crate::pages::page_size(), on_lost).map(Arc::new);
        let state = state.ok_or_else(|| "no memory is left".to_owned())?;
        let served = Server::new(file, &state).map(Way::Server);
        let way = served.or_else(|why| {
            let signalled = |kept| Signalled::new(file, &state, kept).map(Way::Signalled);
            signalled(Kept::Markers)
                .or_else(|markers| signalled(Kept::NoAccess).map_err(|no| [why, markers, no]))
                .map_err(|whys| {
                    let mut whys = Vec::from(whys);
                    whys.dedup();
                    format!(
                        "{}; map a part of the file, or raise the limit on memory",
                        whys.join("; ")
                    )
                })
        })?;
        Ok(Self { way, state })
    }

    /// As [`new`](Self::new), for memory that may be written to. What is written stays in this process.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn writable(file: &Arc<File>, offset: u64, len: usize) -> Result<Self, String> {
        if !memmap_guard::can_guard() {
            return Err("faults in this process cannot be handled".to_owned());
        }
        let page_len = crate::pages::page_size();
        let state = State::new(offset, len, page_len, OnLostPage::Zeros).map(Arc::new);
        let state = state.ok_or_else(|| "no memory is left".to_owned())?;
        let way = Way::Signalled(Signalled::writable(file, &state)?);
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

    /// What is known of its pages.
    pub(crate) fn known(&self) -> &dyn Lazy {
        &*self.state
    }
}

/// Whether `len` bytes could be mapped.
pub(crate) fn could(len: usize) -> Result<(), String> {
    Area::private(len)
        .map(drop)
        .map_err(|error| format!("no addresses are left: {error}; map a part of the file"))
}

//! Who has a pointer to the bytes of an object.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::fork::locking;

/// The exports of an object. From the first one on it keeps the pages until it is freed: what has a pointer keeps
/// the object, and not always an export.
pub(crate) struct Exports<T> {
    kept: OnceLock<Arc<T>>,
    out: AtomicUsize,
    is_known: AtomicBool,
}

impl<T> Exports<T> {
    pub(crate) const fn new() -> Self {
        Self { kept: OnceLock::new(), out: AtomicUsize::new(0), is_known: AtomicBool::new(false) }
    }

    /// Counts one more, and keeps the pages.
    pub(crate) fn add(&self, pages: Arc<T>) -> &Arc<T> {
        self.out.fetch_add(1, Ordering::Relaxed);
        self.kept.get_or_init(|| pages)
    }

    /// Whether nobody asked before: the memory of the object is not in the registry yet.
    pub(crate) fn is_unknown(&self) -> bool {
        !self.is_known.swap(true, Ordering::Relaxed)
    }

    /// Counts one less.
    pub(crate) fn remove(&self) {
        self.out.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many are out. It decides what `close` answers, and nothing else.
    pub(crate) fn out(&self) -> usize {
        self.out.load(Ordering::Relaxed)
    }

    /// The pages, if there ever was an export.
    pub(crate) fn kept(&self) -> Option<&Arc<T>> {
        self.kept.get()
    }

    /// Takes the pages when the object is freed.
    pub(crate) fn take(&mut self) -> Option<Arc<T>> {
        self.kept.take()
    }
}

/// Drops pages without the GIL: the system may take long to give up many.
pub(crate) fn dropped<T: Send>(pages: T) {
    use pyo3::prelude::*;

    let mut pages = Some(pages);
    // While the interpreter ends nobody is attached, and nobody waits.
    Python::try_attach(|py| {
        let pages = pages.take();
        locking(py, || drop(pages));
    });
    drop(pages);
}

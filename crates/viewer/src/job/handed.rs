//! What a job takes by value, although what is asked of it is plain data that can be copied.

use std::sync::{Arc, Mutex, PoisonError};

/// Something that one job takes. Copies share it.
#[derive(Debug)]
pub(crate) struct Handed<T>(Arc<Mutex<Option<T>>>);

impl<T> Handed<T> {
    pub(crate) fn new(it: T) -> Self {
        Self(Arc::new(Mutex::new(Some(it))))
    }

    /// Takes it; `None` if it was taken.
    pub(crate) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Clone for Handed<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Two are equal if they share what is handed.
impl<T> PartialEq for Handed<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Eq for Handed<T> {}

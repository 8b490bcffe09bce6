use std::sync::Arc;

use memmap_core::disk::{Disk, Stored};
use memmap_core::{Map, Progress};

use super::{Options, Plan, SaveError};
use crate::expected::Expected;
use crate::overlay::Overlay;
use crate::source::Source;
use crate::undo::State;
use crate::version::{Sources, Version};

/// A saving that nobody looked at yet: the version that it saves, and what was chosen.
///
/// It owns its state, so that a plan can be made on another thread while editing goes on.
#[derive(Debug)]
#[must_use = "nothing is saved before a plan is made and run"]
pub struct Draft<M: Stored> {
    pub(super) state: State,
    pub(super) number: u32,
    pub(super) base: Arc<Source<M>>,
    /// The savings in place that had been made.
    pub(super) savings_made: usize,
    pub(super) version: Map<Version<M>>,
    pub(super) expected: Expected<M>,
    pub(super) options: Options<M::Disk>,
    pub(super) sources: Arc<Sources<M>>,
    pub(super) tree: crate::tree::Tree,
}

impl<M: Stored> Draft<M> {
    pub(super) fn new(overlay: &Overlay<M>, options: Options<M::Disk>) -> Self {
        Self {
            state: overlay.undo.current(),
            number: overlay.numbers.get(overlay.undo.current()).unwrap_or(0),
            base: Arc::clone(overlay.file_source()),
            savings_made: overlay.file_source().savings().count(),
            version: overlay.view(),
            expected: Expected::of(overlay),
            options,
            sources: Arc::clone(&overlay.sources),
            tree: overlay.tree.clone(),
        }
    }

    /// What would be done; as [`Save::plan`](super::Save::plan).
    ///
    /// # Errors
    /// What forbids it.
    pub fn plan(self, progress: &Progress) -> Result<Plan<M>, SaveError> {
        Plan::new(self, progress)
    }
}

impl<D: Disk> Options<D> {
    pub(super) const fn new() -> Self {
        Self {
            journal: None,
            allows_device: false,
            accepts_losses: false,
            accepts_unseen: false,
            accepted: Vec::new(),
            way: None,
        }
    }
}

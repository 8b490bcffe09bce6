use std::ops::RangeBounds;

use bytes::Bytes;

use crate::contract::System;
use crate::{Frozen, Map, Op, Progress, Result, range};

/// Frozen bytes as those of the crate `bytes`.
impl<S: System> Map<Frozen<S>> {
    /// A range as [`Bytes`], which share the memory of this map and keep it mapped. The range is touched
    /// first, so that a system call takes it: a socket, a file, a pipe.
    ///
    /// There is no `From<FrozenMap> for Bytes`: touching takes memory and can fail. Where the bytes are
    /// passed to no system call, `Bytes::from_owner(frozen)` touches nothing.
    ///
    /// # Errors
    /// Those of [`read_into`](Self::read_into): a byte of the range that is lost is an error, with
    /// [`OnLostPage::Zeros`](crate::OnLostPage::Zeros) too.
    ///
    /// # Cost
    /// An allocation, and no copy. Bytes that nobody has touched are read now, all of the range. With
    /// [`Proof::FirstTouch`](crate::Proof::FirstTouch) they take memory until the map and all that share its bytes
    /// are dropped. [`write_to`](Self::write_to) touches a part at a time, so that the first bytes leave sooner.
    ///
    /// # Examples
    /// ```
    /// use bytes::Bytes;
    /// use memmap_core::{Frozen, Map, Result, System};
    ///
    /// /// The body of an answer.
    /// fn body<S: System>(file: &Map<Frozen<S>>) -> Result<Bytes> {
    ///     file.to_bytes(512..1024)
    /// }
    /// ```
    ///
    /// # Source
    /// `bytes::Bytes::from_owner`.
    pub fn to_bytes(&self, range: impl RangeBounds<u64>) -> Result<Bytes> {
        let (offset, len) =
            range::within(range, self.len(), Op::Read).map_err(|error| self.placed(error))?;
        let part = offset..offset.saturating_add(len);
        self.prefault(part.clone(), &Progress::new()).map_err(|error| error.during(Op::Read))?;
        self.slice(part).map(Bytes::from_owner)
    }
}

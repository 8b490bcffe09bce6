//! Bytes of a file or of a buffer.

use super::Tree;
use super::budget::MAX_VALUE;
use super::node::Base;
use crate::fault::{FaultKind, Result, Stop, Trouble, fault};
use crate::source::{BLOCK, ReadError};

impl Tree {
    /// Fills a slice with bytes that lie before the end of their base.
    pub(super) fn fill(&mut self, base: Base, at: u64, into: &mut [u8]) -> Result<()> {
        match base {
            Base::Buffer(number) => {
                let data = self.buffer(number)?;
                let begin = usize::try_from(at).unwrap_or(usize::MAX);
                match data.get(begin..begin.saturating_add(into.len())) {
                    Some(bytes) => {
                        into.copy_from_slice(bytes);
                        Ok(())
                    }
                    None => fault(FaultKind::EndOfStream, "past the end of a buffer"),
                }
            }
            Base::File => {
                if self.blocks.touched >= self.budget.blocks && !self.blocks.is_kept(at / BLOCK) {
                    return Err(Trouble::Stop(Stop::Budget));
                }
                self.fill_from_file(at, into)
            }
        }
    }

    pub(super) fn fill_from_file(&mut self, at: u64, into: &mut [u8]) -> Result<()> {
        self.blocks.read(at, into).or_else(|error| match error {
            ReadError::Unreadable(reason) => fault(FaultKind::Unreadable, reason),
            ReadError::Stop => Err(Trouble::Stop(Stop::Cancelled)),
        })
    }

    /// Bytes as a value.
    pub(super) fn bytes(&mut self, base: Base, at: u64, len: u64) -> Result<Vec<u8>> {
        if len > MAX_VALUE {
            return fault(
                FaultKind::Limit,
                format!("a value of {len} bytes; at most {MAX_VALUE} are taken as one"),
            );
        }
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
        self.fill(base, at, &mut bytes)?;
        Ok(bytes)
    }

    /// The first place from `at` on that may hold something else than zeros.
    pub(super) fn data_from(&mut self, base: Base, at: u64) -> u64 {
        match base {
            Base::File => self.blocks.data_from(at).max(at),
            Base::Buffer(_) => at,
        }
    }
}

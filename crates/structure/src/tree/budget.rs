//! How much one request may do.

use super::Tree;
use crate::fault::{FaultKind, Result, Stop, Trouble, fault};

/// The longest text or byte array that is a value.
pub(super) const MAX_VALUE: u64 = 1 << 20;

/// What one request may use. When it is used up the request stops, and can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Blocks of 4 KiB that are read.
    pub blocks: u64,
    /// Nodes that are made.
    pub nodes: u64,
    /// Steps of expressions and of laying out.
    pub steps: u64,
    /// Nodes that are kept in all.
    pub kept_nodes: usize,
    /// How deep objects may be in each other, from where the request begins.
    pub objects: usize,
    /// How deep instances may ask for each other.
    pub instances: usize,
    /// How much of the thread's stack a request may use, in bytes.
    pub stack: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            blocks: 4096,
            nodes: 100_000,
            steps: 2_000_000,
            kept_nodes: 1_000_000,
            objects: 256,
            instances: 1024,
            stack: 1 << 20,
        }
    }
}

/// What is left of the limits in a request.
#[derive(Debug)]
pub(super) struct Budget {
    /// The count of blocks at which the request stops.
    pub(super) blocks: u64,
    pub(super) nodes: u64,
    pub(super) steps: u64,
    pub(super) objects: usize,
    pub(super) instances: usize,
    /// Where the stack was when the request began.
    stack: usize,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            blocks: limits.blocks,
            nodes: limits.nodes,
            steps: limits.steps,
            objects: 0,
            instances: 0,
            stack: stack(),
        }
    }
}

/// About where the stack is.
#[inline(never)]
fn stack() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}

impl Tree {
    /// Begins a request: its budget is whole.
    pub(super) fn begin_request(&mut self) {
        self.budget = Budget::new(&self.limits);
        self.epoch = self.epoch.wrapping_add(1);
        self.budget.blocks = self.blocks.touched.saturating_add(self.limits.blocks);
    }

    /// Begins the next part of a request that has many: what it may use is whole again, but the stack is
    /// not.
    pub(super) fn go_on(&mut self) {
        let stack = self.budget.stack;
        self.begin_request();
        self.budget.stack = stack;
    }

    /// Counts one step.
    pub(super) fn step(&mut self) -> Result<()> {
        self.steps(1)
    }

    /// Counts steps.
    pub(super) fn steps(&mut self, count: u64) -> Result<()> {
        match self.budget.steps.checked_sub(count) {
            Some(rest) => {
                self.budget.steps = rest;
                Ok(())
            }
            None => Err(Trouble::Stop(Stop::Budget)),
        }
    }

    /// Fails where the stack is nearly used up.
    pub(super) fn check_stack(&self) -> Result<()> {
        if self.budget.stack.abs_diff(stack()) > self.limits.stack {
            return fault(FaultKind::Depth, "nested too deeply for the stack of this thread");
        }
        Ok(())
    }

    /// Goes one object deeper for the time of `inner`.
    pub(super) fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.budget.objects >= self.limits.objects {
            let message = format!("objects nested deeper than {}", self.limits.objects);
            return fault(FaultKind::Depth, message);
        }
        self.check_stack()?;
        self.budget.objects += 1;
        let result = inner(self);
        self.budget.objects -= 1;
        result
    }
}

//! Nodes by the way to them.

use std::ops::ControlFlow;

use super::Tree;
use super::eval::Env;
use super::node::{NodeId, State};
use crate::fault::{Result, Stop, Trouble};
use crate::row::{Row, Step, Trail};

impl Tree {
    /// The row of a node.
    ///
    /// # Errors
    ///
    /// A stop, or what keeps the node from being found.
    pub fn row_at(&mut self, trail: &Trail) -> Result<Row> {
        self.begin_request();
        let id = self.follow(trail)?;
        self.row(id, trail)
    }

    /// The node at the end of a way.
    pub(super) fn follow(&mut self, trail: &Trail) -> Result<NodeId> {
        let mut at = self.root;
        for step in &trail.0 {
            if matches!(self.arena.get(at).state, State::Unread) {
                self.value(at)?;
            }
            at = match *step {
                Step::Field(place) => self.field(at, place)?,
                Step::Instance(place) => self.instance(at, place, &Env::of(at))?,
                Step::Element(place) => self.element(at, place)?,
            };
        }
        Ok(at)
    }

    /// Walks a list further: as far as one request goes. Says whether it is at its end.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for, or the mistake that ends the list.
    pub fn walk_on(&mut self, trail: &Trail) -> Result<bool> {
        self.begin_request();
        let id = self.follow(trail)?;
        loop {
            match self.walk(id) {
                Ok(true) => {}
                Ok(false) => return Ok(true),
                Err(Trouble::Stop(Stop::Budget)) => return Ok(false),
                Err(trouble) => return Err(trouble),
            }
        }
    }

    /// How far a list is known: its elements, and the byte after them.
    pub fn walked(&mut self, trail: &Trail) -> Option<(u64, u64)> {
        self.begin_request();
        let id = self.follow(trail).ok()?;
        let list = self.arena.list(id)?;
        Some((list.done, list.cursor.pos))
    }

    /// All rows from the node of a way on, for a copy.
    ///
    /// # Errors
    ///
    /// A stop, or what keeps the node from being found.
    pub fn visit_trail(
        &mut self,
        trail: &Trail,
        depth: usize,
        each: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<bool> {
        self.begin_request();
        let id = self.follow(trail)?;
        self.visit_from(id, trail, depth, each)
    }
}

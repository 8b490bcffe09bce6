//! Nodes by the way to them.

use std::ops::ControlFlow;

use super::Tree;
use super::eval::Env;
use super::node::{NodeId, State};
use crate::fault::{Result, Stop, Trouble, bad};
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
        match trail.0.last() {
            Some(group @ Step::Group { .. }) => match self.run_of(id, *group) {
                Some(run) => Ok(self.group_row(id, trail.clone(), &run)),
                None => bad("the list has no such group"),
            },
            _ => self.row(id, trail),
        }
    }

    /// The node at the end of a way; of a group it is the list.
    pub(super) fn follow(&mut self, trail: &Trail) -> Result<NodeId> {
        let mut at = self.root;
        for step in &trail.0 {
            at = self.step_into(at, *step)?;
        }
        Ok(at)
    }

    /// The node that one step leads to.
    pub(super) fn step_into(&mut self, id: NodeId, step: Step) -> Result<NodeId> {
        if matches!(self.arena.get(id).state, State::Unread) {
            self.value(id)?;
        }
        match step {
            Step::Field(place) => self.field(id, place),
            Step::Instance(place) => self.instance(id, place, &Env::of(id)),
            Step::Element(place) => self.element(id, place),
            Step::Group { .. } => Ok(id),
        }
    }

    /// Walks a list further: as far as one request goes. Says whether it is at its end. From now on what is
    /// known of it is folded.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for, or the mistake that ends the list.
    pub fn walk_on(&mut self, trail: &Trail) -> Result<bool> {
        self.begin_request();
        let id = self.follow(trail)?;
        if let Some(list) = self.arena.list_mut(id) {
            list.folds = true;
        }
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

    /// All rows from the node of a way on, for a copy; of a group, those from its elements on.
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
        let Some((group @ Step::Group { .. }, list)) = trail.0.split_last() else {
            return self.visit_from(id, trail, depth, each);
        };
        let run = self.run_of(id, *group).unwrap_or_default();
        let (list, mut is_whole, mut is_over) = (Trail(list.to_vec()), true, false);
        for at in run.from..run.to {
            self.go_on();
            let element = self.element(id, at)?;
            is_whole &= self.visit_from(element, &list.element(at), depth, &mut |row| {
                let flow = each(row);
                is_over = flow.is_break();
                flow
            })?;
            if is_over {
                break;
            }
        }
        Ok(is_whole)
    }
}

//! A node in full, for those who look at one alone.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::Tree;
use super::begin::chosen;
use super::node::NodeId;
use super::show::kind_name;
use crate::answer::Answer;
use crate::detail::Detail;
use crate::fault::{Result, Stop, Trouble};
use crate::row::{Row, Trail};
use crate::schema::{Attr, Kind, Order};

/// How many bytes of a node are shown.
const BYTES: u64 = 16;

impl Tree {
    /// A node in full.
    ///
    /// # Errors
    ///
    /// A stop. A node that cannot be found has a row that says why.
    pub fn detail(&mut self, trail: &Trail) -> Result<Detail> {
        let row = match self.row_at(trail) {
            Ok(row) => row,
            Err(Trouble::Fault(fault)) => {
                let path = fault.path.clone();
                let row = Self::lost_row(path, trail.clone(), &Trouble::Fault(fault));
                let type_name = row.type_name.clone();
                let (meaning, member, bytes, target) = (None, None, Vec::new(), None);
                return Ok(Detail { row, type_name, meaning, member, bytes, target });
            }
            Err(stop) => return Err(stop),
        };
        let id = self.follow(trail)?;
        let type_name = self.full_type(id, &row)?;
        let schema = Arc::clone(&self.schema);
        let node = self.arena.get(id);
        let attr = node.attr.map(|it| schema.attr(it));
        let ty = self.arena.object(id).map(|it| schema.ty(it.ty));
        let meaning = attr.and_then(|it| it.doc.clone()).or_else(|| ty?.doc.clone());
        let member = attr.and_then(|it| self.said_of_member(it, &row));
        let bytes = match &row.span {
            // A group has bytes of its list.
            Some(span) if trail.is_group() => self.head(id, span.start, span.len)?,
            None if trail.is_group() => Vec::new(),
            _ => self.head_of(id)?,
        };
        let mut target = None;
        if let Some(path) = &row.target {
            target = passed(self.target_of(path))?.flatten();
        }
        Ok(Detail { row, type_name, meaning, member, bytes, target })
    }

    /// The type with what it is stored as.
    fn full_type(&mut self, id: NodeId, row: &Row) -> Result<String> {
        let schema = Arc::clone(&self.schema);
        let node = self.arena.get(id);
        let (placed, parent) = (node.placed, node.parent);
        let Some(attr) = node.attr.map(|it| schema.attr(it)).filter(|_| placed) else {
            return Ok(row.type_name.clone());
        };
        let (kind, _) = chosen(attr, self.arena.get(id).kept.as_deref());
        let order = match kind {
            Kind::Int { width: 2.., order, .. } | Kind::Float { order, .. } => match order {
                Some(order) => Some(*order),
                None => passed(self.decide_order(parent))?.flatten(),
            },
            _ => None,
        };
        let stored = match order {
            Some(Order::Le) => format!("{} LE", kind_name(kind)),
            Some(Order::Be) => format!("{} BE", kind_name(kind)),
            None => kind_name(kind),
        };
        let is_enum = attr.body.enumeration.is_some() && !row.type_name.ends_with("[]");
        Ok(match order {
            _ if is_enum => format!("{} ({stored})", row.type_name),
            Some(_) if !row.type_name.ends_with("[]") => stored,
            _ => row.type_name.clone(),
        })
    }

    /// What is said of the member of an enum that a value is.
    fn said_of_member(&self, attr: &Attr, row: &Row) -> Option<String> {
        let Some(Answer::Enum(number, _)) = row.value else { return None };
        let found = attr.body.enumeration.as_ref()?.found?;
        self.schema.enumeration(found).docs.get(&number).cloned()
    }

    /// The first bytes of a node, as far as it is known where they are.
    fn head_of(&mut self, id: NodeId) -> Result<Vec<u8>> {
        let node = self.arena.get(id);
        if !node.placed {
            return Ok(Vec::new());
        }
        let (start, len) = (node.start, node.len);
        self.head(id, start, Some(len))
    }

    /// The first bytes from a place of the stream on that a node is in.
    fn head(&mut self, id: NodeId, start: u64, len: Option<u64>) -> Result<Vec<u8>> {
        let base = self.stream(self.arena.get(id).stream).base;
        let len = len.unwrap_or(0).min(BYTES);
        Ok(passed(self.bytes(base, start, len))?.unwrap_or_default())
    }

    fn target_of(&mut self, path: &str) -> Result<Option<(Row, Vec<u8>)>> {
        let mut found = None;
        self.visit_at(path, 0, &mut |row| {
            found = Some(row.clone());
            ControlFlow::Break(())
        })?;
        let Some(row) = found else { return Ok(None) };
        let id = self.follow(&row.trail)?;
        let bytes = self.head_of(id)?;
        Ok(Some((row, bytes)))
    }
}

/// A part that has a mistake, or takes too long, is left out.
fn passed<T>(part: Result<T>) -> Result<Option<T>> {
    match part {
        Ok(it) => Ok(Some(it)),
        Err(stop @ Trouble::Stop(Stop::Cancelled)) => Err(stop),
        Err(_) => Ok(None),
    }
}

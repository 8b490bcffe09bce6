//! Reading everything below a node, in the order of Kaitai's compilers.

use super::Tree;
use super::node::{NodeId, State};
use crate::fault::Result;
use crate::schema::Kind;
use crate::value::Value;

impl Tree {
    /// Reads a node and all fields below it; instances are not fields.
    pub(super) fn force(&mut self, id: NodeId) -> Result<()> {
        self.check_stack()?;
        match &self.arena.get(id).state {
            State::Absent => return Ok(()),
            State::List(_) => {
                while self.walk(id)? {}
                return Ok(());
            }
            State::Unread if self.is_large_range(id) => return Ok(()),
            _ => {}
        }
        if let Value::Object(object) = self.value(id)? {
            self.finish_object(object)?;
        }
        self.check(id)
    }

    /// Whether the bytes of a node are nothing but bytes, and more than a value may hold.
    fn is_large_range(&self, id: NodeId) -> bool {
        let node = self.arena.get(id);
        let Some(attr) = node.attr.map(|it| self.schema.attr(it)) else { return false };
        let plain = matches!(attr.body.kind, Kind::Bytes)
            && attr.body.process.is_none()
            && attr.valid.is_none();
        plain && node.len > super::budget::MAX_VALUE
    }
}

impl Tree {
    /// The first mistake below the root, in order, after which the walk goes on.
    ///
    /// # Errors
    ///
    /// A stop, or a mistake that ends the root.
    pub fn first_problem(&mut self) -> Result<Option<std::sync::Arc<crate::Fault>>> {
        self.begin_request();
        self.look(self.root)
    }

    fn look(&mut self, id: NodeId) -> Result<Option<std::sync::Arc<crate::Fault>>> {
        let taken = |trouble: crate::Trouble| match trouble {
            crate::Trouble::Fault(fault) => Ok(Some(fault)),
            stop @ crate::Trouble::Stop(_) => Err(stop),
        };
        match &self.arena.get(id).state {
            State::List(list) => {
                let count = list.done;
                for at in 0..count {
                    let element = match self.element(id, at) {
                        Ok(element) => element,
                        Err(trouble) => return taken(trouble),
                    };
                    if let Some(found) = self.deeper(|tree| tree.look(element))? {
                        return Ok(Some(found));
                    }
                }
                return Ok(self.list(id)?.failed.clone());
            }
            State::Absent => return Ok(None),
            _ => {}
        }
        let value = match self.value(id) {
            Ok(value) => value,
            Err(trouble) => return taken(trouble),
        };
        if let Value::Object(object) = value {
            if let Err(trouble) = self.finish_object(object) {
                return taken(trouble);
            }
            let it = self.object(object)?;
            let below: Vec<NodeId> =
                it.fields.iter().chain(it.instances.iter().flatten()).copied().collect();
            for field in below {
                if let Some(found) = self.deeper(|tree| tree.look(field))? {
                    return Ok(Some(found));
                }
            }
        }
        match self.check(id) {
            Ok(()) => Ok(None),
            Err(trouble) => taken(trouble),
        }
    }
}

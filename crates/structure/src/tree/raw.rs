//! The bytes of a node, as they stand in the file or in a buffer.

use std::ops::ControlFlow;

use super::Tree;
use super::node::{Base, NodeId};
use crate::fault::{Result, bad};
use crate::value::Value;

/// How many bytes are passed on at once.
const PIECE: u64 = 64 << 10;

impl Tree {
    /// Passes on the bytes of the node that an expression names, in pieces, and says how many there were. Of
    /// a field with `process` they are those that are processed. Text and bytes that were calculated are
    /// passed on as well.
    ///
    /// # Errors
    ///
    /// [`Trouble`](crate::Trouble): as [`ask`](Self::ask), or bytes that cannot be read.
    pub fn raw(
        &mut self,
        expr: &str,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<u64> {
        self.begin_request();
        let node = match self.node_named(expr)? {
            Some(node) if self.arena.get(node).placed => Some(node),
            _ => match self.ask_value(expr)? {
                Value::Object(node) | Value::List(node) => Some(node),
                Value::Bytes(bytes) => {
                    let _ = each(&bytes);
                    return Ok(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                }
                Value::Str(text) => {
                    let _ = each(text.as_bytes());
                    return Ok(u64::try_from(text.len()).unwrap_or(u64::MAX));
                }
                other => return bad(format!("{} has no bytes", other.describe())),
            },
        };
        let Some(node) = node else { return bad("no node of this name") };
        let (base, start, len) = self.extent(node)?;
        let mut at = 0;
        let mut piece = Vec::new();
        while at < len {
            self.begin_request();
            piece.resize(usize::try_from(PIECE.min(len - at)).unwrap_or(0), 0);
            match base {
                Base::File => self.fill_from_file(start + at, &mut piece)?,
                Base::Buffer(_) => self.fill(base, start + at, &mut piece)?,
            }
            if each(&piece).is_break() {
                break;
            }
            at += u64::try_from(piece.len()).unwrap_or(0);
        }
        Ok(len)
    }

    /// Where the bytes of a node lie. One that must be walked is walked to its end.
    fn extent(&mut self, id: NodeId) -> Result<(Base, u64, u64)> {
        if id != self.root {
            self.visited.clear();
            let mut above = id;
            while above != NodeId::NONE {
                self.visited.push(above);
                above = self.arena.get(above).parent;
            }
            loop {
                match self.finish(id) {
                    Err(crate::Trouble::Stop(crate::Stop::Budget)) => self.begin_request(),
                    Err(trouble) => return Err(trouble),
                    Ok(_) => break,
                }
            }
        }
        let node = self.arena.get(id);
        Ok((self.stream(node.stream).base, node.start, node.len))
    }
}

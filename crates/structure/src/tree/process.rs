//! What `process` does to bytes, and the buffers that hold its results.

use std::sync::Arc;

use flate2::{Decompress, FlushDecompress, Status};

use super::Tree;
use super::node::NodeId;
use crate::fault::{FaultKind, Result, bad, fault};
use crate::schema::Process;
use crate::value::Value;

/// How many bytes `process` takes, and how many all buffers hold.
pub(super) const MAX_BYTES: u64 = 64 << 20;

/// Results of `process`. The oldest are dropped when they become too many, and made again when needed.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    list: Vec<Option<Buffer>>,
    clock: u64,
}

#[derive(Debug)]
struct Buffer {
    node: NodeId,
    data: Option<Arc<[u8]>>,
    used: u64,
}

impl Buffers {
    fn held(&self) -> usize {
        self.list.iter().flatten().filter_map(|it| it.data.as_ref()).map(|it| it.len()).sum()
    }

    pub(super) fn remove(&mut self, number: u32, node: NodeId) {
        if let Some(slot) = usize::try_from(number).ok().and_then(|it| self.list.get_mut(it))
            && slot.as_ref().is_some_and(|it| it.node == node)
        {
            *slot = None;
        }
    }

    /// Drops the data that was used longest ago, until so much more has room.
    fn make_room(&mut self, more: usize) {
        let limit = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
        while self.held().saturating_add(more) > limit {
            let oldest = self
                .list
                .iter_mut()
                .flatten()
                .filter(|it| it.data.is_some())
                .min_by_key(|it| it.used);
            match oldest {
                Some(it) => it.data = None,
                None => return,
            }
        }
    }
}

impl Tree {
    pub(super) fn add_buffer(&mut self, node: NodeId, bytes: Vec<u8>) -> Result<u32> {
        self.buffers.make_room(bytes.len());
        self.buffers.clock += 1;
        let buffer = Buffer { node, data: Some(Arc::from(bytes)), used: self.buffers.clock };
        let free = self.buffers.list.iter().position(Option::is_none);
        let place = free.unwrap_or(self.buffers.list.len());
        if free.is_none() {
            self.buffers.list.push(None);
        }
        self.buffers.list[place] = Some(buffer);
        match u32::try_from(place) {
            Ok(number) => Ok(number),
            Err(_) => fault(FaultKind::Limit, "too many buffers"),
        }
    }

    /// The node whose `process` made a buffer.
    pub(super) fn buffer_node(&self, number: u32) -> Option<NodeId> {
        let place = usize::try_from(number).ok()?;
        self.buffers.list.get(place)?.as_ref().map(|it| it.node)
    }

    /// The bytes of a buffer, which are made again if they were dropped.
    pub(super) fn buffer(&mut self, number: u32) -> Result<Arc<[u8]>> {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        self.buffers.clock += 1;
        let clock = self.buffers.clock;
        let Some(Some(buffer)) = self.buffers.list.get_mut(place) else {
            return bad("no buffer is here any more");
        };
        buffer.used = clock;
        if let Some(data) = &buffer.data {
            return Ok(Arc::clone(data));
        }
        let node = buffer.node;
        let data: Arc<[u8]> = Arc::from(self.deeper(|tree| tree.remake(node))?);
        self.buffers.make_room(data.len());
        if let Some(Some(buffer)) = self.buffers.list.get_mut(place) {
            buffer.data = Some(Arc::clone(&data));
        }
        Ok(data)
    }
}

/// Does to bytes what a description says.
pub(super) fn apply(process: &Process, key: Option<&Value>, bytes: Vec<u8>) -> Result<Vec<u8>> {
    match process {
        Process::Zlib => inflate(&bytes),
        Process::Xor(_) => match key {
            Some(Value::Int(n)) => match u8::try_from(*n) {
                Ok(key) => Ok(bytes.into_iter().map(|it| it ^ key).collect()),
                Err(_) => bad(format!("the key {n} of `xor` is no byte")),
            },
            Some(Value::Bytes(key)) if key.is_empty() => {
                fault(FaultKind::Process, "the key of `xor` is empty")
            }
            Some(Value::Bytes(key)) => {
                Ok(bytes.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b).collect())
            }
            other => {
                bad(format!("the key of `xor` is {}", other.map_or("missing", Value::describe)))
            }
        },
        Process::Rotate { left, .. } => match key {
            Some(Value::Int(n)) => {
                let by = u32::try_from(n.rem_euclid(8)).unwrap_or(0);
                let turn = |it: u8| if *left { it.rotate_left(by) } else { it.rotate_right(by) };
                Ok(bytes.into_iter().map(turn).collect())
            }
            other => bad(format!("a rotation by {}", other.map_or("nothing", Value::describe))),
        },
        Process::Other { name, .. } => {
            fault(FaultKind::Unsupported, format!("the process '{name}'"))
        }
    }
}

/// What a zlib stream holds.
fn inflate(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut engine = Decompress::new(true);
    let mut out = Vec::new();
    let limit = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
    loop {
        let read = usize::try_from(engine.total_in()).unwrap_or(usize::MAX);
        let rest = bytes.get(read..).unwrap_or(&[]);
        if out.len() >= limit {
            return fault(FaultKind::Process, format!("stopped after {MAX_BYTES} bytes of output"));
        }
        out.reserve(out.len().clamp(4096, 1 << 20).min(limit - out.len()));
        let before = (engine.total_in(), engine.total_out());
        match engine.decompress_vec(rest, &mut out, FlushDecompress::None) {
            Ok(Status::StreamEnd) => return Ok(out),
            Ok(_) if (engine.total_in(), engine.total_out()) == before => {
                return fault(FaultKind::Process, "the zlib stream ends early");
            }
            Ok(_) => {}
            Err(error) => return fault(FaultKind::Process, format!("zlib: {error}")),
        }
    }
}

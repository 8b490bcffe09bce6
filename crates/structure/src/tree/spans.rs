//! Which fields bytes belong to.

use super::Tree;
use super::node::{Base, NodeId, Pace, State, StreamId};
use crate::fault::{Result, Stop, Trouble};
use crate::row::{Step, Trail};

/// How far a list is walked to reach the bytes that are asked for.
const REACH: u64 = 1 << 20;

/// How many fields one request finds.
const MOST: usize = 16_384;

/// A field among bytes of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldSpan {
    /// The first byte.
    pub start: u64,
    /// How many bytes.
    pub len: u64,
    /// The way to the field.
    pub trail: Trail,
    /// Its place among the fields of its parent, for a colour of its own.
    pub place: u64,
}

impl Tree {
    /// The fields that have bytes of a range of the file, in order of their start. Only what is known or
    /// lies in the range is looked at: instances count once they were asked for.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for.
    pub fn fields_in(&mut self, start: u64, end: u64) -> Result<Vec<FieldSpan>> {
        self.begin_request();
        let mut found = Vec::new();
        match self.spans(self.root, &Trail::root(), (start, end), &mut found) {
            Ok(()) | Err(Trouble::Fault(_) | Trouble::Stop(Stop::Budget)) => {}
            Err(stop) => return Err(stop),
        }
        found.sort_by(|a, b| (a.start, &a.trail).cmp(&(b.start, &b.trail)));
        Ok(found)
    }

    /// The field that a byte belongs to: the smallest.
    ///
    /// # Errors
    ///
    /// A stop that the source asked for.
    pub fn field_at(&mut self, offset: u64) -> Result<Option<FieldSpan>> {
        let found = self.fields_in(offset, offset.saturating_add(1))?;
        Ok(found.into_iter().min_by_key(|it| it.len))
    }

    fn spans(
        &mut self,
        id: NodeId,
        trail: &Trail,
        range: (u64, u64),
        found: &mut Vec<FieldSpan>,
    ) -> Result<()> {
        if found.len() >= MOST {
            return Err(Trouble::Stop(Stop::Budget));
        }
        self.step()?;
        if self.may_hold(id, range)
            && matches!(self.arena.get(id).state, State::Unread)
            && self.is_object(id)
        {
            match self.value(id) {
                Ok(_) | Err(Trouble::Fault(_)) => {}
                Err(stop) => return Err(stop),
            }
        }
        let node = self.arena.get(id);
        match &node.state {
            // What `process` made of these bytes is elsewhere.
            State::Object(object) if self.is_made(object.stream, node.stream) => {
                self.push_span(id, trail, range, found);
                Ok(())
            }
            State::Object(_) => self.deeper(|tree| tree.spans_of_object(id, trail, range, found)),
            State::List(_) => self.deeper(|tree| tree.spans_of_list(id, trail, range, found)),
            State::Absent | State::Free => Ok(()),
            _ => {
                self.push_span(id, trail, range, found);
                Ok(())
            }
        }
    }

    fn push_span(&self, id: NodeId, trail: &Trail, range: (u64, u64), found: &mut Vec<FieldSpan>) {
        let node = self.arena.get(id);
        let file = self.stream(node.stream).base == Base::File;
        if file && node.placed && overlaps(node.start, node.len, range) {
            let place = match trail.0.last() {
                Some(Step::Field(at) | Step::Instance(at)) => u64::try_from(*at).unwrap_or(0),
                Some(Step::Element(at) | Step::Group { start: at, .. }) => *at,
                None => 0,
            };
            let trail = trail.clone();
            found.push(FieldSpan { start: node.start, len: node.len, trail, place });
        }
    }

    /// Whether the bytes of a stream were made of some of another.
    fn is_made(&self, stream: StreamId, of: StreamId) -> bool {
        self.stream(stream).base != self.stream(of).base
    }

    fn is_object(&self, id: NodeId) -> bool {
        let node = self.arena.get(id);
        let Some(attr) = node.attr.map(|it| self.schema.attr(it)) else { return true };
        matches!(super::begin::chosen(attr, node.kept.as_deref()).0, crate::schema::Kind::User(_))
            && attr.body.process.is_none()
    }

    /// Whether the bytes of a node can be among those of a range. An object that is being laid out, or has
    /// instances, can be anywhere.
    fn may_hold(&self, id: NodeId, range: (u64, u64)) -> bool {
        let node = self.arena.get(id);
        let file = self.stream(node.stream).base == Base::File;
        match &node.state {
            State::Object(_) | State::List(_) => true,
            _ => file && node.placed && overlaps(node.start, node.len, range),
        }
    }

    fn spans_of_object(
        &mut self,
        id: NodeId,
        trail: &Trail,
        range: (u64, u64),
        found: &mut Vec<FieldSpan>,
    ) -> Result<()> {
        let object = self.object(id)?;
        let count = self.schema.ty(object.ty).seq.len();
        let stream = self.stream(object.stream);
        let within = stream.base == Base::File && stream.start < range.1 && stream.end > range.0;
        // Fields are laid out until they are behind the range.
        let mut at = 0;
        while within && at < count {
            let object = self.object(id)?;
            let far =
                object.fields.len() <= at && object.cursor.is_some_and(|it| it.pos >= range.1);
            if far {
                break;
            }
            let last = object.fields.last().copied();
            let waits = object.cursor.is_none() && object.fields.len() == at;
            if waits && last.is_some_and(|it| self.is_far(it, range)) {
                break;
            }
            match self.field(id, at) {
                Ok(field) => self.spans(field, &trail.join(Step::Field(at)), range, found)?,
                Err(Trouble::Fault(_)) => break,
                Err(stop) => return Err(stop),
            }
            at += 1;
        }
        let instances = self.object(id)?.instances.clone();
        for (at, node) in instances.into_iter().enumerate() {
            if let Some(node) = node {
                self.spans(node, &trail.join(Step::Instance(at)), range, found)?;
            }
        }
        Ok(())
    }

    /// Whether the end of a list is not known, and it must not be walked for this range.
    fn is_far(&self, id: NodeId, range: (u64, u64)) -> bool {
        self.arena.list(id).is_some_and(|list| {
            !list.complete && (list.cursor.pos >= range.1 || list.failed.is_some())
        })
    }

    /// Elements that were looked at may have instances anywhere.
    fn spans_of_kept(
        &mut self,
        id: NodeId,
        trail: &Trail,
        range: (u64, u64),
        found: &mut Vec<FieldSpan>,
    ) -> Result<()> {
        let kept: Vec<(u64, NodeId)> =
            self.list(id)?.kept.iter().map(|(at, node)| (*at, *node)).collect();
        for (at, node) in kept {
            // The ones before may have pushed it out.
            if self.list(id)?.kept.get(&at) != Some(&node) {
                continue;
            }
            let (start, len) = (self.arena.get(node).start, self.arena.get(node).len);
            let object = self.arena.object(node);
            let has_instances = object.is_some_and(|it| it.instances.iter().any(Option::is_some));
            if has_instances && !overlaps(start, len, range) {
                self.spans(node, &trail.join(Step::Element(at)), range, found)?;
            }
        }
        Ok(())
    }

    fn spans_of_list(
        &mut self,
        id: NodeId,
        trail: &Trail,
        range: (u64, u64),
        found: &mut Vec<FieldSpan>,
    ) -> Result<()> {
        self.spans_of_kept(id, trail, range, found)?;
        let list = self.list(id)?;
        if self.stream(list.stream).base != Base::File || list.start.pos >= range.1 {
            return Ok(());
        }
        let (mut at, pace, start) = (0, list.pace, list.start.pos);
        match pace {
            Pace::Fixed(0) => return Ok(()),
            Pace::Fixed(size) => at = range.0.saturating_sub(start) / size,
            Pace::Walked(_) => {
                let before =
                    list.marks.partition_point(|it| it.cursor.pos <= range.0).saturating_sub(1);
                at += u64::try_from(before).unwrap_or(0) * list.stride;
                let gap = range.0.saturating_sub(list.cursor.pos);
                if gap > REACH && !list.complete {
                    return Ok(());
                }
            }
        }
        loop {
            self.step()?;
            let list = self.list(id)?;
            if at >= list.done {
                if list.complete || list.failed.is_some() || list.cursor.pos >= range.1 || list.busy
                {
                    return Ok(());
                }
                match self.walk(id) {
                    Ok(true) => continue,
                    Ok(false) | Err(Trouble::Fault(_)) => return Ok(()),
                    Err(stop) => return Err(stop),
                }
            }
            let node = match self.element(id, at) {
                Ok(node) => node,
                Err(Trouble::Fault(_)) => return Ok(()),
                Err(stop) => return Err(stop),
            };
            let (start, len) = (self.arena.get(node).start, self.arena.get(node).len);
            if start >= range.1 {
                return Ok(());
            }
            if overlaps(start, len, range) || len == 0 || !self.is_ended(node) {
                self.spans(node, &trail.join(Step::Element(at)), range, found)?;
            }
            at += 1;
        }
    }
}

fn overlaps(start: u64, len: u64, (from, to): (u64, u64)) -> bool {
    len > 0 && start < to && start.saturating_add(len) > from
}

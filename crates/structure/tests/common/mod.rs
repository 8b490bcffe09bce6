//! What the tests of this crate share.

#![allow(dead_code, reason = "it is compiled into each test, and each uses a part")]

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use memmap_structure::{
    Answer, Builtin, Formats, Outline, ReadError, Row, Schema, Source, Trail, Tree, Trouble,
};

/// A description by its text, beside those that are built in.
pub(crate) struct Text<'a>(pub(crate) &'a [(&'a str, &'a str)]);

impl Formats for Text<'_> {
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        match self.0.iter().find(|it| it.0 == name) {
            Some((_, text)) => Ok(Some(text.as_bytes().to_vec())),
            None => Builtin::default().text(name),
        }
    }
}

/// The schema of a description that is given as text.
pub(crate) fn schema(text: &str) -> Arc<Schema> {
    match Schema::load("it", &Text(&[("it", text)])) {
        Ok(schema) => Arc::new(schema),
        Err(problems) => {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// The mistakes of a description.
pub(crate) fn refused(text: &str) -> Vec<String> {
    match Schema::load("it", &Text(&[("it", text)])) {
        Ok(_) => panic!("the description was not refused"),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// The tree of bytes by a description that is given as text.
pub(crate) fn tree(text: &str, bytes: &[u8]) -> Tree {
    Tree::new(schema(text), Box::new(bytes.to_vec()))
}

/// A built-in description.
pub(crate) fn builtin(name: &str) -> Arc<Schema> {
    match Schema::load(name, &Builtin::default()) {
        Ok(schema) => Arc::new(schema),
        Err(problems) => panic!("{name}: {}", problems[0]),
    }
}

/// Asks again as long as it is stopped.
pub(crate) fn again<T>(mut ask: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
    loop {
        match ask() {
            Err(Trouble::Stop(_)) => {}
            other => return other,
        }
    }
}

/// A value as the tests write it.
pub(crate) fn shown(value: &Answer) -> String {
    match value {
        Answer::Int(n) => n.to_string(),
        Answer::Float(n) => format!("{n:?}"),
        Answer::Bool(it) => it.to_string(),
        Answer::Text(text) => format!("\"{text}\""),
        Answer::Bytes(bytes) => {
            format!(
                "[{}]",
                bytes.iter().map(|it| format!("{it:02x}")).collect::<Vec<_>>().join(" ")
            )
        }
        Answer::Enum(n, name) => name.clone().unwrap_or_else(|| n.to_string()),
        other => format!("{other:?}"),
    }
}

/// A source each of whose blocks stops the first request that reads it.
#[derive(Debug)]
pub(crate) struct Stopping {
    pub(crate) bytes: Vec<u8>,
    pub(crate) seen: HashSet<u64>,
}

impl Source for Stopping {
    fn len(&self) -> u64 {
        Source::len(&self.bytes)
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        if self.seen.insert(at) {
            Err(ReadError::Stop)
        } else {
            Source::read(&mut self.bytes, at, into)
        }
    }
}

/// A file of zeros of any length, with some bytes in it. It counts the blocks that are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse {
    pub(crate) len: u64,
    pub(crate) pieces: Vec<(u64, Vec<u8>)>,
    pub(crate) reads: Arc<Mutex<Vec<u64>>>,
}

impl Source for Sparse {
    fn len(&self) -> u64 {
        self.len
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        self.reads.lock().expect("no reader panics").push(at);
        into.fill(0);
        let end = at + into.len() as u64;
        for (start, piece) in &self.pieces {
            let stop = start + piece.len() as u64;
            if *start < end && stop > at {
                let from = (*start).max(at);
                let to = stop.min(end);
                let target = &mut into[(from - at) as usize..(to - at) as usize];
                target.copy_from_slice(&piece[(from - start) as usize..(to - start) as usize]);
            }
        }
        Ok(())
    }

    fn data_from(&mut self, at: u64) -> u64 {
        let within = self
            .pieces
            .iter()
            .any(|(start, piece)| (*start..start + piece.len() as u64).contains(&at));
        if within {
            return at;
        }
        self.pieces.iter().map(|it| it.0).filter(|it| *it > at).min().unwrap_or(self.len)
    }
}

/// Opens the groups that a node is in.
pub(crate) fn open_groups(tree: &mut Tree, outline: &mut Outline, trail: &Trail) {
    for above in tree.rows_above(trail).expect("no stop").iter().filter(|it| it.is_group()) {
        outline.open(above);
    }
}

/// All rows of a tree.
pub(crate) fn rows(tree: &mut Tree, depth: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    tree.visit(depth, &mut |row| {
        rows.push(row.clone());
        std::ops::ControlFlow::Continue(())
    })
    .expect("no stop");
    rows
}

//! The tasks, one per file.

mod array;
mod compare;
mod copy;
mod dump;
mod edit;
mod frozen;
mod get;
mod open;
mod open_close;
mod reader;
mod scan;
mod structure;
mod sync;
mod touch;
mod viewer;
mod write;
mod zeros;

use crate::Result;
use crate::engine::Engine;
use crate::options::Options;

pub(crate) struct Task {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) engines: &'static [Engine],
    pub(crate) run: fn(&Options) -> Result,
}

pub(crate) const TASKS: [Task; 16] = [
    dump::TASK,
    zeros::TASK,
    get::TASK,
    copy::TASK,
    reader::TASK,
    frozen::TASK,
    write::TASK,
    sync::TASK,
    open::TASK,
    viewer::TASK,
    open_close::TASK,
    scan::TASK,
    compare::TASK,
    edit::TASK,
    structure::TASK,
    array::TASK,
];

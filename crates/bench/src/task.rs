//! The tasks, one file each.

mod copy;
mod dump;
mod get;
mod open;
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

pub(crate) const TASKS: [Task; 5] = [dump::TASK, zeros::TASK, get::TASK, copy::TASK, open::TASK];

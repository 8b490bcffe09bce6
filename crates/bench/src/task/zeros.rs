//! `zeros`: dumps of a sparse file, whose lines all repeat.

use crate::Result;
use crate::engine::Engine;
use crate::input::Input;
use crate::options::Options;

use super::Task;
use super::dump::{self, race};

static ENGINES: [Engine; 3] = [dump::LAZYHEX, dump::HEXDUMP, dump::HEXYL];

pub(crate) const TASK: Task = Task {
    name: "zeros",
    about: "dumps of a sparse file, whose lines all repeat",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    let input = Input::sparse(options.size.unwrap_or(256 << 20))?.read_once()?;
    race(options, (TASK.name, "zeros, a sparse file"), &ENGINES, &input)
}

//! What a child of `fork` has to forget: the threads of its parent, which do not exist in it.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::guard;

/// How often this process and its parents were forked, as seen from here. What was counted in another
/// generation was counted in a parent.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// The generation of this process.
#[inline]
pub(crate) fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Called in a child, before Python code runs there.
#[pyfunction]
fn _after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    guard::ask();
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let os = py.import("os")?;
    // Windows has no fork.
    if !os.hasattr("register_at_fork")? {
        return Ok(());
    }
    let keywords = PyDict::new(py);
    keywords.set_item("after_in_child", wrap_pyfunction!(_after_fork_in_child, module)?)?;
    os.call_method("register_at_fork", (), Some(&keywords))?;
    Ok(())
}

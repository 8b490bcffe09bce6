//! The extension module `memmap._native` of the Python package `memmap`.
//!
//! The classes copy bytes in and out under the guard of the library, so that a file that is cut short is an
//! exception at the byte. What exports memory (`FrozenMap`, `RamMap`) owns its pages, which live as long as
//! an object of Python can reach them.
//!
//! All unsafe code is in `door`.

mod door;

mod errors;
mod argument;
mod source;
mod gate;
mod exports;
mod fork;
mod patience;
mod store;
mod strided;
mod copy;
mod number;
mod scan;
mod scanned;
mod find;
mod stat;
mod index;
mod map;
mod frozen;
mod ram;
mod view;
mod opened;
mod guard;
mod registry;

use pyo3::prelude::*;

/// The names of the module.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    door::interpreter::require_main(module.py())?;
    module.add_class::<map::MemMap>()?;
    module.add_class::<frozen::FrozenMap>()?;
    module.add_class::<ram::RamMap>()?;
    module.add_class::<view::View>()?;
    module.add_class::<opened::Opened>()?;
    errors::add_to(module)?;
    module.add_function(wrap_pyfunction!(find::find, module)?)?;
    module.add_function(wrap_pyfunction!(stat::stat, module)?)?;
    module.add_function(wrap_pyfunction!(opened::_open_array, module)?)?;
    module.add_function(wrap_pyfunction!(guard::guard_status, module)?)?;
    module.add_function(wrap_pyfunction!(guard::ensure_guard, module)?)?;
    module.add_function(wrap_pyfunction!(registry::check, module)?)?;
    module.add_function(wrap_pyfunction!(registry::lost, module)?)?;
    module.add_function(wrap_pyfunction!(registry::_origin, module)?)?;
    fork::register(module)
}

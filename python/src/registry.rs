//! Which map an address belongs to: `check`, `lost` and `_origin` for whatever shows bytes of ours.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyWeakrefMethods, PyWeakrefReference};

use crate::door::buffer::span;
use crate::frozen::FrozenMap;
use crate::ram::RamMap;
use crate::view::View;

/// Memory that was exported, and the objects that own it: views of one map share their memory.
struct Exported {
    len: usize,
    owners: Vec<Py<PyWeakrefReference>>,
    /// The owners that were not freed.
    count: usize,
}

/// By the address of the first byte. An object is in it from its first export until it is freed.
static EXPORTED: Mutex<BTreeMap<usize, Exported>> = Mutex::new(BTreeMap::new());

fn exported() -> MutexGuard<'static, BTreeMap<usize, Exported>> {
    EXPORTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds the memory of an object, which is not there yet.
pub(crate) fn add(owner: &Bound<'_, PyAny>, first: usize, len: usize) -> PyResult<()> {
    if len == 0 {
        return Ok(());
    }
    let reference = PyWeakrefReference::new(owner)?.unbind();
    let mut exported = exported();
    let memory =
        exported.entry(first).or_insert_with(|| Exported { len, owners: Vec::new(), count: 0 });
    memory.owners.push(reference);
    memory.count = memory.count.saturating_add(1);
    Ok(())
}

/// Removes an object that is freed, and the memory with the last one. Of no bytes, there is nothing to remove.
pub(crate) fn remove(first: usize) {
    let mut exported = exported();
    let Some(memory) = exported.get_mut(&first) else { return };
    memory.count = memory.count.saturating_sub(1);
    let removed = if memory.count == 0 { exported.remove(&first) } else { None };
    // Outside of the lock, as these are objects of Python.
    drop(exported);
    drop(removed);
}

/// An object that owns these bytes, and where they are in it.
fn owner_of<'py>(py: Python<'py>, bytes: &Range<usize>) -> Option<(Bound<'py, PyAny>, Range<u64>)> {
    let found = {
        let exported = exported();
        exported.range(..=bytes.start).next_back().and_then(|(&first, memory)| {
            let end = first.checked_add(memory.len)?;
            let is_within = bytes.start < end && bytes.end <= end;
            let owners = || memory.owners.iter().map(|owner| owner.clone_ref(py)).collect();
            is_within.then(|| -> (usize, Vec<_>) { (first, owners()) })
        })
    };
    let (first, owners) = found?;
    let place = |address: usize| memmap::widen(address.saturating_sub(first));
    let owner = owners.into_iter().find_map(|owner| owner.bind(py).upgrade())?;
    Some((owner, place(bytes.start)..place(bytes.end)))
}

/// The addresses that an object shows, by `__array_interface__` or by its buffer.
fn addresses(object: &Bound<'_, PyAny>) -> PyResult<Range<usize>> {
    if let Some(interface) = object.getattr_opt("__array_interface__")?
        && let Ok(interface) = interface.cast_into::<PyDict>()
        && let Some(range) = of_interface(&interface)?
    {
        return Ok(range);
    }
    span(object)
}

/// The addresses of an array by numpy's interface; `None` if it leaves them to the buffer.
fn of_interface(interface: &Bound<'_, PyDict>) -> PyResult<Option<Range<usize>>> {
    let wrong = || PyTypeError::new_err("an __array_interface__ that is not one");
    let Some(data) = interface.get_item("data")?.filter(|data| !data.is_none()) else {
        return Ok(None);
    };
    let (first, _) = data.extract::<(usize, bool)>()?;
    let shape: Vec<isize> = interface.get_item("shape")?.ok_or_else(wrong)?.extract()?;
    let code: String = interface.get_item("typestr")?.ok_or_else(wrong)?.extract()?;
    // After the size a date has its unit, in brackets.
    let size = code.get(2..).map(|rest| rest.split('[').next().unwrap_or(rest));
    let size = size.and_then(|size| size.parse::<isize>().ok()).ok_or_else(wrong)?;
    // Each character of numpy's text has four bytes.
    let item = if code.get(1..2) == Some("U") { size.saturating_mul(4) } else { size };
    let strides: Option<Vec<isize>> = match interface.get_item("strides")? {
        Some(strides) if !strides.is_none() => Some(strides.extract()?),
        _ => None,
    };
    Ok(Some(reach(first, &shape, strides.as_deref(), item)))
}

/// The addresses of all elements: from the lowest byte to after the highest one.
pub(crate) fn reach(
    first: usize,
    shape: &[isize],
    strides: Option<&[isize]>,
    item: isize,
) -> Range<usize> {
    if shape.contains(&0) {
        return first..first;
    }
    let (mut low, mut high, mut dense) = (0_isize, item, item);
    for (axis, &len) in shape.iter().enumerate().rev() {
        let stride = strides.and_then(|strides| strides.get(axis)).copied().unwrap_or(dense);
        dense = dense.saturating_mul(len);
        let reach = stride.saturating_mul(len.saturating_sub(1));
        low = low.saturating_add(reach.min(0));
        high = high.saturating_add(reach.max(0));
    }
    first.saturating_add_signed(low)..first.saturating_add_signed(high)
}

/// The owner of the bytes that an object shows, or the error that there is none.
fn require_owner<'py>(object: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Range<u64>)> {
    let bytes = addresses(object)?;
    owner_of(object.py(), &bytes).ok_or_else(|| {
        PyValueError::new_err(
            "these bytes are no map's: they were copied, or never mapped by memmap",
        )
    })
}

/// The owner of the bytes that an object shows, or the object itself.
fn owner_or_itself<'py>(object: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Range<u64>)> {
    let is_owner = object.is_instance_of::<FrozenMap>()
        || object.is_instance_of::<RamMap>()
        || object.is_instance_of::<View>();
    if is_owner {
        return Ok((object.clone(), 0..u64::MAX));
    }
    require_owner(object)
}

/// Raise if bytes that an object shows are lost: what was computed of them was computed of zeros.
///
/// Parameters
/// ----------
/// obj : FrozenMap, RamMap, View, or anything with a buffer or an ``__array_interface__``
///     A map, or a memoryview, an array, a slice of one, over its bytes. It is found by the address of the bytes.
/// unchanged : bool, default False
///     Also raise if the file is not as it was when it was opened.
///
/// Raises
/// ------
/// TruncatedError, MapError
///     If some of these bytes are lost; others of the map do not count.
/// ValueError
///     If the bytes are no map's, such as those of a copy.
///
/// Examples
/// --------
/// >>> import memmap
/// >>> ram = memmap.RamMap(100)
/// >>> memmap.check(memoryview(ram)[10:20])
/// >>> memmap.check(bytes(ram))
/// Traceback (most recent call last):
/// ValueError: these bytes are no map's: they were copied, or never mapped by memmap
#[pyfunction]
#[pyo3(signature = (obj, unchanged=false))]
pub(crate) fn check(py: Python<'_>, obj: &Bound<'_, PyAny>, unchanged: bool) -> PyResult<()> {
    let (owner, range) = owner_or_itself(obj)?;
    if let Ok(view) = owner.cast::<View>() {
        return view.get().check_range(py, &range, unchanged);
    }
    match owner.cast::<FrozenMap>() {
        Ok(map) => map.get().check_range(py, &range, unchanged),
        // Nothing of anonymous memory can be lost.
        Err(_) => Ok(()),
    }
}

/// List the bytes of an object that are lost, and that it shows as zeros.
///
/// Parameters
/// ----------
/// obj
///     As for `check`.
///
/// Returns
/// -------
/// list of (int, int, str)
///     Start and end, counted from the lowest byte of the object, and the reason as `MapError.kind` has it.
///
/// Raises
/// ------
/// ValueError
///     If the bytes are no map's.
///
/// Examples
/// --------
/// >>> import memmap
/// >>> memmap.lost(memoryview(memmap.RamMap(100)))
/// []
#[pyfunction]
pub(crate) fn lost(
    py: Python<'_>,
    obj: &Bound<'_, PyAny>,
) -> PyResult<Vec<(u64, u64, &'static str)>> {
    let (owner, range) = owner_or_itself(obj)?;
    let mut lost = if let Ok(view) = owner.cast::<View>() {
        view.get().lost_in(py, &range)?
    } else {
        match owner.cast::<FrozenMap>() {
            Ok(map) => map.get().lost_in(py, &range)?,
            Err(_) => Vec::new(),
        }
    };
    for (start, end, _) in &mut lost {
        (*start, *end) = (start.saturating_sub(range.start), end.saturating_sub(range.start));
    }
    Ok(lost)
}

/// The map that the bytes of an object belong to, and the offset of the first one in it; None if there is none.
#[pyfunction]
pub(crate) fn _origin<'py>(
    py: Python<'py>,
    obj: &Bound<'py, PyAny>,
) -> PyResult<Option<(Bound<'py, PyAny>, u64)>> {
    let bytes = addresses(obj)?;
    Ok(owner_of(py, &bytes).map(|(owner, range)| (owner, range.start)))
}

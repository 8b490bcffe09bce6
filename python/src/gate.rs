//! The gate before a map: who is in a call, and who may close.
//!
//! The lock is held for a few instructions, always by a thread that is attached to the interpreter, and never
//! while one is attached or detached. So `fork`, which runs in an attached thread, finds it open.

use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use pyo3::exceptions::{PyBufferError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::fork::{generation, locking};
use crate::patience;

/// A value that calls use, until it is closed.
pub(crate) struct Gate<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    /// `None` once it is closed, and while it is changed.
    value: Option<Arc<T>>,
    phase: Phase,
    /// The threads in calls that released the GIL.
    running: Vec<ThreadId>,
    /// The generation that the threads belong to.
    generation: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// A thread waits for the running calls, to change the value. New calls wait.
    Changing,
    /// A thread waits for the running calls, to close. New calls are refused.
    Closing,
    Closed,
}

/// Why a call did not begin.
enum Refusal {
    Closed,
    Wait,
}

impl<T> State<T> {
    /// After a fork: the threads of the parent are not here, and what they had begun is not going on.
    fn refresh(&mut self) {
        let now = generation();
        if self.generation == now {
            return;
        }
        self.generation = now;
        self.running.clear();
        self.phase = if self.value.is_some() { Phase::Open } else { Phase::Closed };
    }

    fn is_inside(&self) -> bool {
        let me = thread::current().id();
        self.running.contains(&me)
    }

    /// The value, for a new call.
    fn entered(&self) -> Result<&Arc<T>, Refusal> {
        match (self.phase, &self.value) {
            (Phase::Open, Some(value)) => Ok(value),
            // Who changes the value waits for this thread, so this thread must not wait.
            (Phase::Changing, Some(value)) if self.is_inside() => Ok(value),
            (Phase::Changing, _) => Err(Refusal::Wait),
            _ => Err(Refusal::Closed),
        }
    }
}

fn closed() -> PyErr {
    PyValueError::new_err("the map is closed")
}

fn exported(out: usize) -> PyErr {
    let many = if out == 1 { "1 export".to_owned() } else { format!("{out} exports") };
    PyBufferError::new_err(format!(
        "{many} of the bytes not released, such as a memoryview or an array over them; release them first"
    ))
}

/// A call that lets go of the GIL. The value lives at least as long.
pub(crate) struct Call<'g, T> {
    gate: &'g Gate<T>,
    value: Arc<T>,
    generation: u64,
}

impl<T> Call<'_, T> {
    /// The value, for threads that outlive the call.
    pub(crate) fn shared(&self) -> Arc<T> {
        Arc::clone(&self.value)
    }
}

impl<T> Deref for Call<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for Call<'_, T> {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        // In a child of a fork that was made inside of this call, it is not counted.
        if state.generation == self.generation {
            let me = thread::current().id();
            if let Some(at) = state.running.iter().position(|&id| id == me) {
                state.running.swap_remove(at);
            }
        }
    }
}

impl<T: Send + Sync> Gate<T> {
    pub(crate) fn new(value: T) -> Self {
        Self::of(Arc::new(value))
    }

    /// Of a value that others have, too.
    pub(crate) fn of(value: Arc<T>) -> Self {
        Self {
            state: Mutex::new(State {
                value: Some(value),
                phase: Phase::Open,
                running: Vec::new(),
                generation: generation(),
            }),
        }
    }

    /// Makes a call that keeps the GIL. `act` runs no code of Python.
    #[inline]
    pub(crate) fn short<R>(&self, py: Python<'_>, act: impl FnOnce(&T) -> R) -> PyResult<R> {
        let state = self.lock();
        if let (Phase::Open, Some(value)) = (state.phase, &state.value) {
            return Ok(act(value));
        }
        drop(state);
        self.call(py).map(|value| act(&value))
    }

    /// Begins a call that lets go of the GIL.
    pub(crate) fn call(&self, py: Python<'_>) -> PyResult<Call<'_, T>> {
        let mut begun = None;
        patience::wait(py, || {
            let mut state = self.lock();
            match state.entered() {
                Ok(value) => {
                    let value = Arc::clone(value);
                    state.running.push(thread::current().id());
                    begun = Some(Call { gate: self, value, generation: state.generation });
                    Ok(true)
                }
                Err(Refusal::Wait) => Ok(false),
                Err(Refusal::Closed) => Err(closed()),
            }
        })?;
        begun.ok_or_else(closed)
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.lock().phase, Phase::Closing | Phase::Closed)
    }

    /// Bars new calls, waits for the running ones, and takes the value; `None` if it was closed before. `exports`
    /// are the exports that are out: while there are any it stays open.
    pub(crate) fn close(
        &self,
        py: Python<'_>,
        exports: impl Fn() -> usize,
    ) -> PyResult<Option<Arc<T>>> {
        if !self.bar(py, Phase::Closing, "close()", exports)? {
            return Ok(None);
        }
        let waited = patience::wait(py, || Ok(self.lock().running.is_empty()));
        let mut state = self.lock();
        state.phase = Phase::Closed;
        let value = state.value.take();
        drop(state);
        // After an interruption it is closed all the same: nobody sees it open again.
        waited.map(|()| value)
    }

    /// Waits for the running calls, and changes the value while nobody uses it. `what` is the name of the method.
    pub(crate) fn change<R: Send>(
        &self,
        py: Python<'_>,
        what: &'static str,
        change: impl FnOnce(&mut T) -> R + Send,
    ) -> PyResult<R> {
        if !self.bar(py, Phase::Changing, what, || 0)? {
            return Err(closed());
        }
        let waited = patience::wait(py, || Ok(self.lock().running.is_empty()));
        let mut taken = match waited {
            Ok(()) => self.lock().value.take().ok_or_else(closed)?,
            Err(interrupted) => {
                self.lock().phase = Phase::Open;
                return Err(interrupted);
            }
        };
        let changed = match Arc::get_mut(&mut taken) {
            Some(value) => Ok(locking(py, || catch_unwind(AssertUnwindSafe(|| change(value))))),
            None => Err(PyBufferError::new_err(format!(
                "{what} while views of the map exist; free them, and the arrays over them, first"
            ))),
        };
        let mut state = self.lock();
        state.value = Some(taken);
        state.phase = Phase::Open;
        drop(state);
        changed?.map_or_else(|panic| resume_unwind(panic), Ok)
    }

    /// Begins a phase in which no call begins. Returns `false` if it is closed.
    fn bar(
        &self,
        py: Python<'_>,
        phase: Phase,
        what: &'static str,
        exports: impl Fn() -> usize,
    ) -> PyResult<bool> {
        let mut is_begun = false;
        patience::wait(py, || {
            let mut state = self.lock();
            match state.phase {
                Phase::Closed => Ok(true),
                _ if state.is_inside() => Err(PyRuntimeError::new_err(format!(
                    "{what} from inside of a call of the same map, such as a progress callback or the handler of a \
                     signal"
                ))),
                Phase::Changing | Phase::Closing => Ok(false),
                Phase::Open => {
                    let out = exports();
                    if out > 0 {
                        return Err(exported(out));
                    }
                    state.phase = phase;
                    is_begun = true;
                    Ok(true)
                }
            }
        })?;
        Ok(is_begun)
    }

    /// Takes the value when the object is freed.
    pub(crate) fn take(&self) -> Option<Arc<T>> {
        self.lock().value.take()
    }
}

impl<T> Gate<T> {
    #[inline]
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.refresh();
        state
    }
}

impl<T> fmt::Debug for Gate<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

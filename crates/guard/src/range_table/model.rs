//! A small model checker: atomics whose threads stop before each access, and [`every_order`], which runs a
//! few threads in every order of their accesses.
//!
//! Two accesses are independent if they are of different atomics or if both only load. Orders that differ
//! only in independent accesses have the same result, and one of them is run (sleep sets, Godefroid 1996).
//! The accesses are made one after another, so the reorderings of weaker processors are not covered.
//!
//! # Why not loom
//! loom 0.7.3 does not run every order of this table. It remembers one last access for each atomic, and
//! adds an order only where another thread made that access. A thread that loads a state and then
//! exchanges it made the last access itself, so no order is added in which another thread comes between
//! the two (upstream: "Possibly missing interleavings when adding a redundant `load` operation").
//! `Slot::take` and `Slot::hold` both begin with such a load. Of a handler and two threads that add to an
//! empty table loom ran 1,092 orders, and in each of them the handler found the table empty. The model of
//! two threads that hold a slot took it 470,700 orders and more than two minutes, for the 279 of this
//! checker.

use std::array;
use std::cell::RefCell;
use std::fmt;
use std::mem;
use std::sync::atomic::{self, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

macro_rules! stepping {
    (
        $name:ident $(<$T:ident>)?, $inner:ty, $value:ty:
        $($op:ident($($argument:ident: $type:ty),*) -> $out:ty, $writes:expr;)+
    ) => {
        pub(crate) struct $name $(<$T>)? ($inner);

        impl $(<$T>)? fmt::Debug for $name $(<$T>)? {
            fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(to)
            }
        }

        #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "for ranges that are lent"))]
        impl $(<$T>)? $name $(<$T>)? {
            pub(crate) const fn new(value: $value) -> Self {
                Self(<$inner>::new(value))
            }

            $(pub(crate) fn $op(&self, $($argument: $type),*) -> $out {
                stop((&raw const *self).addr(), $writes);
                self.0.$op($($argument),*)
            })+
        }
    };
}

stepping! { AtomicUsize, atomic::AtomicUsize, usize:
    load(order: Ordering) -> usize, false;
    store(new: usize, order: Ordering) -> (), true;
    fetch_add(more: usize, order: Ordering) -> usize, true;
    fetch_sub(less: usize, order: Ordering) -> usize, true;
    fetch_or(bits: usize, order: Ordering) -> usize, true;
    fetch_and(bits: usize, order: Ordering) -> usize, true;
    fetch_min(other: usize, order: Ordering) -> usize, true;
    compare_exchange(old: usize, new: usize, done: Ordering, not: Ordering)
        -> Result<usize, usize>, true;
}

stepping! { AtomicPtr<T>, atomic::AtomicPtr<T>, *mut T:
    load(order: Ordering) -> *mut T, false;
    store(new: *mut T, order: Ordering) -> (), true;
    compare_exchange(old: *mut T, new: *mut T, done: Ordering, not: Ordering)
        -> Result<*mut T, *mut T>, true;
}

/// The access that a thread is about to make.
#[derive(Clone, Copy)]
struct Access {
    atomic: usize,
    writes: bool,
}

impl Access {
    /// Whether the order of the two can make a difference.
    fn depends_on(self, other: Self) -> bool {
        self.atomic == other.atomic && (self.writes || other.writes)
    }
}

#[derive(Clone, Copy)]
enum Thread {
    Running,
    Stopped(Access),
    Ended,
}

/// A point at which several threads could go on.
struct Choice<const N: usize> {
    stopped: [bool; N],
    /// The sleep set: threads whose next access was tried earlier, with the same result.
    asleep: [bool; N],
    tried: [bool; N],
    chosen: Option<usize>,
}

impl<const N: usize> Choice<N> {
    /// Chooses the next thread; false if all were tried.
    fn choose(&mut self) -> bool {
        self.tried.iter_mut().zip(0..).for_each(|(tried, it)| *tried |= self.chosen == Some(it));
        let open = |&it: &usize| self.stopped[it] && !self.asleep[it] && !self.tried[it];
        self.chosen = (0..N).find(open);
        self.chosen.is_some()
    }
}

/// One run of `N` threads: it repeats the choices of earlier runs, and then takes the first thread each
/// time.
struct Run<const N: usize> {
    threads: [Thread; N],
    choices: Vec<Choice<N>>,
    depth: usize,
    asleep: [bool; N],
    /// All threads that could go on are asleep, so the result is known, and no thread stops any more.
    is_known: bool,
}

impl<const N: usize> Run<N> {
    fn new(choices: Vec<Choice<N>>) -> Self {
        let threads = [Thread::Running; N];
        Self { threads, choices, depth: 0, asleep: [false; N], is_known: false }
    }

    /// Once all threads have stopped, lets one go on.
    fn go_on(&mut self) {
        if self.threads.iter().any(|thread| matches!(thread, Thread::Running)) {
            return;
        }
        let pending = self.threads.map(|thread| match thread {
            Thread::Stopped(access) => Some(access),
            _ => None,
        });
        if pending.iter().all(Option::is_none) {
            return;
        }
        if self.depth == self.choices.len() {
            let stopped = pending.map(|access| access.is_some());
            let (asleep, tried) = (self.asleep, [false; N]);
            let mut choice = Choice { stopped, asleep, tried, chosen: None };
            self.is_known = !choice.choose();
            self.choices.push(choice);
        }
        let choice = &self.choices[self.depth];
        self.depth += 1;
        if let Some(chosen) = choice.chosen {
            let access = pending[chosen].unwrap();
            self.asleep = array::from_fn(|it| {
                (choice.asleep[it] || choice.tried[it])
                    && pending[it].is_some_and(|other| !other.depends_on(access))
            });
            self.threads[chosen] = Thread::Running;
        }
    }
}

/// Where the threads of a run wait.
struct Stage<const N: usize> {
    run: Mutex<Run<N>>,
    go_on: [Condvar; N],
}

impl<const N: usize> Stage<N> {
    fn set(&self, thread: usize, to: Thread) {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        run.threads[thread] = to;
        run.go_on();
        let may_go =
            |run: &Run<N>, it: usize| run.is_known || matches!(run.threads[it], Thread::Running);
        let others = (0..N).filter(|&it| it != thread && may_go(&run, it));
        others.for_each(|it| self.go_on[it].notify_one());
        while matches!(run.threads[thread], Thread::Stopped(_)) && !may_go(&run, thread) {
            run = self.go_on[thread].wait(run).unwrap();
        }
    }
}

/// Reports the end of a thread, whether it returns or panics.
struct Ending<const N: usize>(Arc<Stage<N>>, usize);

impl<const N: usize> Drop for Ending<N> {
    fn drop(&mut self) {
        self.0.set(self.1, Thread::Ended);
    }
}

type Stop = Box<dyn Fn(Access)>;

thread_local! {
    static STOP: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// In a thread of a run, waits until it may go on.
fn stop(atomic: usize, writes: bool) {
    STOP.with_borrow(|stop| stop.as_ref().map(|stop| stop(Access { atomic, writes })));
}

/// Runs the threads on a value from `set`, in every order of their accesses that can make a difference,
/// and checks the value after each run. Returns the number of orders.
pub(crate) fn every_order<T: Sync, const N: usize>(
    set: impl Fn() -> T,
    threads: [&(dyn Fn(&T) + Sync); N],
    check: impl Fn(&T),
) -> usize {
    let mut choices: Vec<Choice<N>> = Vec::new();
    let mut orders = 0;
    loop {
        let it = set();
        let run = Mutex::new(Run::new(choices));
        let stage = Arc::new(Stage { run, go_on: [const { Condvar::new() }; N] });
        thread::scope(|scope| {
            for (at, act) in threads.into_iter().enumerate() {
                let (stage, ending) = (Arc::clone(&stage), Ending(Arc::clone(&stage), at));
                let it = &it;
                scope.spawn(move || {
                    let _ending = ending;
                    STOP.set(Some(Box::new(move |access| stage.set(at, Thread::Stopped(access)))));
                    act(it);
                });
            }
        });
        let mut run = stage.run.lock().unwrap();
        if !run.is_known {
            check(&it);
            orders += 1;
        }
        choices = mem::take(&mut run.choices);
        while choices.last_mut().is_some_and(|last| !last.choose()) {
            choices.pop();
        }
        if choices.is_empty() {
            return orders;
        }
    }
}

#[test]
fn an_increment_in_two_accesses_loses_one_in_two_of_four_orders() {
    let results = Mutex::new(Vec::new());
    let add = |it: &AtomicUsize| {
        let before = it.load(Ordering::SeqCst);
        it.store(before + 1, Ordering::SeqCst);
    };
    let note = |it: &AtomicUsize| results.lock().unwrap().push(it.load(Ordering::SeqCst));
    assert_eq!(every_order(|| AtomicUsize::new(0), [&add, &add], note), 4);
    let mut results = results.into_inner().unwrap();
    results.sort_unstable();
    assert_eq!(results, [1, 1, 2, 2]);
}

#[test]
fn accesses_that_do_not_concern_each_other_have_one_order() {
    let own = |at: usize| {
        move |it: &[AtomicUsize; 3]| {
            for more in 0..4 {
                it[at].fetch_add(more, Ordering::SeqCst);
            }
        }
    };
    let (first, second, third) = (own(0), own(1), own(2));
    let set = || [const { AtomicUsize::new(0) }; 3];
    let check =
        |it: &[AtomicUsize; 3]| it.iter().for_each(|at| assert_eq!(at.0.load(Ordering::SeqCst), 6));
    assert_eq!(every_order(set, [&first, &second, &third], check), 1);
}

//! Descriptions and files that attack the interpreter: what must happen, and that it happens in a small
//! stack and within its budgets.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "offsets of tests")]

#[path = "../common/mod.rs"]
mod common;
mod endless;
mod loading;
mod places;
mod reading;
mod reuse;

use std::sync::{Arc, Mutex, PoisonError};

use memmap_structure::{Answer, Fault, FaultKind, Stop, Tree, Trouble};
use peak_alloc::PeakAlloc;

/// What descriptions of tests begin with.
const META: &str = "meta:\n  id: it\n  endian: le\n  encoding: UTF-8\n";

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// How much memory an attack may make the interpreter use.
const MOST_MEMORY: usize = 256 << 20;

static ALONE: Mutex<()> = Mutex::new(());

/// Runs a test in a stack of 2 MiB, and sees that it takes little memory. One runs at a time.
fn attack(body: impl FnOnce() + Send + 'static) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(body).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
    let used = MEMORY.peak_usage().saturating_sub(before);
    assert!(used <= MOST_MEMORY, "{} MiB", used >> 20);
}

fn tree(rest: &str, bytes: &[u8]) -> Tree {
    common::tree(&format!("{META}{rest}"), bytes)
}

/// The mistake that a question meets.
#[track_caller]
fn mistake(tree: &mut Tree, question: &str) -> Arc<Fault> {
    match tree.ask(question) {
        Err(Trouble::Fault(fault)) => fault,
        other => panic!("{question}: {other:?}"),
    }
}

#[track_caller]
fn fails(tree: &mut Tree, question: &str, kind: FaultKind, path: &str, words: &str) {
    let fault = mistake(tree, question);
    assert_eq!((fault.kind, fault.path.as_str()), (kind, path), "{question}: {fault}");
    assert!(fault.message.contains(words), "{question}: {fault}");
}

#[track_caller]
fn int(tree: &mut Tree, question: &str) -> i128 {
    match tree.ask(question) {
        Ok(Answer::Int(n)) => n,
        other => panic!("{question}: {other:?}"),
    }
}

#[track_caller]
fn budget<T: std::fmt::Debug>(result: Result<T, Trouble>) {
    match result {
        Err(Trouble::Stop(Stop::Budget)) => {}
        other => panic!("{other:?}"),
    }
}

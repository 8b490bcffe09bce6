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

use std::sync::Arc;

use memmap_structure::{Answer, Fault, FaultKind, Stop, Tree, Trouble};

/// What descriptions of tests begin with.
const META: &str = "meta:\n  id: it\n  endian: le\n  encoding: UTF-8\n";

/// Runs a test in a stack of 2 MiB.
fn attack(body: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(body).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
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

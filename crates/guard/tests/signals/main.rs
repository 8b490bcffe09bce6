//! What happens to a whole process: signals that are not the guard's, other handlers, threads, forks and
//! shortages.
//!
//! Signals belong to the process, so each scene runs in a process of its own with one thread: this program,
//! started again with a variable that names the scene. The end of that process is compared with the end that
//! the scene expects.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
#[expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::multiple_unsafe_ops_per_block,
    clippy::undocumented_unsafe_blocks,
    reason = "a test reports by panicking and printing, and ends processes on purpose"
)]
mod runner;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
#[expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    clippy::multiple_unsafe_ops_per_block,
    clippy::undocumented_unsafe_blocks,
    clippy::print_stdout,
    clippy::wildcard_imports,
    reason = "a test reports by panicking and printing, its numbers are small, and it is unsafe throughout"
)]
mod scenes;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
fn main() {
    runner::main();
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    not(miri)
)))]
fn main() {}

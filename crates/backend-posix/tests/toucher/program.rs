//! A program that touches pages of a file, for `cargo xtask torture`:
//! `toucher WAY DEED… FILE`.
//!
//! `WAY` is `thread`, `markers` or `no-access`: what a sandbox refuses makes it the first one that is open.
//!
//! | deed | what |
//! |---|---|
//! | `torment TOUCHES` | touches pages at random, and says whether one changed |
//! | `blocked TOUCHES` | the same, in threads that block all signals |
//! | `advised TOUCHES` | the same, while the system is asked to merge, collapse and page out the pages |
//! | `exits TIMES` | exits in the middle of touches, `TIMES` times, and says whether a byte was zero |
//! | `ask` | says `mapped`, and then answers a question a line: `byte OFFSET`, `read OFFSET LEN`, `lost` |

#![cfg_attr(
    target_os = "linux",
    expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program speaks on its output")
)]

#[cfg(target_os = "linux")]
mod deeds;
#[cfg(target_os = "linux")]
#[path = "../kit/sandbox.rs"]
mod sandbox;
#[cfg(target_os = "linux")]
#[path = "../kit/torment.rs"]
mod torment;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(target_os = "linux")]
    deeds::run()?;
    Ok(())
}

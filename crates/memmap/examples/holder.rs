//! A map that is to be proved unchanging, to order about by hand, or by `cargo xtask torture`, while
//! its file is mistreated: `cargo run -p memmap-rs --example holder -- FILE`, and then an order a
//! line. The file holds what `fill` writes: words of eight bytes, each the complement of its offset.
//!
//! | order | answer |
//! |---|---|
//! | `prove PROOF` | `proven PROOF`, or `refused` and why |
//! | `proof` | by what the bytes are proved now |
//! | `same` | `same`, or `other OFFSET`: of what is borrowed, or copied out as long as nothing is |
//! | `byte OFFSET` | the borrowed byte |
//! | `read OFFSET LEN` | `ok`, or why these bytes cannot be copied out |
//! | `watch` | `watching`: what is borrowed is compared again and again; `changed OFFSET` if it changes |

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks on its output")]

use std::error::Error;
use std::{env, io, thread};

use memmap::{ErrorKind, FrozenMap, MemMap, Mode, Proofs, proof::Proof};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// What is held.
enum Held {
    Live(Box<MemMap>),
    Frozen(FrozenMap),
}

fn main() -> Result {
    let path = env::args_os().nth(1).ok_or("name a file")?;
    let map = MemMap::open(path, Mode::Read)?;
    println!("mapped {}", map.len());
    let mut held = Held::Live(Box::new(map));
    for line in io::stdin().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        held = obey(held, &words)?;
    }
    Ok(())
}

fn obey(held: Held, words: &[&str]) -> Result<Held> {
    match (words, &held) {
        (["prove", name], _) => {
            let Held::Live(map) = held else { return Err("it is proved".into()) };
            return Ok(match map.prove(of_name(name)?) {
                Ok(frozen) => {
                    println!("proven {}", frozen.proof());
                    Held::Frozen(frozen)
                }
                Err(memmap::Refused { value: map, error: not_proven }) => {
                    let refusals = not_proven.reasons().iter();
                    let asked = refusals.filter(|refusal| refusal.proof.to_string() == *name);
                    println!("refused {}", asked.map(|it| &*it.why).collect::<String>());
                    Held::Live(Box::new(map))
                }
            });
        }
        (["proof"], Held::Frozen(frozen)) => println!("{}", frozen.proof()),
        (["same"], _) => {
            let other = match &held {
                Held::Frozen(frozen) => first_other(frozen),
                Held::Live(map) => first_other(&map.read_at(0, usize::try_from(map.len())?)?),
            };
            println!(
                "{}",
                other.map_or_else(|| "same".to_owned(), |offset| format!("other {offset}"))
            );
        }
        (["byte", offset], Held::Frozen(frozen)) => {
            println!("{}", frozen[offset.parse::<usize>()?]);
        }
        (["read", offset, len], Held::Frozen(frozen)) => {
            let read = frozen.read_at(offset.parse()?, len.parse()?);
            println!("{}", read.map_or_else(|error| why(&error), |_| "ok".to_owned()));
        }
        (["watch"], Held::Frozen(frozen)) => {
            let frozen = frozen.clone();
            thread::spawn(move || {
                loop {
                    if let Some(offset) = first_other(&frozen) {
                        println!("changed {offset}");
                        return;
                    }
                }
            });
            println!("watching");
        }
        _ => return Err(format!("{words:?} is no order now").into()),
    }
    Ok(held)
}

fn of_name(name: &str) -> Result<Proofs> {
    let none = Proofs::none();
    let proof = Proof::ALL.into_iter().find(|proof| proof.to_string() == name);
    Ok(match proof.ok_or_else(|| format!("there is no proof {name:?}"))? {
        Proof::Sealed => none.sealed(),
        Proof::Verity => none.verity(),
        Proof::Lease => none.lease(),
        Proof::Reflink => none.reflink(),
        _ => none.snapshot_up_to(u64::MAX),
    })
}

/// The word in which the bytes are first other than they were.
fn first_other(bytes: &[u8]) -> Option<usize> {
    let words = bytes.chunks(8).zip((0_u64..).step_by(8));
    let mut others = words.filter(|(word, at)| !(!at).to_le_bytes().starts_with(word));
    others.next().and_then(|(_, at)| usize::try_from(at).ok())
}

/// The kind of an error and its numbers, as words; its text goes to the error output.
fn why(error: &memmap::Error) -> String {
    eprintln!("{error}");
    match error.kind() {
        ErrorKind::Io { offset, source } => {
            format!("io offset={offset} code={}", source.raw_os_error().unwrap_or(0))
        }
        other => format!("{other:?}"),
    }
}

//! Many maps at once, to order about by hand, or by `cargo xtask torture`, where descriptors or
//! mappings run out: `cargo run -p memmap-rs --example many -- [fallback] PATH`, and then an order a
//! line. In a directory, its files `0`, `1`, `2`… are mapped, each once; a file is mapped again and
//! again. The first eight bytes of file number N are the complement of N, in little endian; of a
//! single file, the complement of 0.
//!
//! | order | answer |
//! |---|---|
//! | `open COUNT` | `opened N`, and why no more if N is less |
//! | `same` | `same N`: all N maps read right; or `other N` or why not, for the first that does not |
//! | `take` | takes all descriptors that are left: `took N` |
//! | `give` | gives them back: `gave N` |
//! | `split PATH` | maps `PATH` and gives advice about every second page, each a mapping of its own then, until no more are allowed: `split N` |
//!
//! With `fallback`, what cannot be mapped is read into memory.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a program speaks on its output")]

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::{env, io};

use memmap::{Advice, MemMap, Mode, io::Fallback};

const PAGE: usize = 4096;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words: Vec<_> = env::args_os().skip(1).collect();
    let path = PathBuf::from(words.pop().ok_or("name a directory or a file")?);
    let fallback = if words.is_empty() { Fallback::Refuse } else { Fallback::ReadIntoMemory };
    let is_directory = path.is_dir();
    let mut maps: Vec<MemMap> = Vec::new();
    let (mut taken, mut split) = (Vec::new(), Vec::new());
    println!("mapped nothing yet");
    for line in io::stdin().lines() {
        let line = line?;
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["open", count] => {
                let (before, mut why) = (maps.len(), String::new());
                for number in (before..).take(count.parse()?) {
                    let file =
                        if is_directory { path.join(number.to_string()) } else { path.clone() };
                    match MemMap::options().fallback(fallback).open(file) {
                        Ok(map) => maps.push(map),
                        Err(error) => {
                            why = format!(" {error}");
                            break;
                        }
                    }
                }
                println!("opened {}{why}", maps.len() - before);
            }
            ["same"] => println!("{}", compare(&maps, is_directory)),
            ["take"] => {
                while let Ok(file) = File::open(Path::new("/dev/null")) {
                    taken.push(file);
                }
                println!("took {}", taken.len());
            }
            ["give"] => {
                println!("gave {}", taken.len());
                taken.clear();
            }
            ["split", path] => {
                let map = MemMap::open(path, Mode::Read)?;
                let pages = (0..map.len()).step_by(2 * PAGE);
                let count =
                    pages.take_while(|&at| map.advise(at..=at, Advice::Random).is_ok()).count();
                println!("split {count}");
                split.push(map);
            }
            _ => return Err(format!("{line:?} is no order").into()),
        }
    }
    Ok(())
}

/// Reads a little of every map, and says which is first not as it should be.
fn compare(maps: &[MemMap], is_directory: bool) -> String {
    for (number, map) in (0_u64..).zip(maps) {
        let expected = if is_directory { !number } else { !0 };
        match map.get::<u64>(0) {
            Ok(word) if word == expected.to_le() => {}
            Ok(_) => return format!("other {number}"),
            Err(error) => return format!("map {number}: {error}"),
        }
    }
    format!("same {}", maps.len())
}

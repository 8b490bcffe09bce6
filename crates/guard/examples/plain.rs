//! What a mapping without a guard does when its file is truncated, for `cargo xtask duel`: maps the named
//! file, waits for a line, and reads every byte.

#![expect(clippy::print_stdout, reason = "a program speaks on its output")]

use std::env;
use std::error::Error;
use std::fs::File;
use std::io;

use memmap2::Mmap;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("name a file")?;
    let file = File::open(path)?;
    // SAFETY: `map` demands that nobody truncates the file, which no program can promise for a file that it
    // does not own. This program shows the result: the system ends the process at the first missing byte,
    // so no such byte is ever read.
    let bytes = unsafe { Mmap::map(&file) }?;
    println!("mapped {}", bytes.len());
    io::stdin().read_line(&mut String::new())?;
    let sum = bytes.iter().fold(0_u64, |sum, &byte| sum.wrapping_add(byte.into()));
    println!("read {} bytes, sum {sum}", bytes.len());
    Ok(())
}

//! What a mapping without a guard does when its file is cut short, for `cargo xtask duel`: maps the
//! file that is named, waits for a line, and reads every byte.

#![expect(clippy::print_stdout, reason = "a program speaks on its output")]

use std::env;
use std::error::Error;
use std::fs::File;
use std::io;

use memmap2::Mmap;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("name a file")?;
    let file = File::open(path)?;
    // SAFETY: what `map` demands, that nobody cuts the file short, is not this program's to give,
    // nor that of any other that maps a file it does not own. That is what is shown here: the system
    // ends the process at the first byte that is gone, so no such byte is ever seen.
    let bytes = unsafe { Mmap::map(&file) }?;
    println!("mapped {}", bytes.len());
    io::stdin().read_line(&mut String::new())?;
    let sum = bytes.iter().fold(0_u64, |sum, &byte| sum.wrapping_add(byte.into()));
    println!("read {} bytes, sum {sum}", bytes.len());
    Ok(())
}

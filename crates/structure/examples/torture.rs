//! `torture TARGET SECONDS SEEDS`: what the fuzz targets do, without a fuzzer: seeds, changed at random.

#![allow(clippy::print_stdout, reason = "it reports")]

use std::error::Error;
use std::time::{Duration, Instant};

use memmap_structure::testing::bodies;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().ok_or("a target")?;
    let seconds: u64 = arguments.next().ok_or("seconds")?.parse()?;
    let seeds = arguments.next().ok_or("a directory of seeds")?;
    let mut pool = Vec::new();
    for entry in std::fs::read_dir(seeds)? {
        pool.push(std::fs::read(entry?.path())?);
    }
    if pool.is_empty() {
        return Err("no seeds".into());
    }
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (begin, mut count, mut slowest) = (Instant::now(), 0_u64, Duration::ZERO);
    while begin.elapsed() < Duration::from_secs(seconds) {
        let bytes = mutate(&pool, &mut random);
        std::fs::write(std::env::temp_dir().join(format!("torture-{target}")), &bytes)?;
        let one = Instant::now();
        match target.as_str() {
            "file" => bodies::file(&bytes),
            "description" => bodies::description(&bytes),
            "expression" => bodies::expression(&String::from_utf8_lossy(&bytes)),
            other => return Err(format!("no target {other}").into()),
        }
        slowest = slowest.max(one.elapsed());
        count += 1;
    }
    println!("{target}: {count} inputs in {seconds} s, the slowest took {slowest:?}");
    Ok(())
}

/// A generator of numbers that are as good as random.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(0) % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }
}

/// One of some texts, in which bytes and pieces are others, or more, or fewer.
fn mutate(pool: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = pool[random.below(pool.len())].clone();
    for _ in 0..random.below(8) {
        let at = random.below(bytes.len() + 1);
        let len = random.below(40).min(bytes.len() - at);
        match random.below(6) {
            0 if at < bytes.len() => bytes[at] = random.byte(),
            1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 => drop(bytes.drain(at..at + len)),
            3 => {
                let piece = bytes[at..at + len].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            4 => {
                let other = &pool[random.below(pool.len())];
                let from = random.below(other.len() + 1);
                let piece = other[from..(from + random.below(40)).min(other.len())].to_vec();
                bytes.splice(at..at + len, piece);
            }
            _ => bytes.insert(at, [0, 0xff, 0x7f, 0x80, b'1', b'-', b'.', b'('][random.below(8)]),
        }
    }
    bytes
}

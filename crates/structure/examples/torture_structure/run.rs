//! What the fuzz targets do, without a fuzzer: seeds, changed at random.

use std::error::Error;
use std::time::{Duration, Instant};

/// A target, and what is done with the bytes.
pub(crate) type Body = (&'static str, fn(&[u8]));

/// Runs `TARGET SECONDS SEEDS`, the arguments of the program. The input of a run that ends in a panic is left
/// in the directory of temporary files.
pub(crate) fn run(bodies: &[Body]) -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().ok_or("a target")?;
    let seconds: u64 = arguments.next().ok_or("seconds")?.parse()?;
    let seeds = arguments.next().ok_or("a directory of seeds")?;
    let body = bodies.iter().find(|(name, _)| *name == target);
    let (_, body) = body.ok_or_else(|| format!("no target {target}"))?;
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
        body(&bytes);
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

//! Reads and writes one column of records that lie between others: the colours of vertices, as graphics
//! programs keep them. `cargo run -p memmap-rs --example colors` makes a file of four vertices, prints their
//! colours, and makes one of them white.
//!
//! A vertex has 20 bytes: where it is, three floats; its colour, three integers of 16 bits; and two bytes
//! of padding.

#![expect(clippy::print_stdout, reason = "a program speaks on its output")]

use std::error::Error;
use std::fs;
use std::path::Path;

use memmap::Mode;
use memmap::array::{Element, MemArray};
use memmap::zerocopy::{FromBytes, Immutable, IntoBytes};

/// Bytes from a vertex to the next, and from its start to its colour.
const STRIDE: usize = 20;
const COLOR: u64 = 12;

/// The column as records: what lies between them is passed over.
#[derive(Debug, Clone, Copy, PartialEq, FromBytes, IntoBytes, Immutable)]
#[zerocopy(crate = "memmap::zerocopy")]
#[repr(C)]
struct Color {
    red: u16,
    green: u16,
    blue: u16,
}

impl Element for Color {}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("memmap-colors-{}", std::process::id()));
    fs::write(&path, vertices())?;
    for line in show(&path)? {
        println!("{line}");
    }
    fs::remove_file(&path)?;
    Ok(())
}

/// Four vertices, as another program would have written them.
fn vertices() -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in 0..4_u16 {
        let position = [f32::from(number), 0.5, -1.0];
        let color = [1000 * number, 2000, 65_535];
        bytes.extend(position.into_iter().flat_map(f32::to_ne_bytes));
        bytes.extend(color.into_iter().flat_map(u16::to_ne_bytes));
        bytes.extend([0; 2]);
    }
    bytes
}

/// The colours, before one is changed and after.
fn show(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let column = || MemArray::<Color>::options().offset(COLOR).stride(STRIDE);
    let mut lines = Vec::new();
    let mut colors = column().mode(Mode::ReadWrite).open(path)?;
    for color in colors.iter() {
        let Color { red, green, blue } = color?;
        lines.push(format!("({red}, {green}, {blue})"));
    }
    let second = colors.get(1)?;
    colors.set(1, Color { red: 65_535, green: 65_535, blue: 65_535 })?;
    lines.push(format!("{second:?} becomes {:?}", colors.get(1)?));
    colors.close()?;

    // One channel alone is numbers, with which to compute.
    let reds = MemArray::<u16>::options().offset(COLOR).stride(STRIDE).open(path)?;
    lines.push(format!("reds: {:?}, at most {}", reds.to_vec()?, reds.max()?));
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_colour_becomes_white_and_nothing_else_changes() {
        let path = std::env::temp_dir().join(format!("memmap-colors-test-{}", std::process::id()));
        fs::write(&path, vertices()).unwrap();
        let lines = show(&path).unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(lines[..2], ["(0, 2000, 65535)", "(1000, 2000, 65535)"]);
        assert_eq!(lines[5], "reds: [0, 65535, 2000, 3000], at most 65535");
        let mut expected = vertices();
        expected[32..38].fill(255);
        assert_eq!(bytes, expected);
    }
}

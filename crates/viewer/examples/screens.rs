//! Draws the screens of the documentation as SVG: `cargo run --example screens -- DIRECTORY`.
//!
//! Uses the real state and widgets, with a buffer in place of a terminal.

#![forbid(unsafe_code)]
#![expect(clippy::print_stderr, reason = "a program says what it wrote")]

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use lazyhex::testing::Stage;
use memmap::RamMap;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

const SIZE: (u16, u16) = (80, 24);

fn main() -> Result<(), Box<dyn Error>> {
    let dir = env::args_os().nth(1).ok_or("name the directory to write to")?;
    fs::create_dir_all(&dir)?;
    for (name, keys) in [("view", "jjlllll"), ("inspector", "jjlllllI"), ("help", "?")] {
        let path = Path::new(&dir).join(name).with_extension("svg");
        fs::write(&path, svg(&screen(keys)?)?)?;
        eprintln!("wrote {}", path.display());
    }
    Ok(())
}

/// A small file with bytes of every class: a signature, numbers, text, padding and noise.
fn sample() -> Vec<u8> {
    let mut bytes = b"\x93DEMO\x01\0\0".to_vec();
    for n in 0..12_u32 {
        bytes.extend((n * n * 977).to_le_bytes());
    }
    bytes.extend(b"A mapping is bytes plus a promise\nabout who may change them,\tand the type says which.\n");
    bytes.extend([0; 57]);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    while bytes.len() < 4096 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.push(state.to_le_bytes()[5]);
    }
    bytes
}

fn screen(keys: &str) -> Result<Buffer, Box<dyn Error>> {
    let map = RamMap::from_reader(&sample()[..])?.erase();
    let mut stage = Stage::new(SIZE);
    // Repeated rows are not folded.
    stage.hold_all_jobs().open("demo.bin", map).begin().keys(keys);
    Ok(stage.buffer().clone())
}

/// Size of a cell, in SVG units.
const CELL: (u16, u16) = (9, 19);
const BACKGROUND: &str = "#1d1f21";
const FOREGROUND: &str = "#d5d8d6";

/// Renders the buffer: a rectangle and a text per run of cells with the same style.
fn svg(buffer: &Buffer) -> Result<String, std::fmt::Error> {
    let (width, height) = (buffer.area.width * CELL.0, buffer.area.height * CELL.1);
    let mut out = String::new();
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" \
         font-size=\"15\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"{BACKGROUND}\"/>"
    )?;
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let style = look(&buffer[(x, y)]);
            let from = x;
            let mut text = String::new();
            while x < buffer.area.width && look(&buffer[(x, y)]) == style {
                text += buffer[(x, y)].symbol();
                x += 1;
            }
            run(&mut out, (from, y), &text, style)?;
        }
    }
    out += "</svg>\n";
    Ok(out)
}

/// Foreground, background and weight of a cell.
fn look(cell: &Cell) -> (&'static str, &'static str, bool) {
    let fore = hex(cell.fg, FOREGROUND);
    let back = hex(cell.bg, BACKGROUND);
    let bold = cell.modifier.contains(Modifier::BOLD);
    if cell.modifier.contains(Modifier::REVERSED) { (back, fore, bold) } else { (fore, back, bold) }
}

const fn hex(colour: Color, default: &'static str) -> &'static str {
    match colour {
        Color::DarkGray => "#7c8083",
        Color::Cyan => "#5fb3c4",
        Color::Green => "#9bb95f",
        Color::Magenta => "#c58fc0",
        Color::Yellow => "#e0b45c",
        Color::Red => "#d2625e",
        _ => default,
    }
}

fn run(
    out: &mut String,
    (x, y): (u16, u16),
    text: &str,
    (fore, back, bold): (&str, &str, bool),
) -> std::fmt::Result {
    let columns = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
    let (left, top, width) = (x * CELL.0, y * CELL.1, columns * CELL.0);
    if back != BACKGROUND {
        let height = CELL.1;
        writeln!(
            out,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{back}\"/>"
        )?;
    }
    // Leading and trailing blanks are not drawn, as some SVG renderers drop them.
    let start = text.trim_start();
    let left = left + CELL.0 * (columns - u16::try_from(start.chars().count()).unwrap_or(columns));
    let text = start.trim_end();
    let width = CELL.0 * u16::try_from(text.chars().count()).unwrap_or(columns);
    if text.is_empty() {
        return Ok(());
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace(' ', "\u{a0}");
    let weight = if bold { " font-weight=\"bold\"" } else { "" };
    writeln!(
        out,
        "<text x=\"{left}\" y=\"{}\" textLength=\"{width}\" fill=\"{fore}\"{weight}>{text}</text>",
        top + CELL.1 - 5
    )
}

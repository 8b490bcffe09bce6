//! Parses the page: prose between blocks that can be played.

use std::fmt;

/// A page as blocks. Formatting it gives the text that was parsed.
pub(crate) struct Page {
    pub(crate) blocks: Vec<Block>,
}

/// A part of the page. Every text ends with a newline.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// A line of prose.
    Prose(String),
    /// ```` ```sh ````: commands. A block that starts with `lazyhex` opens the view.
    Shell(String),
    /// ```` ```keys ````: keys to press; `<Enter>` and others by name.
    Keys(String),
    /// ```` ```screen 80x24 ````: columns and rows, and the expected screen.
    Screen((u16, u16), String),
}

const FENCE: &str = "```";

impl Page {
    pub(crate) fn parse(text: &str) -> Self {
        let mut blocks = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(kind) = line.strip_prefix(FENCE) else {
                blocks.push(Block::Prose(format!("{line}\n")));
                continue;
            };
            let inside = lines.by_ref().take_while(|line| *line != FENCE);
            let text: String = inside.flat_map(|line| [line, "\n"]).collect();
            blocks.push(match kind {
                "sh" => Block::Shell(text),
                "keys" => Block::Keys(text),
                kind => Block::Screen(size(kind), text),
            });
        }
        Self { blocks }
    }
}

/// Commands in a line of prose: text in backticks that starts with the program's name.
pub(crate) fn commands(prose: &str) -> impl Iterator<Item = &str> {
    prose.split('`').skip(1).step_by(2).filter(|code| code.starts_with("lazyhex "))
}

fn size(kind: &str) -> (u16, u16) {
    let size = kind.strip_prefix("screen ").and_then(|size| size.split_once('x'));
    let size = size.and_then(|(columns, rows)| Some((columns.parse().ok()?, rows.parse().ok()?)));
    size.unwrap_or_else(|| panic!("no block of the tour is {kind:?}"))
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for block in &self.blocks {
            match block {
                Block::Prose(line) => f.write_str(line)?,
                Block::Shell(text) => write!(f, "{FENCE}sh\n{text}{FENCE}\n")?,
                Block::Keys(text) => write!(f, "{FENCE}keys\n{text}{FENCE}\n")?,
                Block::Screen((columns, rows), text) => {
                    write!(f, "{FENCE}screen {columns}x{rows}\n{text}{FENCE}\n")?;
                }
            }
        }
        Ok(())
    }
}

#[test]
fn a_page_is_printed_as_it_was_parsed() {
    let text =
        "# A\n\n```sh\nlazyhex a\n```\nand\n```keys\nG<Enter>\n```\n```screen 8x2\na\nb\n```\n";
    let page = Page::parse(text);
    assert_eq!(page.to_string(), text);
    assert_eq!(page.blocks[2], Block::Shell("lazyhex a\n".to_owned()));
    assert_eq!(page.blocks[4], Block::Keys("G<Enter>\n".to_owned()));
    assert_eq!(page.blocks[5], Block::Screen((8, 2), "a\nb\n".to_owned()));
}

#[test]
fn commands_in_prose_are_told_from_the_rest() {
    let prose =
        "`?` shows all; `lazyhex info a` and `lazyhex find 'b' a` print, `:find x` does not.\n";
    assert_eq!(commands(prose).collect::<Vec<_>>(), ["lazyhex info a", "lazyhex find 'b' a"]);
    assert_eq!(commands("lazyhex alone is a name.\n").count(), 0);
}

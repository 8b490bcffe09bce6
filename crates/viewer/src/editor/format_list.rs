//! The list of formats, for layout and drawing: what stands in it, and what above and below it.

use crate::editor::context::ViewContext;
use crate::format::width::wrapped_within;
use crate::layout::panes::Flow;
use crate::structure::format_job::{Choice, Offer};

/// Formats that are shown at least, whatever stands above them.
const SHOWN_MIN: u16 = 3;

/// A line above the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeadLine {
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

impl<'e> ViewContext<'e> {
    /// Whether the pane lists formats, and not the fields of one.
    pub(crate) fn lists_formats(self) -> bool {
        self.document.structure.format.is_none() || self.view.structure.list.instead_of.is_some()
    }

    /// The formats that have the words of the filter.
    pub(crate) fn offers(self) -> impl Iterator<Item = &'e Offer> {
        let filter = self.view.structure.list.filter.to_lowercase();
        let words: Vec<String> = filter.split_whitespace().map(str::to_owned).collect();
        let has = |text: &str, word: &str| text.to_lowercase().contains(word);
        let offers = self.document.structure.offers().iter();
        offers
            .filter(move |it| words.iter().all(|word| has(&it.name, word) || has(&it.title, word)))
    }

    /// The lines above the list: mistakes of the description, then what is asked, or the filter.
    pub(crate) fn format_list_head(self, width: u16) -> Vec<HeadLine> {
        let structure = &self.document.structure;
        let room = width.saturating_sub(5);
        let problems = structure.problems.iter().flat_map(|problem| {
            let lines = wrapped_within(problem, room).into_iter().enumerate();
            lines.map(|(i, line)| format!("{}{line}", if i == 0 { "E: " } else { "   " }))
        });
        let mut head: Vec<HeadLine> =
            problems.map(|text| HeadLine { text, is_error: true }).collect();
        let filter = &self.view.structure.list.filter;
        let question = match structure.choice {
            // Nothing can be chosen yet.
            _ if structure.offers.is_none() => return head,
            _ if !filter.is_empty() => {
                let (found, all) = (self.offers().count(), structure.offers().len());
                format!("formats with: {filter}_   {found} of {all}")
            }
            _ if structure.format.is_some() => "Choose another format:".to_owned(),
            Choice::Auto if structure.problems.is_empty() => {
                "No description matches the first bytes. Choose one:".to_owned()
            }
            _ => "Choose a format:".to_owned(),
        };
        head.push(HeadLine { text: question, is_error: false });
        head
    }

    /// Makes room for the lines above the list, and for one below it if it is longer than what is shown.
    pub(crate) fn format_list_flow(self, flow: &mut Flow, count: usize, line: usize) {
        let inside = &mut flow.inside;
        let head = self.format_list_head(inside.width).len();
        let head = u16::try_from(head).unwrap_or(u16::MAX);
        let head = head.min(inside.height.saturating_sub(SHOWN_MIN));
        inside.y += head;
        inside.height -= head;
        let has_foot = count > usize::from(inside.height) && inside.height > SHOWN_MIN;
        inside.height -= u16::from(has_foot);
        flow.first = (line.min(count.saturating_sub(1)) + 1).saturating_sub(inside.height.into());
    }
}

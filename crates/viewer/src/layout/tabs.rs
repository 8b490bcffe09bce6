//! Layout of the tab line.

use crate::format::width::{fitted, width};

/// The tab labels on a screen of this width: number, first column and text of each.
pub(crate) fn labels(names: &[String], shown: usize, screen: u16) -> Vec<(usize, u16, String)> {
    let most = screen / 2;
    let all: Vec<String> = (1..)
        .zip(names)
        .map(|(number, name)| format!(" {number} {} ", fitted(name, most)))
        .collect();
    // Skip the first tabs until the shown one fits on the screen.
    let mut first = 0;
    let end = |first: usize| {
        let seen = all.get(first..=shown).unwrap_or_default();
        seen.iter().map(|label| width(label) + 1).fold(0, u16::saturating_add)
    };
    while first < shown && end(first) > screen {
        first += 1;
    }
    let mut x = 0_u16;
    let mut placed = Vec::new();
    for (at, label) in all.into_iter().enumerate().skip(first) {
        let wide = width(&label) + 1;
        placed.push((at, x, label));
        x = x.saturating_add(wide);
    }
    placed
}

/// The tab at a column.
pub(crate) fn tab_at(labels: Vec<(usize, u16, String)>, x: u16) -> Option<usize> {
    labels
        .into_iter()
        .find(|(_, from, text)| (*from..*from + width(text)).contains(&x))
        .map(|it| it.0)
}

//! Where the names of the tabs are.

use crate::format::width::{fitted, width};

/// What stands in the line of tabs, of a screen so wide: each with its number, and where it begins.
pub(crate) fn labels(names: &[String], shown: usize, screen: u16) -> Vec<(usize, u16, String)> {
    let most = screen / 2;
    let all: Vec<String> = (1..)
        .zip(names)
        .map(|(number, name)| format!(" {number} {} ", fitted(name, most)))
        .collect();
    // Those before are left out until the shown one is on the screen.
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

/// The tab whose name stands in a column.
pub(crate) fn tab_at(labels: Vec<(usize, u16, String)>, x: u16) -> Option<usize> {
    labels
        .into_iter()
        .find(|(_, from, text)| (*from..*from + width(text)).contains(&x))
        .map(|it| it.0)
}

//! Where the panes are, and which of their lines are seen.

use ratatui::layout::{Position, Rect};

use crate::layout::viewport::PaneArea;
use crate::view::panes::{Pane, Panes, has_choice};

/// Bytes that are shown of a hit, from its first one on.
pub(crate) const CONTEXT_LEN: u64 = 32;

/// Bytes that are read of a text, to be shown.
pub(crate) const SHOWN_LEN: u64 = 160;

/// From this width on short lines stand in two columns, where not all of them fit in one.
const TWO_FROM: u16 = 76;

impl Panes {
    /// Where each pane is that is on the screen. `focused` is always among them; each wants as many
    /// lines as `wish` says, its title included.
    pub(crate) fn places(
        &self,
        room: PaneArea,
        focused: Option<Pane>,
        wish: impl Fn(Pane) -> u16,
    ) -> Vec<(Pane, Rect)> {
        let focused = focused.filter(|&pane| self.is_open(pane));
        let last = || self.open.last().copied();
        match room {
            PaneArea::Over(rect) => focused.map(|pane| (pane, rect)).into_iter().collect(),
            PaneArea::Below(rect) => {
                focused.or_else(last).map(|pane| (pane, rect)).into_iter().collect()
            }
            PaneArea::Side(rect) => {
                let fit = usize::from(rect.height / LINES_MIN).max(1);
                let mut shown: Vec<Pane> =
                    Pane::STACK.into_iter().filter(|&pane| self.is_open(pane)).collect();
                while shown.len() > fit {
                    let at = shown.iter().rposition(|&pane| focused.or_else(last) != Some(pane));
                    shown.remove(at.unwrap_or(0));
                }
                stacked(rect, &shown, wish)
            }
        }
    }
}

/// Fewer lines than this show nothing.
const LINES_MIN: u16 = 5;

/// One below the other: each gets what it wants as far as all get the same, and what then is left
/// goes to those that want more, the upper ones first.
fn stacked(rect: Rect, shown: &[Pane], wish: impl Fn(Pane) -> u16) -> Vec<(Pane, Rect)> {
    let count = u16::try_from(shown.len()).unwrap_or(u16::MAX).max(1);
    let share = rect.height / count;
    let mut heights: Vec<u16> =
        shown.iter().map(|&pane| wish(pane).clamp(LINES_MIN.min(share), share.max(1))).collect();
    let mut left = rect.height.saturating_sub(heights.iter().sum());
    for (height, &pane) in heights.iter_mut().zip(shown) {
        let more = wish(pane).saturating_sub(*height).min(left);
        *height += more;
        left -= more;
    }
    if let Some(last) = heights.last_mut() {
        *last += left;
    }
    let mut y = rect.y;
    let mut place = |(&pane, height): (&Pane, u16)| {
        let rect = Rect { y, height, ..rect };
        y += height;
        (pane, rect)
    };
    shown.iter().zip(heights).map(&mut place).collect()
}

/// How a pane is divided: its lines, how many columns of items they hold, and the first item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Without the title.
    pub(crate) inside: Rect,
    pub(crate) columns: u16,
    pub(crate) first: usize,
}

/// What of a pane is within its title and its border.
pub(crate) fn inside(room: PaneArea, rect: Rect) -> Rect {
    let left = u16::from(matches!(room, PaneArea::Side(_)));
    Rect {
        x: rect.x + left.min(rect.width),
        y: rect.y + 1,
        width: rect.width.saturating_sub(left),
        height: rect.height.saturating_sub(1),
    }
}

/// Of a pane with `count` lines, of which `line` is chosen, or the first one.
pub(crate) fn flow(room: PaneArea, pane: Pane, rect: Rect, count: usize, line: usize) -> Flow {
    let is_side = matches!(room, PaneArea::Side(_));
    let inside = inside(room, rect);
    let fits = count <= usize::from(inside.height);
    let is_short = matches!(pane, Pane::Inspector | Pane::Marks | Pane::Jumps);
    let columns = if !fits && !is_side && is_short && inside.width >= TWO_FROM { 2 } else { 1 };
    let seen = usize::from(inside.height) * usize::from(columns);
    let line = line.min(count.saturating_sub(1));
    let first = if has_choice(pane) {
        (line + 1).saturating_sub(seen)
    } else {
        line.min(count.saturating_sub(seen))
    };
    Flow { inside, columns, first }
}

/// The item of a pane in a cell of the screen.
pub(crate) fn item_at(flow: &Flow, at: Position) -> Option<usize> {
    if !flow.inside.contains(at) {
        return None;
    }
    let column = (at.x - flow.inside.x) / (flow.inside.width / flow.columns).max(1);
    let above = usize::from(column.min(flow.columns - 1)) * usize::from(flow.inside.height);
    Some(flow.first + above + usize::from(at.y - flow.inside.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Panes {
        let mut panes = Panes::default();
        for pane in [Pane::Details, Pane::Inspector, Pane::Jumps, Pane::Marks] {
            panes.open(pane);
        }
        panes
    }

    #[test]
    fn a_stack_fills_its_room_without_overlap() {
        for height in 1..100 {
            let rect = Rect::new(80, 1, 40, height);
            let places = all().places(PaneArea::Side(rect), Some(Pane::Jumps), |pane| {
                if pane == Pane::Inspector { 24 } else { 4 }
            });
            let mut y = 1;
            for (_, place) in &places {
                assert_eq!((place.x, place.width, place.y), (80, 40, y));
                y += place.height;
            }
            assert_eq!(y, 1 + height);
            assert!(places.iter().any(|(pane, _)| *pane == Pane::Jumps), "{height}");
        }
    }

    #[test]
    fn below_and_over_there_is_room_for_one() {
        let rect = Rect::new(0, 10, 80, 8);
        let names = |room, focused| {
            all().places(room, focused, |_| 9).iter().map(|(pane, _)| *pane).collect::<Vec<_>>()
        };
        assert_eq!(names(PaneArea::Below(rect), None), [Pane::Marks]);
        assert_eq!(names(PaneArea::Below(rect), Some(Pane::Details)), [Pane::Details]);
        assert_eq!(names(PaneArea::Over(rect), None), []);
        assert_eq!(names(PaneArea::Over(rect), Some(Pane::Jumps)), [Pane::Jumps]);
    }
}

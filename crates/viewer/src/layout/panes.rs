//! Layout of the panes, and which of their lines are visible.

use ratatui::layout::{Position, Rect};

use crate::layout::viewport::PaneArea;
use crate::view::panes::{Pane, Panes, has_choice};

/// Bytes shown per match, from its start.
pub(crate) const CONTEXT_LEN: u64 = 32;

/// Bytes read per string, for display.
pub(crate) const SHOWN_LEN: u64 = 160;

/// From this width on, short lines are arranged in two columns if they do not all fit in one.
const TWO_FROM: u16 = 76;

impl Panes {
    /// The visible panes and their areas. `focused` is always visible. `wish` is the preferred
    /// height including the title.
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

/// Minimum height of a pane.
const LINES_MIN: u16 = 5;

/// Stacks panes vertically. The height is shared equally up to each pane's wish; the rest goes to
/// the panes that want more, upper ones first.
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

/// The inner layout of a pane: lines, columns of items, and the first visible item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flow {
    /// The area without the title.
    pub(crate) inside: Rect,
    pub(crate) columns: u16,
    pub(crate) first: usize,
}

/// The area of a pane inside its title and border.
pub(crate) fn inside(room: PaneArea, rect: Rect) -> Rect {
    let left = u16::from(matches!(room, PaneArea::Side(_)));
    Rect {
        x: rect.x + left.min(rect.width),
        y: rect.y + 1,
        width: rect.width.saturating_sub(left),
        height: rect.height.saturating_sub(1),
    }
}

/// Lays out a pane with `count` lines, scrolled so that `line` is visible.
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

/// The item of a pane at a screen position.
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

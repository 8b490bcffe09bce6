//! The panes beside the bytes: which are open, and what is chosen in each.

use ratatui::layout::Rect;

use crate::layout::viewport::Room;

/// What a pane shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pane {
    /// What the bytes under the cursor mean.
    Inspector,
    /// The marks of this file.
    Marks,
    /// The places left for others.
    Jumps,
    /// What a search found.
    Hits,
    /// Work that goes on beside the view.
    Jobs,
    /// What is where in the whole.
    Map,
    /// How often each byte occurs.
    Histogram,
    /// The texts of the file.
    Texts,
    /// How the file could be mapped, and what is in the way.
    Doctor,
    /// The keys. It stands over everything, wherever the others are.
    Help,
}

impl Pane {
    /// Those that stand where the others do, from top to bottom.
    const STACK: [Self; 9] = [
        Self::Inspector,
        Self::Hits,
        Self::Map,
        Self::Histogram,
        Self::Texts,
        Self::Marks,
        Self::Jumps,
        Self::Jobs,
        Self::Doctor,
    ];

    /// Its place in the stack; help comes after all of them.
    fn index(self) -> usize {
        Self::STACK.iter().position(|&it| it == self).unwrap_or(Self::STACK.len())
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Inspector => "inspector",
            Self::Marks => "marks",
            Self::Jumps => "jumps",
            Self::Hits => "hits",
            Self::Jobs => "jobs",
            Self::Map => "map",
            Self::Histogram => "histogram",
            Self::Texts => "strings",
            Self::Doctor => "map doctor",
            Self::Help => "keys",
        }
    }
}

/// The panes that are open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Panes {
    /// Without help, the last one opened at the end.
    open: Vec<Pane>,
    /// The line chosen in each, or the first one shown where nothing can be chosen.
    lines: [usize; Pane::STACK.len() + 1],
}

impl Panes {
    pub(crate) fn is_open(&self, pane: Pane) -> bool {
        self.open.contains(&pane)
    }

    /// Whether any is open that wants room of its own.
    pub(crate) fn any(&self) -> bool {
        !self.open.is_empty()
    }

    /// Opens a pane, as the last one.
    pub(crate) fn open(&mut self, pane: Pane) {
        self.close(pane);
        if pane != Pane::Help {
            self.open.push(pane);
        }
    }

    pub(crate) fn close(&mut self, pane: Pane) {
        self.open.retain(|&it| it != pane);
    }

    pub(crate) fn line(&self, pane: Pane) -> usize {
        self.lines.get(pane.index()).copied().unwrap_or(0)
    }

    pub(crate) fn choose(&mut self, pane: Pane, line: usize) {
        if let Some(slot) = self.lines.get_mut(pane.index()) {
            *slot = line;
        }
    }

    /// The open pane after this one, in the order of the screen; `None` stands for the bytes.
    pub(crate) fn after(&self, pane: Option<Pane>) -> Option<Pane> {
        let from = pane.map_or(0, |pane| pane.index() + 1);
        Pane::STACK.into_iter().skip(from).find(|&it| self.is_open(it))
    }

    pub(crate) fn before(&self, pane: Option<Pane>) -> Option<Pane> {
        let until = pane.map_or(Pane::STACK.len(), Pane::index);
        Pane::STACK.into_iter().take(until).rev().find(|&it| self.is_open(it))
    }

    /// Where each pane is that is on the screen. `focused` is always among them; each wants as many
    /// lines as `wish` says, its title included.
    pub(crate) fn places(
        &self,
        room: Room,
        focused: Option<Pane>,
        wish: impl Fn(Pane) -> u16,
    ) -> Vec<(Pane, Rect)> {
        let focused = focused.filter(|&pane| self.is_open(pane));
        let last = || self.open.last().copied();
        match room {
            Room::Over(rect) => focused.map(|pane| (pane, rect)).into_iter().collect(),
            Room::Below(rect) => {
                focused.or_else(last).map(|pane| (pane, rect)).into_iter().collect()
            }
            Room::Side(rect) => {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Panes {
        let mut panes = Panes::default();
        for pane in [Pane::Doctor, Pane::Inspector, Pane::Jumps, Pane::Marks] {
            panes.open(pane);
        }
        panes
    }

    #[test]
    fn tab_leads_through_the_open_panes_and_back_to_the_bytes() {
        let mut panes = all();
        panes.close(Pane::Marks);
        let mut way = Vec::new();
        let mut at = None;
        while let Some(next) = panes.after(at) {
            way.push(next);
            at = Some(next);
        }
        assert_eq!(way, [Pane::Inspector, Pane::Jumps, Pane::Doctor]);
        assert_eq!(panes.before(None), Some(Pane::Doctor));
        assert_eq!(panes.before(Some(Pane::Inspector)), None);
    }

    #[test]
    fn a_stack_fills_its_room_without_overlap() {
        for height in 1..100 {
            let rect = Rect::new(80, 1, 40, height);
            let places = all().places(Room::Side(rect), Some(Pane::Jumps), |pane| {
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
        assert_eq!(names(Room::Below(rect), None), [Pane::Marks]);
        assert_eq!(names(Room::Below(rect), Some(Pane::Doctor)), [Pane::Doctor]);
        assert_eq!(names(Room::Over(rect), None), []);
        assert_eq!(names(Room::Over(rect), Some(Pane::Jumps)), [Pane::Jumps]);
    }
}

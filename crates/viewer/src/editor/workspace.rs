//! All that is open: tabs, each with one view or two, and which of them has the keyboard. A view knows
//! nothing of the others; what it asks of them leaves it as a [`Task::Window`].

use std::path::PathBuf;

use ratatui::layout::{Position, Rect};

use crate::editor::app::{App, Ending, Msg};
use crate::editor::session::Memory;
use crate::editor::task::{Task, Window};
use crate::editor::tour::Tour;
use crate::layout::tabs;
use crate::layout::viewport::Size;
use crate::search::direction::Direction;

/// Names a view. No name is used twice, so that what was meant for a view that is closed finds nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ViewId(u64);

/// Something to do outside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has an arm where it is done")]
pub enum Order {
    /// What a view asks for itself.
    Do(ViewId, Task),
    /// To open a file and answer by [`Workspace::open`]; what goes wrong is told to the view.
    Open(ViewId, PathBuf, Place),
    /// To look at the same bytes from a second view.
    Twin {
        /// The view that there is.
        of: ViewId,
        /// The view that is new.
        twin: ViewId,
    },
    /// To do nothing for a view any more, and to remember this of its file.
    Close(ViewId, Box<Memory>),
}

/// Where a view comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are these two")]
pub enum Place {
    /// A tab of its own.
    Tab,
    /// Beside the one that is shown.
    Beside,
}

/// Everything that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    pub(crate) tabs: Vec<Tab>,
    pub(crate) shown: usize,
    pub(crate) size: Size,
    next: u64,
    pub(crate) tour: Option<Tour>,
    orders: Vec<Order>,
    ending: Option<Ending>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tab {
    /// One, or two.
    pub(crate) views: Vec<View>,
    pub(crate) focus: usize,
    /// Whether both scroll together.
    is_synced: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    id: ViewId,
    pub(crate) app: App,
}

/// From this width on two views stand side by side.
const BESIDE_FROM: u16 = 100;

/// From this height on two views stand one above the other.
const ABOVE_FROM: u16 = 8;

impl Workspace {
    /// One with nothing in it yet.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self {
            tabs: Vec::new(),
            shown: 0,
            size,
            next: 0,
            tour: None,
            orders: Vec::new(),
            ending: None,
        }
    }

    /// The same, with a tour through what keys do.
    #[must_use]
    pub fn with_tour(mut self) -> Self {
        self.tour = Some(Tour::default());
        self.arrange();
        self
    }

    /// Takes a view in, and shows it.
    pub fn open(&mut self, app: App, place: Place) -> ViewId {
        let id = self.new_id();
        self.place(View { id, app }, place);
        id
    }

    fn new_id(&mut self) -> ViewId {
        let id = ViewId(self.next);
        self.next += 1;
        id
    }

    fn place(&mut self, view: View, place: Place) {
        match (place, self.tabs.get_mut(self.shown)) {
            (Place::Beside, Some(tab)) if tab.views.len() < 2 => {
                tab.views.push(view);
                tab.focus = 1;
            }
            _ => {
                let at = if self.tabs.is_empty() { 0 } else { self.shown + 1 };
                self.tabs.insert(at, Tab { views: vec![view], focus: 0, is_synced: false });
                self.shown = at;
            }
        }
        self.arrange();
    }

    /// Shows the first tab.
    pub fn show_first(&mut self) {
        self.shown = 0;
        self.arrange();
    }

    /// How it ended, once it has.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// What is to be done outside, in order.
    #[must_use]
    pub fn take_orders(&mut self) -> Vec<Order> {
        std::mem::take(&mut self.orders)
    }

    fn views(&self) -> impl Iterator<Item = &View> {
        self.tabs.iter().flat_map(|tab| &tab.views)
    }

    /// Every view.
    #[must_use]
    pub fn ids(&self) -> Vec<ViewId> {
        self.views().map(|view| view.id).collect()
    }

    /// The views on the screen.
    #[must_use]
    pub fn shown(&self) -> Vec<ViewId> {
        let tab = self.tabs.get(self.shown);
        let id = |(at, _): (usize, Rect)| tab?.views.get(at).map(|view| view.id);
        self.places().into_iter().filter_map(id).collect()
    }

    /// The view that has the keyboard.
    #[must_use]
    pub fn focused(&self) -> Option<&App> {
        let tab = self.tabs.get(self.shown)?;
        tab.views.get(tab.focus).map(|view| &view.app)
    }

    fn focused_mut(&mut self) -> Option<&mut App> {
        let tab = self.tabs.get_mut(self.shown)?;
        tab.views.get_mut(tab.focus).map(|view| &mut view.app)
    }

    /// A view.
    #[must_use]
    pub fn app(&self, id: ViewId) -> Option<&App> {
        self.views().find(|view| view.id == id).map(|view| &view.app)
    }

    /// A view, to be told something by whoever does its work; [`settle`](Self::settle) comes next.
    #[must_use]
    pub fn app_mut(&mut self, id: ViewId) -> Option<&mut App> {
        let mut views = self.tabs.iter_mut().flat_map(|tab| &mut tab.views);
        views.find(|view| view.id == id).map(|view| &mut view.app)
    }

    /// Changes the state as a message says, which is for one view, or for whatever has the keyboard.
    pub fn update(&mut self, to: Option<ViewId>, msg: Msg) {
        match (to, msg) {
            (Some(id), msg) => {
                if let Some(app) = self.app_mut(id) {
                    app.update(msg);
                }
            }
            (None, Msg::Resize(size)) => {
                self.size = size;
                self.arrange();
            }
            (None, Msg::Terminate) => self.ending = Some(Ending::Terminated),
            (None, Msg::Press(x, y)) => self.press(x, y),
            (None, Msg::Drag(x, y)) => {
                let rect = self.focused_place();
                let (x, y) = (x.saturating_sub(rect.x), y.saturating_sub(rect.y));
                self.tell(Msg::Drag(x, y));
            }
            (None, msg) => self.tell(msg),
        }
        self.settle();
    }

    /// Tells the view that has the keyboard. Where another one goes with it, it does.
    fn tell(&mut self, msg: Msg) {
        let Some(app) = self.focused_mut() else { return };
        let before = (app.cursor, app.top);
        app.update(msg);
        let by = |now: u64, before: u64| i128::from(now) - i128::from(before);
        let (cursor, top) = (by(app.cursor, before.0), by(app.top, before.1));
        let Some(tab) = self.tabs.get_mut(self.shown).filter(|tab| tab.is_synced) else { return };
        if (cursor, top) != (0, 0) {
            let focus = tab.focus;
            for (_, view) in tab.views.iter_mut().enumerate().filter(|(at, _)| *at != focus) {
                view.app.shift(cursor, top);
            }
        }
    }

    /// Takes what the views ask for, closes those that have ended, and looks how far the tour is.
    pub fn settle(&mut self) {
        for id in self.ids() {
            let Some(app) = self.app_mut(id) else { continue };
            let is_over = app.ending().is_some();
            for task in app.take_tasks() {
                match task {
                    Task::Window(window) => self.obey(id, window),
                    task => self.orders.push(Order::Do(id, task)),
                }
            }
            if is_over {
                self.close(id);
            }
        }
        if let (Some(mut tour), Some(app)) = (self.tour.take(), self.focused()) {
            tour.look(app);
            self.tour = Some(tour);
        }
    }

    /// Does what a view asks of its neighbours.
    fn obey(&mut self, from: ViewId, window: Window) {
        match window {
            Window::OpenTab(path) => self.orders.push(Order::Open(from, path, Place::Tab)),
            Window::Split(Some(path)) => self.split(from, Some(path)),
            Window::Split(None) => self.split(from, None),
            Window::Tab(direction) => {
                let count = self.tabs.len().max(1);
                let by = if direction == Direction::Forward { 1 } else { count - 1 };
                self.shown = (self.shown + by) % count;
                if count == 1 {
                    self.complain(from, "there is one tab; :tab FILE opens another one");
                }
            }
            Window::Across => {
                if let Some(tab) = self.tabs.get_mut(self.shown) {
                    tab.focus = (tab.focus + 1) % tab.views.len().max(1);
                }
            }
            Window::Sync => self.sync(from),
            Window::QuitAll => self.ending = Some(Ending::Quit),
            Window::SkipStep => match &mut self.tour {
                Some(tour) => tour.skip(),
                None => self.complain(from, "there is no tour; lazyhex --demo begins with one"),
            },
        }
        self.arrange();
    }

    fn complain(&mut self, to: ViewId, why: &str) {
        if let Some(app) = self.app_mut(to) {
            app.update(Msg::Done(Err(why.to_owned())));
        }
    }

    /// Two views where there is one; where there are two, one again, unless a file is to be shown.
    fn split(&mut self, from: ViewId, path: Option<PathBuf>) {
        let Some(tab) = self.tabs.get_mut(self.shown) else { return };
        if tab.views.len() > 1 {
            let other = tab.views.iter().map(|view| view.id).find(|&id| id != from);
            if let Some(other) = other {
                self.close(other);
            }
            if path.is_none() {
                return;
            }
        }
        if let Some(path) = path {
            return self.orders.push(Order::Open(from, path, Place::Beside));
        }
        if let Some(app) = self.app(from).map(App::twin) {
            let twin = self.open(app, Place::Beside);
            self.orders.push(Order::Twin { of: from, twin });
        }
    }

    fn sync(&mut self, from: ViewId) {
        let Some(tab) = self.tabs.get_mut(self.shown) else { return };
        let said = if tab.views.len() < 2 {
            Err("there is one view; | splits it".to_owned())
        } else {
            tab.is_synced = !tab.is_synced;
            let how = if tab.is_synced { "together" } else { "on their own" };
            Ok(format!("both scroll {how}"))
        };
        if let Some(app) = self.app_mut(from) {
            app.update(Msg::Done(said));
        }
    }

    /// Closes a view, and its tab with the last one in it. With the last of all everything ends.
    fn close(&mut self, id: ViewId) {
        let Some(app) = self.app(id) else { return };
        let (memory, ending) = (app.memory(), app.ending());
        if self.views().count() == 1 || ending == Some(Ending::Terminated) {
            self.ending = Some(ending.unwrap_or(Ending::Quit));
            return;
        }
        let Some(at) = self.tabs.iter().position(|tab| tab.views.iter().any(|it| it.id == id))
        else {
            return;
        };
        if let Some(tab) = self.tabs.get_mut(at) {
            tab.views.retain(|view| view.id != id);
            (tab.focus, tab.is_synced) = (0, false);
            if tab.views.is_empty() {
                self.tabs.remove(at);
                if self.shown > at || self.shown == self.tabs.len() {
                    self.shown = self.shown.saturating_sub(1);
                }
            }
        }
        self.orders.push(Order::Close(id, Box::new(memory)));
        self.arrange();
    }

    /// The lines above the views, and below them.
    pub(crate) fn margins(&self) -> (u16, u16) {
        let above = u16::from(self.tabs.len() > 1 && self.size.height >= ABOVE_FROM);
        let below = match self.size.height {
            _ if self.tour.is_none() => 0,
            16.. => 2,
            6.. => 1,
            _ => 0,
        };
        (above, below)
    }

    /// Where the views of the shown tab are: those that there is room for.
    pub(crate) fn places(&self) -> Vec<(usize, Rect)> {
        let Some(tab) = self.tabs.get(self.shown) else { return Vec::new() };
        let (above, below) = self.margins();
        let Size { width, height } = self.size;
        let all = Rect::new(0, above, width, height.saturating_sub(above + below));
        if tab.views.len() < 2 {
            return vec![(tab.focus, all)];
        }
        if width >= BESIDE_FROM {
            let left = (width - 1) / 2;
            let right = Rect { x: left + 1, width: width - left - 1, ..all };
            return vec![(0, Rect { width: left, ..all }), (1, right)];
        }
        if all.height < ABOVE_FROM {
            return vec![(tab.focus, all)];
        }
        let upper = all.height / 2;
        let lower = Rect { y: all.y + upper, height: all.height - upper, ..all };
        vec![(0, Rect { height: upper, ..all }), (1, lower)]
    }

    /// What stands in the line of tabs: each with its number, and where it begins.
    pub(crate) fn labels(&self) -> Vec<(usize, u16, String)> {
        let name = |tab: &Tab| {
            let names: Vec<&str> = tab.views.iter().map(|view| view.app.name.as_str()).collect();
            match names[..] {
                [one, other] if one == other => format!("{one} |"),
                _ => names.join(" | "),
            }
        };
        let names: Vec<String> = self.tabs.iter().map(name).collect();
        tabs::labels(&names, self.shown, self.size.width)
    }

    fn focused_place(&self) -> Rect {
        let focus = self.tabs.get(self.shown).map_or(0, |tab| tab.focus);
        self.places().into_iter().find(|(at, _)| *at == focus).map_or(Rect::ZERO, |(_, rect)| rect)
    }

    /// Gives every view on the screen its size.
    fn arrange(&mut self) {
        let places = self.places();
        let Some(tab) = self.tabs.get_mut(self.shown) else { return };
        for (at, rect) in places {
            let size = Size { width: rect.width, height: rect.height };
            if let Some(view) = tab.views.get_mut(at).filter(|view| view.app.size != size) {
                view.app.update(Msg::Resize(size));
            }
        }
    }

    /// A press of the mouse chooses the tab or the view that it is in.
    fn press(&mut self, x: u16, y: u16) {
        if self.margins().0 > 0 && y == 0 {
            if let Some(at) = tabs::tab_at(self.labels(), x) {
                self.shown = at;
                self.arrange();
            }
            return;
        }
        let at = Position::new(x, y);
        let Some((view, rect)) = self.places().into_iter().find(|(_, rect)| rect.contains(at))
        else {
            return;
        };
        if let Some(tab) = self.tabs.get_mut(self.shown) {
            tab.focus = view;
        }
        self.tell(Msg::Press(x - rect.x, y - rect.y));
    }
}

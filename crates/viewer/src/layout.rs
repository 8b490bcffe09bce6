//! What a cell of the screen means: below both what draws and what takes the mouse.

pub(crate) mod view_layout;
pub(crate) mod viewport;
pub(crate) mod panes;
pub(crate) mod strip;
pub(crate) mod minimap;
pub(crate) mod histogram;
pub(crate) mod help;
pub(crate) mod tabs;

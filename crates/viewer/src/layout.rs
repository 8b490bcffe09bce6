//! Screen layout, shared by drawing and mouse handling.

pub(crate) mod view_layout;
pub(crate) mod viewport;
pub(crate) mod panes;
pub(crate) mod strip;
pub(crate) mod minimap;
pub(crate) mod histogram;
pub(crate) mod help;
pub(crate) mod tabs;

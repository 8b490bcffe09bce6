//! Everything that is open, as data, and what the user chooses: keys, commands, settings, the session.

pub(crate) mod app;
pub(crate) mod workspace;
pub(crate) mod task;
pub(crate) mod keymap;
pub(crate) mod command;
pub(crate) mod help;
pub(crate) mod panes;
pub(crate) mod prompt;
pub(crate) mod settings;
pub(crate) mod config;
pub(crate) mod session;
pub(crate) mod tour;
pub(crate) mod demo;

//! Mutually exclusive flags, parsed as a single enum.

use clap::error::Result;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Args, Command, FromArgMatches};

/// An enum whose values are selected by flags.
pub(crate) trait Flags: Copy + Default + Send + Sync + 'static {
    /// Name of the argument group, for conflicts.
    const GROUP: &'static str;
    /// The flags. A value without a flag is the default.
    const ALL: &'static [Flag<Self>];
}

/// A flag and its value.
pub(crate) struct Flag<T> {
    pub(crate) choice: T,
    pub(crate) name: &'static str,
    pub(crate) short: Option<char>,
    /// Alternative name of the flag.
    pub(crate) alias: Option<&'static str>,
    pub(crate) help: &'static str,
}

/// The selected value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OneOf<T>(pub(crate) T);

impl<T: Flags> FromArgMatches for OneOf<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self> {
        let given = T::ALL.iter().find(|flag| matches.get_flag(flag.name));
        Ok(Self(given.map_or_else(T::default, |flag| flag.choice)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<()> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<T: Flags> Args for OneOf<T> {
    fn augment_args(command: Command) -> Command {
        let flags = T::ALL.iter().map(|flag| {
            let arg = Arg::new(flag.name).long(flag.name).help(flag.help);
            let arg = arg.action(ArgAction::SetTrue);
            let arg = flag.short.into_iter().fold(arg, Arg::short);
            flag.alias.into_iter().fold(arg, Arg::visible_alias)
        });
        let names = T::ALL.iter().map(|flag| flag.name);
        command.args(flags).group(ArgGroup::new(T::GROUP).args(names))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

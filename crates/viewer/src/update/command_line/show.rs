//! Commands that change the display.

use super::{Command, CommandError, Outcome, command, same_as};
use crate::editor::command::{CommandInfo as Info, starting};
use crate::editor::current::Current;
use crate::editor::keymap::Action;
use crate::editor::settings::Setting;
use crate::view::panes::Pane;

pub(super) const COMMANDS: &[Command] = &[
    same_as(Info::new(&["help"], "", "the keys and commands").key(Action::Toggle(Pane::Help))),
    same_as(
        Info::new(&["inspector"], "", "the bytes at the cursor, as every type")
            .key(Action::Toggle(Pane::Inspector)),
    ),
    command(Info::new(&["maps"], "", "the regions of a process, as T"), |cx, _| {
        cx.toggle(Pane::Regions);
        Ok(Outcome::Done)
    }),
    same_as(Info::new(&["jobs"], "", "running and finished jobs").key(Action::Toggle(Pane::Jobs))),
    command(Info::new(&["messages"], "", "all messages since the start"), |cx, _| {
        cx.toggle(Pane::Messages);
        Ok(Outcome::Done)
    }),
    command(
        Info::new(
            &["set"],
            "NAME [VALUE]",
            "colour columns endian folds inspector map mouse page table theme",
        )
        .completes(complete),
        set,
    ),
    same_as(Info::new(&["sync"], "", "both views scroll together").key(Action::Sync)),
];

fn complete(rest: &str) -> Vec<String> {
    let Some((name, part)) = rest.split_once(' ') else {
        return starting(rest, &Setting::ALL.map(Setting::name));
    };
    let values = Setting::named(name).map(Setting::values).unwrap_or_default();
    starting(part, &values).into_iter().map(|value| format!("{name} {value}")).collect()
}

fn set(cx: &mut Current<'_>, rest: &str) -> Result<Outcome, CommandError> {
    let (name, value) = rest.split_once([' ', '=']).unwrap_or((rest, ""));
    let names = || Setting::ALL.map(Setting::name).to_vec();
    let setting = Setting::named(name).ok_or_else(|| CommandError::OneOf("set", names()))?;
    match value.trim() {
        "" => {
            let told = format!("{} is {}", setting.name(), cx.settings.value(setting));
            cx.say(told);
        }
        value => cx.set(setting, value)?,
    }
    Ok(Outcome::Done)
}

//! What may be pressed next, in a few words.

/// As many of these hints, two blanks apart, as fit: whole ones, the first ones first.
pub(crate) fn fitting(hints: &str, room: u16) -> String {
    let mut kept = String::new();
    for hint in hints.split("  ") {
        let more = if kept.is_empty() { hint.to_owned() } else { format!("{kept}  {hint}") };
        if crate::format::width::width(&more) > room {
            break;
        }
        kept = more;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_dropped_whole() {
        assert_eq!(fitting("/ search  : go to, command  q quit", 33), "/ search  : go to, command");
        assert_eq!(fitting("/ search  : go to", 7), "");
    }
}

//! Python's `ascii()` of a string, turned back. It is a twin of the parser within the crate, made
//! for the tables alone.

pub(crate) fn unescaped(literal: &str) -> String {
    let inside = &literal[1..literal.len() - 1];
    let mut chars = inside.chars();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let len = match chars.next().unwrap() {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            'n' => {
                out.push('\n');
                continue;
            }
            'r' => {
                out.push('\r');
                continue;
            }
            't' => {
                out.push('\t');
                continue;
            }
            other => {
                out.push(other);
                continue;
            }
        };
        let digits: String = chars.by_ref().take(len).collect();
        out.push(char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap());
    }
    out
}

//! How an expression is named in the path of a problem, as Kaitai's compiler does: `IntNum(42)`.

use super::Expr;
use crate::names::Names;

impl Expr {
    /// The expression as a part of a path. `text` is what was written.
    pub(crate) fn path_part(&self, names: &Names, text: &str) -> String {
        match self {
            Self::Int(n) if *n < 0 => format!("UnaryOp(Minus,IntNum({}))", n.unsigned_abs()),
            Self::Int(n) => format!("IntNum({n})"),
            Self::Str(it) => format!("Str({it})"),
            Self::Bool(it) => format!("Bool({it})"),
            Self::Field(name) => format!("Name(identifier({}))", names.text(*name)),
            Self::Enum(it) => {
                let (name, types) = match it.path.split_last() {
                    Some((name, types)) => (name.as_str(), types.join(", ")),
                    None => ("", String::new()),
                };
                let label = &it.label;
                format!(
                    "EnumByLabel(identifier({name}),identifier({label}),typeId(false,List({types}),false))"
                )
            }
            _ => text.to_owned(),
        }
    }
}

//! The methods of values that are no objects, and what they take.

use super::Types;
use super::infer::{Inferred, Scene};
use super::ty::Ty;
use crate::expr::Expr;

/// The methods without arguments that each type of value has.
fn known(of: &Ty) -> &'static [&'static str] {
    match of {
        Ty::Int | Ty::Float | Ty::Bool | Ty::Enum(_) => &["to_i", "to_s"],
        Ty::Str => &["length", "reverse", "size", "to_i", "to_s", "substring"],
        Ty::Bytes => &["first", "last", "length", "max", "min", "size", "to_s"],
        Ty::List(_) => &["first", "last", "length", "max", "min", "size"],
        Ty::Stream => &["eof", "pos", "size"],
        Ty::Unknown | Ty::Object(_) | Ty::AnyObject => &[],
    }
}

impl Types<'_> {
    /// The type of `of.method`, or of `of.method(arguments)`, where `of` is no object.
    pub(super) fn method(
        &mut self,
        of: &Ty,
        method: &str,
        arguments: &[Expr],
        scene: &Scene,
    ) -> Inferred {
        if *of == Ty::Unknown {
            for argument in arguments {
                self.infer(argument, scene)?;
            }
            return Ok(Ty::Unknown);
        }
        match (of, method) {
            (Ty::Bytes, "to_s") => return decode(arguments),
            (Ty::Str, "substring") => {
                self.integers(method, 2, 2, arguments, scene)?;
                return Ok(Ty::Str);
            }
            (Ty::Str, "to_i") => {
                self.integers(method, 0, 1, arguments, scene)?;
                return Ok(Ty::Int);
            }
            _ => {}
        }
        if !known(of).contains(&method) {
            let hint = self.hint(method, known(of).iter().copied());
            return Err(format!("{} has no method {method:?}{hint}", self.describe(of)));
        }
        self.integers(method, 0, 0, arguments, scene)?;
        Ok(match (of, method) {
            (Ty::List(of), "first" | "last" | "min" | "max") => (**of).clone(),
            (_, "to_s" | "reverse") => Ty::Str,
            (_, "eof") => Ty::Bool,
            _ => Ty::Int,
        })
    }

    /// Checks arguments that all must be integers, and how many there are.
    fn integers(
        &mut self,
        method: &str,
        least: usize,
        most: usize,
        arguments: &[Expr],
        scene: &Scene,
    ) -> Result<(), String> {
        let given = arguments.len();
        if given < least || given > most {
            let wanted = if least == most {
                arguments_text(most)
            } else {
                format!("at most {}", arguments_text(most))
            };
            return Err(format!("`{method}` takes {wanted}, {given} given"));
        }
        for (place, argument) in arguments.iter().enumerate() {
            let found = self.infer(argument, scene)?;
            if !found.may_be(&Ty::Int) {
                let (number, found) = (place + 1, self.describe(&found));
                return Err(format!(
                    "argument {number} of `{method}` must be an integer, found {found}"
                ));
            }
        }
        Ok(())
    }
}

/// `bytes.to_s("UTF-8")`. How text is read must be known before a file is.
fn decode(arguments: &[Expr]) -> Inferred {
    match arguments {
        [Expr::Str(_)] => Ok(Ty::Str),
        [_] => Err("`to_s` of bytes takes the name of an encoding as a literal text".to_owned()),
        _ => {
            let given = arguments.len();
            Err(format!("`to_s` of bytes takes 1 argument, the name of an encoding; {given} given"))
        }
    }
}

/// How many arguments, in words.
pub(super) fn arguments_text(count: usize) -> String {
    match count {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        count => format!("{count} arguments"),
    }
}

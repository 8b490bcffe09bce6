//! Members of values: fields of objects, and the methods of the language.

use std::sync::Arc;

use super::Tree;
use super::eval::Env;
use super::node::{Cursor, NodeId, Pace, StreamId};
use crate::expr::Cmp;
use crate::fault::{Fault, FaultKind, Result, Trouble, bad, fault};
use crate::names::Name;
use crate::schema::Chars;
use crate::text::count;
use crate::value::Value;

impl Tree {
    /// `of.name(arguments)`.
    pub(super) fn member_of(
        &mut self,
        of: &Value,
        name: Name,
        arguments: &[Value],
        env: &Env<'_>,
    ) -> Result<Value> {
        let text: Arc<str> = Arc::from(self.names.text(name));
        let text = &*text;
        match (of, text, arguments) {
            (Value::Object(id), "_io", []) => {
                let stream = self.object(*id)?.stream;
                Ok(Value::Stream(stream, *id))
            }
            (Value::Object(id), "_parent", []) => match self.object(*id)?.up {
                Some(up) => Ok(Value::Object(up)),
                None => Ok(Value::Null),
            },
            (Value::Object(id), "_root", []) => {
                Ok(super::eval::object_or_null(self.object(*id)?.root))
            }
            (Value::Object(id), "_sizeof", []) => {
                let ty = self.object(*id)?.ty;
                self.size_of_type(ty, false)
            }
            (Value::Object(id), _, []) => {
                let inner = Env { object: *id, index: None, item: None, ..*env };
                self.member(*id, name, &inner)
            }
            (Value::Stream(stream, object), _, []) => self.of_stream(*stream, *object, text, env),
            (Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Enum(..), _, _) => {
                self.of_number(of, text, arguments)
            }
            (Value::Str(it), _, _) => of_text(it, text, arguments),
            (Value::Bytes(it), _, _) => of_bytes(it, text, arguments),
            (Value::List(_) | Value::Array(_), _, []) => self.of_list(of, text, env),
            (Value::Null, _, _) => bad(format!("`{text}` of an absent field")),
            _ => bad(format!("no `{text}` of {}", of.describe())),
        }
    }

    fn of_stream(
        &mut self,
        stream: StreamId,
        object: super::NodeId,
        text: &str,
        env: &Env<'_>,
    ) -> Result<Value> {
        let it = self.stream(stream);
        if text == "size" {
            return Ok(Value::Int(i128::from(it.end.saturating_sub(it.start))));
        }
        let cursor: Cursor = match env.at.filter(|at| at.0 == stream) {
            Some((_, cursor)) => cursor,
            None => self.deeper(|tree| tree.finish_object(object))?,
        };
        match text {
            "pos" => Ok(Value::Int(i128::from(cursor.pos.saturating_sub(it.start)))),
            "eof" => Ok(Value::Bool(self.is_eof(stream, cursor))),
            _ => bad(format!("no `{text}` of a stream")),
        }
    }

    fn of_number(&mut self, of: &Value, text: &str, arguments: &[Value]) -> Result<Value> {
        match (of, text, arguments) {
            (_, "to_s", []) => self.to_text(of).map(Value::Str),
            (Value::Int(n) | Value::Enum(_, n), "to_i", []) => Ok(Value::Int(*n)),
            (Value::Bool(it), "to_i", []) => Ok(Value::Int(i128::from(*it))),
            (Value::Float(n), "to_i", []) => float_to_int(*n),
            _ => bad(format!("no `{text}` of {}", of.describe())),
        }
    }

    /// The mistake that cuts a list short, with the number of elements before it.
    fn with_count(&self, list: NodeId, trouble: Trouble) -> Trouble {
        let Trouble::Fault(fault) = &trouble else { return trouble };
        let Some(done) = self.arena.list(list).filter(|it| it.failed.is_some()).map(|it| it.done)
        else {
            return trouble;
        };
        let message = format!("{}; {} elements are before it", fault.message, count(done));
        Trouble::Fault(Arc::new(Fault { message, ..(**fault).clone() }))
    }

    /// How many elements a list has, where the expression stands.
    pub(super) fn count(&mut self, of: &Value, env: &Env<'_>) -> Result<u64> {
        match of {
            Value::Array(items) => Ok(u64::try_from(items.len()).unwrap_or(u64::MAX)),
            Value::Bytes(bytes) => Ok(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Value::List(id) => {
                if let Some(count) = self.visible(*id, env) {
                    Ok(count)
                } else {
                    let list = self.list(*id)?;
                    if let Pace::Walked(Some(count)) = list.pace {
                        return Ok(count);
                    }
                    if !list.complete || list.failed.is_some() {
                        self.deeper(|tree| tree.finish_list(*id))
                            .map_err(|it| self.with_count(*id, it))?;
                    }
                    Ok(self.list(*id)?.done)
                }
            }
            other => bad(format!("{} has no elements", other.describe())),
        }
    }

    /// `of[index]`.
    pub(super) fn index(&mut self, of: &Value, index: &Value, env: &Env<'_>) -> Result<Value> {
        let Value::Int(number) = index else {
            return bad(format!("an index is {}, not an integer", index.describe()));
        };
        let Ok(at) = u64::try_from(*number) else {
            return bad(format!("element {number} of a list"));
        };
        let place = usize::try_from(at).unwrap_or(usize::MAX);
        match of {
            Value::Array(items) => match items.get(place) {
                Some(it) => Ok(it.clone()),
                None => bad(format!("element {at} of a list of {}", items.len())),
            },
            Value::Bytes(bytes) => match bytes.get(place) {
                Some(it) => Ok(Value::Int(i128::from(*it))),
                None => bad(format!("byte {at} of {}", bytes.len())),
            },
            Value::List(id) => {
                if let Some(count) = self.visible(*id, env).filter(|it| at >= *it) {
                    return fault(
                        FaultKind::Later,
                        format!("element {at} of a list that has {count} yet"),
                    );
                }
                let node = self.element(*id, at)?;
                self.value(node)
            }
            other => bad(format!("{} has no elements", other.describe())),
        }
    }

    fn of_list(&mut self, of: &Value, text: &str, env: &Env<'_>) -> Result<Value> {
        let count = self.count(of, env)?;
        let at = |n: u64| Value::Int(i128::from(n));
        match text {
            "size" | "length" => Ok(at(count)),
            "first" | "last" | "min" | "max" if count == 0 => {
                bad(format!("`{text}` of an empty list"))
            }
            "first" => self.index(of, &at(0), env),
            "last" => self.index(of, &at(count - 1), env),
            "min" | "max" => {
                let wanted = if text == "min" { Cmp::Lt } else { Cmp::Gt };
                let mut best = self.index(of, &at(0), env)?;
                for place in 1..count {
                    self.step()?;
                    let it = self.index(of, &at(place), env)?;
                    if self.compare(wanted, &it, &best)? {
                        best = it;
                    }
                }
                Ok(best)
            }
            _ => bad(format!("no `{text}` of a list")),
        }
    }
}

/// A float without its fraction. One that no integer of 64 bits holds is a mistake.
#[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "the range is checked")]
fn float_to_int(n: f64) -> Result<Value> {
    if n.is_nan() || n.abs() >= 1e38 {
        return bad(format!("{n} as an integer"));
    }
    Ok(Value::Int(n.trunc() as i128))
}

fn of_bytes(bytes: &Arc<[u8]>, text: &str, arguments: &[Value]) -> Result<Value> {
    let number = |it: Option<&u8>| match it {
        Some(it) => Ok(Value::Int(i128::from(*it))),
        None => bad(format!("`{text}` of no bytes")),
    };
    match (text, arguments) {
        ("size" | "length", []) => Ok(Value::Int(i128::try_from(bytes.len()).unwrap_or(i128::MAX))),
        ("first", []) => number(bytes.first()),
        ("last", []) => number(bytes.last()),
        ("min", []) => number(bytes.iter().min()),
        ("max", []) => number(bytes.iter().max()),
        ("to_s", [Value::Str(encoding)]) => match Chars::named(encoding) {
            Some(chars) => Ok(Value::Str(chars.decode(bytes).0)),
            None => fault(FaultKind::Unsupported, format!("the encoding {encoding:?}")),
        },
        _ => bad(format!("no `{text}` of bytes")),
    }
}

fn of_text(text: &Arc<str>, method: &str, arguments: &[Value]) -> Result<Value> {
    let length = || i128::try_from(text.chars().count()).unwrap_or(i128::MAX);
    match (method, arguments) {
        ("length" | "size", []) => Ok(Value::Int(length())),
        ("reverse", []) => Ok(Value::Str(text.chars().rev().collect::<String>().into())),
        ("to_s", []) => Ok(Value::Str(Arc::clone(text))),
        ("to_i", []) => to_int(text, 10),
        ("to_i", [Value::Int(radix)]) => {
            match u32::try_from(*radix).ok().filter(|it| (2..=36).contains(it)) {
                Some(radix) => to_int(text, radix),
                None => bad(format!("`to_i` to the base {radix}; it takes 2 to 36")),
            }
        }
        ("substring", [Value::Int(from), Value::Int(to)]) => {
            let from = usize::try_from((*from).clamp(0, length())).unwrap_or(0);
            let to = usize::try_from((*to).clamp(0, length())).unwrap_or(0);
            let part: String = text.chars().skip(from).take(to.saturating_sub(from)).collect();
            Ok(Value::Str(part.into()))
        }
        _ => bad(format!("no `{method}` of text")),
    }
}

fn to_int(text: &str, radix: u32) -> Result<Value> {
    match i128::from_str_radix(text, radix) {
        Ok(n) => Ok(Value::Int(n)),
        Err(_) => bad(format!(
            "{:?} is no integer to the base {radix}",
            text.chars().take(40).collect::<String>()
        )),
    }
}

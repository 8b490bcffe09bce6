//! Operators on values. Every number is checked.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Tree;
use super::budget::MAX_VALUE;
use crate::expr::{Cmp, Op};
use crate::fault::{FaultKind, Result, bad, fault};
use crate::value::Value;

/// Fails for a text or byte array that is too long to be a value.
pub(super) fn check_len(len: usize) -> Result<()> {
    if u64::try_from(len).unwrap_or(u64::MAX) > MAX_VALUE {
        return fault(
            FaultKind::Limit,
            format!("a value of {len} bytes; at most {MAX_VALUE} are taken as one"),
        );
    }
    Ok(())
}

pub(super) fn negate(value: Value) -> Result<Value> {
    match value {
        Value::Int(n) => match n.checked_neg() {
            Some(n) => Ok(Value::Int(n)),
            None => bad("the integer has more than 128 bits"),
        },
        Value::Float(n) => Ok(Value::Float(-n)),
        other => bad(format!("`-` of {}", other.describe())),
    }
}

/// The value of `a op b`.
pub(super) fn binary(op: Op, a: Value, b: Value) -> Result<Value> {
    match (op, a, b) {
        (_, Value::Int(a), Value::Int(b)) => integers(op, a, b).map(Value::Int),
        (Op::Add, Value::Str(a), Value::Str(b)) => {
            check_len(a.len().saturating_add(b.len()))?;
            Ok(Value::Str([&*a, &*b].concat().into()))
        }
        (Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Mod, a, b) => match (float(&a), float(&b)) {
            (Some(x), Some(y)) => Ok(Value::Float(match op {
                Op::Add => x + y,
                Op::Sub => x - y,
                Op::Mul => x * y,
                Op::Div => x / y,
                _ => x.rem_euclid(y),
            })),
            _ => bad(format!("{op:?} of {} and {}", a.describe(), b.describe())),
        },
        (op, a, b) => bad(format!("{op:?} of {} and {}", a.describe(), b.describe())),
    }
}

fn integers(op: Op, a: i128, b: i128) -> Result<i128> {
    let value = match op {
        Op::Add => a.checked_add(b),
        Op::Sub => a.checked_sub(b),
        Op::Mul => a.checked_mul(b),
        Op::Div if b == 0 => return bad("a division by 0"),
        Op::Div => a.checked_div_euclid(b).and_then(|q| {
            // Towards negative infinity, also where the divisor is negative.
            if b < 0 && a.rem_euclid(b) != 0 { q.checked_sub(1) } else { Some(q) }
        }),
        Op::Mod if b <= 0 => return bad(format!("a remainder of a division by {b}")),
        Op::Mod => a.checked_rem_euclid(b),
        Op::And => Some(a & b),
        Op::Or => Some(a | b),
        Op::Xor => Some(a ^ b),
        Op::Shl | Op::Shr => {
            let Some(count) = u32::try_from(b).ok().filter(|it| *it < 128) else {
                return bad(format!("a shift by {b}; it takes 0 to 127"));
            };
            if op == Op::Shr {
                Some(a >> count)
            } else {
                a.checked_mul(1_i128.checked_shl(count).unwrap_or(0))
                    .filter(|_| count < 127 || a == 0)
            }
        }
    };
    match value {
        Some(value) => Ok(value),
        None => bad("the integer has more than 128 bits"),
    }
}

/// A number as a float.
#[expect(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "a float is what was asked for"
)]
pub(super) fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(n) => Some(*n),
        _ => None,
    }
}

impl Tree {
    /// Whether two values are equal.
    pub(super) fn equal(&mut self, a: &Value, b: &Value) -> Result<bool> {
        self.compare(Cmp::Eq, a, b)
    }

    pub(super) fn compare(&mut self, cmp: Cmp, a: &Value, b: &Value) -> Result<bool> {
        let order = match (a, b) {
            (Value::Int(a) | Value::Enum(_, a), Value::Int(b) | Value::Enum(_, b)) => {
                Some(a.cmp(b))
            }
            (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
            (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
            (Value::Object(x), Value::Object(y)) if matches!(cmp, Cmp::Eq | Cmp::Ne) => {
                return Ok((x == y) == (cmp == Cmp::Eq));
            }
            (Value::List(_) | Value::Array(_), _) | (_, Value::List(_) | Value::Array(_))
                if matches!(cmp, Cmp::Eq | Cmp::Ne) =>
            {
                return Ok(self.equal_lists(a, b)? == (cmp == Cmp::Eq));
            }
            _ => match (float(a), float(b)) {
                (Some(a), Some(b)) => a.partial_cmp(&b),
                _ => return bad(format!("{} is compared with {}", a.describe(), b.describe())),
            },
        };
        Ok(match (cmp, order) {
            (Cmp::Ne, None) => true,
            (_, None) => false,
            (Cmp::Eq, Some(it)) => it == Ordering::Equal,
            (Cmp::Ne, Some(it)) => it != Ordering::Equal,
            (Cmp::Lt, Some(it)) => it == Ordering::Less,
            (Cmp::Le, Some(it)) => it != Ordering::Greater,
            (Cmp::Gt, Some(it)) => it == Ordering::Greater,
            (Cmp::Ge, Some(it)) => it != Ordering::Less,
        })
    }

    fn equal_lists(&mut self, a: &Value, b: &Value) -> Result<bool> {
        let env = super::eval::Env::of(self.root);
        let count = self.count(a, &env)?;
        if count != self.count(b, &env)? {
            return Ok(false);
        }
        for at in 0..count {
            self.step()?;
            let index = Value::Int(i128::from(at));
            let (one, other) = (self.index(a, &index, &env)?, self.index(b, &index, &env)?);
            if !self.equal(&one, &other)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The text of a value in `f"…"` and `to_s`.
    pub(super) fn to_text(&self, value: &Value) -> Result<Arc<str>> {
        Ok(match value {
            Value::Int(n) => Arc::from(n.to_string()),
            Value::Float(n) => Arc::from(n.to_string()),
            Value::Bool(it) => Arc::from(it.to_string()),
            Value::Str(it) => Arc::clone(it),
            Value::Enum(id, n) => match self.schema.enumeration(*id).label(*n) {
                Some(label) => Arc::clone(label),
                None => Arc::from(n.to_string()),
            },
            other => return bad(format!("{} as text", other.describe())),
        })
    }
}

//! `contents` and `valid`: what a value must be.

use std::sync::Arc;

use super::Tree;
use super::eval::Env;
use super::node::{Cursor, NodeId, State};
use crate::expr::Cmp;
use crate::fault::{FaultKind, Result, Trouble, bad, fault};
use crate::schema::{Attr, Located, Valid};
use crate::value::Value;

/// The longest body that is checked when it is laid out.
const EARLY: u64 = 64;

impl Tree {
    /// Checks a node that was just laid out, if its body is small. A mistake is noted in the node, whose
    /// end is known; the walk goes on.
    pub(super) fn check_early(&mut self, id: NodeId) -> Result<()> {
        let node = self.arena.get(id);
        if node.len > EARLY || node.checked {
            return Ok(());
        }
        match self.check(id) {
            Err(Trouble::Stop(stop)) => Err(Trouble::Stop(stop)),
            _ => Ok(()),
        }
    }

    /// The same for a node that nothing holds yet: it is dropped when the check stops.
    pub(super) fn check_new(&mut self, id: NodeId) -> Result<()> {
        let result = self.check_early(id);
        if result.is_err() {
            self.drop_node(id);
        }
        result
    }

    /// Checks a node once. A mistake is kept in it, and returned.
    pub(super) fn check(&mut self, id: NodeId) -> Result<()> {
        let node = self.arena.get(id);
        if let Some(problem) = &node.problem {
            return Err(Trouble::Fault(Arc::clone(problem)));
        }
        let Some(attr_id) = node.attr.filter(|_| !node.checked) else { return Ok(()) };
        let schema = Arc::clone(&self.schema);
        let attr = schema.attr(attr_id);
        let nothing = attr.valid.is_none() && attr.body.contents.is_none();
        if nothing || matches!(node.state, State::Absent | State::List(_)) {
            self.arena.get_mut(id).checked = true;
            return Ok(());
        }
        let result = self.value(id).and_then(|value| self.check_value(id, attr, &value));
        let result = result.map_err(|trouble| trouble.at(|| self.path(id)));
        match &result {
            Err(Trouble::Stop(_)) => return result,
            Err(Trouble::Fault(fault)) if !Self::is_lasting(fault) => return result,
            Err(Trouble::Fault(fault)) => self.arena.get_mut(id).problem = Some(Arc::clone(fault)),
            Ok(()) => {}
        }
        self.arena.get_mut(id).checked = true;
        result
    }

    fn check_contents(&self, attr: &Attr, value: &Value) -> Result<()> {
        let Some(wanted) = &attr.body.contents else { return Ok(()) };
        let found = match value {
            Value::Bytes(found) => found == wanted,
            Value::Str(found) => found.as_bytes() == &**wanted,
            _ => false,
        };
        if !found {
            return fault(
                FaultKind::NotEqual,
                format!("{} where {} must be", self.brief(value), hex(wanted)),
            );
        }
        Ok(())
    }

    fn check_value(&mut self, id: NodeId, attr: &Attr, value: &Value) -> Result<()> {
        self.check_contents(attr, value)?;
        let Some(valid) = &attr.valid else { return Ok(()) };
        let node = self.arena.get(id);
        let end = node.start.saturating_add(node.len);
        let owner = self.owner(id);
        let laying = self.place_in_seq(id).map(|at| (owner, Some(at)));
        let (placed, stream, index) = (node.placed, node.stream, node.index);
        let env = Env { laying, index, item: Some(value), ..Env::of(owner) };
        let env = if placed { env.moved(self, stream, Cursor::at(end)) } else { env };
        match valid {
            Valid::Equal(wanted) => {
                self.hold(value, Cmp::Eq, wanted, &env, FaultKind::NotEqual, "must be")
            }
            Valid::Range { min, max } => {
                if let Some(min) = min {
                    self.hold(value, Cmp::Ge, min, &env, FaultKind::LessThan, "must be at least")?;
                }
                match max {
                    Some(max) => self.hold(
                        value,
                        Cmp::Le,
                        max,
                        &env,
                        FaultKind::GreaterThan,
                        "must be at most",
                    ),
                    None => Ok(()),
                }
            }
            Valid::AnyOf(all) => {
                for one in all {
                    let one = self.eval(&one.expr, &env)?;
                    if self.equal(value, &one)? {
                        return Ok(());
                    }
                }
                fault(
                    FaultKind::NotAnyOf,
                    format!("{} is none of the values that it may be", self.brief(value)),
                )
            }
            Valid::InEnum => match value {
                Value::Enum(enumeration, n) => {
                    match self.schema.enumeration(*enumeration).label(*n) {
                        Some(_) => Ok(()),
                        None => fault(FaultKind::NotInEnum, format!("{n} has no name in its enum")),
                    }
                }
                _ => bad("`in-enum` without an enum"),
            },
            Valid::Expr(cond) => {
                if self.eval_bool(&cond.expr, &env)? {
                    return Ok(());
                }
                fault(
                    FaultKind::Invalid,
                    format!("{} does not hold for {}", cond.text, self.brief(value)),
                )
            }
        }
    }

    fn hold(
        &mut self,
        value: &Value,
        cmp: Cmp,
        wanted: &Located,
        env: &Env<'_>,
        kind: FaultKind,
        words: &str,
    ) -> Result<()> {
        let wanted = self.eval(&wanted.expr, env)?;
        if self.compare(cmp, value, &wanted)? {
            return Ok(());
        }
        fault(kind, format!("{} {words} {}", self.brief(value), self.brief(&wanted)))
    }

    /// A value in a few words.
    fn brief(&self, value: &Value) -> String {
        match value {
            Value::Str(text) => format!("{:?}", text.chars().take(40).collect::<String>()),
            Value::Bytes(bytes) => hex(bytes),
            other => self
                .to_text(other)
                .map_or_else(|_| other.describe().to_owned(), |it| (*it).to_owned()),
        }
    }
}

/// The first bytes of some, in hex.
fn hex(bytes: &[u8]) -> String {
    let mut text: Vec<String> = bytes.iter().take(16).map(|it| format!("{it:02x}")).collect();
    if bytes.len() > 16 {
        text.push("…".to_owned());
    }
    format!("[{}]", text.join(" "))
}

//! Questions: expressions in the scope of the root.

use super::Tree;
use super::eval::Env;
use super::node::NodeId;
use crate::answer::Answer;
use crate::expr::{self, Expr};
use crate::fault::{FaultKind, Result, fault};
use crate::row::{Step, Trail};
use crate::value::Value;

impl Tree {
    /// The value of an expression, such as `header.section_headers[3].name`.
    ///
    /// # Errors
    ///
    /// [`Trouble`](crate::Trouble): a mistake of the expression or of the file, or a stop, after which the
    /// same question goes on from where it was.
    pub fn ask(&mut self, text: &str) -> Result<Answer> {
        self.begin_request();
        let value = self.ask_value(text)?;
        self.answer(&value)
    }

    pub(super) fn ask_value(&mut self, text: &str) -> Result<Value> {
        let expr = self.question(text)?;
        self.eval(&expr, &Env::of(self.root))
    }

    fn question(&mut self, text: &str) -> Result<Expr> {
        let mut expr = match expr::parse(text, &mut self.names) {
            Ok(expr) => expr,
            Err(error) => {
                return fault(FaultKind::Expression, format!("{error} (at {})", error.at + 1));
            }
        };
        self.schema.resolve_names(&mut expr, self.schema.root);
        Ok(expr)
    }

    /// The node that a path names: a field, an instance, an element, or nothing for the root.
    pub(super) fn node_named(&mut self, text: &str) -> Result<Option<NodeId>> {
        if text.trim().is_empty() {
            return Ok(Some(self.root));
        }
        let expr = self.question(text)?;
        self.node_at(&expr)
    }

    fn node_at(&mut self, expr: &Expr) -> Result<Option<NodeId>> {
        let env = Env::of(self.root);
        match expr {
            Expr::Field(name) => self.node_of(self.root, *name, &env),
            Expr::Cast(of, _) => self.node_at(of),
            Expr::Member(of, name) => match self.eval(of, &env)? {
                Value::Object(object) => self.node_of(object, *name, &env),
                _ => Ok(None),
            },
            Expr::Index(of, index) => {
                let (of, index) = (self.eval(of, &env)?, self.eval(index, &env)?);
                match (of, index) {
                    (Value::List(list), Value::Int(at)) => match u64::try_from(at) {
                        Ok(at) => self.element(list, at).map(Some),
                        Err(_) => Ok(None),
                    },
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    /// The way to a node.
    pub(super) fn trail_of(&self, id: NodeId) -> Trail {
        let mut steps = Vec::new();
        let mut at = id;
        while at != self.root && at != NodeId::NONE {
            let node = self.arena.get(at);
            let parent = self.arena.object(node.parent);
            let step = match (node.index, self.place_in_seq(at)) {
                (Some(index), _) => Step::Element(index),
                (None, Some(place)) => Step::Field(place),
                (None, None) => {
                    let place = parent
                        .and_then(|it| it.instances.iter().position(|slot| *slot == Some(at)));
                    Step::Instance(place.unwrap_or(0))
                }
            };
            steps.push(step);
            at = node.parent;
        }
        steps.reverse();
        Trail(steps)
    }

    /// Reads all fields below the root, in order; instances are not fields.
    ///
    /// # Errors
    ///
    /// [`Trouble`](crate::Trouble): the first mistake in a strict tree, else one that ends the root.
    pub fn read_all(&mut self) -> Result<()> {
        self.begin_request();
        self.force(self.root)
    }

    pub(super) fn answer(&mut self, value: &Value) -> Result<Answer> {
        Ok(match value {
            Value::Null => Answer::Absent,
            Value::Int(n) => Answer::Int(*n),
            Value::Float(n) => Answer::Float(*n),
            Value::Bool(it) => Answer::Bool(*it),
            Value::Str(text) => Answer::Text((**text).to_owned()),
            Value::Bytes(bytes) => Answer::Bytes(bytes.to_vec()),
            Value::Enum(id, n) => {
                let label = self.schema.enumeration(*id).label(*n);
                Answer::Enum(*n, label.map(|it| (**it).to_owned()))
            }
            Value::Object(id) => Answer::Object(self.path(*id)),
            Value::List(id) => Answer::List(self.path(*id), self.list(*id)?.done),
            Value::Array(items) => {
                Answer::Values(items.iter().map(|it| self.answer(it)).collect::<Result<_>>()?)
            }
            Value::Stream(stream, _) => {
                let stream = self.stream(*stream);
                Answer::Stream(stream.end.saturating_sub(stream.start))
            }
        })
    }
}

//! A parser by precedence. It counts the depth, so that nothing that walks its result overflows.

use std::fmt;
use std::sync::Arc;

use super::lexer::{self, Kind, Token};
use super::{Cmp, EnumRef, Expr, MAX_DEPTH, MAX_TEXT, Op, Special, TypeName};
use crate::names::{Name, Names, is_id};

/// A mistake in an expression, and where, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ParseError {
    pub(crate) at: usize,
    pub(crate) message: String,
}

impl ParseError {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

type Result<T> = std::result::Result<T, ParseError>;

/// How strongly an operator binds, the weakest first.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Power {
    If,
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
}

impl Power {
    fn above(self) -> Self {
        match self {
            Self::If => Self::Or,
            Self::Or => Self::And,
            Self::And => Self::Not,
            Self::Not => Self::Compare,
            Self::Compare => Self::BitOr,
            Self::BitOr => Self::BitXor,
            Self::BitXor => Self::BitAnd,
            Self::BitAnd => Self::Shift,
            Self::Shift => Self::Sum,
            Self::Sum | Self::Product => Self::Product,
        }
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    /// How deep the expression is that was read last: operators in a row make it deeper on the left, which
    /// `depth` does not see.
    height: usize,
    names: &'a mut Names,
}

/// The expression of a text.
pub(crate) fn parse(text: &str, names: &mut Names) -> Result<Expr> {
    let mut parser = Parser::new(text, names)?;
    let value = parser.expr()?;
    parser.end()?;
    Ok(value)
}

/// A path of names and what stands in the brackets after it: `foo::bar(1, a)`.
pub(crate) fn parse_arguments(text: &str, names: &mut Names) -> Result<(Vec<String>, Vec<Expr>)> {
    let mut parser = Parser::new(text, names)?;
    let mut path = vec![parser.word()?];
    while parser.take("::") {
        path.push(parser.word()?);
    }
    let arguments = if parser.take("(") { parser.arguments()? } else { Vec::new() };
    parser.end()?;
    Ok((path, arguments))
}

impl<'a> Parser<'a> {
    fn new(text: &str, names: &'a mut Names) -> Result<Self> {
        if text.len() > MAX_TEXT {
            let message =
                format!("an expression of {} bytes; at most {MAX_TEXT} are read", text.len());
            return Err(ParseError::new(0, message));
        }
        Ok(Self { tokens: lexer::tokens(text)?, next: 0, depth: 0, height: 0, names })
    }

    fn peek(&self) -> &Kind {
        self.tokens.get(self.next).map_or(&Kind::End, |it| &it.kind)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(0, |it| it.at)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Kind::Sign(it) if *it == sign);
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Kind::Word(it) if it == word);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<()> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn word(&mut self) -> Result<String> {
        match self.peek() {
            Kind::Word(word) => {
                let word = word.clone();
                self.next += 1;
                Ok(word)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    fn end(&self) -> Result<()> {
        if *self.peek() == Kind::End { Ok(()) } else { Err(self.unexpected("the end")) }
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let found = match self.peek() {
            Kind::End => "the end".to_owned(),
            Kind::Sign(it) => format!("`{it}`"),
            Kind::Word(it) | Kind::TooBig(it) => format!("`{it}`"),
            Kind::Int(it) => format!("`{it}`"),
            Kind::Float(it) => format!("`{it}`"),
            Kind::Str(_) | Kind::Format(_) => "a text".to_owned(),
        };
        let hint = match self.peek() {
            Kind::Sign("&&") => "; did you mean `and`?",
            Kind::Sign("||") => "; did you mean `or`?",
            Kind::Sign("!") => "; did you mean `not`?",
            Kind::Sign("=") => "; did you mean `==`?",
            _ => "",
        };
        ParseError::new(self.at(), format!("{found} where {wanted} was expected{hint}"))
    }

    /// Goes one level deeper for the time of `inner`.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(ParseError::new(
                self.at(),
                format!("an expression deeper than {MAX_DEPTH}"),
            ));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Notes how deep the expression is that was just made.
    fn set_height(&mut self, height: usize) -> Result<()> {
        if height > MAX_DEPTH {
            return Err(ParseError::new(
                self.at(),
                format!("an expression deeper than {MAX_DEPTH}"),
            ));
        }
        self.height = height;
        Ok(())
    }

    fn expr(&mut self) -> Result<Expr> {
        self.deeper(|it| it.binary(Power::If))
    }

    /// An expression whose operators bind at least so strongly. A chain of operators on one level makes
    /// its tree deeper with each, which counts as well.
    fn binary(&mut self, power: Power) -> Result<Expr> {
        let mut left = if power <= Power::Not && self.take_word("not") {
            let inner = self.deeper(|it| it.binary(Power::Not))?;
            self.set_height(self.height + 1)?;
            Expr::Not(Box::new(inner))
        } else {
            self.unary()?
        };
        while let Some((sign, its)) = self.operator().filter(|(_, its)| *its >= power) {
            self.next += 1;
            let mut height = self.height;
            left = if sign == "?" {
                let yes = self.expr()?;
                height = height.max(self.height);
                self.expect(":")?;
                let no = self.deeper(|it| it.binary(Power::If))?;
                Expr::If(Box::new(left), Box::new(yes), Box::new(no))
            } else {
                let right = self.right(its)?;
                join(sign, left, right)
            };
            self.set_height(height.max(self.height) + 1)?;
        }
        Ok(left)
    }

    /// What stands on the right of an operator.
    fn right(&mut self, power: Power) -> Result<Expr> {
        if power == Power::Product {
            self.unary()
        } else {
            self.deeper(|it| it.binary(power.above()))
        }
    }

    fn operator(&self) -> Option<(&'static str, Power)> {
        Some(match self.peek() {
            Kind::Sign("?") => ("?", Power::If),
            Kind::Word(it) if it == "or" => ("or", Power::Or),
            Kind::Word(it) if it == "and" => ("and", Power::And),
            Kind::Sign(it @ ("==" | "!=" | "<" | "<=" | ">" | ">=")) => (it, Power::Compare),
            Kind::Sign("|") => ("|", Power::BitOr),
            Kind::Sign("^") => ("^", Power::BitXor),
            Kind::Sign("&") => ("&", Power::BitAnd),
            Kind::Sign(it @ ("<<" | ">>")) => (it, Power::Shift),
            Kind::Sign(it @ ("+" | "-")) => (it, Power::Sum),
            Kind::Sign(it @ ("*" | "/" | "%")) => (it, Power::Product),
            _ => return None,
        })
    }

    fn unary(&mut self) -> Result<Expr> {
        if self.take("-") {
            let value = self.deeper(Self::unary)?;
            self.set_height(self.height + 1)?;
            return Ok(match value {
                Expr::Int(n) => {
                    n.checked_neg().map_or_else(|| Expr::Negate(Box::new(Expr::Int(n))), Expr::Int)
                }
                Expr::Float(n) => Expr::Float(-n),
                other => Expr::Negate(Box::new(other)),
            });
        }
        if self.take("+") {
            return self.deeper(Self::unary);
        }
        if self.take("~") {
            let value = self.deeper(Self::unary)?;
            self.set_height(self.height + 1)?;
            return Ok(Expr::Invert(Box::new(value)));
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Result<Expr> {
        let mut value = self.atom()?;
        loop {
            let height = self.height;
            if self.take(".") {
                value = self.member(value)?;
            } else if self.take("[") {
                let index = self.expr()?;
                self.expect("]")?;
                value = Expr::Index(Box::new(value), Box::new(index));
            } else {
                break;
            }
            self.set_height(height.max(self.height) + 1)?;
        }
        Ok(value)
    }

    fn member(&mut self, of: Expr) -> Result<Expr> {
        let at = self.at();
        let word = self.word()?;
        if word == "as" && self.take("<") {
            let name = self.type_name()?;
            self.expect(">")?;
            return Ok(Expr::Cast(Box::new(of), Box::new(name)));
        }
        let name = self.checked(at, &word)?;
        if self.take("(") {
            let arguments = self.arguments()?;
            return Ok(Expr::Call(Box::new(of), name, arguments));
        }
        Ok(Expr::Member(Box::new(of), name))
    }

    /// The name of a field or a method, which is an id or one of the special names.
    fn checked(&mut self, at: usize, word: &str) -> Result<Name> {
        if is_id(word) || word.starts_with('_') {
            return Ok(self.names.intern(word));
        }
        Err(ParseError::new(at, format!("{word:?} is no id: [a-z][a-z0-9_]*")))
    }

    fn type_name(&mut self) -> Result<TypeName> {
        let mut path = Vec::new();
        self.take("::");
        path.push(self.word()?);
        while self.take("::") {
            path.push(self.word()?);
        }
        let array = self.take("[");
        if array {
            self.expect("]")?;
        }
        Ok(TypeName { path, array, found: None })
    }

    /// What stands between brackets after a name. After a comma another has to follow.
    fn arguments(&mut self) -> Result<Vec<Expr>> {
        if self.take(")") {
            return Ok(Vec::new());
        }
        let mut items = vec![self.expr()?];
        let mut height = self.height;
        while self.take(",") {
            items.push(self.expr()?);
            height = height.max(self.height);
        }
        self.expect(")")?;
        self.height = height;
        Ok(items)
    }

    /// The elements of a list. After the last one a comma may stand.
    fn list(&mut self) -> Result<Vec<Expr>> {
        let mut items = Vec::new();
        let mut height = 0;
        while !self.take("]") {
            items.push(self.expr()?);
            height = height.max(self.height);
            if !self.take(",") {
                self.expect("]")?;
                break;
            }
        }
        self.set_height(height + 1)?;
        Ok(items)
    }

    fn atom(&mut self) -> Result<Expr> {
        let at = self.at();
        if self.take("(") {
            let inner = self.expr()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take("[") {
            return Ok(Expr::List(self.list()?));
        }
        if self.take("::") {
            let first = self.word()?;
            self.height = 1;
            return self.enumeration(vec![first]);
        }
        let kind = self.peek().clone();
        self.next += 1;
        self.height = 1;
        match kind {
            Kind::Int(value) => Ok(Expr::Int(value)),
            Kind::TooBig(text) => Ok(Expr::TooBig(Arc::from(text))),
            Kind::Float(value) => Ok(Expr::Float(value)),
            Kind::Str(text) => {
                let mut whole = text;
                while let Kind::Str(more) = self.peek() {
                    whole.push_str(more);
                    self.next += 1;
                }
                Ok(Expr::Str(Arc::from(whole)))
            }
            Kind::Format(text) => self.format(&text, at),
            Kind::Word(word) => self.word_atom(at, &word),
            Kind::Sign(_) | Kind::End => {
                self.next -= 1;
                Err(self.unexpected("a value"))
            }
        }
    }

    fn word_atom(&mut self, at: usize, word: &str) -> Result<Expr> {
        Ok(match word {
            "true" => Expr::Bool(true),
            "false" => Expr::Bool(false),
            "sizeof" | "bitsizeof" if self.take("<") => {
                let of = Box::new(self.type_name()?);
                self.expect(">")?;
                Expr::SizeOf { of, bits: word == "bitsizeof" }
            }
            "_" => Expr::Special(Special::Item),
            "_root" => Expr::Special(Special::Root),
            "_parent" => Expr::Special(Special::Parent),
            "_io" => Expr::Special(Special::Io),
            "_index" => Expr::Special(Special::Index),
            "_sizeof" => Expr::Special(Special::SizeOf),
            "_is_le" => Expr::Special(Special::IsLe),
            _ if matches!(self.peek(), Kind::Sign("::")) => {
                return self.enumeration(vec![word.to_owned()]);
            }
            _ => Expr::Field(self.checked(at, word)?),
        })
    }

    fn enumeration(&mut self, mut path: Vec<String>) -> Result<Expr> {
        while self.take("::") {
            path.push(self.word()?);
        }
        let label = path.pop().unwrap_or_default();
        Ok(Expr::Enum(Box::new(EnumRef { path, label, found: None })))
    }

    /// The parts of `f"…{expr}…"`.
    fn format(&mut self, text: &str, at: usize) -> Result<Expr> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut height = 0;
        let mut chars = text.char_indices();
        while let Some((begin, it)) = chars.next() {
            match it {
                '{' => {
                    let body = text.get(begin + 1..).unwrap_or("");
                    let end =
                        body.find('}').ok_or_else(|| ParseError::new(at, "`{` without `}`"))?;
                    if !plain.is_empty() {
                        parts.push(Expr::Str(Arc::from(std::mem::take(&mut plain))));
                    }
                    let inner = body.get(..end).unwrap_or("");
                    let depth = self.depth;
                    let names = &mut *self.names;
                    let mut parser =
                        Parser { tokens: lexer::tokens(inner)?, next: 0, depth, height: 0, names };
                    parts.push(parser.expr()?);
                    height = height.max(parser.height);
                    parser.end()?;
                    while chars.next().is_some_and(|(_, it)| it != '}') {}
                }
                '\\' => plain.push(lexer::escape(text, begin, at, &mut chars)?),
                _ => plain.push(it),
            }
        }
        if !plain.is_empty() || parts.is_empty() {
            parts.push(Expr::Str(Arc::from(plain)));
        }
        self.set_height(height + 1)?;
        Ok(Expr::Format(parts))
    }
}

fn join(sign: &str, left: Expr, right: Expr) -> Expr {
    let (left, right) = (Box::new(left), Box::new(right));
    match sign {
        "or" => Expr::Or(left, right),
        "and" => Expr::And(left, right),
        "==" => Expr::Compare(Cmp::Eq, left, right),
        "!=" => Expr::Compare(Cmp::Ne, left, right),
        "<" => Expr::Compare(Cmp::Lt, left, right),
        "<=" => Expr::Compare(Cmp::Le, left, right),
        ">" => Expr::Compare(Cmp::Gt, left, right),
        ">=" => Expr::Compare(Cmp::Ge, left, right),
        "|" => Expr::Binary(Op::Or, left, right),
        "^" => Expr::Binary(Op::Xor, left, right),
        "&" => Expr::Binary(Op::And, left, right),
        "<<" => Expr::Binary(Op::Shl, left, right),
        ">>" => Expr::Binary(Op::Shr, left, right),
        "+" => Expr::Binary(Op::Add, left, right),
        "-" => Expr::Binary(Op::Sub, left, right),
        "*" => Expr::Binary(Op::Mul, left, right),
        "/" => Expr::Binary(Op::Div, left, right),
        _ => Expr::Binary(Op::Mod, left, right),
    }
}

//! What `$filter` and `$orderby` say, as a tree; names are looked up while it is read.

use std::borrow::Cow;

use super::cell::Cell;
use super::functions::Function;
use super::kind::{Field, Kind, Nav};
use super::lexer::{Lexer, Token};
use super::wrong::Wrong;
use crate::config::nearest;

/// Parts of one expression: it is walked for every entity.
const PARTS_MAX: usize = 200;
/// Brackets in brackets.
const DEPTH_MAX: usize = 24;
/// From an entity over relations to a property.
const HOPS_MAX: usize = 6;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Literal(Cell<'static>),
    Path(FieldPath),
    Not(Box<Expression>),
    Minus(Box<Expression>),
    Two(Operator, Box<Expression>, Box<Expression>),
    Call(Function, Vec<Expression>),
}

/// A property, reached over relations.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FieldPath {
    pub(super) hops: Vec<Nav>,
    pub(super) field: Field,
    /// Keys inside a property that is an object.
    pub(super) below: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// From the loosest binding to the tightest.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("or", Operator::Or)],
    &[("and", Operator::And)],
    &[
        ("eq", Operator::Equal),
        ("ne", Operator::Unequal),
        ("gt", Operator::Greater),
        ("ge", Operator::GreaterOrEqual),
        ("lt", Operator::Less),
        ("le", Operator::LessOrEqual),
    ],
    &[("add", Operator::Add), ("sub", Operator::Subtract)],
    &[
        ("mul", Operator::Multiply),
        ("div", Operator::Divide),
        ("mod", Operator::Remainder),
    ],
];

/// Reads one expression about entities of a kind and stops after it.
pub(super) struct Parser<'l, 'a> {
    words: &'l mut Lexer<'a>,
    about: Kind,
    parts: usize,
    depth: usize,
}

impl<'l, 'a> Parser<'l, 'a> {
    pub(super) fn new(words: &'l mut Lexer<'a>, about: Kind) -> Parser<'l, 'a> {
        Parser {
            words,
            about,
            parts: 0,
            depth: 0,
        }
    }

    pub(super) fn expression(&mut self) -> Result<Expression, Wrong> {
        self.level(0)
    }

    fn level(&mut self, level: usize) -> Result<Expression, Wrong> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.level(level + 1)?;
        while let Token::Word(word) = &self.words.token
            && let Some((_, operator)) = operators.iter().find(|(name, _)| name == word)
        {
            self.words.take()?;
            let right = self.level(level + 1)?;
            self.part()?;
            left = Expression::Two(*operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, Wrong> {
        self.part()?;
        self.deeper()?;
        let read = if self.words.is_word("not") {
            self.words.take()?;
            // Looser than a comparison: `not a eq b` is `not (a eq b)`.
            self.level(2).map(|inner| Expression::Not(Box::new(inner)))
        } else if self.words.eat('-')? {
            self.unary().map(|inner| Expression::Minus(Box::new(inner)))
        } else if self.words.eat('(')? {
            let inner = self.level(0)?;
            self.words.need(')').map(|()| inner)
        } else {
            self.primary()
        };
        self.depth -= 1;
        read
    }

    fn primary(&mut self) -> Result<Expression, Wrong> {
        let at = self.words.at;
        if !matches!(
            self.words.token,
            Token::Word(_)
                | Token::Text(_)
                | Token::Number(_)
                | Token::Instant(_)
                | Token::Span(..)
                | Token::Duration(_)
                | Token::Shape(_)
        ) {
            let expected =
                "a property, a number, a text in single quotes or a function is expected";
            return Err(self.words.wrong(expected));
        }
        let cell = match self.words.take()? {
            Token::Word(word) => return self.named(word, at),
            Token::Text(text) => Cell::Text(Cow::Owned(text)),
            Token::Number(number) => Cell::Number(number),
            Token::Instant(moment) => Cell::Instant(moment),
            Token::Span(start, end) => Cell::Span(start, end),
            Token::Duration(length) => Cell::Duration(length),
            Token::Shape(shape) => Cell::Shape(Cow::Owned(shape)),
            // Sorted out above.
            Token::Sign(_) | Token::End => Cell::Null,
        };
        Ok(Expression::Literal(cell))
    }

    fn named(&mut self, word: String, at: usize) -> Result<Expression, Wrong> {
        if self.words.token == Token::Sign('(') {
            return self.call(&word, at);
        }
        let literal = match word.as_str() {
            "true" => Cell::Bool(true),
            "false" => Cell::Bool(false),
            "null" => Cell::Null,
            _ => return self.path(word, at).map(Expression::Path),
        };
        Ok(Expression::Literal(literal))
    }

    fn call(&mut self, name: &str, at: usize) -> Result<Expression, Wrong> {
        let Some(function) = Function::from_name(name) else {
            let hint = nearest(name, Function::names());
            let message = format!("there is no function `{name}`{hint}");
            return Err(self.words.wrong_at(at, &message));
        };
        self.words.need('(')?;
        self.deeper()?;
        let mut given = Vec::new();
        if self.words.token != Token::Sign(')') {
            given.push(self.level(0)?);
            while self.words.eat(',')? {
                given.push(self.level(0)?);
            }
        }
        self.words.need(')')?;
        self.depth -= 1;
        match function.takes(given.len()) {
            true => Ok(Expression::Call(function, given)),
            false => {
                let message = format!("`{name}` does not take {} arguments", given.len());
                Err(self.words.wrong_at(at, &message))
            }
        }
    }

    fn path(&mut self, first: String, at: usize) -> Result<FieldPath, Wrong> {
        let (mut about, mut hops, mut name, mut at) = (self.about, Vec::new(), first, at);
        let field = loop {
            if let Some(field) = about.field(&name) {
                break field;
            }
            let Some(nav) = about.nav(&name) else {
                let hint = nearest(&name, about.names());
                let message = format!("{} have no `{name}`{hint}", about.set());
                return Err(self.words.wrong_at(at, &message));
            };
            if hops.len() == HOPS_MAX {
                return Err(self.words.wrong_at(at, "this path is too long"));
            }
            hops.push(nav);
            about = nav.to;
            (name, at) = match self.words.eat('/')? {
                true => self.name()?,
                // A relation alone stands for the ids of what it leads to.
                false => ("@iot.id".to_owned(), at),
            };
        };
        let mut below = Vec::new();
        while self.words.eat('/')? {
            if below.len() == HOPS_MAX {
                return Err(self.words.wrong("this path is too long"));
            }
            below.push(self.name()?.0);
        }
        Ok(FieldPath { hops, field, below })
    }

    fn name(&mut self) -> Result<(String, usize), Wrong> {
        let at = self.words.at;
        match &self.words.token {
            Token::Word(name) => {
                let name = name.clone();
                self.words.take()?;
                Ok((name, at))
            }
            Token::Number(number) if number.fract() == 0.0 => {
                let name = number.to_string();
                self.words.take()?;
                Ok((name, at))
            }
            _ => Err(self.words.wrong("a name is expected after `/`")),
        }
    }

    fn part(&mut self) -> Result<(), Wrong> {
        self.parts += 1;
        match self.parts <= PARTS_MAX {
            true => Ok(()),
            false => {
                let message = format!("this has more than {PARTS_MAX} parts; say it shorter");
                Err(self.words.wrong_at(self.words.at, &message))
            }
        }
    }

    fn deeper(&mut self) -> Result<(), Wrong> {
        self.depth += 1;
        match self.depth <= DEPTH_MAX {
            true => Ok(()),
            false => {
                let message = format!("brackets are nested more than {DEPTH_MAX} deep");
                Err(self.words.wrong_at(self.words.at, &message))
            }
        }
    }
}

//! The options of a question: `$filter`, `$orderby`, `$top`, `$skip`, `$count`, `$select`, `$expand`, `$resultFormat`.

use super::expression::{Expression, Parser};
use super::kind::{Field, Kind, Nav};
use super::lexer::{Lexer, Token};
use super::wrong::Wrong;
use crate::config::nearest;

/// Entities of a set in one answer, where nobody asks for fewer.
const TOP_DEFAULT: usize = 100;
/// Most entities of a set in one answer; the rest follows its `@iot.nextLink`.
const TOP_MAX: usize = 1_000;
const SKIP_MAX: f64 = 1e9;
/// Expansions in expansions.
const EXPAND_DEPTH_MAX: usize = 5;
/// Orders, selected names, expansions of one set.
const LIST_MAX: usize = 20;
/// Longest option in bytes.
const TEXT_LEN_MAX: usize = 4_096;

const NAMES: [&str; 8] = [
    "$filter",
    "$orderby",
    "$top",
    "$skip",
    "$count",
    "$select",
    "$expand",
    "$resultFormat",
];

/// What is asked of a set, or of each entity.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) filter: Option<Expression>,
    /// The first counts most; `true`: the greatest first.
    pub(super) order: Vec<(Expression, bool)>,
    pub(super) top: Option<usize>,
    pub(super) skip: usize,
    pub(super) count: bool,
    /// `None`: everything.
    pub(super) select: Option<Vec<Selected>>,
    pub(super) expand: Vec<Expansion>,
    pub(super) data_array: bool,
    /// All but `$skip` as they were written, for the link to what follows.
    pub(super) written: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Selected {
    Field(Field),
    Nav(Nav),
}

#[derive(Clone, Debug)]
pub(super) struct Expansion {
    pub(super) nav: Nav,
    pub(super) options: Options,
}

impl Options {
    /// Reads the pairs of an address's query, asked of entities of `about`.
    pub(super) fn parse(pairs: &[(String, String)], about: Kind) -> Result<Options, Wrong> {
        let mut options = Options::default();
        for (name, text) in pairs {
            if text.len() > TEXT_LEN_MAX {
                let message = format!("{name} is longer than {TEXT_LEN_MAX} bytes");
                return Err(Wrong::question(message));
            }
            let read = || {
                let mut words = Lexer::new(text)?;
                options.one(name, &mut words, about, 0)?;
                match words.token {
                    Token::End => Ok(()),
                    _ => Err(words.wrong("nothing more is expected")),
                }
            };
            let mut read = read;
            read().map_err(|wrong: Wrong| wrong.within(name))?;
            options.keep(name, text);
        }
        Ok(options)
    }

    /// Entities of a set in the answer.
    pub(super) fn limit(&self) -> usize {
        self.top.unwrap_or(TOP_DEFAULT).min(TOP_MAX)
    }

    fn keep(&mut self, name: &str, text: &str) {
        if name != "$skip" {
            self.written.push((name.to_owned(), text.to_owned()));
        }
    }

    fn one(
        &mut self,
        name: &str,
        words: &mut Lexer<'_>,
        about: Kind,
        depth: usize,
    ) -> Result<(), Wrong> {
        if self.written.iter().any(|(written, _)| written == name) {
            return Err(Wrong::question("is there twice"));
        }
        match name {
            "$filter" => self.filter = Some(Parser::new(words, about).expression()?),
            "$orderby" => self.order = orders(words, about)?,
            "$top" => self.top = Some(whole(words)?),
            "$skip" => self.skip = whole(words)?,
            "$count" => self.count = truth(words)?,
            "$select" => self.select = Some(selection(words, about)?),
            "$expand" => expansions(words, about, depth, &mut self.expand)?,
            "$resultFormat" if about == Kind::Observation && words.is_word("dataArray") => {
                words.take()?;
                self.data_array = true;
            }
            "$resultFormat" => {
                return Err(words.wrong("only dataArray, of Observations, is known"));
            }
            _ => {
                let hint = nearest(name, NAMES);
                let known = NAMES.join(", ");
                return Err(Wrong::question(format!(
                    "there is no such option{hint}; known: {known}"
                )));
            }
        }
        Ok(())
    }
}

/// `name desc,Thing/name`.
fn orders(words: &mut Lexer<'_>, about: Kind) -> Result<Vec<(Expression, bool)>, Wrong> {
    list(words, |words| {
        let by = Parser::new(words, about).expression()?;
        let way = match &words.token {
            Token::Word(way) => way.to_ascii_lowercase(),
            _ => return Ok((by, false)),
        };
        match way.as_str() {
            "asc" | "desc" => words.take()?,
            _ => return Err(words.wrong("asc or desc is expected")),
        };
        Ok((by, way == "desc"))
    })
}

fn selection(words: &mut Lexer<'_>, about: Kind) -> Result<Vec<Selected>, Wrong> {
    list(words, |words| {
        let name = name(words, about)?;
        match (about.field(&name.0), about.nav(&name.0)) {
            (Some(field), _) => Ok(Selected::Field(field)),
            (None, Some(nav)) => Ok(Selected::Nav(nav)),
            (None, None) => Err(words.wrong_at(name.1, &unknown(&name.0, about))),
        }
    })
}

/// `Datastreams($top=1;$expand=ObservedProperty),Locations`, also written `Datastreams/ObservedProperty`.
fn expansions(
    words: &mut Lexer<'_>,
    about: Kind,
    depth: usize,
    into: &mut Vec<Expansion>,
) -> Result<(), Wrong> {
    if depth == EXPAND_DEPTH_MAX {
        let message = format!("sets are expanded at most {EXPAND_DEPTH_MAX} deep");
        return Err(words.wrong_at(words.at, &message));
    }
    let several = list(words, |words| expansion(words, about, depth))?;
    for expansion in several {
        match into.iter_mut().find(|known| known.nav == expansion.nav) {
            // `Datastreams/Sensor,Datastreams/ObservedProperty` expands the same set twice over.
            Some(known) => known.options.expand.extend(expansion.options.expand),
            None => into.push(expansion),
        }
    }
    Ok(())
}

fn expansion(words: &mut Lexer<'_>, about: Kind, depth: usize) -> Result<Expansion, Wrong> {
    let (name, at) = name(words, about)?;
    let Some(nav) = about.nav(&name) else {
        return Err(words.wrong_at(at, &unknown(&name, about)));
    };
    let mut options = Options::default();
    if words.eat('/')? {
        if depth + 1 == EXPAND_DEPTH_MAX {
            let message = format!("sets are expanded at most {EXPAND_DEPTH_MAX} deep");
            return Err(words.wrong_at(at, &message));
        }
        options.expand = vec![expansion(words, nav.to, depth + 1)?];
    } else if words.eat('(')? {
        loop {
            let Token::Word(option) = words.token.clone() else {
                return Err(words.wrong("an option such as $top=1 is expected"));
            };
            words.take()?;
            words.need('=')?;
            let from = words.at;
            let read = options.one(&option, words, nav.to, depth + 1);
            read.map_err(|wrong| match wrong {
                // An option that is not known has no place of its own yet.
                Wrong::Question(message) if !message.contains("at character") => {
                    words.wrong_at(from, &format!("{option}: {message}"))
                }
                wrong => wrong,
            })?;
            options.keep(&option, words.source(from, words.at).trim());
            if words.eat(')')? {
                break;
            }
            words.need(';')?;
        }
    }
    Ok(Expansion { nav, options })
}

fn list<T>(
    words: &mut Lexer<'_>,
    mut one: impl FnMut(&mut Lexer<'_>) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let mut items = vec![one(words)?];
    while words.eat(',')? {
        if items.len() == LIST_MAX {
            return Err(words.wrong(&format!("at most {LIST_MAX} are taken")));
        }
        items.push(one(words)?);
    }
    Ok(items)
}

fn name(words: &mut Lexer<'_>, about: Kind) -> Result<(String, usize), Wrong> {
    let at = words.at;
    let Token::Word(name) = words.token.clone() else {
        let names = about.names().collect::<Vec<_>>().join(", ");
        return Err(words.wrong(&format!("one of {names} is expected")));
    };
    words.take()?;
    Ok((name, at))
}

fn unknown(name: &str, about: Kind) -> String {
    let names = about.names().collect::<Vec<_>>().join(", ");
    format!("{} have no `{name}`; known: {names}", about.set())
}

fn whole(words: &mut Lexer<'_>) -> Result<usize, Wrong> {
    match words.token {
        Token::Number(number) if number.fract() == 0.0 && number <= SKIP_MAX => {
            words.take()?;
            Ok(number as usize)
        }
        _ => Err(words.wrong("a whole number from 0 to 1000000000 is expected")),
    }
}

fn truth(words: &mut Lexer<'_>) -> Result<bool, Wrong> {
    let truth = words.is_word("true");
    match truth || words.is_word("false") {
        true => words.take().map(|_| truth),
        false => Err(words.wrong("true or false is expected")),
    }
}

//! The words of a question: names, numbers, texts, times and signs, each with its place.

use geo::Geometry;
use pipeline::calendar::Millis;

use super::wkt;
use super::wrong::Wrong;
use crate::readings::Moments;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, an operator or `$filter` and its like.
    Word(String),
    Text(String),
    Number(f64),
    Instant(Millis),
    Span(Millis, Millis),
    Duration(i64),
    Shape(Geometry<f64>),
    /// One of `( ) , ; = / - *`.
    Sign(char),
    End,
}

/// The words of `text`, one ahead.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    /// Where the word after [`Lexer::token`] begins.
    next: usize,
    /// Where the word itself begins and ends.
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) token: Token,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Result<Lexer<'a>, Wrong> {
        let mut lexer = Lexer {
            text,
            next: 0,
            at: 0,
            end: 0,
            token: Token::End,
        };
        lexer.advance()?;
        Ok(lexer)
    }

    /// Takes the word and reads the one after it.
    pub(super) fn take(&mut self) -> Result<Token, Wrong> {
        let token = std::mem::replace(&mut self.token, Token::End);
        self.advance()?;
        Ok(token)
    }

    /// Takes the word if it is this sign.
    pub(super) fn eat(&mut self, sign: char) -> Result<bool, Wrong> {
        let is_it = self.token == Token::Sign(sign);
        if is_it {
            self.take()?;
        }
        Ok(is_it)
    }

    pub(super) fn need(&mut self, sign: char) -> Result<(), Wrong> {
        match self.eat(sign)? {
            true => Ok(()),
            false => Err(self.wrong(&format!("`{sign}` is expected"))),
        }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(&self.token, Token::Word(found) if found == word)
    }

    /// Something is wrong with the word that is next.
    pub(super) fn wrong(&self, message: &str) -> Wrong {
        let found = match self.text.get(self.at..self.end) {
            None | Some("") => "the end".to_owned(),
            Some(found) => format!("`{}`", found.chars().take(40).collect::<String>()),
        };
        wrong_at(self.text, self.at, &format!("{message}, not {found}"))
    }

    /// Something is wrong at a place that was noted before.
    pub(super) fn wrong_at(&self, at: usize, message: &str) -> Wrong {
        wrong_at(self.text, at, message)
    }

    pub(super) fn source(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn advance(&mut self) -> Result<(), Wrong> {
        let rest = self.text.get(self.next..).unwrap_or_default();
        let trimmed = rest.trim_start();
        self.at = self.next + rest.len() - trimmed.len();
        let (token, len) = match trimmed.chars().next() {
            None => (Token::End, 0),
            Some('\'') => {
                let (text, len) = self.quoted(trimmed)?;
                (Token::Text(text), len)
            }
            Some(c) if c.is_ascii_digit() => self.number_or_time(trimmed)?,
            Some(c) if c.is_alphabetic() || matches!(c, '_' | '@' | '$') => self.word(trimmed)?,
            Some(c) if "(),;=/-*".contains(c) => (Token::Sign(c), 1),
            Some(c) => {
                let message = format!("`{c}` has no meaning here");
                return Err(wrong_at(self.text, self.at, &message));
            }
        };
        self.token = token;
        self.end = self.at + len;
        self.next = self.end;
        Ok(())
    }

    /// A text in quotes, `''` in it for one of them, and its length with them.
    fn quoted(&self, rest: &str) -> Result<(String, usize), Wrong> {
        let mut text = String::new();
        let mut chars = rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            if c != '\'' {
                text.push(c);
            } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
                text.push('\'');
            } else {
                return Ok((text, at + 1));
            }
        }
        Err(wrong_at(
            self.text,
            self.at,
            "this text has no second quote",
        ))
    }

    fn word(&self, rest: &str) -> Result<(Token, usize), Wrong> {
        let is_part = |c: char| c.is_alphanumeric() || "_@.:$-".contains(c);
        let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let word = &rest[..len];
        // geography'POINT (1 2)', duration'PT1H': a word that says what the text is.
        if rest[len..].starts_with('\'') {
            let (text, quoted) = self.quoted(&rest[len..])?;
            let token = match word {
                "geography" | "geometry" => wkt::parse(&text).map(Token::Shape),
                "duration" => duration(&text).map(Token::Duration),
                "datetimeoffset" | "datetime" => moment(&text).map(Token::Instant),
                _ => Err(format!("`{word}` is no type of text")),
            };
            let token = token.map_err(|message| wrong_at(self.text, self.at, &message))?;
            return Ok((token, len + quoted));
        }
        Ok((Token::Word(word.to_owned()), len))
    }

    fn number_or_time(&self, rest: &str) -> Result<(Token, usize), Wrong> {
        let year = rest.bytes().take_while(u8::is_ascii_digit).count();
        if year != 4 || rest.as_bytes().get(4) != Some(&b'-') {
            return self.number(rest);
        }
        let wrong = |message: String| wrong_at(self.text, self.at, &message);
        let first = time_len(rest);
        // A day alone is a text to compare date() with.
        if first == "2026-11-22".len() {
            return Ok((Token::Text(rest[..first].to_owned()), first));
        }
        let start = moment(&rest[..first]).map_err(wrong)?;
        let after = rest[first..].strip_prefix('/');
        let Some(second) = after.filter(|t| t.starts_with(|c: char| c.is_ascii_digit())) else {
            return Ok((Token::Instant(start), first));
        };
        let len = time_len(second);
        let end = moment(&second[..len]).map_err(wrong)?;
        match start <= end {
            true => Ok((Token::Span(start, end), first + 1 + len)),
            false => Err(wrong("this time ends before it begins".to_owned())),
        }
    }

    fn number(&self, rest: &str) -> Result<(Token, usize), Wrong> {
        let mut before = ' ';
        let is_end = |c: char| {
            let is_part = c.is_ascii_alphanumeric()
                || c == '.'
                || (matches!(c, '+' | '-') && matches!(before, 'e' | 'E'));
            before = c;
            !is_part
        };
        let len = rest.find(is_end).unwrap_or(rest.len());
        let number = rest[..len].parse().ok();
        match number.filter(|number: &f64| number.is_finite()) {
            Some(number) => Ok((Token::Number(number), len)),
            None => {
                let message = format!("`{}` is no number", &rest[..len]);
                Err(wrong_at(self.text, self.at, &message))
            }
        }
    }
}

/// Length of a time at the beginning of `rest`. In a query `+` may have become a space: ` 08:00` is still an offset.
fn time_len(rest: &str) -> usize {
    let is_part = |c: char| c.is_ascii_digit() || "-+:.TtZz".contains(c);
    let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let offset = rest.as_bytes().get(len..len + 6);
    let digit = |byte: u8| byte.is_ascii_digit();
    match offset {
        Some(&[b' ', a, b, b':', c, d])
            if rest[..len].contains(['T', 't']) && [a, b, c, d].into_iter().all(digit) =>
        {
            len + 6
        }
        _ => len,
    }
}

fn moment(text: &str) -> Result<Millis, String> {
    let parsed = Moments::default().parse(text.trim().replace(' ', "+").as_bytes());
    parsed.map_err(|error| format!("`{text}` is no time: {error}"))
}

/// `P1DT2H3M4.5S`, without years and months, whose lengths differ.
fn duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no duration such as PT1H or P1D");
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let rest = rest.strip_prefix('P').ok_or_else(wrong)?;
    let (days, times) = rest.split_once('T').unwrap_or((rest, ""));
    let mut total = 0.0;
    let mut any = false;
    for (mut part, units) in [
        (days, &[('W', 604_800.0), ('D', 86_400.0)][..]),
        (times, &[('H', 3_600.0), ('M', 60.0), ('S', 1.0)][..]),
    ] {
        while let Some(at) = part.find(|c: char| c.is_ascii_alphabetic()) {
            let unit = units.iter().find(|(name, _)| part[at..].starts_with(*name));
            let count: f64 = part[..at].parse().map_err(|_| wrong())?;
            total += count * unit.ok_or_else(wrong)?.1;
            part = &part[at + 1..];
            any = true;
        }
        if !part.is_empty() {
            return Err(wrong());
        }
    }
    // A thousand years: sums of times stay in range.
    match any && total.abs() < 3.2e10 {
        true => Ok((sign * total * 1000.0) as i64),
        false => Err(wrong()),
    }
}

/// Places are counted in characters from one, as people do.
fn wrong_at(text: &str, at: usize, message: &str) -> Wrong {
    let before = text.get(..at).map_or(0, |before| before.chars().count());
    Wrong::question(format!("at character {}: {message}", before + 1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Token> {
        let mut lexer = Lexer::new(text).unwrap();
        let mut words = Vec::new();
        while lexer.token != Token::End {
            words.push(lexer.take().unwrap());
        }
        words
    }

    #[test]
    fn times_numbers_and_texts_are_told_apart() {
        let at = 1_795_309_200_000;
        assert_eq!(
            words("2026-11-22T01:00:00Z 2026-11-22T09:00:00 08:00 3.5e-1 'it''s' 2026-11-22"),
            [
                Token::Instant(at),
                Token::Instant(at),
                Token::Number(0.35),
                Token::Text("it's".to_owned()),
                Token::Text("2026-11-22".to_owned()),
            ]
        );
        assert_eq!(
            words("2026-11-22T01:00:00Z/2026-11-22T01:01:00Z duration'P1DT1.5S'"),
            [Token::Span(at, at + 60_000), Token::Duration(86_401_500)]
        );
    }

    #[test]
    fn what_is_no_word_is_said_with_its_place() {
        for (text, message) in [
            ("result gt §", "at character 11: `§` has no meaning here"),
            (
                "name eq 'a",
                "at character 9: this text has no second quote",
            ),
            ("result eq 1x", "at character 11: `1x` is no number"),
            (
                "duration'1h'",
                "at character 1: `1h` is no duration such as PT1H or P1D",
            ),
        ] {
            let mut lexer = Lexer::new(text);
            while let Ok(words) = &mut lexer
                && words.token != Token::End
            {
                if let Err(wrong) = words.take() {
                    lexer = Err(wrong);
                }
            }
            assert_eq!(lexer.unwrap_err().to_string(), message);
        }
    }
}

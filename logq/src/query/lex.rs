//! The words of a query: names, operators, raw words and quoted texts, read from a cursor that knows its place.

use super::error::{Checked, Problem};
use super::operand::Op;
use nom::bytes::complete::{tag, take_while};
use nom::character::complete::satisfy;
use nom::combinator::recognize;
use nom::error::Error;
use nom::{IResult, Parser};

/// A place in a query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'q> {
    text: &'q str,
    at: usize,
}

/// Words that are more than text, in any case. Quoted they are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    And,
    Or,
    Not,
    Has,
    In,
}

/// A value, as a raw word or quoted.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) at: usize,
    pub(super) len: usize,
}

type Lexed<'q, T> = IResult<&'q str, T, Error<&'q str>>;

impl<'q> Cursor<'q> {
    pub(super) fn new(text: &'q str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'q str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Goes past spaces; says whether there were any.
    pub(super) fn skip_space(&mut self) -> bool {
        self.take(take_while(char::is_whitespace)).is_some_and(|space| !space.is_empty())
    }

    /// Everything up to a space, `|`, `)` or `,`. May be empty.
    pub(super) fn word(&mut self) -> &'q str {
        self.take(take_while(|c| !ends_word(c))).unwrap_or_default()
    }

    /// `[A-Za-z_@][A-Za-z0-9_.@-]*`
    pub(super) fn name(&mut self) -> Option<&'q str> {
        let first = satisfy(|c| c.is_ascii_alphabetic() || c == '_' || c == '@');
        let more = take_while(|c: char| c.is_ascii_alphanumeric() || "_.@-".contains(c));
        self.take(recognize((first, more)))
    }

    pub(super) fn op(&mut self) -> Option<Op> {
        Op::ALL.into_iter().find(|op| self.take(tag(op.as_str())).is_some())
    }

    /// The keyword that stands here as a whole word, not yet taken.
    pub(super) fn keyword(&self) -> Option<Keyword> {
        let end = self.rest().find(|c: char| !c.is_ascii_alphabetic());
        let (word, after) = self.rest().split_at(end.unwrap_or(self.rest().len()));
        if after.starts_with(|c| !ends_word(c) && c != '(') {
            return None;
        }
        [Keyword::And, Keyword::Or, Keyword::Not, Keyword::Has, Keyword::In]
            .into_iter()
            .find(|keyword| keyword.as_str().eq_ignore_ascii_case(word))
    }

    pub(super) fn take_keyword(&mut self, keyword: Keyword) -> bool {
        let is_it = self.keyword() == Some(keyword);
        if is_it {
            self.at += keyword.as_str().len();
        }
        is_it
    }

    /// How much an error here should underline: a word, or the one character that is none.
    pub(super) fn token_len(&self) -> usize {
        let mut ahead = *self;
        match ahead.word().len() {
            0 => self.peek().map_or(0, char::len_utf8),
            len => len,
        }
    }

    /// A name in backticks.
    pub(super) fn backticked(&mut self) -> Checked<&'q str> {
        let inner = &self.rest()[1..];
        match inner.find('`') {
            Some(0) => Err(Problem::new(self.at, 2, "expected a field name between the backticks")),
            Some(end) => {
                self.at += end + 2;
                Ok(&inner[..end])
            }
            None => Err(Problem::new(self.at, 1, "the backtick is never closed")),
        }
    }

    /// A quoted text. With `raw` (regular expressions) a backslash only takes the meaning of the quote.
    pub(super) fn quoted(&mut self, raw: bool) -> Checked<String> {
        let start = self.at;
        let quote = self.peek().unwrap_or('"');
        self.at += quote.len_utf8();
        let mut text = String::new();
        while let Some(c) = self.peek() {
            let at = self.at;
            self.at += c.len_utf8();
            match c {
                _ if c == quote => return self.closed().map(|()| text),
                '\\' if raw => self.raw_escape(quote, &mut text),
                '\\' => {
                    let (escaped, len) = escape(self.rest()).ok_or_else(|| {
                        Problem::new(at, 1 + self.peek().map_or(0, char::len_utf8), "unknown escape")
                            .help(r#"escapes are \" \' \\ \n \t \u{27}; after ~ quotes are raw"#)
                    })?;
                    text.push(escaped);
                    self.at += len;
                }
                _ => text.push(c),
            }
        }
        Err(Problem::new(start, quote.len_utf8(), "the quote is never closed"))
    }

    fn raw_escape(&mut self, quote: char, text: &mut String) {
        let Some(next) = self.peek() else {
            return text.push('\\');
        };
        self.at += next.len_utf8();
        if next != quote {
            text.push('\\');
        }
        text.push(next);
    }

    /// After a closing quote something else must begin.
    fn closed(&self) -> Checked<()> {
        match self.peek() {
            Some(c) if !ends_word(c) => {
                Err(Problem::new(self.at, self.token_len(), "expected a space after the closing quote").help(
                    "a value is quoted as a whole; a field name with other characters stands in backticks",
                ))
            }
            _ => Ok(()),
        }
    }

    fn take<T>(&mut self, mut parser: impl Parser<&'q str, Output = T, Error = Error<&'q str>>) -> Option<T> {
        let parsed: Lexed<'q, T> = parser.parse(self.rest());
        let (rest, token) = parsed.ok()?;
        self.at = self.text.len() - rest.len();
        Some(token)
    }
}

impl Keyword {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Keyword::And => "and",
            Keyword::Or => "or",
            Keyword::Not => "not",
            Keyword::Has => "has",
            Keyword::In => "in",
        }
    }
}

/// Whether a raw word ends before this character.
pub(super) fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '|' | ')' | ',')
}

/// Where a `(` stands without quotes that is no group's.
const IN_A_WORD: &str = "a list needs `in`: status in (500, 503); stages stand behind `|`: * | stats count()";

/// Refuses what in a raw word is more likely a slip than meant.
pub(super) fn check_word(word: &str, at: usize) -> Checked<()> {
    let slips = [
        ("(", "a `(` in a value must be quoted", IN_A_WORD),
        ("\"", "a quote inside a word", "quote the value as a whole"),
        ("&&", "`&&` is no operator; write `and`", "to search for it, quote the text"),
    ];
    match slips.iter().find_map(|slip| word.find(slip.0).map(|found| (found, slip))) {
        Some((found, (text, message, help))) => {
            Err(Problem::new(at + found, text.len(), *message).help(*help))
        }
        None => Ok(()),
    }
}

/// Whether a word is a `/re/` of other languages.
pub(super) fn is_slashed(word: &str) -> bool {
    word.len() > 2 && word.starts_with('/') && word.ends_with('/')
}

/// The character that an escape stands for, and how many bytes after the backslash belong to it.
fn escape(rest: &str) -> Option<(char, usize)> {
    match rest.chars().next()? {
        c @ ('"' | '\'' | '\\') => Some((c, 1)),
        'n' => Some(('\n', 1)),
        't' => Some(('\t', 1)),
        'u' => {
            let (hex, _) = rest.strip_prefix("u{")?.split_once('}')?;
            if hex.is_empty() || hex.len() > 6 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return None;
            }
            let c = char::from_u32(u32::from_str_radix(hex, 16).ok()?)?;
            Some((c, hex.len() + 3))
        }
        _ => None,
    }
}

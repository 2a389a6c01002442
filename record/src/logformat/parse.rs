//! The parser of formats: text into elements, once. Errors name the place and what was expected.

use super::names;
use super::{Directive, Element, FORMAT_BYTES_MAX, Form, FormatError, Only};
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{anychar, char};
use nom::combinator::{cut, opt, recognize, verify};
use nom::error::{ErrorKind, ParseError};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

/// Where a piece failed (as what was left of the text) and why.
#[derive(Debug)]
struct Failed<'a> {
    rest: &'a str,
    why: Option<String>,
}

impl<'a> ParseError<&'a str> for Failed<'a> {
    fn from_error_kind(rest: &'a str, _: ErrorKind) -> Self {
        Self { rest, why: None }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

type Parsed<'a, T> = IResult<&'a str, T, Failed<'a>>;

pub(super) fn elements(text: &str) -> Result<Vec<Element>, FormatError> {
    if text.len() > FORMAT_BYTES_MAX {
        return Err(FormatError::new(FORMAT_BYTES_MAX, format!("longer than {FORMAT_BYTES_MAX} bytes")));
    }
    let mut placed: Vec<(usize, Element)> = Vec::new();
    let has_variable = text.match_indices('$').any(|(at, _)| nginx(&text[at..]).is_ok());
    let mut rest = text;
    while !rest.is_empty() {
        let at = text.len() - rest.len();
        let (after, element) = match (element(rest), rest.strip_prefix('%')) {
            (Ok(parsed), _) => parsed,
            // nginx knows no percent directives, so beside its variables a stray one is itself.
            (Err(_), Some(after)) if has_variable => (after, Element::Literal("%".to_owned())),
            (Err(error), _) => return Err(failed(text, error)),
        };
        match (placed.last_mut(), element) {
            (Some((_, Element::Literal(before))), Element::Literal(more)) => before.push_str(&more),
            (_, element) => placed.push((at, element)),
        }
        rest = after;
    }
    join_targets(&mut placed);
    check(&placed, text)?;
    Ok(placed.into_iter().map(|(_, element)| element).collect())
}

fn failed(text: &str, error: nom::Err<Failed<'_>>) -> FormatError {
    match error {
        nom::Err::Error(failed) | nom::Err::Failure(failed) => FormatError::new(
            text.len() - failed.rest.len(),
            failed.why.unwrap_or_else(|| "not a log format".to_owned()),
        ),
        nom::Err::Incomplete(_) => FormatError::new(text.len(), "the format ends too early"),
    }
}

fn element(input: &str) -> Parsed<'_, Element> {
    alt((apache, nginx, escaped, plain)).parse(input)
}

/// `%>s`, `%{Referer}i`, `%!200,304{Referer}i`, `%%`.
fn apache(input: &str) -> Parsed<'_, Element> {
    let (rest, _) = char('%').parse(input)?;
    if let Some(rest) = rest.strip_prefix('%') {
        return Ok((rest, Element::Literal("%".to_owned())));
    }
    let (rest, (modifier, argument)) = (recognize(take_while(is_modifier)), opt(argument)).parse(rest)?;
    let Ok((rest, letter)) = anychar::<_, Failed<'_>>(rest) else {
        return Err(failure(input, "the format ends inside a directive; a percent sign is `%%`"));
    };
    let (field, form) = names::apache(argument, letter).map_err(|why| failure(input, why))?;
    let only = only(modifier).map_err(|why| failure(input, why))?;
    let source = input[..input.len() - rest.len()].to_owned();
    Ok((rest, directive(source, field, form, only)))
}

fn argument(input: &str) -> Parsed<'_, &str> {
    let (rest, _) = char('{').parse(input)?;
    match rest.split_once('}') {
        Some(("", _)) => Err(failure(input, "the braces are empty; expected a name in them")),
        Some((argument, rest)) => Ok((rest, argument)),
        None => Err(failure(input, "`{` has no `}`")),
    }
}

/// `$name` and `${name}`. A `$` before anything else is itself.
fn nginx(input: &str) -> Parsed<'_, Element> {
    let name = || verify(take_while1(is_name), |name: &str| !name.starts_with(|c: char| c.is_ascii_digit()));
    let braced = delimited(tag("{"), name(), char('}'));
    let (rest, name) = preceded(char('$'), alt((braced, name()))).parse(input)?;
    let (field, form) = names::nginx(name);
    let source = input[..input.len() - rest.len()].to_owned();
    Ok((rest, directive(source, field, form, None)))
}

/// The escapes of Apache's configuration file, so that a format can be pasted from there.
fn escaped(input: &str) -> Parsed<'_, Element> {
    let (rest, escaped) = preceded(char('\\'), cut(escape_letter)).parse(input)?;
    Ok((rest, Element::Literal(escaped.to_owned())))
}

fn escape_letter(input: &str) -> Parsed<'_, &'static str> {
    let text = match input.bytes().next() {
        Some(b'"') => "\"",
        Some(b'\'') => "'",
        Some(b'\\') => "\\",
        Some(b't') => "\t",
        _ => {
            return Err(failure(input, "expected `\"`, `'`, `\\` or `t` after the backslash"));
        }
    };
    Ok((&input[1..], text))
}

fn plain(input: &str) -> Parsed<'_, Element> {
    let (rest, first) = anychar(input)?;
    if first == '\n' || first == '\r' {
        return Err(failure(input, "a format is one line; expected no line end"));
    }
    let (rest, _) = take_while(|c| !matches!(c, '%' | '$' | '\\' | '\n' | '\r')).parse(rest)?;
    Ok((rest, Element::Literal(input[..input.len() - rest.len()].to_owned())))
}

fn failure(rest: &str, why: impl Into<String>) -> nom::Err<Failed<'_>> {
    nom::Err::Failure(Failed { rest, why: Some(why.into()) })
}

fn directive(source: String, field: String, form: Form, only: Option<Only>) -> Element {
    Element::Directive(Directive { source, field, form, only })
}

fn is_modifier(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '<' | '>' | '!' | ',')
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The statuses among the modifiers. `<` and `>` choose between the original and the last request of an
/// internal redirect; a record has only one, so they change nothing.
fn only(modifier: &str) -> Result<Option<Only>, String> {
    let modifier = modifier.replace(['<', '>'], "");
    let negated = modifier.starts_with('!');
    let list = modifier.strip_prefix('!').unwrap_or(&modifier);
    if list.is_empty() && !negated {
        return Ok(None);
    }
    let statuses: Option<Vec<u16>> = list
        .split(',')
        .map(|status| status.parse().ok().filter(|status| (100..=999).contains(status)))
        .collect();
    match statuses {
        Some(statuses) => Ok(Some(Only { negated, statuses })),
        None => Err(format!("`{modifier}` is no list of statuses; expected one like 400,501 or !200,304")),
    }
}

/// `%U%q` and `$uri$is_args$args` are one value for the reader: path and query, split at the first `?`.
fn join_targets(placed: &mut Vec<(usize, Element)>) {
    for index in 0..placed.len() {
        let directive = |at: usize| match placed.get(at) {
            Some((_, Element::Directive(directive))) => Some(directive),
            _ => None,
        };
        let is = |at: usize, field: &str, form: &Form| {
            directive(at).is_some_and(|directive| directive.field == field && directive.form == *form)
        };
        if !is(index, "path", &Form::Text) {
            continue;
        }
        let joined = if is(index + 1, "query", &Form::QueryMark) {
            1
        } else if is(index + 1, "is_args", &Form::Text) && is(index + 2, "query", &Form::Text) {
            2
        } else {
            continue;
        };
        let sources: String = (index..=index + joined)
            .filter_map(directive)
            .map(|directive| directive.source.as_str())
            .collect();
        if let (_, Element::Directive(path)) = &mut placed[index] {
            path.form = Form::Target;
            path.source = sources;
        }
        placed.drain(index + 1..=index + joined);
    }
}

/// Refuses formats whose lines could not be taken apart again.
fn check(placed: &[(usize, Element)], text: &str) -> Result<(), FormatError> {
    if !placed.iter().any(|(_, element)| matches!(element, Element::Directive(_))) {
        return Err(FormatError::new(
            0,
            format!(
                "`{}` has no directive; expected some like `%h` or `$remote_addr`, \
                 or one of the names common, combined and flickr",
                text.escape_debug()
            ),
        ));
    }
    for pair in placed.windows(2) {
        let [(_, Element::Directive(left)), (at, right)] = pair else {
            continue;
        };
        match right {
            Element::Directive(right) if !ends_itself(left) && !begins_itself(right) => {
                return Err(FormatError::new(
                    *at,
                    format!(
                        "nothing separates `{}` from `{}`; put a space between them",
                        left.source, right.source
                    ),
                ));
            }
            Element::Literal(literal) if left.form == Form::Request && literal.starts_with(' ') => {
                return Err(FormatError::new(
                    *at,
                    format!(
                        "`{}` contains spaces, so a space cannot end it; write \"{}\" in quotes",
                        left.source, left.source
                    ),
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

fn ends_itself(directive: &Directive) -> bool {
    matches!(directive.form, Form::Time { .. })
}

fn begins_itself(directive: &Directive) -> bool {
    matches!(&directive.form, Form::Time { layout, .. } if layout.first_byte().is_some())
}

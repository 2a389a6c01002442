//! The file of a user's own defaults: `logq/config.toml` in `$XDG_CONFIG_HOME`, or in `~/.config`. It has few
//! keys, `tz`, `color`, `pager` and `log_format.NAME`; what is wrong in it is told with file and line, never passed over.

use super::typed::{Color, Looks};
use super::zone::zone;
use crate::Surroundings;
use crate::escape;
use crate::format::Forms;
use crate::render::Theme;
use clap::ValueEnum as _;
use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The longest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) tz: Option<String>,
    pub(super) color: Option<Color>,
    /// Whether output on a terminal goes through a pager.
    pub(super) pager: bool,
    /// Texts of log formats, by the names that `--log-format` takes for them.
    pub(super) log_formats: BTreeMap<String, String>,
}

/// What is wrong, and at which byte.
type Wrong = (usize, String);

impl Config {
    /// Reads the file; one that is not there says nothing.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else { return Ok(Self::default()) };
        let name = escape::text(&path.to_string_lossy()).into_owned();
        let mut text = String::new();
        let read = std::fs::File::open(path)
            .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text));
        match read {
            Ok(_) if text.len() as u64 > FILE_BYTES_MAX => Err(format!("{name}: is longer than 1 MiB")),
            Ok(_) => Self::parse(&text).map_err(|(at, what)| {
                let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..at.min(text.len())]).count();
                format!("{name}:{}: {}", line + 1, escape::text(&what))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{name}: {}", escape::text(&error.to_string()))),
        }
    }

    /// The colours that were typed, or else those of the file.
    pub(super) fn theme(&self, looks: &Looks, around: &Surroundings) -> Theme {
        let colour = match looks.color.or(self.color).unwrap_or(Color::Auto) {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !around.no_color && (around.force_color || around.stdout_is_terminal),
        };
        Theme { colour }
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            (at, error.message().to_owned())
        })?;
        let mut config = Self::default();
        for (key, value) in table.get_ref() {
            let at = key.span().start;
            match key.get_ref().as_ref() {
                "tz" => {
                    let tz = string("tz", value)?;
                    zone(tz).map_err(|error| (at, error))?;
                    config.tz = Some(tz.to_owned());
                }
                "color" => {
                    let color = Color::from_str(string("color", value)?, false);
                    config.color = Some(
                        color.map_err(|_| (at, "color is \"auto\", \"always\" or \"never\"".to_owned()))?,
                    );
                }
                "pager" => {
                    let DeValue::Boolean(pager) = value.get_ref() else {
                        return Err((at, "pager is true or false; PAGER says which one".to_owned()));
                    };
                    config.pager = *pager;
                }
                "log_format" => config.log_formats = formats(value)?,
                key => {
                    return Err((
                        at,
                        format!(
                            "`{key}` is no key of this file; it has tz, color, pager and log_format.NAME"
                        ),
                    ));
                }
            }
        }
        Ok(config)
    }
}

fn formats(value: &Spanned<DeValue<'_>>) -> Result<BTreeMap<String, String>, Wrong> {
    let DeValue::Table(table) = value.get_ref() else {
        return Err((value.span().start, "a log format has a name: log_format.NAME = \"…\"".to_owned()));
    };
    let mut formats = BTreeMap::new();
    for (name, value) in table {
        let text = string("a log format", value)?;
        Forms::parse(text).map_err(|error| (value.span().start, error.to_string()))?;
        formats.insert(name.get_ref().to_string(), text.to_owned());
    }
    Ok(formats)
}

fn string<'v>(key: &str, value: &'v Spanned<DeValue<'_>>) -> Result<&'v str, Wrong> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text),
        _ => Err((value.span().start, format!("{key} is a text in quotes"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_it_says_or_where_it_is_wrong() {
        let rows = [
            ("", Ok("None None {}")),
            (
                "# mine\ntz = \"Europe/Berlin\"\ncolor = 'never'\nlog_format.short = '%h %t'\n",
                Ok("Some(\"Europe/Berlin\") Some(Never) {\"short\": \"%h %t\"}"),
            ),
            ("[log_format]\na = '%h'\n\"b c\" = '%u'\n", Ok("None None {\"a\": \"%h\", \"b c\": \"%u\"}")),
            (
                "\n\nzone = 'UTC'\n",
                Err((2, "`zone` is no key of this file; it has tz, color, pager and log_format.NAME")),
            ),
            ("pager = 'less'", Err((0, "pager is true or false; PAGER says which one"))),
            ("tz = 1", Err((0, "tz is a text in quotes"))),
            ("color = 'red'", Err((0, "color is \"auto\", \"always\" or \"never\""))),
            ("log_format = '%h'", Err((0, "a log format has a name: log_format.NAME = \"…\""))),
        ];
        for (text, expected) in rows {
            let found = Config::parse(text)
                .map(|config| format!("{:?} {:?} {:?}", config.tz, config.color, config.log_formats))
                .map_err(|(at, what)| (text[..at].matches('\n').count(), what));
            assert_eq!(
                found,
                expected.map(str::to_owned).map_err(|(line, what)| (line, what.to_owned())),
                "{text}"
            );
        }
        for text in ["tz = ", "tz = 'Mars'", "log_format.a = '%'", "tz = 'UTC'\ntz = 'UTC'"] {
            assert!(Config::parse(text).is_err(), "{text}");
        }
    }
}

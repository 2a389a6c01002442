//! The texts of a request, in fixed places over one buffer: one allocation for all of them.

use access_record::notes::cut;
use std::ops::Range;

/// A text of a request and how many bytes of it are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Text {
    Authority,
    Path,
    Query,
    Route,
    UserAgent,
    Referer,
    UserId,
    ApiMethod,
    Error,
}

const PLACES: usize = Text::Error as usize + 1;

impl Text {
    /// DESIGN: 512 bytes of a user agent, 1024 of a referer, 2048 of path and query; what a handler
    /// notes has the bound of a note.
    const fn bytes_max(self) -> usize {
        match self {
            Text::UserAgent => 512,
            Text::Path | Text::Query => 2048,
            Text::Authority | Text::Route | Text::Referer | Text::UserId | Text::ApiMethod | Text::Error => {
                1024
            }
        }
    }
}

/// Most requests fit, so that the buffer is allocated once.
const BYTES_USUAL: usize = 512;

#[derive(Debug, Default)]
pub(crate) struct Texts {
    buffer: String,
    places: [Range<u32>; PLACES],
    /// How many texts were cut.
    truncated: u32,
}

impl Texts {
    /// Sets a text; an empty one is no text.
    pub(crate) fn set(&mut self, text: Text, value: &str) {
        self.set_with(text, |out| out.push_str(value));
    }

    /// Sets a text to what `push` appends. What is over the bound is cut and counted.
    pub(crate) fn set_with(&mut self, text: Text, push: impl FnOnce(&mut String)) {
        self.clear(text);
        if self.buffer.capacity() == 0 {
            self.buffer.reserve(BYTES_USUAL);
        }
        let from = self.buffer.len();
        push(&mut self.buffer);
        let len = cut(&self.buffer[from..], text.bytes_max()).len();
        if from + len < self.buffer.len() {
            self.truncated += 1;
            self.buffer.truncate(from + len);
        }
        // Nine texts of two KiB at most: positions fit.
        let at = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
        self.places[text as usize] = at(from)..at(from + len);
    }

    pub(crate) fn get(&self, text: Text) -> Option<&str> {
        let place = &self.places[text as usize];
        (!place.is_empty()).then(|| &self.buffer[place.start as usize..place.end as usize])
    }

    pub(crate) fn truncated(&self) -> u32 {
        self.truncated
    }

    /// Takes an old value out of the buffer, so that repeated sets never grow it.
    fn clear(&mut self, text: Text) {
        let old = std::mem::take(&mut self.places[text as usize]);
        if old.is_empty() {
            return;
        }
        self.buffer.replace_range(old.start as usize..old.end as usize, "");
        let len = old.end - old.start;
        for place in self.places.iter_mut().filter(|place| place.start > old.start) {
            *place = place.start - len..place.end - len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_wins_and_the_buffer_does_not_grow() {
        let mut texts = Texts::default();
        texts.set(Text::Path, "/photos");
        texts.set(Text::UserId, "1");
        texts.set(Text::Error, "no");
        for user in 0..1000 {
            texts.set(Text::UserId, &user.to_string());
        }
        texts.set(Text::Path, "/");
        assert_eq!(texts.get(Text::Path), Some("/"));
        assert_eq!(texts.get(Text::UserId), Some("999"));
        assert_eq!(texts.get(Text::Error), Some("no"));
        assert_eq!(texts.get(Text::Query), None);
        assert_eq!(texts.buffer.len(), "/999no".len());
        texts.set(Text::UserId, "");
        assert_eq!(texts.get(Text::UserId), None);
    }

    #[test]
    fn what_is_too_long_is_cut_and_counted() {
        let mut texts = Texts::default();
        texts.set(Text::UserAgent, &"é".repeat(257));
        assert_eq!(texts.get(Text::UserAgent), Some("é".repeat(256).as_str()));
        texts.set(Text::Path, &"x".repeat(2048));
        assert_eq!(texts.truncated(), 1);
    }
}

//! The texts of a request, in fixed places over one buffer: one allocation for all of them.

use access_record::json::cut_escaped;
use std::ops::Range;

/// A text of a request and how many bytes of it are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Text {
    RequestId,
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
    /// 128 bytes of a request id, 512 of a user agent, 1024 of a referer, 2048 of path and query; what a handler notes has
    /// the bound of a note.
    const fn bytes_max(self) -> usize {
        match self {
            Text::RequestId => access_record::REQUEST_ID_BYTES_MAX,
            // A name in the DNS has 253 bytes at most, a port five.
            Text::Authority => 259,
            Text::UserAgent => 512,
            Text::Path | Text::Query => 2048,
            Text::Route | Text::Referer | Text::UserId | Text::ApiMethod | Text::Error => 1024,
        }
    }
}

/// No text takes more of a line than this part, so that a short line, such as one for a pipe, still
/// has its status and outcome when somebody sends as much as they can.
pub(crate) const PART_OF_LINE: usize = 10;

/// Most requests fit, so that the buffer is allocated once.
const BYTES_USUAL: usize = 512;

#[derive(Debug)]
pub(crate) struct Texts {
    /// The bound of every text, whatever it is.
    bytes_max: usize,
    buffer: String,
    places: [Range<u32>; PLACES],
    /// How many texts were cut.
    truncated: u32,
}

impl Texts {
    /// None, for a log with lines of so many bytes.
    pub(crate) fn new(line_bytes_max: usize) -> Self {
        let bytes_max = line_bytes_max / PART_OF_LINE;
        Self { bytes_max, buffer: String::new(), places: Default::default(), truncated: 0 }
    }

    /// None again, in the same memory.
    pub(crate) fn clear(&mut self, line_bytes_max: usize) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        *self = Self { buffer, ..Self::new(line_bytes_max) };
    }

    /// Bytes of memory held.
    pub(crate) fn capacity_bytes(&self) -> usize {
        self.buffer.capacity()
    }

    /// Sets a text; an empty one is no text.
    pub(crate) fn set(&mut self, text: Text, value: &str) {
        self.set_with(text, |out| out.push_str(value));
    }

    /// Sets a text to what `push` appends. What is over the bound, as it will be written, is cut and
    /// counted.
    pub(crate) fn set_with(&mut self, text: Text, push: impl FnOnce(&mut String)) {
        self.forget(text);
        if self.buffer.capacity() == 0 {
            self.buffer.reserve(BYTES_USUAL);
        }
        let from = self.buffer.len();
        push(&mut self.buffer);
        let len = cut_escaped(&self.buffer[from..], text.bytes_max().min(self.bytes_max)).len();
        if from + len < self.buffer.len() {
            self.truncated = self.truncated.saturating_add(1);
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
    fn forget(&mut self, text: Text) {
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
        let mut texts = Texts::new(usize::MAX);
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
        let mut texts = Texts::new(usize::MAX);
        texts.set(Text::UserAgent, &"é".repeat(257));
        assert_eq!(texts.get(Text::UserAgent), Some("é".repeat(256).as_str()));
        texts.set(Text::Path, &"x".repeat(2048));
        assert_eq!(texts.truncated(), 1);
        let mut texts = Texts::new(100);
        texts.set(Text::Path, "\n\n\n\n\n\n");
        assert_eq!(texts.get(Text::Path), Some("\n\n\n\n\n"), "ten bytes as they are written");
    }
}

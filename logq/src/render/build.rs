//! JSON put together piece by piece and written in blocks, so that a document may be larger than memory
//! should be. Texts are escaped so that nothing in them acts on a terminal.

use access_record::json::push_text;
use std::fmt::Display;
use std::io::{self, Write};

/// Bytes that are written together.
const BLOCK_BYTES: usize = 64 << 10;

/// A document in the making. Each value stands behind a key, or in an array.
pub(super) struct Build<'w> {
    out: &'w mut dyn Write,
    block: Vec<u8>,
    is_first: bool,
}

impl<'w> Build<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, block: Vec::with_capacity(BLOCK_BYTES + 4096), is_first: true }
    }

    /// Begins an object or array: `{` or `[`.
    pub(super) fn open(&mut self, bracket: char) {
        self.separate();
        self.token(bracket);
        self.is_first = true;
    }

    /// Ends one: `}` or `]`. Here the block is written, if it is full.
    pub(super) fn close(&mut self, bracket: char) -> io::Result<()> {
        self.token(bracket);
        self.is_first = false;
        if self.block.len() >= BLOCK_BYTES { self.write() } else { Ok(()) }
    }

    pub(super) fn key(&mut self, name: &str) {
        self.separate();
        push_text(&mut self.block, name);
        self.block.push(b':');
        self.is_first = true;
    }

    pub(super) fn text(&mut self, text: &str) {
        self.separate();
        push_text(&mut self.block, text);
    }

    /// A number, `true`, `false` or `null`.
    pub(super) fn plain(&mut self, value: impl Display) {
        self.separate();
        self.token(value);
    }

    /// A key and a text, if there is one.
    pub(super) fn text_of(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.key(name);
            self.text(text);
        }
    }

    /// A key and a number, `true` or `false`, if there is one.
    pub(super) fn plain_of(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.key(name);
            self.plain(value);
        }
    }

    /// Writes what is left.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.write()
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.block.push(b',');
        }
    }

    fn token(&mut self, token: impl Display) {
        let _infallible = write!(self.block, "{token}");
    }

    fn write(&mut self) -> io::Result<()> {
        self.out.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}

//! Numbers and texts as bytes: what a thread that reads lines hands to the one that takes them in order, as an
//! [`engine::Draw`](crate::engine::Draw) does. They are read by who wrote them, in the same run, so they have no version and no names.

/// Bytes that are read from their start on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handed<'b>(&'b [u8]);

/// They are not what was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// Appends a number.
pub(crate) fn put_number(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

/// Appends a text.
pub(crate) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// Appends what there may be, as `put` does.
pub(crate) fn put_maybe<T>(bytes: &mut Vec<u8>, what: Option<T>, put: impl FnOnce(&mut Vec<u8>, T)) {
    bytes.push(u8::from(what.is_some()));
    if let Some(what) = what {
        put(bytes, what);
    }
}

impl<'b> Handed<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// Has everything taken that was put down, one after the other; what is not what was put ends it.
    pub(crate) fn each(bytes: &'b [u8], mut take: impl FnMut(&mut Self) -> Result<(), Broken>) {
        let mut handed = Self::new(bytes);
        while !handed.is_empty() && take(&mut handed).is_ok() {}
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is not read yet.
    pub(crate) fn rest(&self) -> &'b [u8] {
        self.0
    }

    /// A single byte.
    pub(crate) fn byte(&mut self) -> Result<u8, Broken> {
        let (byte, rest) = self.0.split_first().ok_or(Broken)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub(crate) fn number(&mut self) -> Result<u64, Broken> {
        let (number, rest) = self.0.split_first_chunk().ok_or(Broken)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*number))
    }

    pub(crate) fn text(&mut self) -> Result<&'b str, Broken> {
        let len = usize::try_from(self.number()?).map_err(|_| Broken)?;
        let (text, rest) = self.0.split_at_checked(len).ok_or(Broken)?;
        self.0 = rest;
        str::from_utf8(text).map_err(|_| Broken)
    }

    /// What there may be, as `read` reads it.
    pub(crate) fn maybe<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Broken>,
    ) -> Result<Option<T>, Broken> {
        match self.byte()? {
            0 => Ok(None),
            _ => read(self).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_read_is_what_was_put(number: u64, text: String, maybe: Option<u64>, word: Option<String>) {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            put_text(&mut bytes, &text);
            put_maybe(&mut bytes, maybe, put_number);
            put_maybe(&mut bytes, word.as_deref(), put_text);
            let mut handed = Handed::new(&bytes);
            prop_assert_eq!(handed.number(), Ok(number));
            prop_assert_eq!(handed.text(), Ok(&*text));
            prop_assert_eq!(handed.maybe(Handed::number), Ok(maybe));
            prop_assert_eq!(handed.maybe(Handed::text), Ok(word.as_deref()));
            prop_assert!(handed.is_empty() && handed.byte().is_err() && handed.number().is_err());
        }

        #[test]
        fn broken_bytes_are_nothing(bytes: Vec<u8>) {
            let mut handed = Handed::new(&bytes);
            while handed.maybe(Handed::text).is_ok() {}
            let mut handed = Handed::new(&bytes);
            while handed.maybe(Handed::number).is_ok() {}
        }
    }
}

//! Fingerprints of API keys: what stands in a log instead of the key, so that one can search for a
//! key without the log ever showing it.
//!
//! A fingerprint is `id:` and 20 characters: the first 96 bits of keyed BLAKE3 over the API key, in
//! lower-case base32 (RFC 4648 §6). The id names the hashing key, so that hashing keys can rotate:
//! writers use the first, readers search with all.

use arrayvec::ArrayString;
use std::fmt;
use std::path::Path;

/// Characters of the hash.
const HASH_CHARS: usize = 20;
/// The longest id of a hashing key, in bytes.
const ID_BYTES_MAX: usize = 15;

/// What stands in the log for an API key, such as `k1:mzxw6ytboi4dq2lmnf2g`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(ArrayString<{ ID_BYTES_MAX + 1 + HASH_CHARS }>);

impl Fingerprint {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One hashing key. Its `Debug` shows the id only.
#[derive(Clone)]
pub struct HashKey {
    id: String,
    secret: [u8; 32],
}

impl HashKey {
    /// From an id, `[a-z0-9]{1,15}`, and 32 secret bytes.
    pub fn new(id: &str, secret: [u8; 32]) -> Result<Self, KeysError> {
        let valid = (1..=ID_BYTES_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if valid { Ok(Self { id: id.to_owned(), secret }) } else { Err(KeysError::new(0, Fault::Id)) }
    }

    /// The id that stands before the fingerprints made with this key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The fingerprint of an API key.
    ///
    /// ```
    /// let key = access_record::HashKey::new("k1", [7; 32])?;
    /// let fingerprint = key.fingerprint(b"an API key");
    /// assert!(fingerprint.as_str().starts_with("k1:"));
    /// assert_eq!(fingerprint.as_str().len(), 23);
    /// # Ok::<(), access_record::KeysError>(())
    /// ```
    pub fn fingerprint(&self, api_key: &[u8]) -> Fingerprint {
        let hash = blake3::keyed_hash(&self.secret, api_key);
        let mut text = [0; ID_BYTES_MAX + 1 + HASH_CHARS];
        let id_len = self.id.len();
        text[..id_len].copy_from_slice(self.id.as_bytes());
        text[id_len] = b':';
        let len = id_len + 1 + HASH_CHARS;
        base32(&hash.as_bytes()[..12], &mut text[id_len + 1..len]);
        // Only ASCII is written into it, and all of it fits.
        Fingerprint(
            std::str::from_utf8(&text[..len]).ok().and_then(|text| text.parse().ok()).unwrap_or_default(),
        )
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Hashing keys: the first makes new fingerprints, all of them find old ones.
///
/// Written as `id:` and 64 hex digits each, separated by commas or white space; `#` starts a
/// comment that ends with its line.
#[derive(Clone, Debug)]
pub struct Keys {
    first: HashKey,
    older: Vec<HashKey>,
}

impl Keys {
    /// Reads the written form. An error says which key is wrong, never what it was.
    ///
    /// ```
    /// use access_record::Keys;
    /// let keys = Keys::parse(&format!("k2:{}, k1:{}", "ab".repeat(32), "cd".repeat(32)))?;
    /// assert_eq!(keys.active().id(), "k2");
    /// assert_eq!(keys.all().count(), 2);
    /// # Ok::<(), access_record::KeysError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let mut keys: Vec<HashKey> = Vec::new();
        let words = text
            .lines()
            .flat_map(|line| line.split('#').next().unwrap_or_default().split([',', ' ', '\t', '\r']))
            .filter(|word| !word.is_empty());
        for (index, word) in words.enumerate() {
            let fault = |fault| KeysError::new(index + 1, fault);
            let (id, digits) = word.split_once(':').ok_or(fault(Fault::Form))?;
            let key = HashKey::new(id, secret(digits).ok_or(fault(Fault::Form))?)
                .map_err(|error| fault(error.fault))?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(fault(Fault::Twice));
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(KeysError::new(0, Fault::Empty))?;
        Ok(Self { first, older: keys.collect() })
    }

    /// Reads the written form from an environment variable.
    pub fn from_env(name: &str) -> Result<Self, KeysError> {
        let text =
            std::env::var(name).map_err(|_| KeysError::new(0, Fault::Unset).found_in(format!("${name}")))?;
        Self::parse(&text).map_err(|error| error.found_in(format!("${name}")))
    }

    /// Reads the written form from a file that nobody but its owner may read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeysError> {
        let path = path.as_ref();
        let place = || path.display().to_string();
        let io = |error: std::io::Error| KeysError::new(0, Fault::Io(error.kind())).found_in(place());
        let file = std::fs::File::open(path).map_err(io)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
                return Err(KeysError::new(0, Fault::Mode).found_in(place()));
            }
        }
        let text = std::io::read_to_string(file).map_err(io)?;
        Self::parse(&text).map_err(|error| error.found_in(place()))
    }

    /// The key that makes new fingerprints.
    pub fn active(&self) -> &HashKey {
        &self.first
    }

    /// Every key, the active one first.
    pub fn all(&self) -> impl Iterator<Item = &HashKey> {
        std::iter::once(&self.first).chain(&self.older)
    }
}

/// Why hashing keys could not be read. Never holds any of their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysError {
    /// The number of the key in its list, from 1; 0 if no single key is meant.
    number: usize,
    fault: Fault,
    place: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Form,
    Id,
    Twice,
    Empty,
    Unset,
    Mode,
    Io(std::io::ErrorKind),
}

impl KeysError {
    const fn new(number: usize, fault: Fault) -> Self {
        Self { number, fault, place: None }
    }

    fn found_in(mut self, place: String) -> Self {
        self.place = Some(place);
        self
    }
}

impl fmt::Display for KeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hashing keys")?;
        if let Some(place) = &self.place {
            write!(f, " in {place}")?;
        }
        f.write_str(": ")?;
        if self.number > 0 {
            write!(f, "key {}: ", self.number)?;
        }
        match self.fault {
            Fault::Form => f.write_str("expected an id, a colon and 64 hex digits, such as k1:0f1e…"),
            Fault::Id => write!(f, "an id has 1 to {ID_BYTES_MAX} characters, a-z and 0-9"),
            Fault::Twice => f.write_str("this id stands twice"),
            Fault::Empty => f.write_str("there are none; write an id, a colon and 64 random hex digits"),
            Fault::Unset => f.write_str("the variable is not set, or not text"),
            Fault::Mode => f.write_str("others may read the file; run chmod 600 on it"),
            Fault::Io(kind) => write!(f, "{kind}"),
        }
    }
}

impl std::error::Error for KeysError {}

fn secret(digits: &str) -> Option<[u8; 32]> {
    let mut secret = [0; 32];
    let digits = digits.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in secret.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    Some(secret)
}

/// Lower-case base32 without padding of at most 16 bytes; the last character holds the bits that are left.
fn base32(bytes: &[u8], out: &mut [u8]) {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let bits = bytes.iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
    let mut bits = bits << (128 - 8 * bytes.len());
    for place in out {
        *place = ALPHABET[(bits >> 123) as usize];
        bits <<= 5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_as_in_the_rfc() {
        // RFC 4648 §10, in lower case and without padding.
        for (bytes, text) in [("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foobar", "mzxw6ytboi")] {
            let mut out = vec![0; text.len()];
            base32(bytes.as_bytes(), &mut out);
            assert_eq!(std::str::from_utf8(&out).unwrap(), text);
        }
    }

    #[test]
    fn a_fingerprint_is_keyed_and_named() {
        let one = HashKey::new("k1", [1; 32]).unwrap();
        let two = HashKey::new("k2", [2; 32]).unwrap();
        assert_eq!(one.fingerprint(b"a"), one.fingerprint(b"a"));
        assert_ne!(one.fingerprint(b"a"), one.fingerprint(b"b"));
        assert_ne!(one.fingerprint(b"a").as_str()[3..], two.fingerprint(b"a").as_str()[3..]);
        // The first 96 bits of BLAKE3 in keyed mode, computed with the reference implementation:
        // any change here makes every old log unsearchable.
        assert_eq!(one.fingerprint(b"an API key").as_str(), "k1:orueuicmoz6bgqc25rua");
    }

    #[test]
    fn errors_name_the_place_and_not_the_secret() {
        let good = "ab".repeat(32);
        let rows = [
            (String::new(), "hashing keys: there are none; write an id, a colon and 64 random hex digits"),
            (
                "# only a comment".to_owned(),
                "hashing keys: there are none; write an id, a colon and 64 random hex digits",
            ),
            (
                format!("k1:{good} k2:planted"),
                "hashing keys: key 2: expected an id, a colon and 64 hex digits, such as k1:0f1e…",
            ),
            (format!("K1:{good}"), "hashing keys: key 1: an id has 1 to 15 characters, a-z and 0-9"),
            (format!("k1:{good}\nk1:{good}"), "hashing keys: key 2: this id stands twice"),
        ];
        for (text, message) in rows {
            let error = Keys::parse(&text).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(!format!("{error:?}").contains("planted"));
        }
        assert_eq!(
            Keys::from_env("NO_SUCH_VARIABLE_HERE").unwrap_err().to_string(),
            "hashing keys in $NO_SUCH_VARIABLE_HERE: the variable is not set, or not text"
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let keys = Keys::parse(&format!("k1:{}", "ab".repeat(32))).unwrap();
        assert_eq!(format!("{keys:?}"), "Keys { first: HashKey { id: \"k1\", .. }, older: [] }");
    }
}

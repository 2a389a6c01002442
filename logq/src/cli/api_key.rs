//! Finding records by the raw API key, which stands in none of them: it is read from where a shell's
//! history and other users' `ps` do not see it, and looked for by its fingerprints. It is never shown.

use super::typed::RawKey;
use crate::escape;
use access_record::{Fingerprint, Keys};
use std::fs::File;
use std::io::{self, Read};

/// The longest API key, in bytes.
const KEY_BYTES_MAX: usize = 8 * 1024;

/// The fingerprints of the key under every hashing key of the file; none if no key was asked for.
pub(super) fn fingerprints(typed: &RawKey) -> Result<Vec<Fingerprint>, String> {
    let (option, read) = if typed.api_key_stdin {
        ("--api-key-stdin", bounded(io::stdin().lock()))
    } else if let Some(path) = &typed.api_key_file {
        ("--api-key-file", File::open(path).and_then(bounded))
    } else if let Some(name) = &typed.api_key_env {
        // What is no variable may be the key itself, so it is not shown.
        let value = std::env::var_os(name).ok_or("--api-key-env: there is no variable of this name")?;
        ("--api-key-env", Ok(value.into_encoded_bytes()))
    } else {
        return Ok(Vec::new());
    };
    let bytes = read.map_err(|error| format!("{option}: {}", escape::text(&error.to_string())))?;
    if bytes.len() > KEY_BYTES_MAX {
        return Err(format!("{option}: an API key has at most {KEY_BYTES_MAX} bytes"));
    }
    let key = without_line_end(&bytes);
    if key.is_empty() {
        return Err(format!("{option}: there is no API key"));
    }
    let Some(path) = &typed.hash_keys else {
        return Err(format!("{option} needs --hash-keys, the file that has the hashing keys of the log"));
    };
    let keys = Keys::from_file(path).map_err(|error| escape::text(&error.to_string()).into_owned())?;
    Ok(keys.all().map(|hash_key| hash_key.fingerprint(key)).collect())
}

/// As much as shows that there is too much.
fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(KEY_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Editors and `echo` end a file with a line end that is no part of the key.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

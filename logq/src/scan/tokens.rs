//! Where the numbers of JSON end.

/// Where a number of at most seven digits ends, if behind it the next member comes, or none.
#[inline]
pub(super) fn short_number_end(line: &[u8], at: usize) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    let bytes: &[u8; 8] = line.get(at..)?.first_chunk()?;
    let values = u64::from_le_bytes(*bytes) ^ (ONES * u64::from(b'0'));
    // The highest bit of each byte that is ten or more, without a carry into the next.
    let others = (((values & !HIGHS) + ONES * (128 - 10)) | values) & HIGHS;
    let digits = others.trailing_zeros() as usize / 8;
    let is_number = digits > 0 && (digits == 1 || bytes[0] != b'0');
    (is_number && matches!(bytes.get(digits), Some(b',' | b'}'))).then_some(at + digits)
}

/// Where a number ends. Behind it anything may stand.
pub(super) fn number_end(line: &[u8], from: usize) -> Option<usize> {
    let digits = |from: usize| {
        let count = line[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(from + count)
    };
    let whole = if line[from] == b'-' { from + 1 } else { from };
    let mut at = digits(whole)?;
    if line[whole] == b'0' && at > whole + 1 {
        return None;
    }
    if line.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = line.get(at) {
        let sign = usize::from(matches!(line.get(at + 1), Some(b'+' | b'-')));
        at = digits((at + 1 + sign).min(line.len()))?;
    }
    Some(at)
}

//! What a page's policy calls a style or a script by, for the tests that hold the constants against what is there.

/// The SHA-256 of a text, in base64.
pub(super) fn hash(text: &str) -> String {
    base64(&sha256(text.as_bytes()))
}

/// FIPS 180-4, plainly, with its own names. Only tests need it.
#[expect(clippy::many_single_char_names, reason = "the standard's")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a fraction of 32 bits")]
fn sha256(message: &[u8]) -> [u8; 32] {
    let primes: Vec<u32> = (2_u32..).filter(|n| (2..*n).all(|d| n % d != 0)).take(64).collect();
    // The first 32 bits of the fractional parts of roots.
    let bits = |root: f64| ((root.fract() * 4_294_967_296.0).floor()) as u32;
    let k: Vec<u32> = primes.iter().map(|prime| bits(f64::from(*prime).cbrt())).collect();
    let mut h: Vec<u32> = primes[..8].iter().map(|prime| bits(f64::from(*prime).sqrt())).collect();
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let mut w: Vec<u32> =
            block.chunks(4).map(|word| u32::from_be_bytes(word.try_into().unwrap())).collect();
        for t in 16..64 {
            let (a, b) = (w[t - 15], w[t - 2]);
            let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            w.push(w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1));
        }
        let mut v: Vec<u32> = h.clone();
        for t in 0..64 {
            let (a, e) = (v[0], v[4]);
            let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let choice = (e & v[5]) ^ (!e & v[6]);
            let majority = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
            let t1 = [s1, choice, k[t], w[t]].iter().fold(v[7], |sum, n| sum.wrapping_add(*n));
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(t1);
            v[0] = t1.wrapping_add(s0.wrapping_add(majority));
        }
        h.iter_mut().zip(&v).for_each(|(h, v)| *h = h.wrapping_add(*v));
    }
    let bytes: Vec<u8> = h.iter().flat_map(|word| word.to_be_bytes()).collect();
    bytes.try_into().unwrap()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        let digit = |n: usize| char::from(DIGITS[(bits >> (18 - 6 * n) & 63) as usize]);
        (0..4).map(|n| if n <= group.len() { digit(n) } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

//! The page as a text: what is data in it stays data, and its policy lets run what is there and no more.

use super::*;
use crate::facts::Facts;
use crate::testing::row;
use crate::trace::Record;
use serde_json::Value;

fn page(lines: &[String], id: &str, command: &str) -> String {
    let facts = Facts::new();
    let records = lines.iter().map(|line| Record::of(&row(line), &facts));
    let mut out = Vec::new();
    html(&Trace::new(records, &[]), id, command, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The text of the data's element.
fn embedded(page: &str) -> &str {
    let (_, rest) = page.split_once(r#"<script type="application/json" id="data">"#).unwrap();
    rest.split_once("</script>").unwrap().0
}

const HOSTILE: [&str; 9] = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "&lt;b&gt;",
    "\u{2028}\u{2029}\u{202e}\u{1b}[2J\0",
    "'\"`${1}\\",
    "{{script}}{{data}}{{style}}",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
];

#[test]
fn what_records_say_is_data_and_nothing_else() {
    for text in HOSTILE {
        let quoted = serde_json::to_string(text).unwrap();
        let line = format!(
            r#"{{"kind":"access","ts":"2026-11-21T04:00:00Z","service":{quoted},"path":{quoted},"span_id":{quoted},"status":{quoted},"duration_us":5,"error":{quoted},"notes":{{{quoted}:{quoted}}},"flags":[{quoted}]}}"#
        );
        let whole = page(&[line], text, text);
        let data = embedded(&whole);
        assert!(!data.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{202e}', '\u{1b}']), "{data}");
        let data: Value = serde_json::from_str(data).unwrap();
        let span = &data["spans"][0];
        for (name, value) in [("id", &data["id"]), ("command", &data["command"]), ("path", &span["path"])] {
            assert_eq!(value, text, "{name}");
        }
        assert_eq!((&span["notes"][text], &span["flags"][0]), (&text.into(), &text.into()));
        // Beside the data the page is the same whatever the records say.
        let rest = |page: &str| page.replace(embedded(page), "");
        assert_eq!(rest(&whole), rest(&page(&[], "r1", "")));
    }
}

#[test]
fn the_page_loads_nothing_and_makes_no_markup_of_texts() {
    for (name, part) in [("page", PAGE), ("style", STYLE), ("script", SCRIPT)] {
        for forbidden in
            ["http:", "https:", "//cdn", "url(", "@import", "src=", "href=", "fetch(", "XMLHttp", "WebSocket"]
        {
            assert!(!part.contains(forbidden), "{name}: {forbidden}");
        }
    }
    for forbidden in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
        "setAttribute(\"on",
        "localStorage",
    ] {
        assert!(!SCRIPT.contains(forbidden), "{forbidden}");
    }
    assert!(PAGE.contains("default-src 'none'") && !PAGE.contains("unsafe-inline"));
    let page = page(&[], "r1", "");
    assert!(!page.contains("{{"), "every mark is filled in");
    assert!(
        !STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"),
        "they end where they should"
    );
}

#[test]
fn the_policy_names_the_style_and_the_script_that_are_there() {
    assert_eq!(base64(&sha256(b"abc")), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", "FIPS 180-2, B.1");
    assert_eq!(base64(&sha256(STYLE.as_bytes())), STYLE_HASH, "STYLE_HASH is that of page.css");
    assert_eq!(base64(&sha256(SCRIPT.as_bytes())), SCRIPT_HASH, "SCRIPT_HASH is that of page.js");
}

#[test]
fn lines_that_folds_hide_are_in_the_page() {
    let call = |n: u32| {
        format!(
            r#"{{"kind":"call","ts":"2026-11-21T04:00:00Z","service":"a","path":"/{n}","duration_us":{n}}}"#
        )
    };
    let page = page(&(1..=9).map(call).collect::<Vec<_>>(), "r1", "");
    let data: Value = serde_json::from_str(embedded(&page)).unwrap();
    let rows = data["rows"].as_array().unwrap();
    let fold = rows.iter().find(|row| row[0] == "f").unwrap();
    assert_eq!(fold[4], "⋯ 6 more like this, 1-6 µs");
    assert_eq!(rows.iter().filter(|row| row[3] == 0).count(), 6);
    assert_eq!(rows.len(), 10);
}

/// FIPS 180-4, plainly, with its own names. Only this test needs it.
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

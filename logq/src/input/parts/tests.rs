//! Parts and what becomes of them, whole and byte by byte.

use super::*;

/// Gives out so many bytes at once.
struct Slow<'b>(&'b [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.1.min(buffer.len()).min(self.0.len());
        let (now, later) = self.0.split_at(len);
        buffer[..len].copy_from_slice(now);
        self.0 = later;
        Ok(len)
    }
}

fn joined(text: &[u8], at_once: usize) -> (Vec<u8>, Vec<u64>) {
    let numbers = Numbers::default();
    let mut out = Vec::new();
    Joined::new(Slow(text, at_once), numbers.clone()).read_to_end(&mut out).unwrap();
    (out, numbers.take(usize::MAX))
}

#[test]
fn parts_become_lines() {
    let rows: &[(&str, &str, &str, &[u64])] = &[
        (
            "two streams among each other",
            "2026-11-21T04:08:21Z stdout P {\"a\":\n2026-11-21T04:08:22Z stderr F x\n2026-11-21T04:08:23Z stdout P  1\n2026-11-21T04:08:24Z stdout F }\n",
            "2026-11-21T04:08:22Z stderr F x\n2026-11-21T04:08:21Z stdout F {\"a\": 1}\n",
            &[2, 1],
        ),
        (
            "the end comes before the last part",
            "2026-11-21T04:08:21Z stdout F a\n2026-11-21T04:08:22Z stderr P b\n2026-11-21T04:08:23Z stdout P c\n2026-11-21T04:08:24Z stderr P d",
            "2026-11-21T04:08:21Z stdout F a\n2026-11-21T04:08:22Z stderr P bd\n2026-11-21T04:08:23Z stdout P c\n",
            &[1, 2, 3],
        ),
        (
            "an empty last part, and a line of somebody else",
            "2026-11-21T04:08:21Z stdout P a\nx\n2026-11-21T04:08:22Z stdout F\n",
            "x\n2026-11-21T04:08:21Z stdout F a\n",
            &[2, 1],
        ),
        (
            "Docker",
            "{\"log\":\"a \\\"b\",\"stream\":\"stdout\",\"time\":\"1\"}\n{\"log\":\"x\\n\",\"stream\":\"stderr\",\"time\":\"2\"}\n{\"log\":\"\\\\nc\\n\",\"stream\":\"stdout\",\"time\":\"3\"}\n",
            "{\"log\":\"x\\n\",\"stream\":\"stderr\",\"time\":\"2\"}\n{\"log\":\"a \\\"b\\\\nc\\n\",\"stream\":\"stdout\",\"time\":\"1\"}\n",
            &[2, 1],
        ),
        (
            "a text that ends with a backslash and an n",
            "{\"log\":\"a\\\\n\",\"stream\":\"stdout\"}\n",
            "{\"log\":\"a\\\\n\",\"stream\":\"stdout\"}\n",
            &[1],
        ),
        (
            "the first line tells",
            "x\n2026-11-21T04:08:21Z stdout P a\nb",
            "x\n2026-11-21T04:08:21Z stdout P a\nb",
            &[],
        ),
        ("nothing", "", "", &[]),
    ];
    for (name, text, expected, numbers) in rows {
        for at_once in [1, 7, 1000] {
            let (out, found) = joined(text.as_bytes(), at_once);
            assert_eq!(String::from_utf8_lossy(&out), *expected, "{name}, {at_once} at once");
            assert_eq!(found, *numbers, "{name}, {at_once} at once");
        }
        let has_parts = expected != text;
        assert!(are_in(&mut text.as_bytes()).unwrap() || !has_parts, "{name}");
    }
}

#[test]
fn files_without_parts_are_told() {
    let whole = "2026-11-21T04:08:21Z stdout F a\n".repeat(30_000);
    let docker = "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"time\":\"1\"}\n".repeat(30_000);
    for text in [&whole, &docker, "x stdout P y\n"] {
        assert!(!are_in(&mut text.as_bytes()).unwrap());
    }
    let late = [&whole, "2026-11-21T04:08:21Z stdout P"].concat();
    let late_docker = [&docker, "{\"log\":\"a\",\"stream\":\"stdout\",\"time\":\"1\"}\n"].concat();
    for text in [late, late_docker] {
        assert!(are_in(&mut text.as_bytes()).unwrap());
    }
}

#[test]
fn what_is_too_long_stays_so_in_little_memory() {
    let part = format!("2026-11-21T04:08:21Z stdout P {}\n", "x".repeat(16 << 10));
    let text =
        [&part.repeat(200), "2026-11-21T04:08:21Z stdout F y\n2026-11-21T04:08:22Z stdout F z\n"].concat();
    let (out, numbers) = joined(text.as_bytes(), 4096);
    let lens: Vec<usize> = out.split(|byte| *byte == b'\n').map(<[u8]>::len).collect();
    assert!(lens[0] > LINE_BYTES_MAX && lens[0] < LINE_BYTES_MAX + 100, "{}", lens[0]);
    assert_eq!((lens.len(), numbers), (3, vec![1, 202]));
    let long =
        ["2026-11-21T04:08:21Z stdout P a\n", &"x".repeat(3 << 20), "\n2026-11-21T04:08:22Z stdout F b"]
            .concat();
    let (out, numbers) = joined(long.as_bytes(), 100_000);
    assert_eq!((out.len(), numbers), ((3 << 20) + 1 + 33, vec![2, 1]));
}

//! What `in` compares a value with: a list, which may be long, as of the ids of many requests.

use super::operand::{Op, Operand};
use crate::field::Found;
use crate::value::Value;
use foldhash::HashSet;

/// Shorter lists are gone through.
const KNOWN_MIN: usize = 8;

/// The operands of a list.
#[derive(Clone, Debug)]
pub struct Items {
    operands: Vec<Operand>,
    /// Their texts, where there are many and they are compared as they are written.
    known: Option<HashSet<Box<str>>>,
}

impl Items {
    /// Whether a value that was found is one of them. An array is if any of its elements is.
    pub fn hold(&self, found: &Found<'_>) -> bool {
        match &self.known {
            Some(known) => {
                found.any(&mut |value: &Value<'_>| value.scalar().is_some_and(|text| known.contains(text)))
            }
            None => self.operands.iter().any(|operand| operand.compare(Op::Equal, found)),
        }
    }

    /// One by one.
    pub fn iter(&self) -> std::slice::Iter<'_, Operand> {
        self.operands.iter()
    }
}

impl From<Vec<Operand>> for Items {
    fn from(operands: Vec<Operand>) -> Self {
        let text = |operand: &Operand| match operand {
            Operand::Text { text, ignore_case: false } => Some(text.as_str().into()),
            _ => None,
        };
        let is_long = operands.len() >= KNOWN_MIN;
        let known = if is_long { operands.iter().map(text).collect() } else { None };
        Self { operands, known }
    }
}

impl<'i> IntoIterator for &'i Items {
    type Item = &'i Operand;
    type IntoIter = std::slice::Iter<'i, Operand>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Name;
    use crate::testing::row;

    fn items(texts: &[String], ignore_case: bool) -> Items {
        let operand = |text: &String| Operand::Text { text: text.clone(), ignore_case };
        texts.iter().map(operand).collect::<Vec<_>>().into()
    }

    #[test]
    fn a_long_list_holds_what_a_short_one_does() {
        let long: Vec<String> = (0..20).map(|number| format!("id{number}")).collect();
        let name = Name::new("x");
        for value in
            [r#""id7""#, r#""ID7""#, r#""id""#, "7", r#"["a","id7"]"#, r#"["a",7]"#, r#"{"a":"id7"}"#, "null"]
        {
            let line = format!("{{\"x\":{value}}}");
            let row = row(&line);
            let found = name.find(&row);
            let holds = |items: &Items| found.as_ref().is_some_and(|found| items.hold(found));
            for ignore_case in [false, true] {
                let any = long.chunks(KNOWN_MIN - 1).any(|few| holds(&items(few, ignore_case)));
                assert_eq!(holds(&items(&long, ignore_case)), any, "{value}");
            }
        }
        assert!(items(&long, false).known.is_some() && items(&long, true).known.is_none());
        assert!(items(&long[1..KNOWN_MIN], false).known.is_none());
    }
}

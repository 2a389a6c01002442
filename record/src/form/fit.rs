//! What a line over its bound loses: optional fields, from the end of the table upwards, counted.

/// `v`, `ts`, `kind` and `level` are never cut.
const MANDATORY: usize = 4;

/// Where the fields of a line ended, up to its bound.
pub(super) struct Fit {
    from: usize,
    /// Bytes of the line without its `truncated`, number and end.
    room: usize,
    fields: usize,
    /// The end of the last field that fits, and how many came after it.
    end: usize,
    cut: u32,
}

impl Fit {
    /// For a line that starts here.
    pub(super) fn new(from: usize, room: usize) -> Self {
        Self { from, room, fields: 0, end: from, cut: 0 }
    }

    /// A field of the line ended here. Once one does not fit, none after it does.
    pub(super) fn field(&mut self, end: usize) {
        self.fields += 1;
        if self.fields <= MANDATORY || (self.cut == 0 && end - self.from <= self.room) {
            self.end = end;
        } else {
            self.cut += 1;
        }
    }

    /// Takes away what does not fit; returns how much that is in all, if anything is.
    pub(super) fn cut(self, truncated_before: Option<u32>, out: &mut Vec<u8>) -> Option<u64> {
        out.truncate(self.end);
        let total = truncated_before.unwrap_or(0).saturating_add(self.cut);
        (total > 0).then_some(total.into())
    }
}

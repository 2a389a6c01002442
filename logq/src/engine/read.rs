//! From lines to rows: with all their fields, or with those only that somebody asks for, which takes much less time.

use super::Plan;
use crate::field::Name;
use crate::format::Formats;
use crate::heading::Heading;
use crate::query::Stage;
use crate::row::{Origin, Row, Shape};
use crate::scan::{Wanted, WantedReader};

/// Makes rows of lines of one block.
#[derive(Debug)]
pub struct Reader<'r> {
    formats: &'r Formats,
    wanted: Option<WantedReader<'r>>,
    row: Row<'r>,
}

impl<'r> Reader<'r> {
    /// With these fields at least, which are found fast, or with all. `lines` are all that are read.
    pub fn new(formats: &'r Formats, wanted: Option<&'r Wanted>, lines: &'r [u8]) -> Self {
        let wanted = wanted.filter(|_| formats.looks());
        let origin = Origin { file: "", line: 0 };
        let row = Row { raw: b"", fields: Vec::new(), shape: Shape::Unknown, origin };
        Self { formats, wanted: wanted.map(|wanted| wanted.reader(lines)), row }
    }

    /// The row of a line, whose columns the heading names where it has columns.
    pub fn read(&mut self, line: &'r [u8], origin: Origin<'r>, heading: Option<&'r Heading>) -> &Row<'r> {
        let row = &mut self.row;
        // Below a heading what begins as an object may be columns.
        let mut wanted = self.wanted.as_mut().filter(|_| heading.is_none());
        if let Some(wanted) = &mut wanted
            && let Some(shape) = wanted.read(line, &mut row.fields)
        {
            self.formats.settle(&mut row.fields);
            (row.raw, row.shape, row.origin) = (line, shape, origin);
            return row;
        }
        *row = self.formats.read_under(line, origin, heading);
        if let Some(wanted) = wanted {
            rescue(row, wanted, self.formats);
        }
        row
    }
}

/// Gives a broken line those fields that can be told all the same.
fn rescue<'r>(row: &mut Row<'r>, wanted: &mut WantedReader<'r>, formats: &Formats) {
    if row.shape == Shape::Unknown && wanted.rescue(row.raw, &mut row.fields) {
        formats.settle(&mut row.fields);
        row.shape = Shape::Broken;
    }
}

/// The row of one line, with all its fields; of a broken one those that are wanted.
pub fn whole_row<'r>(
    formats: &'r Formats,
    wanted: Option<&'r Wanted>,
    line: &'r [u8],
    origin: Origin<'r>,
    heading: Option<&'r Heading>,
) -> Row<'r> {
    let mut row = formats.read_under(line, origin, heading);
    if heading.is_none()
        && formats.looks()
        && let Some(wanted) = wanted
    {
        rescue(&mut row, &mut wanted.reader(line), formats);
    }
    row
}

/// What is to be found of lines for somebody who looks at these fields, or at all of them, and of broken lines at those
/// that the query names.
pub fn wanted(plan: &Plan<'_>, fields: Option<Vec<Name>>) -> Wanted {
    match (fields, plan.whole_lines || plan.decode_all) {
        (Some(names), true) => Wanted::new(&names),
        (Some(names), false) => Wanted::direct(&names),
        (None, true) => Wanted::all(),
        (None, false) => {
            let stages = plan.query.map_or(&[][..], |query| &query.stages);
            let filter = plan.query.map_or(&[][..], |query| query.filter.fields());
            let names: Vec<Name> =
                filter.iter().chain(stages.iter().flat_map(Stage::fields)).cloned().collect();
            Wanted::all_or_direct(&names)
        }
    }
}

//! Names the fields that the ranges of a plan are in, as a job: the plan is shown meanwhile.

use std::ops::Range;

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::structure::read_fields::field_at;
use crate::structure::shared_tree::{SharedTree, Turn};

/// Names the field of each range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameRangesJob {
    pub(crate) tree: SharedTree,
    pub(crate) ranges: Vec<Range<u64>>,
}

/// A range by its start, and the way to the field that it begins in.
pub(crate) type Named = (u64, String);

impl Job for NameRangesJob {
    type Event = Never;
    type Output = Vec<Named>;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn is_listed(&self) -> bool {
        false
    }

    fn title(&self) -> String {
        "fields of the plan".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Vec<Named>, JobError> {
        let Self { tree, ranges } = self;
        let base = tree.base();
        let mut named = Vec::new();
        for range in ranges {
            cx.checkpoint()?;
            let Some(at) = range.start.checked_sub(base) else { continue };
            // A field that cannot be read has no name.
            match tree.with(cx, Turn::Whole, |tree| field_at(tree, at, base)) {
                Ok(Some(field)) => {
                    let more = if field.range.end < range.end { " …" } else { "" };
                    let way = field.path.replace('.', " › ");
                    named.push((range.start, format!("{way}{more}")));
                }
                Err(JobError::Cancelled) => return Err(JobError::Cancelled),
                Ok(None) | Err(_) => {}
            }
        }
        Ok(named)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use memmap::RamMap;

    use super::*;
    use crate::job::context::finish;
    use crate::source::format_catalog::FormatCatalog;
    use crate::source::handle::SourceHandle;

    #[test]
    fn a_range_is_named_by_the_field_that_it_begins_in() {
        let mut bytes = vec![0xee; 100];
        bytes.extend(0xa1b2_c3d4_u32.to_le_bytes());
        bytes.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0]);
        let source = SourceHandle::new(RamMap::from_reader(&bytes[..]).unwrap().erase());
        let schema = Arc::new(FormatCatalog::default().schema("pcap").unwrap());
        let tree = SharedTree::new(schema, 100);
        let ranges = vec![3..5, 105..106, 106..109, 1000..1001];
        let named = finish(&source, NameRangesJob { tree, ranges }).ended.unwrap();
        assert_eq!(
            named,
            [
                (105, "header › version_major".to_owned()),
                (106, "header › version_minor …".to_owned())
            ]
        );
    }
}

//! Reads the array description of a file, as a job.

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::source::npy_layout::{self, ArrayLayout, LayoutError, LayoutQuery};

/// Looks for an array description.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct ReadLayoutJob {
    pub(crate) place: LayoutQuery,
}

impl Job for ReadLayoutJob {
    type Event = Never;
    /// `None` if the file has no description.
    type Output = Option<Result<ArrayLayout, LayoutError>>;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "array layout".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Self::Output, JobError> {
        Ok(npy_layout::look(cx.mapping(), &self.place))
    }
}

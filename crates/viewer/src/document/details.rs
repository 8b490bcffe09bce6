//! The output of `lazyhex info`, for the file details pane.

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Accumulate, Job, Never};

/// Collects the details. Counting the stored and resident pages may take a second or two.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct ExplainJob;

impl Job for ExplainJob {
    type Event = Never;
    type Output = String;

    fn is_listed(&self) -> bool {
        false
    }

    fn title(&self) -> String {
        "file details".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<String, JobError> {
        if let Some(packing) = cx.source.packing() {
            return Ok(packing.details());
        }
        let explained = match (cx.source.location(), cx.source.path()) {
            (Some(location), _) => cx.schemes.explain(location),
            (None, Some(path)) => memmap::explain(path),
            (None, None) => return Ok("there is no file: the bytes are in memory".to_owned()),
        };
        // An error is shown in place of the details.
        Ok(explained.map_or_else(|error| error.to_string(), |it| it.to_string()))
    }
}

/// The details, once the job has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Details(pub(crate) Option<String>);

impl Accumulate<ExplainJob> for Details {
    fn begin(_job: &ExplainJob, _len: u64, before: Option<Self>) -> Self {
        before.unwrap_or_default()
    }

    fn take(&mut self, event: Never) {
        match event {}
    }

    fn finish(&mut self, text: String) -> String {
        self.0 = Some(text);
        String::new()
    }
}

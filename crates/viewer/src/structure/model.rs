//! What is known of a document's format. The state of the editor has it; jobs fill it in.

use std::sync::Arc;

use memmap_structure::{Schema, Trail};

use crate::job::list::JobId;
use crate::structure::format_job::{Choice, Loaded, Offer};
use crate::structure::shared_tree::SharedTree;

/// A state of a document's bytes: its generation and length.
pub(crate) type Edition = (u64, u64);

/// The format of a document.
#[derive(Debug, Default)]
pub(crate) struct Structure {
    pub(crate) choice: Choice,
    /// Whether the user has chosen since the format was found.
    pub(crate) is_chosen: bool,
    /// The job that looks for the format.
    pub(crate) looking: Option<JobId>,
    /// The bytes that the format was looked for in; `None` before the first time.
    pub(crate) looked_at: Option<Edition>,
    pub(crate) format: Option<Format>,
    /// What can be chosen if there is no format. It is listed when it is shown.
    pub(crate) offers: Option<Vec<Offer>>,
    /// Mistakes in the description that was to be used.
    pub(crate) problems: Vec<String>,
    /// The list being walked.
    pub(crate) walk: Option<Walk>,
    /// Grows when the tree knows more than what was shown.
    pub(crate) version: u64,
}

/// A list that a job walks along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Walk {
    pub(crate) job: JobId,
    pub(crate) trail: Trail,
}

/// A description, and the tree that it gives for the bytes.
#[derive(Debug, Clone)]
pub(crate) struct Format {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) tree: SharedTree,
    /// The bytes that the tree is made of.
    pub(crate) edition: Edition,
}

impl Format {
    pub(crate) fn new(Loaded { schema, base }: Loaded, edition: Edition) -> Self {
        let name = schema.id().to_owned();
        let title = schema.title().unwrap_or(&name).to_owned();
        Self { name, title, tree: SharedTree::new(schema, base), edition }
    }

    pub(crate) fn schema(&self) -> &Arc<Schema> {
        self.tree.schema()
    }

    /// The name, and where it begins if that is not the start of the file.
    pub(crate) fn label(&self) -> String {
        match self.tree.base() {
            0 => self.name.clone(),
            base => format!("{} @ {base:#x}", self.name),
        }
    }
}

impl Structure {
    /// The formats that can be chosen.
    pub(crate) fn offers(&self) -> &[Offer] {
        self.offers.as_deref().unwrap_or_default()
    }

    /// Takes the tree of other bytes: one that goes on from what was found if the file has only grown, else a
    /// new one. What was open stays open.
    pub(crate) fn follow(&mut self, edition: Edition) {
        let Some(format) = self.format.as_mut().filter(|it| it.edition != edition) else { return };
        // What runs is of bytes that are gone, or are not all.
        format.tree.request();
        let (generation, len) = format.edition;
        format.tree = if generation == edition.0 && len < edition.1 {
            format.tree.grown()
        } else {
            SharedTree::new(Arc::clone(format.schema()), format.tree.base())
        };
        format.edition = edition;
    }
}

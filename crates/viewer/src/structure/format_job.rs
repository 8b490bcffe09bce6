//! Which format a file has: by its bytes at fixed places, then by the extension of its name; or as the
//! user says.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use memmap::Cancel;
use memmap_structure::{Problem, ReadError, Schema, Signature, Source, recognise};

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::source::format_catalog::FormatCatalog;
use crate::source::generated_format::SchemaError;
use crate::source::structure_source::StructureSource;

/// Bytes at the start that are searched for the signatures of formats if none is recognised.
const SEARCHED: u64 = 64 << 10;

/// Shortest signature that is worth a search.
const SIGNATURE_MIN: usize = 4;

/// What the user wants a document to be read as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The format that is recognised.
    #[default]
    Auto,
    /// A name, or the path of a description, from a place of the file on.
    Named { format: String, base: u64 },
    /// No format.
    Off,
}

/// Finds the format, and loads its description.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct FormatJob {
    pub(crate) choice: Choice,
    pub(crate) catalog: FormatCatalog,
    /// The extension of the file's name.
    pub(crate) extension: Option<String>,
    pub(crate) lists: Lists,
}

/// Whether to list the formats that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    Never,
    /// If the file is read by none.
    Otherwise,
    Always,
}

/// A format that the user may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) name: String,
    pub(crate) title: String,
    /// Where its signature was found, and where the format begins then.
    pub(crate) found: Option<Found>,
}

/// Where a signature was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) signature: Vec<u8>,
    pub(crate) at: u64,
    pub(crate) base: u64,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct FormatFound {
    /// The description to read the file by.
    pub(crate) loaded: Option<Result<Loaded, SchemaError>>,
    /// All formats, if they were asked for.
    pub(crate) offers: Option<Vec<Offer>>,
    /// Mistakes in descriptions of the user, which are left out.
    pub(crate) problems: Vec<Problem>,
}

/// A description that is in use.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) schema: Arc<Schema>,
    pub(crate) base: u64,
}

impl Job for FormatJob {
    type Event = Never;
    type Output = FormatFound;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "format of the file".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<FormatFound, JobError> {
        let (format, base) = match &self.choice {
            Choice::Named { format, base } => (Some(format.clone()), *base),
            Choice::Auto | Choice::Off => (None, 0),
        };
        let source = StructureSource::new(cx.source.clone(), cx.may_block, 0, Cancel::new());
        let mut source = Remembered { source, blocks: BTreeMap::new() };
        let (signatures, problems) = signatures(&self.catalog);
        let recognised = match (format, &self.choice) {
            (Some(format), _) => Some(format),
            (None, Choice::Auto) => {
                let found = recognise(&signatures, &mut source, self.extension.as_deref());
                let found = found.map_err(|_stopped| JobError::Cancelled)?;
                found.first().map(|it| it.format.clone())
            }
            (None, _) => None,
        };
        cx.checkpoint()?;
        let loaded = recognised.map(|format| {
            let map = cx.source.clone();
            let mut bytes = StructureSource::new(map, cx.may_block, base, Cancel::new());
            let schema = self.catalog.schema_for(&format, &mut bytes)?;
            Ok(Loaded { schema: Arc::new(schema), base })
        });
        let is_listed = match self.lists {
            Lists::Never => false,
            Lists::Otherwise => !matches!(loaded, Some(Ok(_))),
            Lists::Always => true,
        };
        let offers = is_listed.then(|| offers(&signatures, &mut source));
        Ok(FormatFound { loaded, offers, problems })
    }
}

/// The signatures of a catalog. Those that are built in are made once.
fn signatures(catalog: &FormatCatalog) -> (Vec<Signature>, Vec<Problem>) {
    static BUILT_IN: OnceLock<Vec<Signature>> = OnceLock::new();
    if *catalog == FormatCatalog::default() {
        let made = BUILT_IN.get_or_init(|| FormatCatalog::default().signatures().0);
        return (made.clone(), Vec::new());
    }
    catalog.signatures()
}

/// All formats; first those whose signature is near the start of the file, but not where it should be.
fn offers(signatures: &[Signature], source: &mut dyn Source) -> Vec<Offer> {
    let len = source.len().min(SEARCHED);
    let mut start = vec![0; usize::try_from(len).unwrap_or(0)];
    if source.read(0, &mut start).is_err() {
        start.clear();
    }
    let offer = |it: &Signature| {
        let longest = it
            .magics
            .iter()
            .filter_map(|places| places.iter().max_by_key(|(_, bytes)| bytes.iter().len()));
        let worthy = longest.filter(|(_, bytes)| bytes.iter().len() >= SIGNATURE_MIN);
        let found = worthy.filter_map(|(wanted, bytes)| {
            let at = start.windows(bytes.iter().len()).position(|window| window == bytes)?;
            let at = memmap::widen(at);
            let base = at.checked_sub(*wanted)?;
            Some(Found { signature: bytes.clone(), at, base })
        });
        let found = found.min_by_key(|it| it.at);
        Offer { name: it.format.clone(), title: it.title.clone(), found }
    };
    let mut offers: Vec<Offer> = signatures.iter().map(offer).collect();
    offers.sort_by(|a, b| (a.found.is_none(), &a.name).cmp(&(b.found.is_none(), &b.name)));
    offers
}

/// A source whose blocks are read once: signatures are many, and next to each other.
struct Remembered {
    source: StructureSource,
    blocks: BTreeMap<u64, Result<Vec<u8>, ReadError>>,
}

/// Bytes per block.
const BLOCK: u64 = 4096;

/// Blocks that are kept.
const BLOCKS_MAX: usize = 64;

impl Remembered {
    fn block(&mut self, number: u64) -> Result<&[u8], ReadError> {
        if self.blocks.len() >= BLOCKS_MAX && !self.blocks.contains_key(&number) {
            self.blocks.clear();
        }
        let source = &mut self.source;
        let kept = self.blocks.entry(number).or_insert_with(|| {
            let start = number * BLOCK;
            let len = source.len().saturating_sub(start).min(BLOCK);
            let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
            source.read(start, &mut bytes)?;
            Ok(bytes)
        });
        kept.as_deref().map_err(Clone::clone)
    }
}

impl Source for Remembered {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        let (mut at, mut rest) = (at, into);
        while !rest.is_empty() {
            let skip = usize::try_from(at % BLOCK).unwrap_or(0);
            let bytes = self.block(at / BLOCK)?.get(skip..).unwrap_or_default();
            let len = bytes.len().min(rest.len());
            if len == 0 {
                return Err(ReadError::Unreadable("past the end".to_owned()));
            }
            let (head, tail) = rest.split_at_mut(len);
            head.copy_from_slice(bytes.get(..len).unwrap_or_default());
            rest = tail;
            at += memmap::widen(len);
        }
        Ok(())
    }
}

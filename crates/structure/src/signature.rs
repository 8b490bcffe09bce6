//! How a format is recognised: by bytes at fixed places, then by the extension of the file's name.

use crate::schema::{AttrId, Kind, Repeat, Schema, TypeId};
use crate::source::{ReadError, Source};

/// How deep the first field of a format may be.
const DEPTH: usize = 8;

/// How a format is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signature {
    /// The name of the description.
    pub format: String,
    /// What the format is called, for people.
    pub title: String,
    /// The bytes that files of the format have: alternatives, each of places and what must stand there.
    pub magics: Vec<Vec<(u64, Vec<u8>)>>,
    /// Extensions of file names, without a dot.
    pub extensions: Vec<String>,
}

impl Signature {
    /// The signature of a description: its `-lazyhex-magic`, else the first field if that has `contents`.
    pub fn of(schema: &Schema) -> Self {
        let file = schema.files.first();
        let mut magics = file.map(|it| it.magics.clone()).unwrap_or_default();
        if magics.is_empty() {
            magics.extend(first_contents(schema, schema.root, 0, DEPTH).map(|it| vec![it]));
        }
        Self {
            format: file.map(|it| it.name.clone()).unwrap_or_default(),
            title: schema.title().unwrap_or_else(|| schema.id()).to_owned(),
            magics,
            extensions: file.map(|it| it.extensions.clone()).unwrap_or_default(),
        }
    }

    /// How many bytes of the file are as the format has them. 0: it is not recognised.
    fn score(&self, source: &mut dyn Source) -> Result<usize, ReadError> {
        let mut best = 0;
        for places in &self.magics {
            let mut score = 0;
            for (at, wanted) in places {
                if !stands(source, *at, wanted)? {
                    score = 0;
                    break;
                }
                score += wanted.len();
            }
            best = best.max(score);
        }
        Ok(best)
    }

    /// Whether a file begins as the format does.
    ///
    /// # Errors
    ///
    /// [`ReadError::Stop`], if the source asks for it.
    pub fn matches(&self, source: &mut dyn Source) -> Result<bool, ReadError> {
        Ok(self.score(source)? > 0)
    }

    /// What a search looks for: the longest bytes of each alternative, and where they stand in a file of
    /// the format.
    pub fn needles(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let longest = |all: &Vec<(u64, Vec<u8>)>| {
            all.iter().enumerate().max_by_key(|it| it.1.1.len()).map(|it| it.0)
        };
        self.magics.iter().filter_map(move |all| {
            let (at, bytes) = all.get(longest(all)?)?;
            Some((*at, bytes.as_slice()))
        })
    }
}

fn stands(source: &mut dyn Source, at: u64, wanted: &[u8]) -> Result<bool, ReadError> {
    let len = u64::try_from(wanted.len()).unwrap_or(u64::MAX);
    if at.checked_add(len).is_none_or(|end| end > source.len()) {
        return Ok(false);
    }
    let mut found = vec![0; wanted.len()];
    match source.read(at, &mut found) {
        Ok(()) => Ok(found == wanted),
        Err(ReadError::Unreadable(_)) => Ok(false),
        Err(stop) => Err(stop),
    }
}

/// The first `contents` that stands at a fixed place.
fn first_contents(schema: &Schema, ty: TypeId, start: u64, depth: usize) -> Option<(u64, Vec<u8>)> {
    let mut at = start;
    for &AttrId(number) in &schema.ty(ty).seq {
        let attr = schema.attr(AttrId(number));
        if attr.cond.is_some() || !matches!(attr.repeat, Repeat::No) {
            return None;
        }
        if let Some(contents) = attr.body.contents.as_ref().filter(|it| !it.is_empty()) {
            return Some((at, contents.to_vec()));
        }
        if let (Kind::User(user), Some(depth)) = (&attr.body.kind, depth.checked_sub(1))
            && let Some(found) = user.found.and_then(|it| first_contents(schema, it, at, depth))
        {
            return Some(found);
        }
        at = at.checked_add(schema.fixed_bytes(attr)?)?;
    }
    None
}

/// The formats of a file, the most certain first: those whose bytes match, then those of its extension.
///
/// # Errors
///
/// [`ReadError::Stop`], if the source asks for it.
pub fn recognise<'a>(
    signatures: &'a [Signature],
    source: &mut dyn Source,
    extension: Option<&str>,
) -> Result<Vec<&'a Signature>, ReadError> {
    let mut found = Vec::new();
    for signature in signatures {
        let score = signature.score(source)?;
        let named = extension.is_some_and(|it| {
            signature.extensions.iter().any(|known| known.eq_ignore_ascii_case(it))
        });
        // A format with a magic that is not there is not meant by its extension.
        if score > 0 || (named && signature.magics.is_empty()) {
            found.push((score, named, signature));
        }
    }
    found.sort_by_key(|it| std::cmp::Reverse((it.0, it.1)));
    Ok(found.into_iter().map(|it| it.2).collect())
}

use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use memmap_core::{Error, ErrorKind, Op, Opener, Origin, Request, Result};
use object_store::GetOptions;

use crate::cache::BLOCK_LEN;
use crate::failure::Failure;
use crate::fetch::Shared;
use crate::location::{Location, without_secrets};
use crate::object::Object;
use crate::runtime::Runtime;
use crate::store::{Reply, Store};
use crate::version::Version;

/// Opens objects of servers: `s3://BUCKET/KEY`, `gs://BUCKET/KEY`, `az://CONTAINER/KEY`, `http://…`, `https://…`. They are
/// read-only.
///
/// Who this is comes from the environment, as the command-line tools of each store have it (`AWS_…`, `GOOGLE_…`,
/// `AZURE_…`), from the static keys of `~/.aws/credentials` (`AWS_PROFILE`), and from the metadata of the machine.
/// `http://USER:PASSWORD@HOST/…` and signed URLs work too. No secret is in an [`Origin`], an error or `Debug`.
/// `?versionId=…` at the end of a location of a store names a version that is not the newest.
///
/// # Errors
/// [`Unsupported`](ErrorKind::Unsupported) if the server does not serve ranges, or names no version (see
/// [`allow_unpinned`](Self::allow_unpinned)); [`Os`](ErrorKind::Os) with its answer if it refuses.
#[derive(Debug)]
pub struct Objects {
    cache_len: u64,
    patience: Duration,
    allows_unpinned: bool,
    runtime: Mutex<Weak<Runtime>>,
}

impl Default for Objects {
    fn default() -> Self {
        Self::new()
    }
}

impl Objects {
    /// The defaults: 64 MiB of newest blocks for each object, 30 s of patience, one version.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            cache_len: 64 << 20,
            patience: Duration::from_secs(30),
            allows_unpinned: false,
            runtime: Mutex::new(Weak::new()),
        }
    }

    /// How many bytes are kept of each object, in blocks of 1 MiB; at least four. Blocks that threads wait for come
    /// on top.
    #[must_use]
    pub const fn cache_up_to(mut self, bytes: u64) -> Self {
        self.cache_len = bytes;
        self
    }

    /// How long a read waits for the next bytes of a server, repeated requests included. Then it is an error. What
    /// fails is asked for again after 0.1 s, and later and later.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Opens objects of servers that name no version: no version id, no checksum, no strong `ETag`; as `#unpinned`
    /// after a URL does for that one. If such an
    /// object is replaced by one of the same length and time, **a read may return a mixture of both without an error**.
    #[must_use]
    pub const fn allow_unpinned(mut self) -> Self {
        self.allows_unpinned = true;
        self
    }

    fn runtime(&self) -> io::Result<Arc<Runtime>> {
        let mut running = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = running.upgrade() {
            return Ok(runtime);
        }
        let runtime = Arc::new(Runtime::start()?);
        *running = Arc::downgrade(&runtime);
        Ok(runtime)
    }
}

impl Opener for Objects {
    type Source = str;
    type Mapping = Object;

    fn origin(&self, location: &str) -> Origin {
        without_secrets(location).into()
    }

    fn open(&self, location: &str, request: &Request) -> Result<Object> {
        request.require_read_only()?;
        let invalid = |what| Error::new(Op::Open, ErrorKind::InvalidOptions { what });
        let system = |error| Error::new(Op::Open, ErrorKind::Os(error));
        let mut location = Location::parse(location).map_err(invalid)?;
        let expected = request.identity().and_then(Version::id_of);
        location.version = location.version.or(expected);
        let allows_unpinned = self.allows_unpinned || location.allows_unpinned;
        let failed = |failure: Failure| failure.of_opening(request.offset());
        let runtime = self.runtime().map_err(system)?;
        let store = Store::new(&location, runtime.http.clone(), self.patience).map_err(failed)?;
        let (offset, len) = (request.offset(), request.len());
        let first = runtime.wait_for(async move {
            let opened = ask(&store, location.version, offset, len).await;
            opened.map(|(version, block)| (store, version, block))
        });
        let (store, version, block) = first.map_err(system)?.map_err(failed)?;
        if version.pinned().is_none() && !allows_unpinned {
            let what = "a server that names no version of it (no version id, no strong ETag), so that a \
                        replaced object would not be noticed; ask for it by name, with `#unpinned` after the URL or with \
                        Objects::allow_unpinned";
            return Err(Error::unsupported(Op::Open, "remote", what));
        }
        let range = request.range(version.total)?;
        let len = range.end.saturating_sub(range.start);
        let shared = Shared::new(store, version, range.start, len, self.cache_len);
        if let Some(block) = block.filter(|block| block.len() == shared.block_len(0) && len > 0) {
            shared.put(0, block);
        }
        Ok(Object::new(Arc::new(shared), runtime))
    }
}

/// Asks for the version of an object, and for the first block that is wanted with it.
async fn ask(
    store: &Store,
    version: Option<String>,
    offset: u64,
    len: Option<u64>,
) -> Result<(Version, Option<Vec<u8>>), Failure> {
    let options = GetOptions { version, ..GetOptions::default() };
    let end = offset.saturating_add(len.unwrap_or(BLOCK_LEN).min(BLOCK_LEN));
    let described = |reply: &Reply| Version::new(&reply.meta, &reply.noted);
    let first = if end > offset {
        store.get(Some(offset..end), options.clone()).await
    } else {
        let reply = store.get(None, options).await?;
        return Ok((described(&reply), None));
    };
    let mut reply = match first {
        Ok(reply) => reply,
        // No byte is there: it is empty, or ends before.
        Err(Failure::BeyondEnd { .. }) => {
            let reply = store.get(None, options).await?;
            return Ok((described(&reply), None));
        }
        Err(failure) => return Err(failure),
    };
    let version = described(&reply);
    let mut block = Vec::new();
    while let Some(chunk) = store.next(&mut reply).await? {
        block.extend_from_slice(&chunk);
    }
    Ok((version, Some(block)))
}

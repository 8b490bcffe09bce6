use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::http::HttpBuilder;
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectMeta, ObjectStore, RetryConfig,
};

use crate::answer::{ANSWER, Answer, Noted};
use crate::client::{Client, Traffic};
use crate::credentials::StaticKeys;
use crate::failure::Failure;
use crate::location::{Location, StoreKind};

/// One object of a store, and how to ask for it.
#[derive(Debug)]
pub(crate) struct Store {
    patient: Box<dyn ObjectStore>,
    /// Asks once. Used while the server is down, so that a rescue does not wait for each block.
    hasty: Box<dyn ObjectStore>,
    is_down: AtomicBool,
    key: Path,
    pub(crate) traffic: Arc<Traffic>,
    patience: Duration,
}

/// The first part of an answer. The body comes by [`next`](Self::next).
pub(crate) struct Reply {
    pub(crate) meta: ObjectMeta,
    pub(crate) noted: Noted,
    body: BoxStream<'static, object_store::Result<Chunk>>,
}

type Chunk = <object_store::PutPayload as IntoIterator>::Item;

impl Store {
    pub(crate) fn new(
        location: &Location,
        http: reqwest::Client,
        patience: Duration,
    ) -> Result<Self, Failure> {
        let traffic = Arc::new(Traffic::default());
        let client = Client::new(http, location.http.clone(), Arc::clone(&traffic));
        let patient = RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(5),
                base: 2.0,
            },
            max_retries: 10,
            // The rest of the time is for the last answer.
            retry_timeout: patience.mul_f64(0.75),
        };
        let hasty = RetryConfig { max_retries: 0, ..patient.clone() };
        let build = |retries| {
            build(location, &client, retries)
                // The settings that it complains about may be secrets; none of its texts has one.
                .map_err(|error| Failure::other(io::ErrorKind::InvalidInput, error.to_string()))
        };
        let (patient, hasty) = (build(patient)?, build(hasty)?);
        let is_down = AtomicBool::new(false);
        Ok(Self { patient, hasty, is_down, key: location.key.clone(), traffic, patience })
    }

    /// Whether the last request failed.
    pub(crate) fn is_down(&self) -> bool {
        self.is_down.load(Ordering::Relaxed)
    }

    /// Asks for a range; with `None` for the description alone.
    pub(crate) async fn get(
        &self,
        range: Option<Range<u64>>,
        mut options: GetOptions,
    ) -> Result<Reply, Failure> {
        options.head = range.is_none();
        options.range = range.map(GetRange::Bounded);
        let answer = Arc::new(Answer::default());
        let store = if self.is_down() { &self.hasty } else { &self.patient };
        let request = ANSWER.scope(Arc::clone(&answer), store.get_opts(&self.key, options));
        let result = tokio::time::timeout(self.patience, request).await;
        let failure = match result {
            Ok(Ok(result)) => {
                self.is_down.store(false, Ordering::Relaxed);
                let (meta, noted) = (result.meta.clone(), answer.noted());
                return Ok(Reply { meta, noted, body: result.into_stream() });
            }
            Ok(Err(error)) => Failure::new(&error, answer.noted()),
            Err(_late) => Failure::late(&answer.noted(), self.patience.as_secs()),
        };
        self.failed(&failure);
        Err(failure)
    }

    /// The next bytes of a reply; `None` at its end.
    pub(crate) async fn next(&self, reply: &mut Reply) -> Result<Option<Chunk>, Failure> {
        let failure = match tokio::time::timeout(self.patience, reply.body.next()).await {
            Ok(None) => return Ok(None),
            Ok(Some(Ok(chunk))) => {
                let len = memmap_core::widen(chunk.len());
                self.traffic.fetched.fetch_add(len, Ordering::Relaxed);
                return Ok(Some(chunk));
            }
            Ok(Some(Err(error))) => Failure::new(&error, Noted::default()),
            Err(_late) => Failure::late(&Noted::default(), self.patience.as_secs()),
        };
        self.failed(&failure);
        Err(failure)
    }

    fn failed(&self, failure: &Failure) {
        if !failure.is_final() {
            self.is_down.store(true, Ordering::Relaxed);
        }
    }
}

fn build(
    location: &Location,
    client: &Client,
    retries: RetryConfig,
) -> object_store::Result<Box<dyn ObjectStore>> {
    let (root, connector) = (location.root.as_str(), client.clone());
    // A server that the user names in the environment may be one without TLS.
    let names_http = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| std::env::var(name).ok());
        values.any(|value| value.starts_with("http://"))
    };
    Ok(match location.store {
        StoreKind::S3 => {
            let mut builder = AmazonS3Builder::from_env().with_url(root);
            if let Some(keys) = StaticKeys::find() {
                builder =
                    builder.with_access_key_id(keys.key_id).with_secret_access_key(keys.secret);
                if let Some(token) = keys.token {
                    builder = builder.with_token(token);
                }
                let is_said = ["AWS_REGION", "AWS_DEFAULT_REGION"]
                    .iter()
                    .any(|name| std::env::var_os(name).is_some());
                if let Some(region) = keys.region.filter(|_| !is_said) {
                    builder = builder.with_region(region);
                }
            }
            if names_http(&["AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"]) {
                builder = builder.with_allow_http(true);
            }
            Box::new(builder.with_retry(retries).with_http_connector(connector).build()?)
        }
        StoreKind::Google => {
            let builder = GoogleCloudStorageBuilder::from_env().with_url(root);
            Box::new(builder.with_retry(retries).with_http_connector(connector).build()?)
        }
        StoreKind::Azure => {
            let mut builder = MicrosoftAzureBuilder::from_env().with_url(root);
            if names_http(&["AZURE_ENDPOINT", "AZURE_STORAGE_ENDPOINT"]) {
                builder = builder.with_allow_http(true);
            }
            Box::new(builder.with_retry(retries).with_http_connector(connector).build()?)
        }
        StoreKind::Http => {
            let builder = HttpBuilder::new().with_url(root);
            let builder = builder.with_client_options(ClientOptions::new().with_allow_http(true));
            Box::new(builder.with_retry(retries).with_http_connector(connector).build()?)
        }
    })
}

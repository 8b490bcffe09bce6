use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::HeaderValue;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;

use crate::answer::ANSWER;
use crate::location::HttpTarget;

/// How many requests were sent, and how many bytes of objects came.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) requests: AtomicU64,
    pub(crate) fetched: AtomicU64,
}

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How many redirections are followed.
const MAX_REDIRECTS: usize = 5;

/// Sends the requests for one object, counts them, and notes what was answered.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    target: Option<HttpTarget>,
    traffic: Arc<Traffic>,
}

/// Makes the client of an opener. Its keys of TLS are those that the system trusts; nothing is set for the whole
/// process.
pub(crate) fn connect() -> io::Result<reqwest::Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(io::Error::other)?
        .with_no_client_auth();
    let redirects = Policy::custom(|attempt| {
        let was_secret = attempt.previous().iter().any(|url| url.scheme() == "https");
        if was_secret && attempt.url().scheme() != "https" {
            attempt.error("it redirects from https to http")
        } else if attempt.previous().len() > MAX_REDIRECTS {
            attempt.error("it redirects too often")
        } else {
            attempt.follow()
        }
    });
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirects)
        .user_agent(concat!("memmap/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| io::Error::other(error.without_url()))
}

impl Client {
    pub(crate) const fn new(
        http: reqwest::Client,
        target: Option<HttpTarget>,
        traffic: Arc<Traffic>,
    ) -> Self {
        Self { http, target, traffic }
    }
}

impl HttpConnector for Client {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Client {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if let Some(target) = &self.target {
            let invalid = |error| HttpError::new(HttpErrorKind::Unknown, error);
            *request.uri_mut() = target.url.parse().map_err(|_error| {
                invalid(io::Error::new(io::ErrorKind::InvalidInput, "it is no valid URL"))
            })?;
            if let Some(authorization) = &target.authorization {
                let mut value = HeaderValue::from_str(authorization).map_err(|_error| {
                    invalid(io::Error::new(io::ErrorKind::InvalidInput, "it is no valid user"))
                })?;
                value.set_sensitive(true);
                request.headers_mut().insert("authorization", value);
            }
        }
        self.traffic.requests.fetch_add(1, Ordering::Relaxed);
        let response = HttpService::call(&self.http, request).await?;
        let status = response.status();
        let note = |answer: &Arc<crate::answer::Answer>| {
            answer.note(status.as_u16(), status.to_string(), response.headers());
        };
        // A body that broke off is asked for again outside of the scope.
        ANSWER.try_with(note).unwrap_or_default();
        Ok(response)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("traffic", &self.traffic).finish_non_exhaustive()
    }
}

use std::sync::{Mutex, PoisonError};

use object_store::HeaderMap;

tokio::task_local! {
    /// Where the client notes what a server answered to the request that a task waits for. `object_store` keeps the
    /// status of an answer to itself, and its texts name URLs.
    pub(crate) static ANSWER: std::sync::Arc<Answer>;
}

/// What a server answered last.
#[derive(Debug, Default)]
pub(crate) struct Answer(Mutex<Noted>);

#[derive(Debug, Default, Clone)]
pub(crate) struct Noted {
    /// The status, such as 403; 0 if there was no answer.
    pub(crate) status: u16,
    /// The same in words: `403 Forbidden`.
    pub(crate) words: String,
    pub(crate) etag: Option<String>,
    /// The length of the whole object, as `Content-Range: bytes */LEN` says.
    pub(crate) total: Option<u64>,
    /// Fields that may have a checksum of the whole object.
    pub(crate) checksums: Vec<(&'static str, String)>,
}

/// The fields of checksums that are read.
const CHECKSUMS: [&str; 6] = [
    "repr-digest",
    "digest",
    "x-amz-checksum-sha256",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-crc32c",
    "x-goog-hash",
];

impl Answer {
    pub(crate) fn note(&self, status: u16, words: String, fields: &HeaderMap) {
        let text = |name: &str| Some(fields.get(name)?.to_str().ok()?.to_owned());
        let range = text("content-range");
        let total = range.and_then(|range| range.rsplit_once('/')?.1.parse().ok());
        let mut checksums = Vec::new();
        for name in CHECKSUMS {
            let values = fields.get_all(name).iter().filter_map(|value| value.to_str().ok());
            checksums.extend(values.map(|value| (name, value.to_owned())));
        }
        let noted = Noted { status, words, etag: text("etag"), total, checksums };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = noted;
    }

    pub(crate) fn noted(&self) -> Noted {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

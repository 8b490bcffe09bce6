use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use object_store::path::Path;
use url::Url;

/// An object that was named, with its secrets. It is never printed.
pub(crate) struct Location {
    pub(crate) store: StoreKind,
    /// The bucket or the container as a location, or the root of the server.
    pub(crate) root: String,
    pub(crate) key: Path,
    /// The version that was named; `None` for the newest.
    pub(crate) version: Option<String>,
    /// Whether a server without versions is asked for by name: `#unpinned`, which is never sent.
    pub(crate) allows_unpinned: bool,
    /// Of an HTTP server: exactly what to ask for, and as whom.
    pub(crate) http: Option<HttpTarget>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreKind {
    S3,
    Google,
    Azure,
    Http,
}

#[derive(Clone)]
pub(crate) struct HttpTarget {
    /// The URL, with its query, and without a user or a fragment.
    pub(crate) url: String,
    /// The value of the field `Authorization`.
    pub(crate) authorization: Option<String>,
}

impl Location {
    /// Parses a location.
    ///
    /// # Errors
    /// What is wrong with it, without the location itself.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = text.split_once("://").ok_or("write it as s3://BUCKET/KEY")?;
        let store = match scheme {
            "s3" => StoreKind::S3,
            "gs" => StoreKind::Google,
            "az" => StoreKind::Azure,
            "http" | "https" => return Self::parse_url(text),
            _ => return Err("the schemes are s3, gs, az, http and https"),
        };
        let (rest, version) = match rest.rsplit_once("?versionId=") {
            Some((rest, version)) if !version.is_empty() => (rest, Some(version.to_owned())),
            _ => (rest, None),
        };
        let what = "name a bucket and a key, as in s3://BUCKET/KEY";
        let (bucket, key) = rest.split_once('/').ok_or(what)?;
        let is_bucket = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if bucket.is_empty() || key.is_empty() || !bucket.bytes().all(is_bucket) {
            return Err(what);
        }
        let key = Path::parse(key)
            .map_err(|_error| "a key has no empty part, and none that is `.` or `..`")?;
        Ok(Self {
            store,
            root: format!("{scheme}://{bucket}"),
            key,
            version,
            allows_unpinned: false,
            http: None,
        })
    }

    fn parse_url(text: &str) -> Result<Self, &'static str> {
        let mut url = Url::parse(text).map_err(|_error| "it is no valid URL")?;
        let authorization = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let decoded = |text: &str| percent_decoded(text);
            let user =
                [decoded(url.username()), decoded(url.password().unwrap_or_default())].join(&b':');
            format!("Basic {}", BASE64_STANDARD.encode(user))
        });
        let what = "name a server and an object, as in https://HOST/PATH";
        url.set_username("").map_err(|()| what)?;
        url.set_password(None).map_err(|()| what)?;
        let allows_unpinned = url.fragment() == Some("unpinned");
        url.set_fragment(None);
        let root = url[..url::Position::BeforePath].to_owned();
        let http = Some(HttpTarget { url: url.into(), authorization });
        let key = Path::default();
        Ok(Self { store: StoreKind::Http, root, key, version: None, allows_unpinned, http })
    }
}

fn percent_decoded(text: &str) -> Vec<u8> {
    // A user or a password has no `&` or `=` here: the parser of URLs has encoded what is not plain.
    url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes())
        .next()
        .map(|(name, _)| name.into_owned().into_bytes())
        .unwrap_or_default()
}

/// The location without what may be secret: user, password, query and fragment. Any text will do.
pub(crate) fn without_secrets(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let is_url = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let rest = match rest.find(if is_url { &['?', '#'][..] } else { &['?'][..] }) {
        Some(end) => rest.get(..end).unwrap_or_default(),
        None => rest,
    };
    let (host, path) = match rest.find('/') {
        Some(end) => rest.split_at(end),
        None => (rest, ""),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    if scheme.is_empty() { format!("{host}{path}") } else { format!("{scheme}://{host}{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_and_keys_are_as_they_are_written() {
        let location = Location::parse("s3://my-bucket/a b/50%25#1.bin").ok().unwrap();
        assert_eq!((&*location.root, location.key.as_ref()), ("s3://my-bucket", "a b/50%25#1.bin"));
        let location = Location::parse("gs://b/k?versionId=7").ok().unwrap();
        assert_eq!((location.key.as_ref(), location.version.as_deref()), ("k", Some("7")));
        for wrong in ["s3://bucket", "s3://bucket/", "s3:///key", "ftp://x/y", "s3://a@b/key", "x"]
        {
            assert!(Location::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_url_is_asked_for_exactly_and_its_user_is_a_field() {
        let http = |text| Location::parse(text).ok().unwrap().http.unwrap();
        let target = http("https://me:p%40ss+w@host:81/a//b%20c?sig=%2F1#part");
        assert_eq!(target.url, "https://host:81/a//b%20c?sig=%2F1");
        assert_eq!(target.authorization.as_deref(), Some("Basic bWU6cEBzcyt3"));
        assert_eq!(http("http://host/x").authorization, None);
        let is_unpinned = |text| Location::parse(text).ok().unwrap().allows_unpinned;
        assert!(is_unpinned("http://h/x?y#unpinned") && !is_unpinned("http://h/x#other"));
        assert!(Location::parse("http://").is_err());
    }

    #[test]
    fn no_secret_is_in_the_name() {
        for (text, name) in [
            ("https://me:secret@host/x?sig=secret#secret", "https://host/x"),
            ("http://me:sec@ret@host?secret", "http://host"),
            ("http://me:secret@", "http://"),
            ("HTTPS://h/x#secret", "HTTPS://h/x"),
            ("s3://b/k#1?versionId=secret", "s3://b/k#1"),
            ("me:secret@host/x@y", "host/x@y"),
        ] {
            assert_eq!(without_secrets(text), name);
        }
    }
}

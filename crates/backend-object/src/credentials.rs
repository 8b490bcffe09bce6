use std::env;
use std::fs;
use std::path::PathBuf;

/// Keys of the shared credentials file of AWS. `object_store` reads the environment, web identity and the metadata of
/// machines, and not this file.
#[derive(Default)]
pub(crate) struct StaticKeys {
    pub(crate) key_id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) region: Option<String>,
}

impl StaticKeys {
    /// The keys of `AWS_PROFILE`, or of `default`. `None` if the environment says who this is, or if the file has none.
    pub(crate) fn find() -> Option<Self> {
        const SAID: [&str; 5] = [
            "AWS_ACCESS_KEY_ID",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_SKIP_SIGNATURE",
        ];
        if SAID.iter().any(|name| env::var_os(name).is_some()) {
            return None;
        }
        let path = env::var_os("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from);
        let path = path.or_else(|| Some(env::home_dir()?.join(".aws").join("credentials")))?;
        let text = fs::read_to_string(path).ok()?;
        let profile = env::var("AWS_PROFILE");
        Self::parse(&text, profile.as_deref().unwrap_or("default"))
    }

    fn parse(text: &str, profile: &str) -> Option<Self> {
        let mut keys = Self::default();
        let mut is_ours = false;
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                is_ours = name.trim() == profile;
            } else if let (true, Some((name, value))) = (is_ours, line.split_once('=')) {
                let value = value.trim().to_owned();
                match name.trim() {
                    "aws_access_key_id" => keys.key_id = value,
                    "aws_secret_access_key" => keys.secret = value,
                    "aws_session_token" => keys.token = Some(value),
                    "region" => keys.region = Some(value),
                    _ => {}
                }
            }
        }
        (!keys.key_id.is_empty() && !keys.secret.is_empty()).then_some(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_of_the_profile() {
        let text = "[default]\naws_access_key_id = A\naws_secret_access_key=B=\n\n# c\n[ other ]\n\
                    aws_access_key_id=C\naws_secret_access_key = D\naws_session_token = E\nregion=F\n[half]\n\
                    aws_access_key_id=G\n";
        let keys = StaticKeys::parse(text, "default").unwrap();
        assert_eq!((&*keys.key_id, &*keys.secret, keys.token), ("A", "B=", None));
        let keys = StaticKeys::parse(text, "other").unwrap();
        assert_eq!(
            (&*keys.key_id, keys.token.as_deref(), keys.region.as_deref()),
            ("C", Some("E"), Some("F"))
        );
        assert!(
            StaticKeys::parse(text, "half").is_none() && StaticKeys::parse(text, "none").is_none()
        );
    }
}

//! The character encoding of the terminal, according to the environment.

use std::env;

/// The locale's character encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Locale {
    /// Whether the encoding is UTF-8, so that non-ASCII characters are shown.
    pub(crate) is_utf8: bool,
}

impl Locale {
    /// The locale of this process.
    pub(crate) fn of_environment() -> Self {
        // Windows has no such variables, and its terminals support UTF-8.
        let is_windows = env::consts::FAMILY == "windows";
        if is_windows { Self { is_utf8: true } } else { Self::of(|name| env::var(name).ok()) }
    }

    /// The first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set and not empty decides. If none is,
    /// as in many containers, assume UTF-8, which terminals support today.
    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let named = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable);
        let Some(name) = named.into_iter().find(|name| !name.is_empty()) else {
            return Self { is_utf8: true };
        };
        let charset = name.split_once('.').map_or("", |(_, charset)| charset);
        let charset = charset.split('@').next().unwrap_or_default().replace('-', "");
        // macOS has a locale whose name is only a charset.
        let is_utf8 = charset.eq_ignore_ascii_case("utf8") || name.eq_ignore_ascii_case("utf-8");
        Self { is_utf8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_names_the_charset() {
        let is_utf8 = |all: &'static str, ctype: &'static str, lang: &'static str| {
            let variable = move |name: &str| {
                let value = match name {
                    "LC_ALL" => all,
                    "LC_CTYPE" => ctype,
                    _ => lang,
                };
                (value != "unset").then(|| value.to_owned())
            };
            Locale::of(variable).is_utf8
        };
        for name in ["C.UTF-8", "en_US.UTF-8", "de_DE.utf8", "de_DE.UTF-8@euro", "UTF-8"] {
            assert!(is_utf8(name, "C", "C") && is_utf8("", name, "C"), "{name}");
            assert!(is_utf8("unset", "unset", name), "{name}");
        }
        for name in
            ["C", "POSIX", "en_US", "de_DE.ISO-8859-1", "ja_JP.eucJP", "de_DE@euro", "C.ASCII"]
        {
            assert!(!is_utf8(name, "C.UTF-8", "C.UTF-8") && !is_utf8("", "", name), "{name}");
        }
        assert!(is_utf8("unset", "unset", "unset") && is_utf8("", "", ""));
    }
}

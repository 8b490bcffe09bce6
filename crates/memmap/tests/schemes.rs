//! What is a location and what is a path, and what opens each.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use memmap::plugin::{Mapping, Opener, Origin, Request, Schemes, check};
use memmap::{AnyMap, Error, ErrorKind, MemMap, Mode, Result, explain::FileKind, io::Fallback};

/// Opens any location as the bytes of its text.
#[derive(Debug)]
struct Echo;

#[derive(Debug)]
struct Text(Vec<u8>);

impl Opener for Echo {
    type Source = str;
    type Mapping = Text;

    fn origin(&self, location: &str) -> Origin {
        location.into()
    }
    fn open(&self, location: &str, request: &Request) -> Result<Text> {
        request.require_read_only()?;
        let range = request.range(location.len().try_into().unwrap())?;
        let place = |offset: u64| usize::try_from(offset).unwrap();
        Ok(Text(location.as_bytes()[place(range.start)..place(range.end)].to_vec()))
    }
}

impl Mapping for Text {
    fn len(&self) -> u64 {
        self.0.len().try_into().unwrap()
    }
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        check(offset, out.len(), self.len())?;
        let start = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.0[start..start + out.len()]);
        Ok(())
    }
}

fn schemes() -> Schemes {
    Schemes::default().with("echo", Echo).with("a2+-.", Echo)
}

fn text_of(map: &AnyMap) -> String {
    let len = usize::try_from(map.len()).unwrap();
    String::from_utf8(map.read_at(0, len).unwrap()).unwrap()
}

fn refused(location: &str) -> Error {
    schemes().open(location, MemMap::options()).unwrap_err()
}

#[test]
fn a_location_has_a_scheme_of_two_letters_and_all_else_is_a_path() {
    for location in ["echo://", "echo://x/y?z#1", "a2+-.://x", "echo:///", "echo://größe"] {
        let map = schemes().open(location, MemMap::options()).unwrap();
        assert_eq!(text_of(&map), location);
        assert_eq!((map.origin(), map.path()), (Some(&Origin::from(location)), None));
        assert_eq!(schemes().path_of(location).unwrap(), None);
    }
    // Upper and lower case are the same, and the rest is left alone.
    let map = schemes().open("EcHo://Host/X", MemMap::options()).unwrap();
    assert_eq!(text_of(&map), "echo://Host/X");
    for path in [
        "C://x",
        "./echo://x",
        "/echo://x",
        "echo:/x",
        "echo:x",
        "://x",
        "2a://x",
        "e cho://x",
        "größe://x",
        "-a://x",
        "",
        "x",
    ] {
        assert_eq!(schemes().path_of(path).unwrap().as_deref(), Some(Path::new(path)));
        let error = refused(path);
        assert!(
            matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Os(_)),
            "{path:?}: {error:?}"
        );
    }
}

#[test]
fn an_unknown_scheme_is_named_with_those_that_are_known() {
    let error = refused("s3://bucket/x");
    let ErrorKind::UnknownScheme { scheme, known } = error.kind() else { panic!("{error:?}") };
    assert_eq!((scheme.as_str(), known.join(" ")), ("s3", "a2+-. echo file".to_owned()));
    assert_eq!(
        error.to_string(),
        "cannot open \"s3://bucket/x\": nothing opens \"s3\" locations; use one of a2+-.://, \
         echo://, file://, or write \"./s3:\" at the start of the path of a file"
    );
    let error = schemes().explain("s3://bucket/x").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::UnknownScheme { .. }));
    assert_eq!(Schemes::default().names(), ["file"]);
}

#[test]
fn a_file_location_is_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a b%é");
    fs::write(&path, "the file").unwrap();
    let path_text = path.to_str().unwrap().replace('\\', "/");
    let encoded = path_text.replace('%', "%25").replace(' ', "%20").replace('é', "%C3%A9");
    let slash = if encoded.starts_with('/') { "" } else { "/" };
    for location in [
        format!("file://{slash}{encoded}"),
        format!("file://localhost{slash}{encoded}"),
        format!("FILE://LOCALHOST{slash}{encoded}"),
        format!("file://{slash}{}", path_text.replace('%', "%25")),
    ] {
        let map = schemes().open(&location, MemMap::options().offset(4)).unwrap();
        assert_eq!((text_of(&map), map.path()), ("file".to_owned(), Some(&*path)), "{location}");
        assert_eq!(schemes().path_of(&location).unwrap().as_deref(), Some(&*path));
        assert_eq!(schemes().explain(&location).unwrap().len, Some(8));
    }
    for wrong in ["file://", "file://x", "file://host/x", "file:///%", "file:///%2", "file:///%zz"]
    {
        let error = refused(wrong);
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{wrong}: {error:?}");
        assert_eq!(error.origin(), Some(&Origin::from(wrong)));
    }
}

#[test]
fn options_of_files_are_refused_for_what_is_not_a_file() {
    let open = |options| schemes().open("echo://0123456789", options);
    let part = open(MemMap::options().offset(7).len(3)).unwrap();
    assert_eq!((text_of(&part), part.offset()), ("012".to_owned(), 7));
    for options in [
        MemMap::options().extend(true),
        MemMap::options().sparse(true),
        MemMap::options().create_new(true),
        MemMap::options().create_missing(0),
        MemMap::options().in_place(true),
        MemMap::options().permissions(0o600),
        MemMap::options().head(*b"x"),
        MemMap::options().fallback(Fallback::ReadIntoMemory),
        MemMap::options().small_file(1),
        MemMap::options().reserve(1),
        MemMap::options().deny_write(true),
    ] {
        let error = open(options).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{error:?}");
        assert_eq!(error.origin(), Some(&Origin::from("echo://0123456789")));
    }
    let error = open(MemMap::options().mode(Mode::ReadWrite)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error:?}");
    let error = open(MemMap::options().offset(18)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BeyondEnd { source_len: 17, .. }), "{error:?}");
}

#[test]
fn a_plug_in_is_explained_by_opening_it() {
    let explanation = schemes().explain("echo://12345").unwrap();
    assert_eq!((explanation.kind, explanation.len), (FileKind::Plugin, Some(12)));
    assert_eq!(
        explanation.to_string(),
        "\"echo://12345\"\n  is             bytes that a plug-in provides\n  \
         length         12 bytes"
    );
}

#[test]
fn a_scheme_that_no_location_can_have_is_a_mistake_of_the_program() {
    for scheme in ["", "s", "S3", "2s", "s 3", "s3://", "file"] {
        assert!(catch_unwind(|| Schemes::default().with(scheme, Echo)).is_err(), "{scheme:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_location_is_utf8_and_a_path_need_not_be() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let error = schemes().open(OsStr::from_bytes(b"echo://\xff"), MemMap::options()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{error:?}");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(OsStr::from_bytes(b"\xff"));
    fs::write(&path, "bytes").unwrap();
    assert_eq!(text_of(&schemes().open(&path, MemMap::options()).unwrap()), "bytes");
    let location = format!("file://{}/%ff", dir.path().display());
    assert_eq!(text_of(&schemes().open(&location, MemMap::options()).unwrap()), "bytes");
}

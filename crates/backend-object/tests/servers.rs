//! Real servers, started and stopped here: moto for S3, nginx for HTTP; curl is the oracle. `cargo xtask remote` runs
//! them; elsewhere, and where a program is missing, a test says that it was skipped.

#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "numbers of tests are small, and tests say what they skip"
)]

mod kit;

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use kit::{Dice, sample};
use memmap_core::{ErrorKind, Map, MapOptions, PinnedBy, Progress, Proofs};
use memmap_object::{Object, Objects};
use memmap_scan::{Pattern, Scan};

const MIB: usize = 1 << 20;

/// Set by `cargo xtask remote`.
const LANE: &str = "MEMMAP_SERVERS";
/// Set for a process of its own, whose environment says where S3 is.
const INSIDE: &str = "MEMMAP_INSIDE_S3";

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Whether a test can run: in its lane, with these programs.
fn is_there(test: &str, programs: &[&str]) -> bool {
    if env::var_os(LANE).is_none() {
        println!("skipped {test}: `cargo xtask remote` runs it");
        return false;
    }
    for program in programs {
        let mut asked = Command::new(program);
        asked.arg("--help").stdout(Stdio::null()).stderr(Stdio::null());
        let is_found = asked.status().is_ok();
        if !is_found {
            println!("skipped {test}: there is no {program}");
            return false;
        }
    }
    true
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts a server, and waits until it listens.
fn start(command: &mut Command, port: u16) -> Running {
    let mut running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(running.0.try_wait().unwrap().is_none(), "{command:?} ended");
        thread::sleep(Duration::from_millis(20));
    }
    running
}

fn nginx(dir: &Path, port: u16) -> Running {
    let own = dir.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths: String = temporary.iter().fold(String::new(), |mut text, name| {
        write!(text, "{name}_temp_path {own}/{name};").unwrap();
        text
    });
    let config = format!(
        "daemon off; worker_processes 1; pid {own}/pid; error_log {own}/error.log;\n\
         events {{ worker_connections 64; }}\n\
         http {{ access_log off; {paths}\n\
         server {{ listen 127.0.0.1:{port}; root {own}/www; }} }}\n"
    );
    fs::write(dir.join("nginx.conf"), config).unwrap();
    start(Command::new("nginx").arg("-c").arg(dir.join("nginx.conf")), port)
}

fn open(url: &str) -> Map<Object> {
    MapOptions::new(Objects::new()).open(url).unwrap()
}

#[test]
fn nginx_serves_what_curl_gets() {
    if !is_there("nginx_serves_what_curl_gets", &["nginx", "curl"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let www = dir.path().join("www");
    fs::create_dir(&www).unwrap();
    // nginx may have given up root.
    #[cfg(unix)]
    for path in [dir.path(), &www] {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut bytes = sample(64 * MIB, 1);
    let at = 64 * MIB - 1000;
    bytes[at..at + 8].copy_from_slice(b"a needle");
    fs::write(www.join("object"), &bytes).unwrap();
    let port = free_port();
    let _nginx = nginx(dir.path(), port);
    let url = format!("http://127.0.0.1:{port}/object");

    let map = open(&url);
    let found = Scan::new(&map).find_first(&Pattern::literal(b"a needle").unwrap()).unwrap();
    assert_eq!(found.value.map(|found| found.offset), Some(at as u64));
    let remote = map.remote().unwrap();
    println!("nginx: {remote:?}");
    assert!(remote.requests <= 66, "{remote:?}");
    assert_eq!(remote.pinned.map(|pinned| pinned.by), Some(PinnedBy::ETag));

    // A thousand ranges, by one curl.
    let mut dice = Dice::new(3);
    let ranges: Vec<(u64, u64)> = (0..1000)
        .map(|_| {
            let start = dice.below(map.len());
            (start, dice.below((200_000).min(map.len() - start)) + 1)
        })
        .collect();
    let mut config = String::new();
    for (number, (start, len)) in ranges.iter().enumerate() {
        let out = dir.path().join(format!("range-{number}"));
        let last = start + len - 1;
        config += if number > 0 { "next\n" } else { "" };
        writeln!(config, "url={url}\nrange={start}-{last}\noutput={}\nsilent", out.display())
            .unwrap();
    }
    let mut curl =
        Command::new("curl").args(["--config", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    curl.stdin.take().unwrap().write_all(config.as_bytes()).unwrap();
    assert!(curl.wait().unwrap().success());
    for (number, &(start, len)) in ranges.iter().enumerate() {
        let theirs = fs::read(dir.path().join(format!("range-{number}"))).unwrap();
        assert!(map.read_at(start, len as usize).unwrap() == theirs, "{start} {len}");
    }

    // Replaced by a longer one, which has another ETag whatever the second is.
    fs::write(www.join("new"), &bytes[..10 * MIB]).unwrap();
    fs::rename(www.join("new"), www.join("object")).unwrap();
    map.advise(.., memmap_core::Advice::Evict).unwrap();
    let error = map.read_at(5 * MIB as u64, 5).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Replaced { .. }), "{error}");
}

#[test]
fn moto_is_s3() {
    if !is_there("moto_is_s3", &["moto_server", "curl"]) {
        return;
    }
    let port = free_port();
    let _moto = start(Command::new("moto_server").args(["-p", &port.to_string()]), port);
    let endpoint = format!("http://127.0.0.1:{port}");
    // The environment of this process is not to be changed.
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", "inside_s3", "--nocapture"])
        .env(INSIDE, &endpoint)
        .env("AWS_ENDPOINT_URL", &endpoint)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "an-id")
        .env("AWS_SECRET_ACCESS_KEY", "a-secret")
        .status()
        .unwrap();
    assert!(status.success());
}

/// Sends by curl, and returns its output.
fn curl(arguments: &[&str]) -> String {
    let signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "an-id:a-secret"];
    let mut command = Command::new("curl");
    command.args(["-sS", "--fail", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]);
    let output = command.args(signed).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs in a process of its own, which `moto_is_s3` starts.
#[test]
fn inside_s3() {
    let Ok(endpoint) = env::var(INSIDE) else { return };
    let dir = tempfile::tempdir().unwrap();
    let put = |bucket: &str, bytes: &[u8]| {
        let file = dir.path().join("body");
        fs::write(&file, bytes).unwrap();
        curl(&["-T", file.to_str().unwrap(), &format!("{endpoint}/{bucket}/a%20key")]);
    };
    let (old, new) = (sample(5 * MIB, 1), sample(5 * MIB, 2));
    let proofs = Proofs::none().snapshot_up_to(1 << 30);
    let progress = Progress::new();

    // Without versions the ETag is the MD5 of the bytes, which a proof is made of.
    curl(&["-X", "PUT", &format!("{endpoint}/plain")]);
    put("plain", &old);
    let map = open("s3://plain/a key");
    assert_eq!(map.mapping().pinned().unwrap().by, PinnedBy::ETag);
    assert!(Object::download(&map, proofs, &progress).unwrap() == old);
    let map = open("s3://plain/a key");
    put("plain", &new);
    let error = map.read_at(3 * MIB as u64, 5).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Replaced { .. }), "{error}");

    // With versions the old one is read on.
    curl(&["-X", "PUT", &format!("{endpoint}/kept")]);
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let kind = "Content-Type: application/xml";
    curl(&["-X", "PUT", "-H", kind, "-d", enabled, &format!("{endpoint}/kept?versioning")]);
    put("kept", &old);
    let map = open("s3://kept/a key");
    let pinned = map.mapping().pinned().unwrap();
    assert_eq!(pinned.by, PinnedBy::VersionId);
    put("kept", &new);
    assert!(Object::download(&map, proofs, &progress).unwrap() == old);
    let seen = map.identity().unwrap();
    assert!(open("s3://kept/a key").read_at(0, 99).unwrap() == new[..99]);
    let again = MapOptions::new(Objects::new()).identity(seen).open("s3://kept/a key").unwrap();
    assert!(again.read_at(MIB as u64, 99).unwrap() == old[MIB..MIB + 99]);
    let named = open(&format!("s3://kept/a key?versionId={}", pinned.version));
    assert!(named.read_at(0, 99).unwrap() == old[..99]);

    let missing = MapOptions::new(Objects::new()).open("s3://plain/missing").unwrap_err();
    assert!(missing.to_string().contains("no such object"), "{missing}");
    assert!(!format!("{map:?} {missing:?}").contains("secret"));
    println!("moto: {:?}", map.remote().unwrap());
}

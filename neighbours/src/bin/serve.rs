//! Serves a file of which nothing was touched, in three ways, and compares what arrives: `serve MIB`.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Instant;

use memmap::{FrozenMap, Proofs};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Sends a map to a client.
type Sender = fn(FrozenMap, TcpStream) -> Result<()>;

const WAYS: [(&str, Sender); 3] = [
    ("write_to", |frozen, mut socket| Ok(frozen.write_to(&mut socket, ..)?)),
    ("to_bytes", |frozen, mut socket| Ok(socket.write_all(&frozen.to_bytes(..)?)?)),
    ("to_bytes by parts, with tokio", by_parts),
];

fn main() -> Result<()> {
    let mib: u64 = std::env::args().nth(1).ok_or("usage: serve MIB")?.parse()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("file");
    let hash = make(&path, mib)?;
    println!("a file of {mib} MiB, SHA-256 {hash}");
    for (name, send) in WAYS {
        let frozen = FrozenMap::open_with(&path, Proofs::none().first_touch())?;
        if frozen.touched() != 0 {
            return Err("bytes were touched before".into());
        }
        let begun = Instant::now();
        let (len, arrived) = serve(frozen, send)?;
        let seconds = begun.elapsed().as_secs_f64();
        println!("{name}: {len} bytes in {seconds:.1} s, SHA-256 {arrived}");
        if (len, &arrived) != (mib << 20, &hash) {
            return Err("other bytes arrived".into());
        }
    }
    println!("every byte arrived");
    Ok(())
}

/// Writes numbers that do not repeat, and returns their hash.
fn make(path: &Path, mib: u64) -> Result<String> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut hash = Sha256::new();
    let mut state = 1_u64;
    for _ in 0..mib {
        let mut part = Vec::with_capacity(1 << 20);
        while part.len() < 1 << 20 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            part.extend_from_slice(&state.to_le_bytes());
        }
        hash.update(&part);
        file.write_all(&part)?;
    }
    file.flush()?;
    Ok(hex(&hash.finalize()))
}

/// Sends a map to one client, and returns what arrives there: its length and its hash.
fn serve(frozen: FrozenMap, send: Sender) -> Result<(u64, String)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let server = thread::spawn(move || send(frozen, listener.accept()?.0));
    let (mut len, mut hash, mut part) = (0, Sha256::new(), vec![0; 256 << 10]);
    loop {
        let read = client.read(&mut part)?;
        if read == 0 {
            break;
        }
        hash.update(&part[..read]);
        len += u64::try_from(read)?;
    }
    server.join().map_err(|_| "the server panicked")??;
    Ok((len, hex(&hash.finalize())))
}

/// Touches parts on a thread that may block, and sends them on one of the runtime.
fn by_parts(frozen: FrozenMap, socket: TcpStream) -> Result<()> {
    const PART: u64 = 1 << 20;
    socket.set_nonblocking(true)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_io().build()?;
    runtime.block_on(async {
        let mut socket = tokio::net::TcpStream::from_std(socket)?;
        let (parts, mut ready) = mpsc::channel(2);
        let touching = spawn_blocking(move || {
            for start in (0..frozen.len()).step_by(1 << 20) {
                let part = frozen.to_bytes(start..frozen.len().min(start + PART));
                if parts.blocking_send(part).is_err() {
                    break;
                }
            }
        });
        while let Some(part) = ready.recv().await {
            socket.write_all(&part.map_err(io::Error::from)?).await?;
        }
        touching.await?;
        Ok(())
    })
}

/// All of a hash.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

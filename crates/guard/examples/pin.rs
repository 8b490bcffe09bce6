//! A writer that the kernel does not count as one, for the scenes `lease-pinned-…` of `cargo xtask torture`:
//! `pin SLOW TARGET` maps the first page of `TARGET` for writing and reads the file `SLOW` into it. The
//! command `unmap` unmaps the page and closes `TARGET`. If `SLOW` is a FUSE file opened for direct I/O, the
//! kernel keeps the page, and writes to it when the server answers.
//!
//! Each line of input is a command: `unmap` prints `unmapped`, and `wait` the result of the read.

#![expect(clippy::print_stdout, reason = "a program speaks on its output")]

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("only for Linux");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::error::Error;
    use std::fs::File;
    use std::os::fd::AsRawFd;
    use std::ptr;
    use std::sync::atomic::{AtomicPtr, Ordering};
    use std::{env, io, thread};

    const PAGE: usize = 4096;

    pub(super) fn main() -> Result<(), Box<dyn Error>> {
        let mut paths = env::args_os().skip(1);
        let slow = File::open(paths.next().ok_or("name a slow file and a target")?)?;
        let target = paths.next().ok_or("name a target")?;
        let target = File::options().read(true).write(true).open(target)?;
        let page = map(&target)?;
        println!("mapped {PAGE}");

        let place = AtomicPtr::new(page);
        let reading = thread::spawn(move || {
            let page = place.load(Ordering::Relaxed);
            // SAFETY: the kernel writes at most `PAGE` bytes there, into the mapping or, once that is
            // gone, nowhere (EFAULT): this program maps nothing between `unmap` and its end, and no
            // reference to those bytes is ever made.
            unsafe { libc::read(slow.as_raw_fd(), page.cast(), PAGE) }
        });
        let (mut target, mut reading) = (Some(target), Some(reading));
        for line in io::stdin().lines() {
            match line?.as_str() {
                "unmap" => {
                    // SAFETY: the range is the one mapping made above, and this is the only `munmap`
                    // of it, because the file is taken out. There is no reference to its bytes.
                    let result =
                        target.take().map(|_closed| unsafe { libc::munmap(page.cast(), PAGE) });
                    println!("{}", if result == Some(0) { "unmapped" } else { "not unmapped" });
                }
                "wait" => {
                    let read = reading.take().ok_or("it was waited for")?.join();
                    println!("read {}", read.map_err(|_panic| "the reader panicked")?);
                }
                other => return Err(format!("{other:?} is neither unmap nor wait").into()),
            }
        }
        Ok(())
    }

    /// The first page of a file, for writing.
    fn map(file: &File) -> io::Result<*mut u8> {
        let (both, fd) = (libc::PROT_READ | libc::PROT_WRITE, file.as_raw_fd());
        // SAFETY: a new mapping at an address that the kernel chooses overlaps nothing.
        let page = unsafe { libc::mmap(ptr::null_mut(), PAGE, both, libc::MAP_SHARED, fd, 0) };
        if page == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(page.cast()) }
    }
}

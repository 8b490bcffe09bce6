//! Keeps this library loaded: the system goes on calling our handler, and threads of ours go on running,
//! whoever closes the library that they are in.

/// Keeps the object that this code is in from being unloaded, if it can be.
///
/// # Platform
/// With glibc, which alone takes a library out of memory when it is closed: musl's `dlclose` does
/// nothing, and a program without shared libraries has none to close.
///
/// # Source
/// dladdr(3), dlopen(3), getauxval(3).
#[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static"), not(miri)))]
pub(crate) fn keep_loaded() {
    use std::sync::atomic::{AtomicBool, Ordering};

    static DONE: AtomicBool = AtomicBool::new(false);
    if DONE.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: asks for a number: where the headers of the program itself are.
    let program = unsafe { libc::getauxval(libc::AT_PHDR) };
    let program = usize::try_from(program).ok().and_then(object_at);
    if let Some(own) = object_at((&raw const DONE).addr())
        // A program is never unloaded, and cannot be opened by its name.
        && program.is_none_or(|program| program.dli_fbase != own.dli_fbase)
    {
        let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
        // SAFETY: the name is one that the loader gave us, and ours for as long as our code runs. What
        // is not loaded is not loaded now, so no code of others runs.
        let handle = unsafe { libc::dlopen(own.dli_fname, flags) };
        if handle.is_null() {
            // SAFETY: takes away what is said of this, which is nobody else's matter.
            unsafe { libc::dlerror() };
        } else {
            // SAFETY: a handle of our own. The object stays.
            unsafe { libc::dlclose(handle) };
        }
    }
    DONE.store(true, Ordering::Relaxed);
}

/// The object that this address is in.
#[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static"), not(miri)))]
fn object_at(address: usize) -> Option<libc::Dl_info> {
    // SAFETY: plain data, for which all zeros is nothing.
    let mut object = unsafe { std::mem::zeroed::<libc::Dl_info>() };
    // SAFETY: the address is compared, not followed; `object` is ours.
    let found = unsafe { libc::dladdr(std::ptr::without_provenance(address), &raw mut object) };
    (found != 0 && !object.dli_fname.is_null()).then_some(object)
}

/// # Source
/// `GetModuleHandleEx`, `GET_MODULE_HANDLE_EX_FLAG_PIN`.
#[cfg(windows)]
pub(crate) fn keep_loaded() {
    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
    };

    static HERE: u16 = 0;
    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
    let mut module = std::ptr::null_mut();
    // SAFETY: by these flags the name is an address within a module, which ours is; `module` is ours.
    unsafe { GetModuleHandleExW(flags, &raw const HERE, &raw mut module) };
}

#[cfg(not(any(
    windows,
    all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static"), not(miri))
)))]
pub(crate) const fn keep_loaded() {}

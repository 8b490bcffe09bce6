//! Keeps this library loaded. The system calls our handler, and threads of ours run, even after the host has
//! closed the library that they are in.

/// Prevents the unloading of the object that contains this code, if it can be unloaded.
///
/// # Platform
/// With glibc, because only glibc unloads a library that is closed: musl's `dlclose` does nothing, and a
/// static program has no libraries.
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
    // SAFETY: returns a number, the address of the program's own headers, and has no conditions.
    let program = unsafe { libc::getauxval(libc::AT_PHDR) };
    let program = usize::try_from(program).ok().and_then(object_at);
    if let Some(own) = object_at((&raw const DONE).addr())
        // A program is never unloaded, and cannot be opened by its name.
        && program.is_none_or(|program| program.dli_fbase != own.dli_fbase)
    {
        let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
        // SAFETY: the loader returned the name of this object, which is valid while this code is loaded. An
        // object that is not loaded is not loaded by this call, so no initializer runs.
        let handle = unsafe { libc::dlopen(own.dli_fname, flags) };
        if handle.is_null() {
            // SAFETY: clears the error of the call above; it has no conditions.
            unsafe { libc::dlerror() };
        } else {
            // SAFETY: the handle from above. The object stays loaded.
            unsafe { libc::dlclose(handle) };
        }
    }
    DONE.store(true, Ordering::Relaxed);
}

/// The object that contains this address.
#[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static"), not(miri)))]
fn object_at(address: usize) -> Option<libc::Dl_info> {
    // SAFETY: plain data, for which all zeros is a valid value.
    let mut object = unsafe { std::mem::zeroed::<libc::Dl_info>() };
    // SAFETY: the address is compared, not dereferenced; `object` is a local variable.
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
    // SAFETY: with these flags the name is an address within a module, and `HERE` is within ours; `module` is
    // a local variable.
    unsafe { GetModuleHandleExW(flags, &raw const HERE, &raw mut module) };
}

#[cfg(not(any(
    windows,
    all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static"), not(miri))
)))]
pub(crate) const fn keep_loaded() {}

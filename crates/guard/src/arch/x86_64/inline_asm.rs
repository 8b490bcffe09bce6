//! Loads, stores and short copies without a call, by inline assembly, and the table of their addresses, which
//! the linker collects in a section of its own.

use std::arch::{asm, global_asm};

use super::name;

/// The section of the table. The linker defines symbols for its start and its end, which contain its name.
/// It is retained (`R`), although no other section refers to it.
macro_rules! table {
    () => {
        concat!(name!("table"), ", \"aR\", @progbits\n.balign 4")
    };
}

/// Puts the instructions between the labels 2 and 3 into the table.
macro_rules! entry {
    () => {
        concat!(".pushsection ", table!(), "\n.long 2b - ., 3b - ., 3b - .\n.popsection")
    };
}

pub(crate) use {entry, table};

// One entry that matches no instruction, so that the section exists even without inline assembly.
global_asm!(concat!(".pushsection ", table!()), ".long 0, 0, 0", ".popsection");

unsafe extern "C" {
    #[link_name = concat!("__start_", name!("table"))]
    static TABLE_START: Entry;
    #[link_name = concat!("__stop_", name!("table"))]
    static TABLE_END: Entry;
}

/// Loads a value of 1, 2, 4 or 8 bytes at any alignment, without a call. `None` if it is missing, or for any
/// other length.
///
/// # Safety
/// As the routines: `from..from + len` is memory, and each of its bytes may be read if it exists.
#[inline]
pub(crate) unsafe fn quick_load(from: *const u8, len: usize) -> Option<u64> {
    macro_rules! load {
        ($instruction:literal) => {{
            let value: u64;
            let missing: u32;
            // SAFETY: for the compiler these are `len` relaxed loads of single bytes. If the page is
            // missing, the handler finds the instruction in the table, sets `edx` and continues
            // after it: `value` is then what the register held before, and is not used.
            unsafe {
                asm!(
                    concat!("2: ", $instruction),
                    "3:",
                    entry!(),
                    value = out(reg) value,
                    from = in(reg) from,
                    inout("edx") 0_u32 => missing,
                    options(nostack, preserves_flags, readonly)
                );
            }
            (missing == 0).then_some(value)
        }};
    }
    match len {
        1 => load!("movzx {value:e}, byte ptr [{from}]"),
        2 => load!("movzx {value:e}, word ptr [{from}]"),
        4 => load!("mov {value:e}, dword ptr [{from}]"),
        8 => load!("mov {value}, qword ptr [{from}]"),
        _ => None,
    }
}

/// Stores the low 1, 2, 4 or 8 bytes of a value at any alignment, without a call. False if the page is
/// missing, or for any other length.
///
/// # Safety
/// As the routines: `to..to + len` is memory, and each of its bytes may be written if it exists.
#[inline]
pub(crate) unsafe fn quick_store(to: *mut u8, value: u64, len: usize) -> bool {
    macro_rules! store {
        ($instruction:literal) => {{
            let missing: u32;
            // SAFETY: for the compiler these are `len` relaxed stores of single bytes. If a page is
            // missing, the handler finds the instruction in the table, sets `edx` and continues
            // after it.
            unsafe {
                asm!(
                    concat!("2: ", $instruction),
                    "3:",
                    entry!(),
                    value = in(reg) value,
                    to = in(reg) to,
                    inout("edx") 0_u32 => missing,
                    options(nostack, preserves_flags)
                );
            }
            missing == 0
        }};
    }
    match len {
        1 => store!("mov byte ptr [{to}], {value:l}"),
        2 => store!("mov word ptr [{to}], {value:x}"),
        4 => store!("mov dword ptr [{to}], {value:e}"),
        8 => store!("mov qword ptr [{to}], {value}"),
        _ => false,
    }
}

/// The longest copy that [`quick_copy`] makes.
pub(crate) const QUICK_LEN: usize = 64;

/// Copies 16 to [`QUICK_LEN`] bytes without a call: the first and the last 16, or if those leave a gap, the
/// first and the last 32. Bytes in the middle may be copied twice. False if a byte is missing; the content
/// of `to` is then unspecified.
///
/// # Safety
/// As the routines: `to..to + len` and `from..from + len` are memory, and each of their bytes may be written or
/// read if it exists. They do not overlap. `len` is at least 16 and at most [`QUICK_LEN`].
#[inline]
pub(crate) unsafe fn quick_copy(to: *mut u8, from: *const u8, len: usize) -> bool {
    let missing: u32;
    if len <= 32 {
        // SAFETY: within both ranges, because `len` is at least 16. For the compiler these are 32
        // relaxed loads and stores of single bytes. If a page is missing, the handler finds the
        // instruction in the table, sets `edx` and continues after all of them.
        unsafe {
            asm!(
                "2:",
                "movups {a}, [{from}]",
                "movups {b}, [{from} + {len} - 16]",
                "movups [{to}], {a}",
                "movups [{to} + {len} - 16], {b}",
                "3:",
                entry!(),
                from = in(reg) from, to = in(reg) to, len = in(reg) len,
                a = out(xmm_reg) _, b = out(xmm_reg) _,
                inout("edx") 0_u32 => missing,
                options(nostack, preserves_flags)
            );
        }
    } else {
        // SAFETY: within both ranges, because `len` is at least 32. Otherwise as above, with 64 loads
        // and stores.
        unsafe {
            asm!(
                "2:",
                "movups {a}, [{from}]",
                "movups {b}, [{from} + 16]",
                "movups {c}, [{from} + {len} - 32]",
                "movups {d}, [{from} + {len} - 16]",
                "movups [{to}], {a}",
                "movups [{to} + 16], {b}",
                "movups [{to} + {len} - 32], {c}",
                "movups [{to} + {len} - 16], {d}",
                "3:",
                entry!(),
                from = in(reg) from, to = in(reg) to, len = in(reg) len,
                a = out(xmm_reg) _, b = out(xmm_reg) _, c = out(xmm_reg) _, d = out(xmm_reg) _,
                inout("edx") 0_u32 => missing,
                options(nostack, preserves_flags)
            );
        }
    }
    missing == 0
}

/// An entry of the table: the range of instructions that may fault, and where execution continues if one
/// does. Each field is the distance from the field itself to the address.
#[derive(Debug)]
#[repr(C)]
struct Entry {
    begin: i32,
    end: i32,
    resume: i32,
}

impl Entry {
    /// The address at this distance from the field that holds it.
    fn resolve(distance: &i32) -> usize {
        let here = (&raw const *distance).addr();
        isize::try_from(*distance).map_or(0, |distance| here.wrapping_add_signed(distance))
    }
}

/// Where execution continues after a fault at this instruction; `None` if it is not in the table.
pub(crate) fn resume_after(instruction: usize) -> Option<usize> {
    let mut at = &raw const TABLE_START;
    let end = &raw const TABLE_END;
    while at < end {
        // SAFETY: the linker sets the start and the end of the section. It holds whole entries, written
        // by `entry!` and by the one above, and nothing else. They never change.
        let entry = unsafe { &*at };
        if (Entry::resolve(&entry.begin)..Entry::resolve(&entry.end)).contains(&instruction) {
            return Some(Entry::resolve(&entry.resume));
        }
        at = at.wrapping_add(1);
    }
    None
}

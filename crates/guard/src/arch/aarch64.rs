//! aarch64, AAPCS64: arguments in `x0` to `x3`, results in `x0` and `x1`.
//!
//! `x2` holds the number of missing bytes, `x3` the address to which the landing pad writes. The handler puts
//! the address of the fault into `x9` and the signal's code into `x10`.

use std::arch::global_asm;

use super::{Answer, Raw};

pub(crate) use super::inline_fallback::*;

/// Names contain the version, so that two versions of this crate can be linked into one program.
macro_rules! name {
    ($name:literal) => {
        concat!("memmap_guard_0_1_", $name)
    };
}

/// Begins a routine.
macro_rules! routine {
    ($name:literal) => {
        concat!(
            ".p2align 4\n.globl ",
            name!($name),
            "\n.hidden ",
            name!($name),
            "\n",
            name!($name),
            ":"
        )
    };
}

macro_rules! access {
    ($name:literal, $len:literal, $instruction:literal) => {
        concat!(routine!($name), "\nmov x2, #", $len, "\n", $instruction, "\nmov x1, xzr\nret")
    };
}

/// Exclusive pairs, which every version of the architecture has.
macro_rules! exchange {
    ($name:literal, $len:literal, $load:literal, $store:literal, $r:literal, $mask:literal) => {
        concat!(
            routine!($name), "\nmov x4, x2\nmov x2, #", $len, "\n", $mask, "\n2:\n",
            $load, " ", $r, "5, [x0]\ncmp ", $r, "5, ", $r, "1\nb.ne 3f\n",
            $store, " w6, ", $r, "4, [x0]\ncbnz w6, 2b\nmov x0, x5\nmov x1, xzr\nret\n3:\nclrex\n",
            "mov x0, x5\nmov x1, xzr\nret"
        )
    };
}

macro_rules! add {
    ($name:literal, $len:literal, $load:literal, $store:literal, $r:literal) => {
        concat!(
            routine!($name), "\nmov x2, #", $len, "\n2:\n",
            $load, " ", $r, "5, [x0]\nadd ", $r, "4, ", $r, "5, ", $r, "1\n",
            $store, " w6, ", $r, "4, [x0]\ncbnz w6, 2b\nmov x0, x5\nmov x1, xzr\nret"
        )
    };
}

global_asm!(
    ".text",
    ".p2align 6",
    routine!("begin"),
    // copy(to, from, len, raw): 64 bytes at a time, then 16, 8, 1.
    routine!("copy"),
    "2:",
    "cmp x2, #64",
    "b.lo 3f",
    "ldp q0, q1, [x1]",
    "ldp q2, q3, [x1, #32]",
    "stp q0, q1, [x0]",
    "stp q2, q3, [x0, #32]",
    "add x1, x1, #64",
    "add x0, x0, #64",
    "sub x2, x2, #64",
    "b 2b",
    "3:",
    "cmp x2, #16",
    "b.lo 4f",
    "ldr q0, [x1]",
    "str q0, [x0]",
    "add x1, x1, #16",
    "add x0, x0, #16",
    "sub x2, x2, #16",
    "b 3b",
    "4:",
    "cmp x2, #8",
    "b.lo 5f",
    "ldr x4, [x1]",
    "str x4, [x0]",
    "add x1, x1, #8",
    "add x0, x0, #8",
    "sub x2, x2, #8",
    "5:",
    "cbz x2, 6f",
    "ldrb w4, [x1]",
    "strb w4, [x0]",
    "add x1, x1, #1",
    "add x0, x0, #1",
    "sub x2, x2, #1",
    "b 5b",
    "6:",
    "mov x1, xzr",
    "ret",
    // fill(to, byte, len, raw)
    routine!("fill"),
    "dup v0.16b, w1",
    "2:",
    "cmp x2, #16",
    "b.lo 3f",
    "str q0, [x0]",
    "add x0, x0, #16",
    "sub x2, x2, #16",
    "b 2b",
    "3:",
    "cbz x2, 4f",
    "strb w1, [x0]",
    "add x0, x0, #1",
    "sub x2, x2, #1",
    "b 3b",
    "4:",
    "mov x1, xzr",
    "ret",
    // load(from, _, _, raw) -> value
    access!("load_1", "1", "ldrb w0, [x0]"),
    access!("load_2", "2", "ldrh w0, [x0]"),
    access!("load_4", "4", "ldr w0, [x0]"),
    access!("load_8", "8", "ldr x0, [x0]"),
    // store(to, value, _, raw)
    access!("store_1", "1", "strb w1, [x0]"),
    access!("store_2", "2", "strh w1, [x0]"),
    access!("store_4", "4", "str w1, [x0]"),
    access!("store_8", "8", "str x1, [x0]"),
    // compare_exchange(to, expected, new, raw) -> previous value
    exchange!("compare_exchange_1", "1", "ldaxrb", "stlxrb", "w", "and w1, w1, #0xff"),
    exchange!("compare_exchange_2", "2", "ldaxrh", "stlxrh", "w", "and w1, w1, #0xffff"),
    exchange!("compare_exchange_4", "4", "ldaxr", "stlxr", "w", ""),
    exchange!("compare_exchange_8", "8", "ldaxr", "stlxr", "x", ""),
    // fetch_add(to, value, _, raw) -> previous value
    add!("fetch_add_1", "1", "ldaxrb", "stlxrb", "w"),
    add!("fetch_add_2", "2", "ldaxrh", "stlxrh", "w"),
    add!("fetch_add_4", "4", "ldaxr", "stlxr", "w"),
    add!("fetch_add_8", "8", "ldaxr", "stlxr", "x"),
    routine!("end"),
    // A routine that faulted continues here, and returns at once.
    routine!("land"),
    "str x9, [x3]",
    "str x10, [x3, #8]",
    "mov x0, xzr",
    "mov x1, x2",
    "ret",
);

/// Declares the routines under their names above.
macro_rules! declare {
    ($($name:ident ($a:ident: $a_type:ty, $b:ident: $b_type:ty, $c:ident: $c_type:ty);)+) => {
        unsafe extern "C" {
            $(
                #[link_name = concat!("memmap_guard_0_1_", stringify!($name))]
                pub(crate) fn $name($a: $a_type, $b: $b_type, $c: $c_type, raw: *mut Raw) -> Answer;
            )+
        }
    };
}

declare! {
    copy(to: *mut u8, from: *const u8, len: usize);
    fill(to: *mut u8, byte: u64, len: usize);
    load_1(from: *const u8, unused: u64, unused_too: u64);
    load_2(from: *const u8, unused: u64, unused_too: u64);
    load_4(from: *const u8, unused: u64, unused_too: u64);
    load_8(from: *const u8, unused: u64, unused_too: u64);
    store_1(to: *mut u8, value: u64, unused: u64);
    store_2(to: *mut u8, value: u64, unused: u64);
    store_4(to: *mut u8, value: u64, unused: u64);
    store_8(to: *mut u8, value: u64, unused: u64);
    compare_exchange_1(to: *mut u8, expected: u64, new: u64);
    compare_exchange_2(to: *mut u8, expected: u64, new: u64);
    compare_exchange_4(to: *mut u8, expected: u64, new: u64);
    compare_exchange_8(to: *mut u8, expected: u64, new: u64);
    fetch_add_1(to: *mut u8, value: u64, unused: u64);
    fetch_add_2(to: *mut u8, value: u64, unused: u64);
    fetch_add_4(to: *mut u8, value: u64, unused: u64);
    fetch_add_8(to: *mut u8, value: u64, unused: u64);
}

unsafe extern "C" {
    #[link_name = name!("begin")]
    static BEGIN: u8;
    #[link_name = name!("end")]
    static END: u8;
    #[link_name = name!("land")]
    static LAND: u8;
}

/// The landing pad for a fault at this instruction; `None` if it is not an instruction of a routine.
pub(crate) fn landing(instruction: usize) -> Option<usize> {
    let ours = (&raw const BEGIN).addr()..(&raw const END).addr();
    ours.contains(&instruction).then(|| (&raw const LAND).addr())
}

/// The registers of the interrupted thread that the handler reads and edits.
pub(crate) mod registers {
    use libc::ucontext_t;

    pub(crate) fn instruction(context: &mut ucontext_t) -> usize {
        context.uc_mcontext.pc.try_into().unwrap_or(0)
    }

    /// Whether the fault that interrupted the thread is that of a load: not of a store, and not of the fetch of an
    /// instruction. If the system does not say, it is taken for a load.
    ///
    /// # Source
    /// `asm/sigcontext.h` of Linux: records of a magic number, a length and data follow the registers, aligned to 16
    /// bytes, and end with a zero. Arm ARM, `ESR_ELx`: the class of the exception, and whether it was a write.
    pub(crate) fn is_load(context: &mut ucontext_t) -> bool {
        is_write(context).is_none_or(|is_write| is_write == Some(false))
    }

    /// Whether it is that of a store, as far as the system says.
    pub(crate) fn is_store(context: &mut ucontext_t) -> bool {
        is_write(context) == Some(Some(true))
    }

    /// Whether the access to data was a write; `Some(None)` if it was no such access, and `None` if the system does
    /// not say.
    fn is_write(context: &mut ucontext_t) -> Option<Option<bool>> {
        const ESR: u64 = 0x4553_5201;
        const DATA_ABORT: u64 = 0b10_0100;
        const IS_WRITE: u64 = 1 << 6;
        /// The space for records, and the registers before it, in units of 16 bytes.
        const RECORDS: usize = 4096 / 16;
        const REGISTERS: usize = (std::mem::offset_of!(libc::mcontext_t, pstate) + 8).div_ceil(16);
        let machine = (&raw const context.uc_mcontext).cast::<[u64; 2]>();
        let mut at = 0;
        while at < RECORDS {
            // SAFETY: the space for records is part of the context, which is aligned to 16.
            let [head, data] = unsafe { machine.wrapping_add(REGISTERS + at).read() };
            let (magic, len) = (head & 0xFFFF_FFFF, head >> 32);
            if magic == ESR {
                let is_of_data = (data >> 26) & 0b11_1111 == DATA_ABORT;
                return Some(is_of_data.then_some(data & IS_WRITE != 0));
            }
            if magic == 0 || len < 16 {
                break;
            }
            at += usize::try_from(len / 16).unwrap_or(RECORDS);
        }
        None
    }

    /// Makes the thread continue at `landing`, with the fault in the registers that the landing pad reads.
    pub(crate) fn redirect(context: &mut ucontext_t, landing: usize, address: usize, code: usize) {
        let machine = &mut context.uc_mcontext;
        let wide = |value: usize| u64::try_from(value).unwrap_or(0);
        machine.pc = wide(landing);
        machine.regs[9] = wide(address);
        machine.regs[10] = wide(code);
    }
}

//! x86-64, System V calling convention: arguments in `rdi`, `rsi`, `rdx` and `rcx`, results in `rax` and
//! `rdx`.
//!
//! `rdx` holds the number of missing bytes, `rcx` the address to which the landing pad writes. The handler
//! puts the address of the fault into `r10` and the signal's code into `r11`.
//!
//! On Windows the routines are called by the same convention, which is not the system's own. The compiler
//! knows both, and saves the registers that only the system's convention preserves. The routines touch no
//! stack, so they need no unwinding data.
//!
//! Single values and short copies cost less than a call, so they are also accessed by inline assembly
//! (`inline_asm.rs`). Not on Windows: its linkers offer no section that is retained and has symbols for its
//! start and end.

use std::arch::global_asm;
use std::arch::x86_64::{__cpuid_count, __get_cpuid_max};
use std::sync::atomic::{AtomicU8, Ordering};

use super::{Answer, Raw};

#[cfg(not(windows))]
mod inline_asm;
#[cfg(not(windows))]
pub(crate) mod linux;

#[cfg(windows)]
pub(crate) mod windows;

#[cfg(not(windows))]
pub(crate) use inline_asm::*;
#[cfg(not(windows))]
pub(crate) use linux as registers;

#[cfg(windows)]
pub(crate) use super::inline_fallback::*;
#[cfg(windows)]
pub(crate) use windows as registers;

/// Names contain the version, so that two versions of this crate can be linked into one program.
macro_rules! name {
    ($name:literal) => {
        concat!("memmap_guard_0_1_", $name)
    };
}

#[cfg(not(windows))]
pub(crate) use name;

/// Hides the name of a routine from other objects. Windows exports no name unless asked to.
#[cfg(not(windows))]
macro_rules! hidden {
    ($name:literal) => {
        concat!("\n.hidden ", name!($name))
    };
}
#[cfg(windows)]
macro_rules! hidden {
    ($name:literal) => {
        ""
    };
}

/// Begins a routine.
macro_rules! routine {
    ($name:literal) => {
        concat!(".p2align 4\n.globl ", name!($name), hidden!($name), "\n", name!($name), ":")
    };
}

/// Copies the width of one register from `rsi` to `rdi` if that many bytes are left, and advances.
macro_rules! step {
    ($len:literal, $load:literal, $store:literal) => {
        concat!(
            "cmp rdx, ",
            $len,
            "\njb 2f\n",
            $load,
            "\n",
            $store,
            "\nadd rsi, ",
            $len,
            "\nadd rdi, ",
            $len,
            "\nsub rdx, ",
            $len,
            "\n2:"
        )
    };
}

macro_rules! load {
    ($name:literal, $len:literal, $instruction:literal) => {
        concat!(routine!($name), "\nmov edx, ", $len, "\n", $instruction, "\nxor edx, edx\nret")
    };
}

macro_rules! exchange {
    ($name:literal, $len:literal, $new:literal) => {
        concat!(
            routine!($name),
            "\nmov rax, rsi\nmov r8, rdx\nmov edx, ",
            $len,
            "\nlock cmpxchg [rdi], ",
            $new,
            "\nxor edx, edx\nret"
        )
    };
}

macro_rules! add {
    ($name:literal, $len:literal, $value:literal) => {
        concat!(
            routine!($name),
            "\nmov rax, rsi\nmov edx, ",
            $len,
            "\nlock xadd [rdi], ",
            $value,
            "\nxor edx, edx\nret"
        )
    };
}

global_asm!(
    ".text",
    ".p2align 6",
    routine!("begin"),
    // copy(to, from, len, raw): 128 bytes at a time, then 64, 16, 8, 4, 2, 1. Short copies are tested for
    // first, because a branch costs them most.
    routine!("copy"),
    "cmp rdx, 64",
    "jb 4f",
    "cmp rdx, 128",
    "jae 2f",
    "3:",
    "movups xmm0, [rsi]",
    "movups xmm1, [rsi + 16]",
    "movups xmm2, [rsi + 32]",
    "movups xmm3, [rsi + 48]",
    "movups [rdi], xmm0",
    "movups [rdi + 16], xmm1",
    "movups [rdi + 32], xmm2",
    "movups [rdi + 48], xmm3",
    "sub rdx, 64",
    "jz 9f",
    "add rsi, 64",
    "add rdi, 64",
    "jmp 4f",
    "2:",
    "movups xmm0, [rsi]",
    "movups xmm1, [rsi + 16]",
    "movups xmm2, [rsi + 32]",
    "movups xmm3, [rsi + 48]",
    "movups xmm4, [rsi + 64]",
    "movups xmm5, [rsi + 80]",
    "movups xmm6, [rsi + 96]",
    "movups xmm7, [rsi + 112]",
    "movups [rdi], xmm0",
    "movups [rdi + 16], xmm1",
    "movups [rdi + 32], xmm2",
    "movups [rdi + 48], xmm3",
    "movups [rdi + 64], xmm4",
    "movups [rdi + 80], xmm5",
    "movups [rdi + 96], xmm6",
    "movups [rdi + 112], xmm7",
    "sub rsi, -128",
    "sub rdi, -128",
    "add rdx, -128",
    "cmp rdx, 128",
    "jae 2b",
    "cmp rdx, 64",
    "jae 3b",
    "4:",
    "cmp rdx, 16",
    "jb 5f",
    "movups xmm0, [rsi]",
    "movups [rdi], xmm0",
    "add rsi, 16",
    "add rdi, 16",
    "sub rdx, 16",
    "jmp 4b",
    "5:",
    step!("8", "mov rax, [rsi]", "mov [rdi], rax"),
    step!("4", "mov eax, [rsi]", "mov [rdi], eax"),
    step!("2", "movzx eax, word ptr [rsi]", "mov [rdi], ax"),
    step!("1", "movzx eax, byte ptr [rsi]", "mov [rdi], al"),
    "9:",
    "ret",
    // fill(to, byte, len, raw)
    routine!("fill"),
    "movzx eax, sil",
    "mov r8, 0x0101010101010101",
    "imul rax, r8",
    "movq xmm0, rax",
    "punpcklqdq xmm0, xmm0",
    "2:",
    "cmp rdx, 64",
    "jb 3f",
    "movups [rdi], xmm0",
    "movups [rdi + 16], xmm0",
    "movups [rdi + 32], xmm0",
    "movups [rdi + 48], xmm0",
    "add rdi, 64",
    "sub rdx, 64",
    "jmp 2b",
    "3:",
    "cmp rdx, 8",
    "jb 4f",
    "mov [rdi], rax",
    "add rdi, 8",
    "sub rdx, 8",
    "jmp 3b",
    "4:",
    "test rdx, rdx",
    "jz 5f",
    "mov [rdi], al",
    "add rdi, 1",
    "sub rdx, 1",
    "jmp 4b",
    "5:",
    "ret",
    // load(from, _, _, raw) -> value
    load!("load_1", "1", "movzx eax, byte ptr [rdi]"),
    load!("load_2", "2", "movzx eax, word ptr [rdi]"),
    load!("load_4", "4", "mov eax, [rdi]"),
    load!("load_8", "8", "mov rax, [rdi]"),
    // store(to, value, _, raw)
    load!("store_1", "1", "mov [rdi], sil"),
    load!("store_2", "2", "mov [rdi], si"),
    load!("store_4", "4", "mov [rdi], esi"),
    load!("store_8", "8", "mov [rdi], rsi"),
    // compare_exchange(to, expected, new, raw) -> previous value
    exchange!("compare_exchange_1", "1", "r8b"),
    exchange!("compare_exchange_2", "2", "r8w"),
    exchange!("compare_exchange_4", "4", "r8d"),
    exchange!("compare_exchange_8", "8", "r8"),
    // fetch_add(to, value, _, raw) -> previous value
    add!("fetch_add_1", "1", "al"),
    add!("fetch_add_2", "2", "ax"),
    add!("fetch_add_4", "4", "eax"),
    add!("fetch_add_8", "8", "rax"),
    // copy of at least 32 bytes in the wider registers of AVX. It has a range and a landing pad of its own,
    // because leaving it takes one more instruction.
    routine!("wide"),
    routine!("copy_wide"),
    // The first 32 bytes, and then from the first aligned store on: some bytes are copied twice.
    "vmovdqu ymm0, [rsi]",
    "vmovdqu [rdi], ymm0",
    "mov eax, edi",
    "and eax, 31",
    "sub rax, 32",
    "sub rsi, rax",
    "sub rdi, rax",
    "add rdx, rax",
    "cmp rdx, 128",
    "jb 3f",
    "2:",
    "vmovdqu ymm0, [rsi]",
    "vmovdqu ymm1, [rsi + 32]",
    "vmovdqu ymm2, [rsi + 64]",
    "vmovdqu ymm3, [rsi + 96]",
    "vmovdqu [rdi], ymm0",
    "vmovdqu [rdi + 32], ymm1",
    "vmovdqu [rdi + 64], ymm2",
    "vmovdqu [rdi + 96], ymm3",
    "sub rsi, -128",
    "sub rdi, -128",
    "add rdx, -128",
    "cmp rdx, 128",
    "jae 2b",
    "3:",
    "cmp rdx, 32",
    "jb 4f",
    "vmovdqu ymm0, [rsi]",
    "vmovdqu [rdi], ymm0",
    "add rsi, 32",
    "add rdi, 32",
    "sub rdx, 32",
    "jmp 3b",
    "4:",
    "vzeroupper",
    concat!("jmp ", name!("copy")),
    // copy by the processor's microcode. It has a range of its own too, because it counts in rcx.
    routine!("string"),
    routine!("copy_string"),
    "mov r8, rcx",
    "mov rcx, rdx",
    "rep movsb",
    "xor edx, edx",
    "ret",
    routine!("end"),
    // The landing pads: a routine that faulted continues here, and returns at once.
    routine!("land_string"),
    "mov rdx, rcx",
    "mov rcx, r8",
    concat!("jmp ", name!("land")),
    routine!("land_wide"),
    "vzeroupper",
    routine!("land"),
    "mov [rcx], r10",
    "mov [rcx + 8], r11",
    "ret",
);

/// Declares the routines under their names above.
macro_rules! declare {
    ($($name:ident = $symbol:literal ($a:ident: $a_type:ty, $b:ident: $b_type:ty, $c:ident: $c_type:ty);)+) => {
        unsafe extern "sysv64" {
            $(
                #[link_name = name!($symbol)]
                pub(crate) fn $name($a: $a_type, $b: $b_type, $c: $c_type, raw: *mut Raw) -> Answer;
            )+
        }
    };
}

declare! {
    copy_narrow = "copy" (to: *mut u8, from: *const u8, len: usize);
    copy_wide = "copy_wide" (to: *mut u8, from: *const u8, len: usize);
    copy_string = "copy_string" (to: *mut u8, from: *const u8, len: usize);
    fill = "fill" (to: *mut u8, byte: u64, len: usize);
    load_1 = "load_1" (from: *const u8, unused: u64, unused_too: u64);
    load_2 = "load_2" (from: *const u8, unused: u64, unused_too: u64);
    load_4 = "load_4" (from: *const u8, unused: u64, unused_too: u64);
    load_8 = "load_8" (from: *const u8, unused: u64, unused_too: u64);
    store_1 = "store_1" (to: *mut u8, value: u64, unused: u64);
    store_2 = "store_2" (to: *mut u8, value: u64, unused: u64);
    store_4 = "store_4" (to: *mut u8, value: u64, unused: u64);
    store_8 = "store_8" (to: *mut u8, value: u64, unused: u64);
    compare_exchange_1 = "compare_exchange_1" (to: *mut u8, expected: u64, new: u64);
    compare_exchange_2 = "compare_exchange_2" (to: *mut u8, expected: u64, new: u64);
    compare_exchange_4 = "compare_exchange_4" (to: *mut u8, expected: u64, new: u64);
    compare_exchange_8 = "compare_exchange_8" (to: *mut u8, expected: u64, new: u64);
    fetch_add_1 = "fetch_add_1" (to: *mut u8, value: u64, unused: u64);
    fetch_add_2 = "fetch_add_2" (to: *mut u8, value: u64, unused: u64);
    fetch_add_4 = "fetch_add_4" (to: *mut u8, value: u64, unused: u64);
    fetch_add_8 = "fetch_add_8" (to: *mut u8, value: u64, unused: u64);
}

unsafe extern "C" {
    #[link_name = name!("begin")]
    static BEGIN: u8;
    #[link_name = name!("wide")]
    static WIDE_BEGIN: u8;
    #[link_name = name!("string")]
    static STRING_BEGIN: u8;
    #[link_name = name!("end")]
    static END: u8;
    #[link_name = name!("land")]
    static LAND: u8;
    #[link_name = name!("land_wide")]
    static LAND_WIDE: u8;
    #[link_name = name!("land_string")]
    static LAND_STRING: u8;
}

/// The length from which the wider registers are faster: leaving them costs a fixed amount.
const WIDE_LEN: usize = 256;

/// The length from which the microcode is faster, on processors that report a fast one.
const STRING_LEN: usize = 32 << 10;

/// How long copies are made: chosen once, from the instructions that this processor has and runs fast.
static WAY: AtomicU8 = AtomicU8::new(UNKNOWN);

const UNKNOWN: u8 = 0;
const NARROW: u8 = 1;
const WIDE: u8 = 2;
const WIDE_AND_STRING: u8 = 3;

#[cold]
fn choose() -> u8 {
    /// CPUID, leaf 7: "enhanced `rep movsb`".
    const ERMS: u32 = 1 << 9;
    let is_fast = __get_cpuid_max(0).0 >= 7 && __cpuid_count(7, 0).ebx & ERMS != 0;
    let way = match (std::arch::is_x86_feature_detected!("avx"), is_fast) {
        (false, _) => NARROW,
        (true, false) => WIDE,
        (true, true) => WIDE_AND_STRING,
    };
    WAY.store(way, Ordering::Relaxed);
    way
}

/// Whether the microcode is slow even so. On some processors, Zen 3 among them, it is if the target begins
/// fewer than 64 bytes after the source, compared modulo the size of a page.
fn is_near(to: *mut u8, from: *const u8) -> bool {
    const NEAR: usize = 64;
    let apart = to.addr().wrapping_sub(from.addr()) % 4096;
    apart > 0 && apart < NEAR
}

/// Copies by the fastest routine for this length and processor.
///
/// # Safety
/// As the routines: `to..to + len` and `from..from + len` are memory, and each of their bytes may be written or
/// read if it exists. They do not overlap.
#[inline]
pub(crate) unsafe fn copy(to: *mut u8, from: *const u8, len: usize, raw: *mut Raw) -> Answer {
    if len < WIDE_LEN {
        // SAFETY: the caller's ranges.
        return unsafe { copy_narrow(to, from, len, raw) };
    }
    let way = match WAY.load(Ordering::Relaxed) {
        UNKNOWN => choose(),
        way => way,
    };
    match way {
        // SAFETY: the caller's ranges.
        NARROW => unsafe { copy_narrow(to, from, len, raw) },
        WIDE_AND_STRING if len >= STRING_LEN && !is_near(to, from) => {
            // SAFETY: the caller's ranges.
            unsafe { copy_string(to, from, len, raw) }
        }
        // SAFETY: the caller's ranges; the processor has the instructions.
        _ => unsafe { copy_wide(to, from, len, raw) },
    }
}

/// The landing pad for a fault at this instruction; `None` if it is not an instruction of a routine.
pub(crate) fn landing(instruction: usize) -> Option<usize> {
    let [begin, wide, string, end] =
        [&raw const BEGIN, &raw const WIDE_BEGIN, &raw const STRING_BEGIN, &raw const END]
            .map(<*const u8>::addr);
    match instruction {
        at if at < begin || at >= end => None,
        at if at < wide => Some((&raw const LAND).addr()),
        at if at < string => Some((&raw const LAND_WIDE).addr()),
        _ => Some((&raw const LAND_STRING).addr()),
    }
}

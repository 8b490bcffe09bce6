//! Loads of blocks into the registers of AVX2, and of words, by inline assembly.

use std::arch::asm;
use std::arch::x86_64::__m256i;
use std::mem;

use crate::arch::{entry, name, table};
use crate::{BLOCK_LEN, Kernel, PairKernel, ROUND_LEN};

/// Feeds whole blocks to a kernel, from registers, up to the first one that is missing. Returns the kernel
/// and the number of bytes in these blocks, which is 0 on processors without AVX2.
///
/// # Safety
/// As the routines: `first..first + len` is memory, and each of its bytes may be read if it exists.
pub(crate) unsafe fn fold<K: Kernel>(first: *const u8, len: usize, kernel: K) -> (K, usize) {
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the caller's range; the processor has the instructions.
        unsafe { fold_wide(first, len, kernel) }
    } else {
        (kernel, 0)
    }
}

/// # Safety
/// As [`fold`].
#[target_feature(enable = "avx2")]
unsafe fn fold_wide<K: Kernel>(first: *const u8, len: usize, kernel: K) -> (K, usize) {
    // The compiler sees that no other code has the address of a local variable, so the kernel's fields stay
    // in registers from block to block.
    let mut own = kernel;
    let mut done = 0_usize;
    loop {
        let blocks = (len.wrapping_sub(done) / BLOCK_LEN).min(ROUND_LEN);
        for _ in 0..blocks {
            // SAFETY: `done` plus a block is at most `len`.
            let Some(block) = (unsafe { load(first.wrapping_add(done)) }) else {
                return (own, done);
            };
            own.block(&block);
            done = done.wrapping_add(BLOCK_LEN);
        }
        if blocks == 0 {
            return (own, done);
        }
        own.round();
    }
}

/// Feeds whole blocks of two ranges of the same length to a kernel, from registers, up to the first one that
/// is missing on either side. Returns the kernel and the number of bytes in these blocks of one range, which
/// is 0 on processors without AVX2.
///
/// # Safety
/// As [`fold`], for both ranges.
pub(crate) unsafe fn fold_pair<K: PairKernel>(
    (first, second): (*const u8, *const u8),
    len: usize,
    kernel: K,
) -> (K, usize) {
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the caller's ranges; the processor has the instructions.
        unsafe { fold_pair_wide((first, second), len, kernel) }
    } else {
        (kernel, 0)
    }
}

/// # Safety
/// As [`fold_pair`].
#[target_feature(enable = "avx2")]
unsafe fn fold_pair_wide<K: PairKernel>(
    (first, second): (*const u8, *const u8),
    len: usize,
    kernel: K,
) -> (K, usize) {
    // As in `fold_wide`.
    let mut own = kernel;
    let mut done = 0_usize;
    for _ in 0..len / BLOCK_LEN {
        // SAFETY: `done` plus a block is at most `len`.
        let Some(one) = (unsafe { load(first.wrapping_add(done)) }) else { break };
        // SAFETY: as above.
        let Some(other) = (unsafe { load(second.wrapping_add(done)) }) else { break };
        own.blocks(&one, &other);
        done = done.wrapping_add(BLOCK_LEN);
    }
    (own, done)
}

/// # Safety
/// As [`fold`], for one block.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn load(from: *const u8) -> Option<[u8; BLOCK_LEN]> {
    // SAFETY: the caller's.
    let vectors = unsafe { load_vectors(from) }?;
    // SAFETY: both types have the same number of bytes, and any bytes are valid ones.
    Some(unsafe { mem::transmute::<[__m256i; 4], [u8; BLOCK_LEN]>(vectors) })
}

/// Bytes from a block to the cache lines that are prefetched while it is loaded. Processors prefetch by
/// themselves, but not far enough for kernels with many instructions for each block: with this, sums of
/// columns and searches take 15 to 30 % less time (BENCHMARKS.md). 1,024 and 4,096 were no better.
const AHEAD: usize = 2048;

/// # Safety
/// As [`fold`], for one block.
#[target_feature(enable = "avx2")]
#[inline]
pub(crate) unsafe fn load_vectors(from: *const u8) -> Option<[__m256i; 4]> {
    let (a, b, c, d): (__m256i, __m256i, __m256i, __m256i);
    let missing: u32;
    // SAFETY: for the compiler these are 128 relaxed loads of single bytes. If a page is missing, the
    // handler finds the instruction in the table, sets `edx` and continues after all of them: the
    // registers then hold what they held before, and are not used. A prefetch is a hint: it accesses nothing
    // that a program could see, and does not fault, whatever the address.
    unsafe {
        asm!(
            "prefetcht0 [{from} + {ahead}]",
            "prefetcht0 [{from} + {ahead} + 64]",
            "2:",
            "vmovdqu {a}, [{from}]",
            "vmovdqu {b}, [{from} + 32]",
            "vmovdqu {c}, [{from} + 64]",
            "vmovdqu {d}, [{from} + 96]",
            "3:",
            entry!(),
            from = in(reg) from,
            ahead = const AHEAD,
            a = out(ymm_reg) a, b = out(ymm_reg) b, c = out(ymm_reg) c, d = out(ymm_reg) d,
            inout("edx") 0_u32 => missing,
            options(nostack, preserves_flags, readonly)
        );
    }
    (missing == 0).then_some([a, b, c, d])
}

/// # Safety
/// As [`fold`], for 32 bytes.
#[target_feature(enable = "avx2")]
#[inline]
pub(crate) unsafe fn load_vector(from: *const u8) -> Option<__m256i> {
    let vector: __m256i;
    let missing: u32;
    // SAFETY: as in `load_vectors`: 32 relaxed loads, whose result is not used if a page is missing.
    unsafe {
        asm!(
            "2:",
            "vmovdqu {vector}, [{from}]",
            "3:",
            entry!(),
            from = in(reg) from,
            vector = out(ymm_reg) vector,
            inout("edx") 0_u32 => missing,
            options(nostack, preserves_flags, readonly)
        );
    }
    (missing == 0).then_some(vector)
}

/// # Safety
/// As [`fold`], for 32 bytes.
#[inline]
pub(crate) unsafe fn load_words(from: *const u8) -> Option<[u64; 4]> {
    let (a, b, c, d): (u64, u64, u64, u64);
    let missing: u32;
    // SAFETY: as in `load_vectors`: 32 relaxed loads, whose results are not used if a page is missing.
    unsafe {
        asm!(
            "2:",
            "mov {a}, [{from}]",
            "mov {b}, [{from} + 8]",
            "mov {c}, [{from} + 16]",
            "mov {d}, [{from} + 24]",
            "3:",
            entry!(),
            from = in(reg) from,
            a = out(reg) a, b = out(reg) b, c = out(reg) c, d = out(reg) d,
            inout("edx") 0_u32 => missing,
            options(nostack, preserves_flags, readonly)
        );
    }
    (missing == 0).then_some([a, b, c, d])
}

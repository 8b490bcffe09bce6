//! numpy's answers, and files that are exchanged with numpy. Where the variable `MEMMAP_NUMPY` is set, as
//! by `cargo xtask numpy`, having numpy is required.

#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]
#![cfg(feature = "npz")]

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use memmap_anon::Ram;
use memmap_array::npz::Writer;
use memmap_array::{Array, Complex, Element, Number, OpenAs, Ordered, Untyped, Value};
use memmap_core::{Map, Mode};
#[cfg(unix)]
use memmap_posix::Live;
#[cfg(windows)]
use memmap_windows::Live;
use tempfile::TempDir;

type RamArray<T> = Array<T, Map<Ram>>;
type MemArrayDyn = Array<Untyped, Map<Live>>;

fn python(action: &str, directory: &Path) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/numpy_answers/answers.py");
    let output = Command::new("python3").args([script, action]).arg(directory).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// A directory with numpy's arrays and answers; `None` without numpy.
#[expect(clippy::print_stdout, reason = "a test that does not run says so")]
fn answers() -> Option<TempDir> {
    let has_numpy = Command::new("python3").args(["-c", "import numpy"]).output();
    if !has_numpy.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("MEMMAP_NUMPY").is_none(), "numpy is required");
        println!("skipped: there is no numpy");
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    python("make", directory.path());
    Some(directory)
}

fn load<T: OpenAs>(directory: &Path, name: &str) -> RamArray<T> {
    RamArray::load(directory.join(format!("{name}.npy"))).unwrap()
}

/// Whether two numbers are the same, or differ in the last digits of a float.
trait Close: Element {
    fn is_close(self, other: Self) -> bool;
}

macro_rules! close {
    (exact: $($type:ty)+) => {
        $(impl Close for $type {
            fn is_close(self, other: Self) -> bool {
                self == other
            }
        })+
    };
    (floats: $($type:ty)+) => {
        $(impl Close for $type {
            fn is_close(self, other: Self) -> bool {
                // numpy's sums along the first axis have more error than ours.
                (self - other).abs() <= 1e3 * Self::EPSILON * other.abs().max(1.0)
            }
        })+
    };
}

close!(exact: i64 u64);
close!(floats: f32 f64);

impl Close for Complex<f32> {
    fn is_close(self, other: Self) -> bool {
        let len = other.re.hypot(other.im).max(1.0);
        (self.re - other.re).hypot(self.im - other.im) <= 1e3 * f32::EPSILON * len
    }
}

impl Close for Complex<f64> {
    fn is_close(self, other: Self) -> bool {
        let len = other.re.hypot(other.im).max(1.0);
        (self.re - other.re).hypot(self.im - other.im) <= 1e3 * f64::EPSILON * len
    }
}

#[cfg(feature = "half")]
impl Close for half::f16 {
    fn is_close(self, other: Self) -> bool {
        // numpy adds in the two bytes of the type.
        let (ours, numpys) = (self.to_f32(), other.to_f32());
        (ours - numpys).abs() <= 0.05 * numpys.abs().max(1.0) || !numpys.is_finite()
    }
}

#[track_caller]
fn same<T: Close + std::fmt::Debug>(ours: &[T], directory: &Path, name: &str) {
    let numpys = load::<T>(directory, name).to_vec().unwrap();
    assert_eq!(ours.len(), numpys.len(), "{name}");
    for (ours, numpys) in ours.iter().zip(&numpys) {
        assert!(ours.is_close(*numpys), "{name}: {ours:?} instead of {numpys:?}");
    }
}

/// The arrays of a type, by name.
fn names(directory: &Path, dtype: &str) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".npy").unwrap_or_default();
        if name.starts_with(&format!("{dtype}-")) && !name.contains('.') {
            names.push(name.to_owned());
        }
    }
    assert_eq!(names.len(), 12, "{dtype}");
    names
}

fn check_numbers<T>(directory: &Path, dtype: &str)
where
    T: Number + PartialEq + std::fmt::Debug,
    T::Sum: Close + std::fmt::Debug,
    T::Mean: Close + std::fmt::Debug,
{
    for name in names(directory, dtype) {
        let array = load::<T>(directory, &name);
        for axis in 0..array.ndim() {
            same(&array.sum_axis(axis).unwrap(), directory, &format!("{name}.sum{axis}"));
            same(&array.mean_axis(axis).unwrap(), directory, &format!("{name}.mean{axis}"));
        }
        // Products overflow at different places.
        let numpys: T::Sum = load(directory, &format!("{name}.prod")).get([]).unwrap();
        let ours = array.prod().unwrap();
        let is_large =
            format!("{numpys:?}").contains(['n', 'e']) || format!("{ours:?}").contains('e');
        assert!(ours.is_close(numpys) || is_large, "{name}: {ours:?} {numpys:?}");

        let rows = array.shape()[0];
        let mask: Vec<bool> = (0..rows).map(|row| row % 3 == 0).collect();
        let answer =
            |question: &str| load::<T>(directory, &format!("{name}.{question}")).to_vec().unwrap();
        assert_eq!(array.take(&[rows - 1, 0, 0]).unwrap(), answer("take"), "{name}");
        assert_eq!(array.take_where(&mask).unwrap(), answer("mask"), "{name}");
        let part = array.slice(rows / 2..rows).unwrap();
        assert_eq!(part.to_vec().unwrap(), answer("slice"), "{name}");

        // Saved again: to the byte what numpy saved.
        let file = directory.join(format!("{name}.npy"));
        let mut ours = Vec::new();
        array.write_npy(&mut ours).unwrap();
        assert_eq!(
            ours.escape_ascii().to_string(),
            fs::read(&file).unwrap().escape_ascii().to_string()
        );
        let again = directory.join("again");
        array.untyped().save(&again).unwrap();
        assert_eq!(fs::read(&again).unwrap(), ours, "{name}");
    }
}

fn check_ordered<T: Ordered + PartialEq + std::fmt::Debug>(directory: &Path, dtype: &str) {
    for name in names(directory, dtype) {
        let array = load::<T>(directory, &name);
        for axis in 0..array.ndim() {
            let answer = |question: &str| {
                load::<T>(directory, &format!("{name}.{question}{axis}")).to_vec().unwrap()
            };
            assert_eq!(array.min_axis(axis).unwrap(), answer("min"), "{name}");
            assert_eq!(array.max_axis(axis).unwrap(), answer("max"), "{name}");
        }
    }
}

#[test]
fn numpy_has_the_same_sums_means_extremes_products_and_rows() {
    let Some(directory) = answers() else { return };
    let directory = directory.path();
    check_numbers::<bool>(directory, "b1");
    check_numbers::<Complex<f32>>(directory, "c8");
    check_numbers::<Complex<f64>>(directory, "c16");
    #[cfg(feature = "half")]
    {
        check_numbers::<half::f16>(directory, "f2");
        check_ordered::<half::f16>(directory, "f2");
    }
    macro_rules! both {
        ($($type:ty: $dtype:literal)+) => {
            $(
                check_numbers::<$type>(directory, $dtype);
                check_ordered::<$type>(directory, $dtype);
            )+
        };
    }
    both! {
        i8: "i1" i16: "i2" i32: "i4" i64: "i8" u8: "u1" u16: "u2" u32: "u4" u64: "u8"
        f32: "f4" f64: "f8"
    }
}

#[test]
fn numpy_has_the_same_integers_of_dates_and_the_same_written_values() {
    let Some(directory) = answers() else { return };
    let directory = directory.path();
    for name in ["dates", "dates-big", "spans"] {
        let dates = load::<Untyped>(directory, name);
        let integers = dates.as_integers().unwrap();
        let numpys = load::<i64>(directory, &format!("{name}.integers"));
        assert_eq!(integers.to_vec().unwrap(), numpys.to_vec().unwrap(), "{name}");
    }

    let path = directory.join("table.npy");
    let mut table = MemArrayDyn::options().mode(Mode::ReadWrite).open_npy(&path).unwrap();
    let Value::Struct(fields, old) = table.value(1).unwrap() else { panic!() };
    let float = |value: f32| Value::Float(value.into());
    let Value::DateTime(_, day) = old[3] else { panic!() };
    let row = vec![
        Value::UInt(9),
        Value::Array(vec![float(1.5), float(-2.0)], [2].into()),
        Value::Text("äb".to_owned()),
        Value::DateTime(Some(10_957), day),
    ];
    table.set_value(1, &Value::Struct(fields, row)).unwrap();
    table.field_mut("a").unwrap().assign_values(&[4, 3, 2, 1].map(Value::UInt)).unwrap();
    table.field_mut("b").unwrap().set_value([2, 1], &float(0.1)).unwrap();
    table.close().unwrap();
    let written = fs::read(directory.join("table.written.npy")).unwrap();
    assert_eq!(
        fs::read(&path).unwrap().escape_ascii().to_string(),
        written.escape_ascii().to_string()
    );
}

#[test]
fn numpy_reads_our_archives_and_we_read_its() {
    let Some(directory) = answers() else { return };
    let directory = directory.path();
    let names = ["f4-1C", "i8-3F", "table", "dates"];
    for archive in ["compressed.npz", "stored.npz"] {
        for name in names {
            let read = RamArray::<Untyped>::load_npz(directory.join(archive), name).unwrap();
            let mut bytes = Vec::new();
            read.write_npy(&mut bytes).unwrap();
            let numpys = fs::read(directory.join(format!("{name}.npy"))).unwrap();
            assert_eq!(bytes.escape_ascii().to_string(), numpys.escape_ascii().to_string());
        }
    }
    let path = directory.join("ours.npz");
    let mut archive = Writer::new(File::create(&path).unwrap()).unwrap();
    let all: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".npy").map(str::to_owned)
        })
        .collect();
    for name in &all {
        archive.add(name, &load::<Untyped>(directory, name)).unwrap();
    }
    archive.finish().unwrap();
    assert_eq!(python("check", directory), format!("read {}\n", all.len()));
    // And mapped again.
    let mapped = Array::<f32, Map<Live>>::options().open_npz(&path, "f4-1C").unwrap();
    assert!(mapped.is_aligned() && mapped.offset().is_multiple_of(64));
    assert_eq!(mapped.to_vec().unwrap(), load::<f32>(directory, "f4-1C").to_vec().unwrap());
}

use memmap_array::{DType, DTypeKind, ErrorKind, Result};

use super::literal::unescaped;

const TABLE: &str = include_str!("dtypes.txt");

/// What the table asks, made by us.
fn ask(how: &str, text: &str) -> Result<DType> {
    match how {
        "str" => text.parse(),
        "descr" => DType::from_descr(text),
        "align" => {
            let packed: DType = text.parse()?;
            let DTypeKind::Struct(fields) = packed.kind() else { return Ok(packed) };
            DType::aligned(fields.iter().map(|it| (it.name(), it.dtype().clone())))
        }
        other => panic!("{other}"),
    }
}

/// The row that numpy would have written of what we made.
fn row(made: &Result<DType>) -> String {
    let dtype = match made {
        Ok(dtype) => dtype,
        Err(error) if matches!(error.kind(), ErrorKind::PythonObjects { .. }) => {
            return "objects".to_owned();
        }
        Err(_) => return "error".to_owned(),
    };
    let native = if dtype.is_native() { "native" } else { "foreign" };
    format!(
        "{}\t{}\t{}\t{}\t{native}",
        dtype.descr().unwrap(),
        dtype.itemsize(),
        dtype.alignment(),
        dtype.name(),
    )
}

#[test]
fn every_text_is_what_numpy_makes_of_it() {
    if cfg!(target_endian = "big") {
        return; // the table tells what is native where the lowest byte is first
    }
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.splitn(3, '\t');
        let mut next = || columns.next().unwrap();
        let (how, text, expected) = (next(), unescaped(next()), next());
        let expected = match expected.split_once('\t') {
            Some((descr, rest)) => format!("{}\t{rest}", unescaped(descr)),
            None => expected.replace("ours", "error"),
        };
        let found = row(&ask(how, &text));
        if found != expected {
            wrong.push(format!("{how} {text:?}\n  numpy: {expected}\n  we:    {found}"));
        }
        count += 1;
    }
    assert!(count > 1000, "the table has {count} rows");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_description_read_again_is_the_same_type() {
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<_> = line.split('\t').collect();
        let Ok(dtype) = ask(columns[0], &unescaped(columns[1])) else { continue };
        let descr = dtype.descr().unwrap();
        assert_eq!(DType::from_descr(&descr).unwrap(), dtype, "{line}");
    }
}

#[test]
fn an_error_stands_at_a_column_of_its_text() {
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<_> = line.split('\t').collect();
        let text = unescaped(columns[1]);
        let Err(error) = ask(columns[0], &text) else { continue };
        let said = error.to_string();
        let column = said.split("column ").nth(1).and_then(|it| it.split(':').next());
        let column: usize = column.unwrap_or_else(|| panic!("{text:?}: {said}")).parse().unwrap();
        assert!(column >= 1 && column <= text.chars().count() + 1, "{text:?}: {said}");
    }
}

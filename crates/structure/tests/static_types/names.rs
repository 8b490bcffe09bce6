//! Names of sizes and counts.

use memmap_structure::Severity;

use super::load;

#[test]
fn names_say_what_sizes_and_counts_are_for() {
    let warnings = |rest: &str| {
        let schema = load(rest).unwrap();
        let all = schema.warnings().iter();
        all.map(|it| {
            assert_eq!(it.severity, Severity::Warning);
            (it.path.clone(), it.message.split('`').nth(1).unwrap_or("").to_owned())
        })
        .collect::<Vec<_>>()
    };
    let one = |path: &str, better: &str| vec![(path.to_owned(), better.to_owned())];
    let size = "\nseq:\n  - {id: bytes, type: u1}\n  - {id: body, size: bytes}\n";
    assert_eq!(warnings(size), one("/seq/0/id", "len_body"));
    let count = "\nseq:\n  - {id: items, type: u1, repeat: expr, repeat-expr: k}\ninstances:\n  k: {value: 3}\n";
    assert_eq!(warnings(count), one("/instances/k", "num_items"));
    let none = [
        "\nseq:\n  - {id: len_body, type: u1}\n  - {id: body, size: len_body}\n",
        "\nseq:\n  - {id: len, type: u1}\n  - {id: body, size: len}\n",
        "\nseq:\n  - {id: len_element, type: u1}\n  - {id: body, size: len_element, repeat: eos}\n",
        // It is more than a size.
        "\nseq:\n  - {id: k, type: u1}\n  - {id: body, size: k, if: k > 1}\n",
        "\nseq:\n  - {id: k, type: u1}\n  - {id: body, size: k}\n  - {id: more, size: k}\n",
        "\nseq:\n  - {id: k, type: u1}\n  - {id: body, size: k + 1}\n",
        "\nparams:\n  - {id: k, type: u1}\nseq:\n  - {id: body, size: k}\n",
    ];
    for it in none {
        assert_eq!(warnings(it), [], "{it}");
    }
}

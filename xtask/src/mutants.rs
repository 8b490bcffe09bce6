//! `cargo xtask mutants`: breaks each claim of SAFETY.md in a copy of the sources, and runs the
//! test that must fail.
//!
//! A claim that can be broken while every test passes is not tested. `tidy` checks that the table
//! of mutants fits the code and SAFETY.md.

mod copy;
mod core;
mod edit;
mod guard;
mod handler;
mod maps;
mod proofs;
mod saving;
mod touch;

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::shell::Result;
use copy::{Ended, WorkspaceCopy};

/// A broken claim: a string that occurs once in a file, and its replacement.
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    pub(crate) find: &'static str,
    pub(crate) replace: &'static str,
    /// The test that must fail: arguments of `cargo test`, or a scene of `cargo xtask torture`.
    pub(crate) test: &'static [&'static str],
}

/// In the order of the crates, so that little has to be built between two mutants.
const TABLES: [&[Mutant]; 8] = [
    guard::MUTANTS,
    handler::MUTANTS,
    core::MUTANTS,
    maps::MUTANTS,
    proofs::MUTANTS,
    touch::MUTANTS,
    saving::MUTANTS,
    edit::MUTANTS,
];

fn all() -> impl Iterator<Item = &'static Mutant> {
    TABLES.into_iter().flatten()
}

const USAGE: &str = "usage: cargo xtask mutants [--list | NAME…]";

pub(crate) fn run(arguments: &[String]) -> Result {
    if arguments == ["--list"] {
        for mutant in all() {
            println!("{:<26} {}", mutant.name, mutant.test.join(" "));
        }
        return Ok(());
    }
    if let Some(unknown) = arguments.iter().find(|name| all().all(|it| it.name != **name)) {
        return Err(format!("unknown mutant `{unknown}`; {USAGE}").into());
    }
    let wanted: Vec<_> = all()
        .filter(|mutant| arguments.is_empty() || arguments.iter().any(|it| it == mutant.name))
        .collect();
    let copy = WorkspaceCopy::set_up()?;
    let unjudged = without_mutations(&copy, &wanted)?;
    let mut seen = [0_usize; 4];
    let mut failed = Vec::new();
    for mutant in wanted {
        let begun = Instant::now();
        let result = match unjudged.iter().find(|(test, _)| *test == mutant.test) {
            Some((_, why)) => Seen::NotJudged(why.clone()),
            None => with_mutation(&copy, mutant)?,
        };
        let (word, place, is_bad) = result.shown();
        println!(
            "{word} {}: {} ({:.0} s)",
            mutant.name,
            mutant.test.join(" "),
            begun.elapsed().as_secs_f64()
        );
        match &result {
            Seen::Noticed(reason) => println!("          {reason}"),
            Seen::Hung => println!("          the test did not end"),
            _ => {}
        }
        if let Some(count) = seen.get_mut(place) {
            *count = count.saturating_add(1);
        }
        if is_bad {
            failed.push(mutant.name);
        }
    }
    let [noticed, survived, not_built, not_judged] = seen;
    println!(
        "mutants: {noticed} noticed, {survived} survived, {not_built} not built, {not_judged} not judged \
         in {:.0} s",
        copy.age().as_secs_f64()
    );
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("no test fails for {}", failed.join(", ")).into())
    }
}

/// The result of a mutation.
enum Seen {
    /// Its test failed, with this message.
    Noticed(String),
    /// Its test did not end.
    Hung,
    Survived,
    /// It does not compile, so that the test was not run.
    NotBuilt,
    /// This machine skips the test.
    NotJudged(String),
}

impl Seen {
    /// A word, its index among the counts, and whether it is a failure.
    fn shown(&self) -> (String, usize, bool) {
        match self {
            Self::Noticed(_) | Self::Hung => ("noticed  ".to_owned(), 0, false),
            Self::Survived => ("SURVIVED ".to_owned(), 1, true),
            Self::NotBuilt => ("NOT BUILT".to_owned(), 2, true),
            Self::NotJudged(why) => {
                (format!("not judged, because its test is skipped here ({why}):"), 3, false)
            }
        }
    }
}

type Test = &'static [&'static str];

/// Runs each test on the unchanged sources, where it must pass and not be empty. Returns the tests
/// that are skipped here, with the reason.
fn without_mutations(copy: &WorkspaceCopy, mutants: &[&Mutant]) -> Result<Vec<(Test, String)>> {
    let mut tests: Vec<Test> = Vec::new();
    let (mut unjudged, mut wrong) = (Vec::new(), Vec::new());
    for mutant in mutants {
        if tests.contains(&mutant.test) {
            continue;
        }
        tests.push(mutant.test);
        let line = mutant.test.join(" ");
        if !copy.build(mutant.test)? {
            wrong.push(format!("`{line}` does not build"));
            continue;
        }
        match copy.test(mutant.test)? {
            Ended::Passed { count: 1.., skipped: None } => {}
            Ended::Passed { skipped: Some(why), .. } => unjudged.push((mutant.test, why)),
            Ended::Passed { .. } => wrong.push(format!("`{line}` runs no test")),
            Ended::Failed(said) => wrong.push(format!("`{line}` fails:\n{said}")),
            Ended::Hung => wrong.push(format!("`{line}` does not end")),
        }
    }
    if !wrong.is_empty() {
        return Err(format!("without a mutation, {}", wrong.join("\n")).into());
    }
    println!("{} tests pass without a mutation ({:.0} s)", tests.len(), copy.age().as_secs_f64());
    Ok(unjudged)
}

fn with_mutation(copy: &WorkspaceCopy, mutant: &Mutant) -> Result<Seen> {
    let text = copy.read(mutant.file)?;
    copy.write(mutant.file, &mutant.apply(&text)?)?;
    let seen = if copy.build(mutant.test)? {
        copy.test(mutant.test).map(|ended| match ended {
            Ended::Passed { .. } => Seen::Survived,
            Ended::Failed(said) => Seen::Noticed(copy::reason(&said)),
            Ended::Hung => Seen::Hung,
        })
    } else {
        Ok(Seen::NotBuilt)
    };
    copy.write(mutant.file, &text)?;
    seen
}

impl Mutant {
    /// The text of the file with the claim broken.
    fn apply(&self, text: &str) -> Result<String> {
        match text.matches(self.find).count() {
            1 => Ok(text.replacen(self.find, self.replace, 1)),
            many => Err(format!("{:?} occurs {many} times in {}", self.find, self.file).into()),
        }
    }

    /// The name of the test that must fail, without its modules, as in SAFETY.md.
    fn failing(&self) -> &'static str {
        let last = self.test.iter().rev().find(|it| !it.starts_with("--"));
        last.map_or("", |name| name.rsplit("::").next().unwrap_or(name))
    }
}

/// Complaints about mutants that no longer fit the code, and rows of SAFETY.md without a mutant or
/// with another test.
pub(crate) fn check(root: &Path, page: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for mutant in all() {
        let text = fs::read_to_string(root.join(mutant.file)).unwrap_or_default();
        if let Err(error) = mutant.apply(&text) {
            complaints.push(format!(
                "xtask/src/mutants: `{}`: {error}; adapt it to the code, so that it breaks the same claim",
                mutant.name
            ));
        }
        let cell = format!("| `{}` |", mutant.name);
        match section(page).lines().filter(|line| line.contains(&cell)).collect::<Vec<_>>()[..] {
            [row] if row.contains(&format!("`{}`", mutant.failing())) => {}
            [_] => complaints.push(format!(
                "SAFETY.md: the row of `{}` does not name the test that fails: `{}`",
                mutant.name,
                mutant.failing()
            )),
            _ => complaints.push(format!(
                "SAFETY.md: exactly one row must name the mutant `{}`, and the claim that it breaks",
                mutant.name
            )),
        }
    }
    let cells = section(page).lines().filter_map(|row| row.split('|').nth(2));
    let named = cells.filter_map(|cell| cell.trim().strip_prefix('`')?.strip_suffix('`'));
    let unknown = named.filter(|name| all().all(|mutant| mutant.name != *name));
    complaints.extend(unknown.map(|name| format!("SAFETY.md: unknown mutant `{name}`")));
    complaints
}

/// The section of SAFETY.md that names mutants.
fn section(page: &str) -> &str {
    let (_, after) = page.split_once("\n## Claims").unwrap_or_default();
    after.split("\n## ").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUTANT: Mutant = Mutant {
        name: "one",
        file: "file",
        find: "a + b",
        replace: "a - b",
        test: &["test", "-p", "crate", "--lib", "module::tests::sums", "--", "--exact"],
    };

    #[test]
    fn a_mutation_fits_once_or_not_at_all() {
        assert_eq!(MUTANT.apply("x = a + b;").unwrap(), "x = a - b;");
        assert!(MUTANT.apply("x = a + b; y = a + b;").is_err());
        assert!(MUTANT.apply("x = b + a;").is_err());
        assert_eq!(MUTANT.failing(), "sums");
    }

    #[test]
    fn names_of_mutants_are_unique() {
        let mut names: Vec<_> = all().map(|mutant| mutant.name).collect();
        let len = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), len);
    }

    #[test]
    fn a_row_without_a_mutant_and_a_mutant_without_a_row_are_reported() {
        let page = "# Safety\n\n## Claims\n| a claim | `no-such-mutant` | `test` |\n## Limits\n| a | `b` | c |";
        let complaints = check(Path::new("/nowhere"), page);
        assert!(complaints.iter().any(|it| it.contains("unknown mutant `no-such-mutant`")));
        // Each mutant has neither a file nor a row there.
        assert_eq!(complaints.len(), all().count() * 2 + 1);
    }
}

//! Runs engines in turns.

use crate::Result;
use crate::engine::Engine;
use crate::sample::Sample;

/// An engine that can run, and how to run it.
pub(crate) struct Contestant<'a> {
    pub(crate) engine: &'static Engine,
    pub(crate) run: Box<dyn FnMut() -> Result<Sample> + 'a>,
}

/// The samples of one engine, one per round.
pub(crate) struct Record {
    pub(crate) engine: &'static Engine,
    pub(crate) samples: Vec<Sample>,
}

impl Record {
    /// The times of the rounds.
    pub(crate) fn seconds(&self) -> Vec<f64> {
        self.samples.iter().map(|sample| sample.time.as_secs_f64()).collect()
    }
}

/// Runs every engine once per round. A rival that fails is left out of later rounds. An engine of
/// ours that fails is an error.
pub(crate) fn run(rounds: usize, mut contestants: Vec<Contestant<'_>>) -> Result<Vec<Record>> {
    if contestants.is_empty() {
        return Err("none of the requested engines can run here".into());
    }
    let record = |it: &Contestant<'_>| Record { engine: it.engine, samples: Vec::new() };
    let mut records: Vec<Record> = contestants.iter().map(record).collect();
    let mut has_failed = vec![false; contestants.len()];
    for round in 0..rounds {
        eprintln!("round {} of {rounds}", round + 1);
        for at in order(contestants.len(), round) {
            let Contestant { engine, run } = &mut contestants[at];
            if has_failed[at] {
                continue;
            }
            match run() {
                Ok(sample) => records[at].samples.push(sample),
                Err(error) if engine.is_ours() => {
                    return Err(format!("{}: {error}", engine.name).into());
                }
                Err(error) => {
                    println!("{}: {error}", engine.name);
                    has_failed[at] = true;
                }
            }
        }
    }
    Ok(records)
}

/// The order of the engines in a round. Each round begins with the next engine.
fn order(count: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |turn| (turn + round) % count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_runs_all_engines_and_begins_with_the_next() {
        let rounds: Vec<Vec<usize>> = (0..4).map(|round| order(3, round).collect()).collect();
        assert_eq!(rounds, [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]]);
    }

    #[test]
    fn a_round_may_be_empty() {
        assert_eq!(order(0, 1).count(), 0);
    }
}

//! Running engines in turns.

use std::time::Duration;

use crate::Result;
use crate::engine::Engine;

/// One run of one engine.
pub(crate) struct Sample {
    pub(crate) time: Duration,
    /// What else was seen: the head of its column, with the unit, and the number.
    pub(crate) notes: Vec<(&'static str, f64)>,
}

/// An engine that is ready, and its run.
pub(crate) struct Contestant<'a> {
    pub(crate) engine: &'static Engine,
    pub(crate) run: Box<dyn FnMut() -> Result<Sample> + 'a>,
}

/// The runs of one engine, one a round.
pub(crate) struct Record {
    pub(crate) engine: &'static Engine,
    pub(crate) samples: Vec<Sample>,
}

impl Record {
    /// The time of each round.
    pub(crate) fn seconds(&self) -> Vec<f64> {
        self.samples.iter().map(|sample| sample.time.as_secs_f64()).collect()
    }
}

/// Runs every engine once a round. A rival that fails takes no part in later rounds; an engine of
/// ours must not fail.
pub(crate) fn play(rounds: usize, mut contestants: Vec<Contestant<'_>>) -> Result<Vec<Record>> {
    if contestants.is_empty() {
        return Err("none of the engines that were asked for can run here".into());
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

/// Whose turn it is: each round begins with the next one.
fn order(count: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |turn| (turn + round) % count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_runs_all_and_begins_with_the_next() {
        let rounds: Vec<Vec<usize>> = (0..4).map(|round| order(3, round).collect()).collect();
        assert_eq!(rounds, [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]]);
    }

    #[test]
    fn nobody_takes_no_turns() {
        assert_eq!(order(0, 1).count(), 0);
    }
}

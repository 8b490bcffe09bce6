//! Random sessions, faults, kills and power cuts, against a list of what was appended and confirmed.

use std::io::ErrorKind as Io;

use memmap_core::testing::Call;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Append(usize),
    Write,
    Flush,
    Now(usize, usize),
    Reserve,
    Fail(CallKind, DiskFault),
    Heal,
    Room(Option<u64>),
    Kill,
    Cut(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        4 => Just(CallKind::Write),
        2 => Just(CallKind::Sync),
        1 => Just(CallKind::SetLen),
        1 => Just(CallKind::Reserve),
    ];
    let fault = prop_oneof![
        Just(DiskFault::Error(Io::StorageFull)),
        Just(DiskFault::Error(Io::Other)),
        Just(DiskFault::Error(Io::Interrupted)),
        (1_usize..200).prop_map(DiskFault::Short),
    ];
    prop_oneof![
        6 => (0_usize..400).prop_map(Step::Append),
        2 => Just(Step::Write),
        2 => Just(Step::Flush),
        3 => (1_usize..4, 0_usize..300).prop_map(|(count, len)| Step::Now(count, len)),
        1 => Just(Step::Reserve),
        2 => (kind, fault).prop_map(|(kind, fault)| Step::Fail(kind, fault)),
        1 => Just(Step::Heal),
        1 => proptest::option::of(0_u64..2000).prop_map(Step::Room),
        1 => Just(Step::Kill),
        1 => any::<u64>().prop_map(Step::Cut),
    ]
}

/// A journal, and what is known of it.
struct Model {
    disk: TestDisk,
    journal: Journal<TestDisk>,
    /// The records in order. After the confirmed ones some may be missing, from one on to the end.
    records: Vec<Record>,
    confirmed: usize,
    /// Records that were given up, and where they would have been.
    given_up: Vec<(usize, Vec<Record>)>,
    next: u32,
}

impl Model {
    fn record(&mut self, len: usize) -> Record {
        self.next += 1;
        Record::Marks([&self.next.to_le_bytes()[..], &vec![7; len]].concat())
    }

    fn check(&self, disk: &TestDisk) -> Vec<Record> {
        let (found, _) = read(disk, &self.journal.path()).unwrap();
        let may_be_given_up = self.given_up.iter().any(|(at, given_up)| {
            let (before, after) = found.split_at(found.len().min(*at));
            self.records.starts_with(before)
                && given_up.starts_with(after)
                && after.len() < given_up.len()
        });
        assert!(
            self.records.starts_with(&found) || may_be_given_up,
            "{found:?}\n{:?}\n{:#?}",
            self.records,
            disk.calls().iter().map(Call::to_string).collect::<Vec<_>>()
        );
        assert!(found.len() >= self.confirmed, "{} of {}", found.len(), self.confirmed);
        found
    }

    /// Another process goes on, on this disk.
    fn go_on(&mut self, disk: TestDisk) {
        disk.heal();
        disk.set_free(None);
        let found = self.check(&disk);
        let name = self.journal.name().to_owned();
        self.journal = journals(&disk).unwrap().resume(&name, MANUAL, false).unwrap();
        self.records = [found, vec![Record::Resumed(disk.this_process())]].concat();
        self.confirmed = self.records.len();
        self.given_up.clear();
        self.disk = disk;
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Append(len) => {
                let record = self.record(len);
                self.journal.append(&record);
                self.records.push(record);
            }
            Step::Write => drop(self.journal.write()),
            Step::Flush => {
                if self.journal.flush().is_ok() {
                    self.confirmed = self.records.len();
                }
            }
            Step::Now(count, len) => {
                let new: Vec<Record> = (0..count).map(|_| self.record(len)).collect();
                match self.journal.append_now(&new) {
                    Ok(positions) => {
                        assert_eq!(positions.len(), count);
                        self.records.extend(new);
                        self.confirmed = self.records.len();
                    }
                    // They may be there, and nothing comes after them.
                    Err(JournalError::Io { what: "sync", .. }) => self.records.extend(new),
                    Err(_) => self.given_up.push((self.records.len(), new)),
                }
            }
            Step::Reserve => drop(self.journal.reserve(100)),
            Step::Fail(kind, fault) => self.disk.fail(At::Kind(kind), fault, Times::Once),
            Step::Heal => self.disk.heal(),
            Step::Room(free) => self.disk.set_free(free),
            Step::Kill => {
                self.disk.kill();
                self.go_on(self.disk.other_process());
            }
            Step::Cut(seed) => {
                for after in self.disk.crashes(8, seed) {
                    self.check(&after);
                }
                let after = self.disk.crashes(1, seed).nth(1);
                self.go_on(after.unwrap_or_else(|| self.disk.crash(&[])));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_was_confirmed_is_there_and_nothing_is_missing_between(steps in vec(step(), 1..40)) {
        let disk = disk_of(64);
        let journal = start(&disk).unwrap();
        let mut model = Model { disk, journal, records: Vec::new(), confirmed: 0, given_up: Vec::new(), next: 0 };
        for step in steps {
            model.run(&step);
        }
        model.check(&model.disk);
    }
}

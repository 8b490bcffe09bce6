//! Sessions in which calls fail, programs are killed and the power is cut, against copies of all states.

use std::collections::HashMap;
use std::io::ErrorKind as Io;
use std::path::Path;
use std::sync::Arc;

use memmap_core::disk::{Disk, Stored};
use memmap_core::testing::{At, DiskFault, TestDisk, TestMap, Times};
use memmap_core::{Map, Progress};
use memmap_edit::journal::{JournalOptions, Journals, SavingWay, Standing};
use memmap_edit::{Direction, Journal, Overlay, SaveError, State, Unfinished, Way};

use crate::saving::PATH;

/// Numbers without a pattern.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

struct Session {
    disk: TestDisk,
    overlay: Overlay<TestMap>,
    journal: Arc<Journal<TestDisk>>,
    states: HashMap<State, Vec<u8>>,
    /// What the file is, if that is known.
    file: Option<Vec<u8>>,
    /// What it may be, as a saving did not finish.
    maybe: Vec<Vec<u8>>,
    /// What was refused. If the journal could not say so, it is offered again.
    refused: Vec<Vec<u8>>,
    is_new_file: bool,
    /// The old file of a rewrite may be left beside, if it could not be removed.
    may_be_left: bool,
    random: Random,
    counts: HashMap<&'static str, usize>,
}

fn options() -> JournalOptions {
    JournalOptions { has_thread: false, ..JournalOptions::default() }
}

fn journals(disk: &TestDisk) -> Journals<TestDisk> {
    Journals::open(disk.clone(), "/journals/of").expect("a folder")
}

fn map(disk: &TestDisk) -> Map<TestMap> {
    TestMap::open_on(disk, Path::new(PATH)).expect("it exists")
}

fn unfinished(disk: &TestDisk) -> Option<Unfinished<TestMap>> {
    let journals = journals(disk);
    let listed = journals.of(Path::new(PATH)).expect("readable");
    let found = listed.iter().find(|it| it.standing == Standing::UnfinishedSaving)?;
    let opened = Unfinished::open(&journals, &found.name, Path::new(PATH), options(), false);
    Some(opened.expect("it can be opened"))
}

impl Session {
    fn new(seed: u64) -> Self {
        let base: Vec<u8> = (0..2000_u32).map(|at| (at % 251) as u8).collect();
        // Recovery takes sectors of 512 bytes for what a disk writes as a whole.
        let disk = TestDisk::new(512);
        disk.put_folder("/files");
        disk.put_folder("/journals");
        disk.put(PATH, &base);
        let facts = disk.look(Path::new(PATH)).expect("it exists");
        let journal = journals(&disk).create(Path::new(PATH), &facts, options());
        let journal = Arc::new(journal.expect("a journal"));
        let mut overlay = Overlay::new(map(&disk));
        overlay.record_to(Arc::clone(&journal) as _);
        Self {
            disk,
            overlay,
            journal,
            states: HashMap::from([(State::FIRST, base.clone())]),
            file: Some(base),
            maybe: Vec::new(),
            refused: Vec::new(),
            is_new_file: false,
            may_be_left: false,
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            counts: HashMap::new(),
        }
    }

    fn now(&self) -> Vec<u8> {
        self.states[&self.overlay.history().current()].clone()
    }

    fn check(&self, what: &str) {
        let view = self.overlay.view();
        let shown = view.read_at(0, view.len() as usize).expect("readable");
        assert_eq!(shown, self.now(), "{what}: the view");
        for (&state, bytes) in &self.states {
            let view = self.overlay.view_of(state);
            let shown = view.read_at(0, view.len() as usize).expect("readable");
            assert_eq!(&shown, bytes, "{what}: {state:?}");
        }
    }

    fn edit(&mut self) {
        let mut bytes = self.now();
        let at = self.random.below(bytes.len() + 1);
        let end = (at + self.random.below(400)).min(bytes.len());
        let new: Vec<u8> =
            (0..self.random.below(300)).map(|_| self.random.below(256) as u8).collect();
        match self.random.below(4) {
            0 => {
                self.overlay.insert(at as u64, &new).expect("within");
                bytes.splice(at..at, new);
            }
            1 => {
                self.overlay.delete(at as u64..end as u64).expect("within");
                bytes.drain(at..end);
            }
            _ => {
                let new = &new[..new.len().min(bytes.len() - at)];
                self.overlay.overwrite(at as u64, new).expect("within");
                bytes[at..at + new.len()].copy_from_slice(new);
            }
        }
        self.states.insert(self.overlay.history().current(), bytes);
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Saves, and one call may fail. Returns whether the session can go on.
    fn save(&mut self) -> bool {
        let way = if self.random.below(4) == 0 { Way::Rewrite } else { Way::InPlace };
        let from = self.disk.call_count();
        let can_fail = self.random.below(3) > 0;
        if can_fail {
            let fault = match self.random.below(3) {
                0 => DiskFault::Error(Io::StorageFull),
                1 => DiskFault::Error(Io::Other),
                _ => DiskFault::Short(3),
            };
            let times = if self.random.below(4) == 0 { Times::Always } else { Times::Once };
            self.disk.fail(At::Call(from + self.random.below(45)), fault, times);
        }
        let saved = self.overlay.save().way(way).journal(Arc::clone(&self.journal));
        let result = saved.run(&Progress::new());
        self.disk.heal();
        let (now, read) = (self.now(), self.disk.read(PATH));
        match &result {
            Ok(_) => {
                self.count("saved");
                assert_eq!(read, now, "{way:?}: it said that it is saved");
                assert_eq!(self.disk.crash(&[]).read(PATH), now, "{way:?}: not durable");
                self.is_new_file |= way == Way::Rewrite;
                self.may_be_left |= can_fail && way == Way::Rewrite;
                (self.file, self.maybe) = (Some(now), Vec::new());
                self.refused.clear();
                true
            }
            Err(SaveError::Unfinished { .. } | SaveError::NotMapped(_)) => {
                self.count("unfinished");
                self.maybe.extend(self.file.take());
                self.maybe.push(now);
                way == Way::InPlace
            }
            Err(error) => {
                self.count("refused");
                if let Some(file) = &self.file {
                    assert_eq!(&read, file, "{way:?} {error}: the file is not as it was");
                    let is_error_of_removal = can_fail && way == Way::Rewrite;
                    if !self.may_be_left && !is_error_of_removal {
                        assert_eq!(self.disk.list("/files"), ["file"], "{way:?} {error}");
                    }
                }
                self.refused.push(now);
                !matches!(error, SaveError::Journal(_) | SaveError::Replaced { .. })
            }
        }
    }

    /// Ends the program, by a kill or with the power, and begins another one. Returns whether it can go on.
    fn kill(&mut self, has_power: bool) -> bool {
        let is_written = self.journal.write().is_ok();
        self.disk.kill();
        self.disk = if has_power {
            self.disk.other_process()
        } else {
            let choice: Vec<usize> = (0..40).map(|_| self.random.below(3)).collect();
            self.disk.crash(&choice)
        };
        let found = unfinished(&self.disk);
        let was_open = found.is_some();
        if let Some(saving) = found {
            self.count("recovered");
            self.is_new_file |= saving.plan().way == SavingWay::Rewrite;
            let direction =
                if self.random.below(2) == 0 { Direction::Forward } else { Direction::Back };
            saving.run(direction).expect("nobody else wrote");
            assert!(unfinished(&self.disk).is_none(), "{direction:?}: it ended");
        }
        let read = self.disk.read(PATH);
        assert_eq!(self.disk.crash(&[]).read(PATH), read, "durable");
        match &self.file {
            Some(file) if was_open => {
                assert!(read == *file || self.refused.contains(&read), "neither old nor new");
            }
            Some(file) => assert_eq!(&read, file, "nothing was being saved"),
            None => assert!(
                self.maybe.contains(&read),
                "neither old nor new: {read:?} of {:?}",
                self.maybe
            ),
        }
        if !self.may_be_left {
            assert_eq!(self.disk.list("/files"), ["file"], "a file was left beside");
        }
        (self.file, self.maybe) = (Some(read.clone()), Vec::new());
        self.refused.clear();
        let journals = journals(&self.disk);
        let listed = journals.of(Path::new(PATH)).expect("readable");
        let Some(found) = listed.last().filter(|_| is_written && has_power) else {
            return false;
        };
        if !matches!(found.standing, Standing::Unsaved | Standing::Finished) {
            return false;
        }
        let current = self.now();
        let name = found.name.clone();
        let mut overlay = Overlay::replay(map(&self.disk), &journals, &name).expect("it follows");
        self.count("replayed");
        let whole = |state: State| {
            let view = overlay.view_of(state);
            view.read_at(0, view.len() as usize).expect("readable")
        };
        assert_eq!(whole(overlay.history().current()), current, "the edits");
        let mut states = HashMap::new();
        let mut order = vec![State::FIRST];
        while let Some(state) = order.pop() {
            states.insert(state, whole(state));
            order.extend(overlay.history().children(state));
        }
        if !std::mem::take(&mut self.is_new_file) {
            assert_eq!(states, self.states, "what a later session shows");
        }
        assert_eq!(whole(overlay.history().saved()), read, "what it takes for saved");
        self.states = states;
        self.journal = Arc::new(journals.resume(&name, options(), false).expect("nobody has it"));
        overlay.record_to(Arc::clone(&self.journal) as _);
        self.overlay = overlay;
        true
    }
}

/// Runs sessions, as many as the variable `SESSIONS` says; 300 by default.
#[test]
fn sessions_with_faults_lose_nothing() {
    let sessions: u64 = std::env::var("SESSIONS").map_or(300, |it| it.parse().expect("a number"));
    let first: u64 = std::env::var("SESSION").map_or(0, |it| it.parse().expect("a number"));
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for seed in first..first + sessions {
        let mut session = Session::new(seed);
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..40 {
                let goes_on = match session.random.below(10) {
                    0..=3 => {
                        session.edit();
                        true
                    }
                    4 | 5 => {
                        session.overlay.undo();
                        true
                    }
                    6 => {
                        session.overlay.redo();
                        true
                    }
                    7 | 8 => session.save() || session.kill(true),
                    _ => {
                        let has_power = session.random.below(3) > 0;
                        session.kill(has_power)
                    }
                };
                if !goes_on {
                    return;
                }
                session.check("after an act");
            }
            session.kill(false);
        }));
        assert!(ran.is_ok(), "session {seed}");
        for (what, count) in session.counts {
            *counts.entry(what).or_default() += count;
        }
    }
    for what in ["saved", "unfinished", "refused", "recovered", "replayed"] {
        assert!(counts.contains_key(what), "{counts:?}");
    }
}

//! Mutants of saving and recovery.

use super::Mutant;

/// A test of `crates/edit/tests/edit`.
macro_rules! of_edit {
    ($test:literal) => {
        &["test", "-p", "memmap-edit", "--test", "edit", $test]
    };
}

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "edit-published",
        file: "crates/edit/src/save/in_place.rs",
        find: ".publish(Arc::clone(&saving));\n        match",
        replace: ".begin();\n        match",
        test: of_edit!("saving::what_changed_is_written_in_place_and_versions_stay_what_they_were"),
    },
    Mutant {
        name: "edit-seen",
        file: "crates/edit/src/expected.rs",
        find: "self.insert(range.start, bytes.part(from, range.end.saturating_sub(start)));",
        replace: "drop(bytes.part(from, range.end.saturating_sub(start)));",
        test: of_edit!("saving::what_another_program_wrote_is_a_conflict_even_where_no_time_tells"),
    },
    Mutant {
        name: "edit-planned",
        file: "crates/edit/src/save/log.rs",
        find: "journal.append_now(&[self.digest.planned()])?;",
        replace: "drop(self.digest.planned());",
        test: of_edit!("crash::no_power_cut_loses_old_and_new"),
    },
    Mutant {
        name: "edit-synced",
        file: "crates/edit/src/save/in_place.rs",
        find: "disk.sync(file, new_len != opened.facts.len).map_err(not_synced)?;",
        replace: "",
        test: of_edit!("crash::no_power_cut_loses_old_and_new"),
    },
    Mutant {
        name: "edit-new-synced",
        file: "crates/edit/src/save/rewrite.rs",
        find: "disk.sync(new, true).map_err(failed(\"cannot write the file beside\", &self.path))?;",
        replace: "",
        test: of_edit!("crash::no_power_cut_loses_old_and_new"),
    },
    Mutant {
        name: "edit-folder-synced",
        file: "crates/edit/src/save/rewrite.rs",
        find: "if let Err(error) = self.disk.sync_folder(&names.folder) {",
        replace: "if let Err(error) = Ok::<(), io::Error>(()) {",
        test: of_edit!("crash::no_power_cut_loses_old_and_new"),
    },
    Mutant {
        name: "edit-other-kept",
        file: "crates/edit/src/save/rewrite.rs",
        find: "if !is_ours || lease",
        replace: "drop(is_ours);\n            if lease",
        test: of_edit!("beside::another_programs_file_that_came_in_the_last_instant_is_kept"),
    },
    Mutant {
        name: "edit-back",
        file: "crates/edit/src/save/take_back.rs",
        find: "let is_ours = |at: usize| now.get(at) != old.get(at) && now.get(at) == new.get(at);",
        replace: "let is_ours = |at: usize| now.get(at) != old.get(at) && now.len() + new.len() > at;",
        test: of_edit!("saving::what_others_write_while_it_is_saved_stays"),
    },
    Mutant {
        name: "edit-names-again",
        file: "crates/edit/src/recover/rewritten.rs",
        find: "            self.write_names_again(&folder, &name, old)?;\n",
        replace: "            drop((&name, old));\n",
        test: of_edit!("promises::names_of_a_failed_sync_are_written_again"),
    },
    Mutant {
        name: "edit-unseen",
        file: "crates/edit/src/save/plan.rs",
        find: "if changed && !self.options.accepts_unseen {",
        replace: "if changed && self.path.as_os_str().is_empty() {",
        test: of_edit!(
            "promises::bytes_that_nobody_looked_at_are_not_written_over_in_a_changed_file"
        ),
    },
    Mutant {
        name: "edit-rights",
        file: "crates/edit/src/recover/write.rs",
        find: ".fold(attributes, |now, before| now.with_taken(&before.into()));",
        replace: ".fold(attributes, |now, _| now);",
        test: of_edit!("promises::what_writing_takes_away_is_given_back_after_a_power_cut"),
    },
    Mutant {
        name: "edit-journal-named",
        file: "crates/edit/src/save/rewrite.rs",
        find: "        journal.require_named()?;\n",
        replace: "",
        test: of_edit!("promises::a_saving_without_the_name_of_its_journal_is_refused"),
    },
    Mutant {
        name: "edit-written-again",
        file: "crates/edit/src/recover/write.rs",
        find: "            exact::write(disk, file, wanted, range.start)",
        replace: "            (if now == *wanted { Ok(()) } else { exact::write(disk, file, wanted, range.start) })",
        test: of_edit!("crash::bytes_of_a_failed_sync_are_written_again"),
    },
];

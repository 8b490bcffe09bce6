use std::time::Duration;

/// When records that were written are brought to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there are only these")]
pub struct Pace {
    /// After this long without another record.
    pub idle: Duration,
    /// After this long at most.
    pub most: Duration,
}

impl Default for Pace {
    /// One second and two.
    fn default() -> Self {
        Self { idle: Duration::from_secs(1), most: Duration::from_secs(2) }
    }
}

impl Pace {
    /// How long a sync may wait yet, from the ages of the first and the last record that are not synced.
    /// 0: it is due.
    pub(super) fn wait(self, first: Duration, last: Duration) -> Duration {
        self.idle.saturating_sub(last).min(self.most.saturating_sub(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_waits_for_a_pause_but_not_for_long() {
        let wait = |first, last| {
            Pace::default()
                .wait(Duration::from_millis(first), Duration::from_millis(last))
                .as_millis()
        };
        assert_eq!(wait(0, 0), 1000);
        assert_eq!(wait(900, 100), 900);
        assert_eq!(wait(1000, 1000), 0);
        assert_eq!(wait(1900, 0), 100, "keys are typed without a pause");
        assert_eq!(wait(2000, 0), 0);
        assert_eq!(wait(9000, 9000), 0);
    }
}

//! Those who do the jobs: a thread for each, and a pool of threads that help all of them. Nothing of
//! it exists before the first job.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use memmap::AnyMap;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::job::context::{Body, Merge, SharedWire, Site};
use crate::job::list::JobId;

/// What the names of all these threads begin with.
const NAME: &str = "job";

/// How often a job's progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// How long a view that ends waits for its jobs.
const PATIENCE: Duration = Duration::from_millis(50);

/// What is heard of a job.
#[derive(Debug)]
pub(crate) enum Said<N> {
    /// How far it is: bytes, and the time it took.
    Progress { done: u64, total: u64, elapsed: Duration },
    /// What it says itself.
    News(N),
    /// It has ended, and this came of it; or this is why nothing did. Nothing comes after.
    Ended(Result<String, String>),
}

/// The jobs that go on.
#[derive(Debug)]
pub(crate) struct Crew<N> {
    jobs: Vec<Running<N>>,
    pool: Arc<OnceLock<Option<ThreadPool>>>,
}

#[derive(Debug)]
struct Running<N> {
    id: JobId,
    wire: SharedWire<N>,
    thread: JoinHandle<Result<String, String>>,
    started: Instant,
    told: Option<Instant>,
    done: u64,
}

impl<N> Default for Crew<N> {
    fn default() -> Self {
        Self { jobs: Vec::new(), pool: Arc::default() }
    }
}

impl<N: Merge> Crew<N> {
    /// Starts a job on these bytes, which it holds until it ends, whatever the view shows then.
    ///
    /// # Errors
    /// If there can be no thread for it.
    pub(crate) fn start(
        &mut self,
        id: JobId,
        work: impl Body<News = N>,
        map: Arc<AnyMap>,
    ) -> Result<(), String> {
        let wire = SharedWire::<N>::default();
        let (own, pool) = (Arc::clone(&wire), Arc::clone(&self.pool));
        let run = move || {
            let pool = pool.get_or_init(make_pool).as_ref();
            let site = Site { map: &map, wire: &own, pool };
            catch_unwind(AssertUnwindSafe(|| work.run(&site)))
                .unwrap_or_else(|panic| Err(described(&*panic)))
        };
        let thread = thread::Builder::new().name(NAME.to_owned()).spawn(run);
        let thread = thread.map_err(|error| format!("no thread can be started: {error}"))?;
        let started = Instant::now();
        self.jobs.push(Running { id, wire, thread, started, told: None, done: 0 });
        Ok(())
    }

    /// Tells a job to stop, which it does within some milliseconds; it says so itself.
    pub(crate) fn cancel(&self, id: JobId) {
        for job in self.jobs.iter().filter(|job| job.id == id) {
            job.wire.cancel.cancel();
        }
    }

    pub(crate) fn is_busy(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// What the jobs have said since the last time. Never waits.
    pub(crate) fn collect(&mut self) -> Vec<(JobId, Said<N>)> {
        let mut all = Vec::new();
        let now = Instant::now();
        let mut going_on = Vec::new();
        for mut job in std::mem::take(&mut self.jobs) {
            let has_ended = job.thread.is_finished();
            // Asked first: what is found up to there is among what is taken then.
            let (done, total) = job.wire.progress();
            all.extend(job.wire.take().into_iter().map(|news| (job.id, Said::News(news))));
            let is_due = job.told.is_none_or(|told| now - told >= PROGRESS_EVERY);
            if has_ended || (is_due && job.done != done) {
                let elapsed = now - job.started;
                all.push((job.id, Said::Progress { done, total, elapsed }));
                (job.told, job.done) = (Some(now), done);
            }
            if has_ended {
                let ended = job.thread.join().unwrap_or_else(|panic| Err(described(&*panic)));
                all.push((job.id, Said::Ended(ended)));
            } else {
                going_on.push(job);
            }
        }
        self.jobs = going_on;
        all
    }
}

impl<N> Drop for Crew<N> {
    /// Tells all to stop, and waits a moment: who does not listen is left behind.
    fn drop(&mut self) {
        for job in &self.jobs {
            job.wire.cancel.cancel();
        }
        let deadline = Instant::now() + PATIENCE;
        while self.jobs.iter().any(|job| !job.thread.is_finished()) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Whether this thread does a job. Its panics are told as the job's end, and end nothing else.
pub(crate) fn is_here() -> bool {
    thread::current().name().is_some_and(|name| name.starts_with(NAME))
}

/// All processors where there are one or two, and all but one where there are more: it answers keys.
fn make_pool() -> Option<ThreadPool> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let threads = if processors > 2 { processors - 1 } else { processors };
    let name = |_| format!("{NAME} helper");
    // Without one, rayon's own is taken.
    ThreadPoolBuilder::new().num_threads(threads).thread_name(name).build().ok()
}

fn described(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("this is a bug of lazyhex: {}", said.unwrap_or("a panic"))
}

#[cfg(test)]
mod tests {
    use memmap::{Map, RamMap};
    use memmap_core::testing::Fake;

    use super::*;
    use crate::job::list::Jobs;

    enum Work {
        /// Every byte.
        Read,
        Panic,
    }

    impl Merge for () {}

    impl Body for Work {
        type News = ();

        fn run(self, site: &Site<'_, ()>) -> Result<String, String> {
            match self {
                Self::Read => match site.scan().feed(|_, _| {}) {
                    Ok(outcome) if outcome.cancelled => Err("stopped".to_owned()),
                    Ok(_) => Ok("read".to_owned()),
                    Err(error) => Err(error.to_string()),
                },
                Self::Panic => panic!("of this test"),
            }
        }
    }

    fn until_it_ends(crew: &mut Crew<()>) -> Vec<(JobId, Said<()>)> {
        let mut all = Vec::new();
        let deadline = Instant::now() + Duration::from_secs(20);
        while crew.is_busy() && Instant::now() < deadline {
            all.extend(crew.collect());
            thread::sleep(Duration::from_millis(1));
        }
        all
    }

    #[test]
    fn a_job_says_how_far_it_is_and_how_it_ended_and_nothing_after() {
        let map = Arc::new(RamMap::from_reader(&[7; 3000][..]).unwrap().erase());
        let id = Jobs::default().add("read");
        let mut crew = Crew::default();
        crew.start(id, Work::Read, Arc::clone(&map)).unwrap();
        let all = until_it_ends(&mut crew);
        let [.., (_, Said::Progress { done: 3000, total: 3000, .. }), (last, Said::Ended(Ok(_)))] =
            &all[..]
        else {
            panic!("{all:?}")
        };
        assert_eq!(*last, id);
        assert_eq!(Arc::strong_count(&map), 1, "nobody holds the map any more");
    }

    #[test]
    fn what_is_told_to_stop_ends_within_fifty_milliseconds() {
        let map = Arc::new(Map::from_mapping(Endless).erase());
        let id = Jobs::default().add("read");
        let mut crew = Crew::default();
        crew.start(id, Work::Read, map).unwrap();
        thread::sleep(Duration::from_millis(50));
        assert!(crew.collect().iter().all(|(_, news)| !matches!(news, Said::Ended(_))));
        let asked = Instant::now();
        crew.cancel(id);
        let all = until_it_ends(&mut crew);
        assert!(matches!(all.last(), Some((_, Said::Ended(_)))), "{all:?}");
        // Other tests run at the same time.
        assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    }

    #[test]
    fn a_crew_that_is_let_go_does_not_wait_for_long() {
        let map = Arc::new(Map::from_mapping(Endless).erase());
        let mut crew = Crew::default();
        let mut jobs = Jobs::default();
        for _ in 0..3 {
            crew.start(jobs.add("read"), Work::Read, Arc::clone(&map)).unwrap();
        }
        let asked = Instant::now();
        drop(crew);
        assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    }

    #[test]
    fn a_panic_is_how_a_job_ended() {
        let map = Arc::new(Map::from_mapping(Fake::new(&[1; 10])).erase());
        let mut crew = Crew::default();
        let id = Jobs::default().add("panic");
        crew.start(id, Work::Panic, map).unwrap();
        let all = until_it_ends(&mut crew);
        let Some((_, Said::Ended(Err(why)))) = all.last() else { panic!("{all:?}") };
        assert_eq!(why, "this is a bug of lazyhex: of this test");
    }

    /// Zeros without end.
    #[derive(Debug)]
    struct Endless;

    impl memmap::Mapping for Endless {
        fn len(&self) -> u64 {
            u64::MAX
        }

        fn read_into(&self, _: u64, out: &mut [u8]) -> memmap::Result<()> {
            out.fill(0);
            Ok(())
        }
    }
}

//! A bounded pool of scoring threads with back-pressure: when the queue is full the caller is told so at once.
//!
//! Scoring is work for the processor; on its own threads it slows down under a flood, and the pages do not.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

/// Why the pool gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// As many jobs wait as may wait.
    #[error("the scoring queue is full")]
    Full,
    /// The job broke off.
    #[error("the scoring job broke off")]
    Broken,
}

/// Threads that take jobs from one bounded queue. Dropping it finishes what is queued, then stops.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    capacity: usize,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Box<dyn Job>>,
    busy: usize,
    closed: bool,
}

trait Job: Send {
    /// Nobody waits for the answer any more.
    fn abandoned(&self) -> bool;
    fn run(self: Box<Self>);
}

struct Task<T, F> {
    work: F,
    answer: oneshot::Sender<Option<T>>,
}

impl<T: Send, F: FnOnce() -> T + Send> Job for Task<T, F> {
    fn abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(self: Box<Self>) {
        if self.abandoned() {
            return;
        }
        let Self { work, answer } = *self;
        // A closed channel means that the visitor has left meanwhile: nothing to do.
        let _ = answer.send(catch_unwind(AssertUnwindSafe(work)).ok());
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut queue = self.queue();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                queue.busy += 1;
                drop(queue);
                job.run();
                queue = self.queue();
                queue.busy -= 1;
            } else if queue.closed {
                return;
            } else {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Pool {
    /// Starts `threads` threads; at most `capacity` jobs wait for them.
    ///
    /// # Errors
    /// If the operating system gives no threads.
    pub fn start(threads: usize, capacity: usize) -> io::Result<Self> {
        let shared = Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new(), capacity });
        let threads = (0..threads.max(1))
            .map(|index| {
                let shared = Arc::clone(&shared);
                std::thread::Builder::new().name(format!("score-{index}")).spawn(move || shared.work())
            })
            .collect::<io::Result<_>>()?;
        Ok(Self { shared, threads })
    }

    /// Runs a job and waits for it. Dropping the future takes the job off the queue if it has not begun.
    ///
    /// # Errors
    /// [`PoolError`].
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PoolError> {
        let (answer, answered) = oneshot::channel();
        self.push(Box::new(Task { work, answer }))?;
        answered.await.ok().flatten().ok_or(PoolError::Broken)
    }

    fn push(&self, job: Box<dyn Job>) -> Result<(), PoolError> {
        let mut queue = self.shared.queue();
        if queue.jobs.len() >= self.shared.capacity {
            queue.jobs.retain(|job| !job.abandoned());
        }
        if queue.jobs.len() >= self.shared.capacity {
            return Err(PoolError::Full);
        }
        queue.jobs.push_back(job);
        drop(queue);
        self.shared.changed.notify_one();
        Ok(())
    }

    /// Jobs that wait.
    pub fn waiting(&self) -> usize {
        self.shared.queue().jobs.len()
    }

    /// Threads at work.
    pub fn busy(&self) -> usize {
        self.shared.queue().busy
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.threads.len()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.queue().closed = true;
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // A thread cannot have panicked: jobs are caught.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Occupies the only thread until the returned sender is dropped.
    fn occupy(pool: &Arc<Pool>) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), PoolError>>) {
        let (release, wait) = mpsc::channel::<()>();
        let (began, begun) = mpsc::channel();
        let held = Arc::clone(pool);
        let handle = tokio::spawn(async move {
            held.run(move || {
                began.send(()).unwrap();
                let _ = wait.recv();
            })
            .await
        });
        tokio::task::block_in_place(|| begun.recv().unwrap());
        (release, handle)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_queue_is_refused_at_once_and_frees_up_again() {
        let pool = Arc::new(Pool::start(1, 1).unwrap());
        let (release, running) = occupy(&pool);
        let waiting = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(|| 2).await }
        });
        while pool.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|| 3).await, Err(PoolError::Full));
        drop(release);
        running.await.unwrap().unwrap();
        assert_eq!(waiting.await.unwrap(), Ok(2));
        assert_eq!(pool.run(|| 4).await, Ok(4));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_leaves_gives_up_the_place() {
        let pool = Arc::new(Pool::start(1, 1).unwrap());
        let (release, running) = occupy(&pool);
        let mut leaver = Box::pin(pool.run(|| panic!("must never run")));
        assert!(futures_util::poll!(&mut leaver).is_pending());
        drop(leaver);
        let mut next = Box::pin(pool.run(|| 5));
        assert!(futures_util::poll!(&mut next).is_pending());
        drop(release);
        running.await.unwrap().unwrap();
        assert_eq!(next.await, Ok(5));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_is_an_error_and_the_thread_lives_on() {
        let pool = Pool::start(1, 1).unwrap();
        assert_eq!(pool.run(|| panic!("broken job")).await, Err::<(), _>(PoolError::Broken));
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }
}

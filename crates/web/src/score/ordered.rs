//! Many workers, one order: items are worked on by all threads and handed out in the order they came in.
//!
//! For every item the feeder puts a one-place channel into a bounded queue; the caller takes these in order and waits
//! for each. So no more than the queue's length is under way or finished and waiting, however slow a single item is.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, Scope};

/// Items under way for each thread: enough that a slow one does not make the others wait.
const PER_THREAD: usize = 8;

type Job<I, O> = (I, SyncSender<O>);

/// Works on all `items` with `threads` threads and gives the results to `sink` in order, on the calling thread, until
/// `sink` fails.
///
/// # Errors
/// If no thread can be started; inside, what `sink` returned.
pub(super) fn run<I, O, E>(
    items: impl Iterator<Item = I> + Send,
    threads: usize,
    work: impl Fn(I) -> O + Sync,
    mut sink: impl FnMut(O) -> Result<(), E>,
) -> io::Result<Result<(), E>>
where
    I: Send,
    O: Send,
{
    let window = threads.saturating_mul(PER_THREAD);
    let (jobs, job_queue) = sync_channel::<Job<I, O>>(window);
    let (orders, order_queue) = sync_channel::<Receiver<O>>(window);
    let job_queue = Mutex::new(job_queue);
    std::thread::scope(|scope| {
        for index in 0..threads {
            spawn(scope, format!("score-{index}"), || work_off(&job_queue, &work))?;
        }
        spawn(scope, "score-feed".to_owned(), move || feed(items, &jobs, &orders))?;
        for result in order_queue {
            // A worker answers every item it takes; work that can break off is guarded by the caller.
            let Ok(result) = result.recv() else { continue };
            if let Err(error) = sink(result) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    })
}

fn spawn<'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: String,
    work: impl FnOnce() + Send + 'scope,
) -> io::Result<()> {
    Builder::new().name(name).spawn_scoped(scope, work).map(drop)
}

/// Ends when the items do, or when the caller has stopped listening.
fn feed<I, O>(items: impl Iterator<Item = I>, jobs: &SyncSender<Job<I, O>>, orders: &SyncSender<Receiver<O>>) {
    for item in items {
        let (answer, answered) = sync_channel(1);
        if orders.send(answered).is_err() || jobs.send((item, answer)).is_err() {
            return;
        }
    }
}

fn work_off<I, O>(queue: &Mutex<Receiver<Job<I, O>>>, work: &impl Fn(I) -> O) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((item, answer)) = job else { return };
        // The caller has left if this fails; the feeder will notice too.
        let _ = answer.send(work(item));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn order_is_kept_on_any_number_of_threads() {
        for threads in [1, 2, 7] {
            let mut out = Vec::new();
            let work = |item: u64| {
                // Uneven work, so that threads overtake each other.
                (0..(item * 7919) % 1000).fold(item, |sum, step| std::hint::black_box(sum ^ step ^ step))
            };
            run(0..500u64, threads, work, |result| {
                out.push(result);
                Ok::<(), ()>(())
            })
            .unwrap()
            .unwrap();
            assert_eq!(out.len(), 500);
            assert!(out.iter().enumerate().all(|(index, item)| *item == index as u64));
        }
    }

    #[test]
    fn the_feeder_waits_for_the_slowest() {
        let fed = AtomicUsize::new(0);
        let items = (0..1000).inspect(|_| {
            fed.fetch_add(1, Ordering::SeqCst);
        });
        let mut seen = 0;
        run(
            items,
            2,
            |item| item,
            |_| {
                seen += 1;
                assert!(fed.load(Ordering::SeqCst) <= seen + 2 * PER_THREAD + 2);
                Ok::<(), ()>(())
            },
        )
        .unwrap()
        .unwrap();
        assert_eq!(seen, 1000);
    }

    #[test]
    fn a_failing_sink_ends_it() {
        let result = run(0.., 2, |item: u64| item, |item| if item == 10 { Err("full") } else { Ok(()) });
        assert_eq!(result.unwrap(), Err("full"));
    }
}

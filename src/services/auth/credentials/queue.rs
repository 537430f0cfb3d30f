//! A fair queue for few threads: jobs are taken from the waiting sources in turn, so that a source of many jobs delays
//! only itself. The jobs of one source are bounded, and so are all together; when that bound is reached, the source
//! with the most jobs loses its newest.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The reason why a job is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// The source has too many jobs waiting.
    Own,
    /// All sources together have too many.
    All,
}

/// A queue of jobs `J` of sources `S`.
pub(super) struct Queue<S, J> {
    most_of_one: usize,
    most: usize,
    waiting: Mutex<Waiting<S, J>>,
    came: Condvar,
}

struct Waiting<S, J> {
    of: HashMap<S, VecDeque<J>>,
    /// The sources with waiting jobs, in the order of their turns.
    turns: VecDeque<S>,
    count: usize,
    is_closed: bool,
}

impl<S: Copy + Eq + Hash, J> Queue<S, J> {
    pub(super) fn new(most_of_one: usize, most: usize) -> Self {
        let waiting = Waiting { of: HashMap::new(), turns: VecDeque::new(), count: 0, is_closed: false };
        Self { most_of_one, most, waiting: Mutex::new(waiting), came: Condvar::new() }
    }

    /// Adds a job of `source`. A job that has to make room for it is dropped.
    pub(super) fn push(&self, source: S, job: J) -> Result<(), Full> {
        let mut waiting = self.lock();
        let own = waiting.of.get(&source).map_or(0, VecDeque::len);
        if own >= self.most_of_one {
            return Err(Full::Own);
        }
        if waiting.count >= self.most && !waiting.make_room(own) {
            return Err(Full::All);
        }
        if own == 0 {
            waiting.turns.push_back(source);
        }
        waiting.of.entry(source).or_default().push_back(job);
        waiting.count += 1;
        drop(waiting);
        self.came.notify_one();
        Ok(())
    }

    /// Waits for the next job; `None` when the queue is closed and empty.
    pub(super) fn pop(&self) -> Option<J> {
        let mut waiting = self.lock();
        loop {
            if let Some(job) = waiting.next() {
                return Some(job);
            }
            if waiting.is_closed {
                return None;
            }
            waiting = self.came.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Closes the queue: threads end when it is empty.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.came.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<S, J>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Copy + Eq + Hash, J> Waiting<S, J> {
    fn next(&mut self) -> Option<J> {
        let source = self.turns.pop_front()?;
        let own = self.of.get_mut(&source)?;
        let job = own.pop_front();
        if own.is_empty() {
            self.of.remove(&source);
        } else {
            self.turns.push_back(source);
        }
        self.count -= usize::from(job.is_some());
        job
    }

    /// Drops the newest job of the source with the most, if that has more than a source with `own` jobs and the new
    /// one.
    fn make_room(&mut self, own: usize) -> bool {
        let longest = self.of.values_mut().max_by_key(|jobs| jobs.len());
        let Some(longest) = longest.filter(|jobs| jobs.len() > own + 1) else { return false };
        self.count -= usize::from(longest.pop_back().is_some());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(queue: &Queue<char, u32>) -> Vec<u32> {
        queue.close();
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn whoever_sends_many_waits_for_themselves_alone() {
        let queue = Queue::new(100, 1000);
        for n in 0..5 {
            queue.push('a', n).expect("room");
        }
        queue.push('b', 100).expect("room");
        queue.push('c', 200).expect("room");
        queue.push('b', 101).expect("room");
        assert_eq!(all(&queue), [0, 100, 200, 1, 101, 2, 3, 4]);
    }

    #[test]
    fn nobody_has_more_waiting_than_their_share() {
        let queue = Queue::new(2, 5);
        for n in 0..2 {
            queue.push('a', n).expect("room");
        }
        assert_eq!(queue.push('a', 2), Err(Full::Own));
        queue.push('b', 10).expect("room");
        assert_eq!(all(&queue), [0, 10, 1]);
    }

    #[test]
    fn when_it_is_full_the_one_with_most_makes_room() {
        let queue = Queue::new(10, 4);
        for n in 0..4 {
            queue.push('a', n).expect("room");
        }
        queue.push('b', 10).expect("room was made");
        queue.push('b', 11).expect("room was made");
        assert_eq!(queue.push('a', 4), Err(Full::All));
        assert_eq!(queue.push('b', 12), Err(Full::All));
        assert_eq!(all(&queue), [0, 10, 1, 11]);
    }
}

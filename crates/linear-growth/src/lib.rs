//! An assertion for tests: that a parser of hostile input takes time in proportion to the input's length. For
//! development only; which inputs are hostile, each parser's tests know.

use std::time::Duration;

/// The bytes of the shorter input.
const SHORT: usize = 16_000;

/// A time below which a measurement is not precise: growth from less is not checked.
const UNMEASURED: Duration = Duration::from_millis(4);

/// Asserts that four times the input takes less than ten times as long. `input` makes an input of about so many bytes.
/// Measured in this thread's processor time, since the machine runs other programs too, and by the best of some tries.
pub fn assert_linear<T>(what: &str, parse: impl Fn(&T), input: impl Fn(usize) -> T) {
    let (short, long) = (input(SHORT), input(4 * SHORT));
    let is_linear = || {
        let quick = taken(|| parse(&short)).max(UNMEASURED);
        taken(|| parse(&long)) < quick * 10
    };
    assert!((0..5).any(|_| is_linear()), "{what}: four times the input takes more than ten times as long");
}

fn taken(work: impl Fn()) -> Duration {
    let begun = processor_time();
    work();
    processor_time().saturating_sub(begun)
}

/// The processor time that this thread has used.
#[expect(clippy::expect_used, reason = "a test that cannot measure must fail")]
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel tells of threads");
    let nanoseconds = told.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.expect("nanoseconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_work_passes() {
        assert_linear("a sum", |bytes: &Vec<u8>| _ = bytes.iter().map(|b| u64::from(*b)).sum::<u64>(), zeros);
    }

    #[test]
    #[should_panic(expected = "pairs: four times the input")]
    fn quadratic_work_is_found() {
        let pairs = |bytes: &Vec<u8>| {
            let equal = |byte: &u8| bytes.iter().filter(|other| std::hint::black_box(*other) == byte).count();
            _ = std::hint::black_box(bytes.iter().map(equal).sum::<usize>());
        };
        // A tenth of the length is slow enough to be measured.
        assert_linear("pairs", pairs, |bytes| zeros(bytes / 10));
    }

    fn zeros(bytes: usize) -> Vec<u8> {
        vec![0; bytes]
    }
}

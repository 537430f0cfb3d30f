//! What kind of failure an error of PostgreSQL is where its code is not at hand, from what does not depend on the
//! language in which the server speaks.

/// Whether the details of an error are those of a deadlock: a line for each process, which begins with its number and
/// ends with that of the process for which it waits, in a circle.
pub(super) fn is_deadlock(details: &str) -> bool {
    let waits: Option<Vec<(u32, u32)>> = details.lines().map(wait).collect();
    let Some(waits) = waits.filter(|waits| waits.len() > 1) else { return false };
    let next = waits.iter().cycle().skip(1);
    waits.iter().zip(next).all(|((_, blocker), (process, _))| blocker == process)
}

/// The first and the last number of a line.
fn wait(line: &str) -> Option<(u32, u32)> {
    let mut numbers = line.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let first = numbers.next()?.parse().ok()?;
    Some((first, numbers.next_back()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::is_deadlock;

    #[test]
    fn a_deadlock_is_a_circle_in_any_language() {
        for details in [
            "Process 11 waits for ShareLock on transaction 740; blocked by process 12.\n\
             Process 12 waits for ShareLock on transaction 741; blocked by process 11.",
            "Prozess 1 wartet auf ExclusiveLock-Sperre auf Tupel (0,1) von Relation 16384 von Datenbank 5; blockiert \
             von Prozess 2.\nProzess 2 wartet auf ShareLock-Sperre auf Transaktion 9; blockiert von Prozess 3.\n\
             Prozess 3 wartet auf ShareLock-Sperre auf Transaktion 7; blockiert von Prozess 1.",
        ] {
            assert!(is_deadlock(details), "{details}");
        }
        for details in [
            "",
            "Key (id)=(7) is not present in table \"channels\".",
            "Process 11 waits for ShareLock on transaction 740; blocked by process 11.",
            "Process 11 waits for ShareLock on transaction 740; blocked by process 12.\n\
             Process 13 waits for ShareLock on transaction 741; blocked by process 11.",
            "11\n12",
        ] {
            assert!(!is_deadlock(details), "{details}");
        }
    }
}

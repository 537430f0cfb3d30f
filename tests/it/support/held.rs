//! A transaction of the test's own, which holds what the server needs for as long as the test wants.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};

use super::cluster::psql;

/// An open transaction. It is rolled back when this value is dropped.
pub(crate) struct Held {
    psql: Child,
    input: ChildStdin,
}

impl Held {
    /// Does a statement and keeps its locks.
    pub(crate) fn by(url: &str, statement: &str) -> Self {
        let mut psql = psql(url).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut input, output) = (psql.stdin.take().unwrap(), psql.stdout.take().unwrap());
        writeln!(input, "begin;\n{statement};\n\\echo held").unwrap();
        let mut lines = BufReader::new(output).lines().map(Result::unwrap);
        assert!(lines.any(|line| line == "held"), "{statement}");
        Self { psql, input }
    }

    /// Lets go.
    pub(crate) fn release(mut self) {
        writeln!(self.input, "rollback;\n\\q").unwrap();
        self.psql.wait().unwrap();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.psql.kill());
        drop(self.psql.wait());
    }
}

//! Operations of the protocol that are not built: they answer 501 instead of pretending. The list is the document for
//! people, `docs/UNBUILT.md`.

use std::sync::LazyLock;

use crate::error::{Error, Kind};

const LIST: &str = include_str!("../../docs/UNBUILT.md");

/// A method, and the parts of a path; a part in braces matches any text.
type Operation = (&'static str, Vec<&'static str>);

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| LIST.lines().filter_map(operation).collect());

/// The operation of a line such as ``- `GET /api/v4/files/{file_id}` ``.
fn operation(line: &'static str) -> Option<Operation> {
    let (method, path) = line.strip_prefix("- `")?.strip_suffix('`')?.split_once(' ')?;
    Some((method, path.split('/').collect()))
}

/// The error of an operation that is listed; `None` for one that is not.
pub(super) fn error(method: &str, path: &str) -> Option<Error> {
    let parts: Vec<&str> = path.split('/').collect();
    let is = |(m, p): &&Operation| {
        *m == method && p.len() == parts.len() && p.iter().zip(&parts).all(|(p, got)| fits(p, got))
    };
    OPERATIONS.iter().find(is).map(|_| {
        Error::new(
            Kind::NotBuilt,
            "api.not_built.app_error",
            "This operation is not built yet. docs/UNBUILT.md lists those that are not.",
        )
    })
}

fn fits(part: &str, got: &str) -> bool {
    if part.starts_with('{') { !got.is_empty() } else { part == got }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_says_so_and_nothing_else_does() {
        assert!(OPERATIONS.len() > 100);
        assert_eq!(error("POST", "/api/v4/ldap/sync").map(|e| e.kind), Some(Kind::NotBuilt));
        assert_eq!(error("GET", "/api/v4/jobs/abc/download").map(|e| e.kind), Some(Kind::NotBuilt));
        assert!(error("GET", "/api/v4/ldap/sync").is_none());
        assert!(error("GET", "/api/v4/nonsense").is_none());
    }

    #[test]
    fn nothing_that_is_routed_is_listed() {
        let routed: Vec<_> = crate::api::operations().into_iter().map(|o| (o.method, o.path)).collect();
        assert!(routed.len() > 100);
        for (method, path) in routed {
            let shape = |p: &str| {
                p.split('/').map(|s| if s.starts_with('{') { "{}" } else { s }).collect::<Vec<_>>().join("/")
            };
            let listed = OPERATIONS.iter().any(|(m, p)| *m == method && shape(&p.join("/")) == shape(path));
            assert!(!listed, "{method} {path} is built and listed as unbuilt");
        }
    }
}

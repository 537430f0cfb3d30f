//! Finds the operation of a request in a tree of all paths, in a time that does not grow with their number. The
//! framework's own router tries one pattern after the other, which for hundreds of them costs more than most operations
//! themselves.

use std::collections::BTreeMap;

use actix_web::dev::{ResourceDef, Service, ServiceFactory, ServiceRequest, ServiceResponse, always_ready};
use actix_web::{Error, HttpMessage, Route};
use futures_util::future::{LocalBoxFuture, try_join_all};

use super::operation::Operation;

/// A handler that is ready to answer.
type Ready = <Route as ServiceFactory<ServiceRequest>>::Service;

/// The paths of a method, each with the index of its operation. Where a word and an identifier may stand in the same
/// place, the word takes precedence.
type Tree = matchit::Router<usize>;

/// Operations with their handlers, and the handler of everything else. Each thread makes a [`Dispatcher`] of it.
pub(super) struct Dispatch {
    operations: Vec<(Operation, Route)>,
    otherwise: Route,
}

impl Dispatch {
    /// A dispatch to `operations`; every other request is answered by `otherwise`.
    pub(super) fn new(operations: Vec<(Operation, Route)>, otherwise: Route) -> Self {
        Self { operations, otherwise }
    }
}

impl ServiceFactory<ServiceRequest> for Dispatch {
    type Response = ServiceResponse;
    type Error = Error;
    type Config = ();
    type Service = Dispatcher;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Dispatcher, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let operations: Vec<Operation> = self.operations.iter().map(|(operation, _)| *operation).collect();
        let ready = try_join_all(self.operations.iter().map(|(_, route)| route.new_service(())));
        let otherwise = self.otherwise.new_service(());
        Box::pin(async move {
            let contradiction = |error| tracing::error!(%error, "two paths cannot be told apart");
            let trees = trees(&operations).map_err(contradiction)?;
            let answering = operations.into_iter().zip(ready.await?).map(Answering::new).collect();
            Ok(Dispatcher { trees, answering, otherwise: otherwise.await? })
        })
    }
}

/// A tree for each method.
fn trees(operations: &[Operation]) -> Result<BTreeMap<&'static str, Tree>, matchit::InsertError> {
    let mut trees: BTreeMap<_, Tree> = BTreeMap::new();
    for (place, operation) in operations.iter().enumerate() {
        trees.entry(operation.method).or_default().insert(operation.path, place)?;
    }
    Ok(trees)
}

/// Hands requests to the handlers of their operations.
pub(super) struct Dispatcher {
    trees: BTreeMap<&'static str, Tree>,
    answering: Vec<Answering>,
    otherwise: Ready,
}

/// A handler of an operation.
struct Answering {
    operation: Operation,
    /// The pattern that extracts the parts of the path.
    pattern: ResourceDef,
    ready: Ready,
}

impl Answering {
    fn new((operation, ready): (Operation, Ready)) -> Self {
        Self { operation, pattern: ResourceDef::new(operation.path), ready }
    }
}

impl Dispatcher {
    fn find(&self, req: &ServiceRequest) -> Option<&Answering> {
        let tree = self.trees.get(req.method().as_str())?;
        self.answering.get(*tree.at(req.match_info().unprocessed()).ok()?.value)
    }
}

impl Service<ServiceRequest> for Dispatcher {
    type Response = ServiceResponse;
    type Error = Error;
    type Future = <Ready as Service<ServiceRequest>>::Future;

    always_ready!();

    fn call(&self, mut req: ServiceRequest) -> Self::Future {
        match self.find(&req) {
            Some(found) if found.pattern.capture_match_info(req.match_info_mut()) => {
                req.extensions_mut().insert(found.operation);
                found.ready.call(req)
            }
            Some(_) | None => self.otherwise.call(req),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::operations;

    #[test]
    fn every_path_is_found_as_itself_and_words_stand_before_identifiers() {
        let all = operations();
        let trees = trees(&all).expect("no contradictions");
        for (place, operation) in all.iter().enumerate() {
            let path = operation.path.replace(['{', '}'], "");
            let found =
                trees.get(operation.method).and_then(|tree| tree.at(&path).ok().map(|found| *found.value));
            assert_eq!(found, Some(place), "{} {path}", operation.method);
        }
    }

    #[test]
    fn a_word_that_leads_nowhere_is_an_identifier_after_all() {
        let get = |path| Operation { method: "GET", path, open: false };
        let all = [get("/users/me/teams"), get("/users/{user_id}"), get("/users/{user_id}/status")];
        let trees = trees(&all).expect("no contradictions");
        let tree = trees.get("GET").expect("a tree");
        for (path, expected) in [
            ("/users/me/teams", Some(0)),
            ("/users/me", Some(1)),
            ("/users/me/status", Some(2)),
            ("/users/x/teams", None),
            ("/users/", None),
            ("/users/me/", None),
        ] {
            assert_eq!(tree.at(path).ok().map(|found| *found.value), expected, "{path}");
        }
    }
}

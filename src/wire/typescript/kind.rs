//! The types of the wire, as far as our shapes need them.

use std::collections::{BTreeMap, BTreeSet};

/// The shape of a frame's `broadcast`.
pub(super) const BROADCAST: &str = "Broadcast";

/// The name of the shape of a variant of `Data`.
pub(super) fn data(variant: &str) -> String {
    format!("{variant}Data")
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Text,
    Number,
    Flag,
    /// Free-form JSON.
    Any,
    List(Box<Kind>),
    /// An object whose keys are no names of fields.
    Map(Box<Kind>),
    OrNull(Box<Kind>),
    /// JSON in a string.
    Json(Box<Kind>),
    Shape(String),
}

impl Kind {
    /// The shape that it names, itself or inside.
    fn named(&self) -> Option<&str> {
        match self {
            Self::Text | Self::Number | Self::Flag | Self::Any => None,
            Self::List(kind) | Self::Map(kind) | Self::OrNull(kind) | Self::Json(kind) => kind.named(),
            Self::Shape(name) => Some(name),
        }
    }
}

/// A field of an object.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    /// Whether it may be absent.
    pub(super) optional: bool,
    pub(super) kind: Kind,
}

/// A type with a name.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Object(Vec<Field>),
    /// One of some words.
    Words(Vec<String>),
}

impl Shape {
    pub(super) fn fields<const N: usize>(fields: [(&str, Kind); N]) -> Self {
        let field = |(name, kind): (&str, Kind)| Field { name: name.to_owned(), optional: false, kind };
        Self::Object(fields.map(field).into())
    }

    fn named(&self) -> impl Iterator<Item = &str> {
        let fields = match self {
            Self::Object(fields) => fields.as_slice(),
            Self::Words(_) => &[],
        };
        fields.iter().filter_map(|field| field.kind.named())
    }
}

/// Types by their names.
#[derive(Debug, Default)]
pub(super) struct Shapes(pub(super) BTreeMap<String, Shape>);

impl Shapes {
    #[track_caller]
    pub(super) fn get(&self, name: &str) -> &Shape {
        self.0.get(name).unwrap_or_else(|| panic!("`{name}` is no type of the wire"))
    }

    /// Those that are named by the roots, or by what they name.
    pub(super) fn reachable(&self, roots: impl Iterator<Item = String>) -> Self {
        let mut found = BTreeMap::new();
        let mut open: Vec<String> = roots.collect();
        while let Some(name) = open.pop() {
            let shape = self.get(&name);
            open.extend(shape.named().filter(|name| !found.contains_key(*name)).map(str::to_owned));
            found.insert(name, shape.clone());
        }
        Self(found)
    }

    /// What frames have to show, each as [`super::check::Check`] takes it down.
    pub(super) fn claims(&self) -> BTreeSet<String> {
        let mut claims = BTreeSet::new();
        for (name, shape) in &self.0 {
            match shape {
                Shape::Words(words) => claims.extend(words.iter().map(|word| format!("{name} = {word}"))),
                Shape::Object(fields) => claims.extend(fields.iter().flat_map(|field| field.claims(name))),
            }
        }
        claims
    }
}

impl Field {
    fn claims(&self, shape: &str) -> impl Iterator<Item = String> {
        let place = format!("{shape}.{}", self.name);
        let absent = self.optional.then(|| format!("{place} absent"));
        let null = matches!(self.kind, Kind::OrNull(_)).then(|| format!("{place} null"));
        [Some(place), absent, null].into_iter().flatten()
    }
}

//! Real frames, held against the description.

use std::collections::BTreeSet;

use serde_json::Value;

use super::kind::{BROADCAST, Field, Kind, Shape, Shapes, data};
use super::samples::Sample;

/// Panics at what is not as described, and takes down what was met.
pub(super) struct Check<'a> {
    shapes: &'a Shapes,
    pub(super) met: BTreeSet<String>,
}

impl<'a> Check<'a> {
    pub(super) fn of(shapes: &'a Shapes) -> Self {
        Self { shapes, met: BTreeSet::new() }
    }

    pub(super) fn frame(&mut self, sample: &Sample) {
        let frame = sample.frame.as_object().unwrap();
        assert_eq!(frame.len(), 4, "{frame:?}");
        assert_eq!(frame["event"], sample.name);
        assert!(frame["seq"].is_u64());
        self.shape(BROADCAST, &frame["broadcast"]);
        self.shape(&data(&sample.data), &frame["data"]);
    }

    fn shape(&mut self, name: &str, value: &Value) {
        match self.shapes.get(name) {
            Shape::Words(words) => {
                let word = value.as_str().filter(|word| words.iter().any(|known| known == word));
                let word = word.unwrap_or_else(|| panic!("{value} is no {name}"));
                self.met.insert(format!("{name} = {word}"));
            }
            Shape::Object(fields) => self.object(name, fields, value),
        }
    }

    fn object(&mut self, name: &str, fields: &[Field], value: &Value) {
        let object = value.as_object().unwrap_or_else(|| panic!("{name} is no object: {value}"));
        for key in object.keys() {
            assert!(fields.iter().any(|field| field.name == *key), "{name}.{key} is not described");
        }
        for field in fields {
            let place = format!("{name}.{}", field.name);
            if let Some(value) = object.get(&field.name) {
                self.value(&place, &field.kind, value);
            } else {
                assert!(field.optional, "{place} is absent");
                self.met.insert(format!("{place} absent"));
            }
        }
    }

    fn value(&mut self, place: &str, kind: &Kind, value: &Value) {
        match (kind, value) {
            (Kind::OrNull(_), Value::Null) => {
                self.met.insert(format!("{place} null"));
                return;
            }
            (Kind::OrNull(kind), value) => return self.value(place, kind, value),
            (Kind::Text, Value::String(_))
            | (Kind::Number, Value::Number(_))
            | (Kind::Flag, Value::Bool(_))
            | (Kind::Any, _) => {}
            (Kind::List(kind), Value::Array(items)) => {
                items.iter().for_each(|item| self.value(place, kind, item))
            }
            (Kind::Map(kind), Value::Object(items)) => {
                items.values().for_each(|item| self.value(place, kind, item))
            }
            (Kind::Json(kind), Value::String(text)) => {
                self.value(place, kind, &serde_json::from_str(text).unwrap())
            }
            (Kind::Shape(name), value) => self.shape(name, value),
            (kind, value) => panic!("{place}: {value} is no {kind:?}"),
        }
        self.met.insert(place.to_owned());
    }
}

//! The description and the samples as TypeScript.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::Events;
use super::kind::{Field, Kind, Shape, Shapes, data};
use super::samples::Sample;

const TYPES: &str = "\
// Written by `make events` from src/wire: every event of the server, and what is in it.

declare const inside: unique symbol;

/** An object as JSON in a string. */
export type Json<T> = string & { readonly [inside]: T };

/** An event as it comes over the socket: `seq` counts those of one connection. */
export interface Frame<Name = string, Data = unknown> {
  event: Name;
  data: Data;
  broadcast: Broadcast;
  seq: number;
}

export type EventName = keyof EventData;

/** Any event of the server, or those with one of these names. */
export type ServerEvent<Name extends EventName = EventName> = {
  [N in Name]: Frame<N, EventData[N]>;
}[Name];
";

const FRAMES: &str = "\
// Written by `make events` from src/wire: frames as the server encodes them. That they compile shows that the types of
// `events.generated.ts` are true.
import type * as wire from '../src/lib/api/events.generated';

const json = <T>(value: T) => JSON.stringify(value) as wire.Json<T>;

export const frames: { [Name in wire.EventName]: wire.ServerEvent<Name>[] } = {
";

/// The types of all events.
pub(super) fn types(events: &Events, shapes: &Shapes) -> String {
    let mut text = TYPES.to_owned();
    text.push_str("\n/** The data of each event. */\nexport interface EventData {\n");
    for (name, variants) in events {
        let variants: Vec<_> = variants.iter().map(|variant| data(variant)).collect();
        writeln!(text, "  {name}: {};", variants.join(" | ")).unwrap();
    }
    text.push_str("}\n");
    for (name, shape) in &shapes.0 {
        text.push_str(&declaration(name, shape));
    }
    text
}

fn declaration(name: &str, shape: &Shape) -> String {
    match shape {
        Shape::Words(words) => {
            let words: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
            format!("\nexport type {name} = {};\n", words.join(" | "))
        }
        Shape::Object(fields) if fields.is_empty() => {
            format!("\nexport type {name} = Record<string, never>;\n")
        }
        Shape::Object(fields) => {
            let fields: String = fields.iter().map(member).collect();
            format!("\nexport interface {name} {{\n{fields}}}\n")
        }
    }
}

fn member(field: &Field) -> String {
    let mark = if field.optional { "?" } else { "" };
    format!("  {}{mark}: {};\n", field.name, kind(&field.kind, ""))
}

/// The name of a type; `module` stands before names of shapes.
fn kind(of: &Kind, module: &str) -> String {
    match of {
        Kind::Text => "string".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Flag => "boolean".to_owned(),
        Kind::Any => "unknown".to_owned(),
        Kind::List(of) => format!("{}[]", kind(of, module)),
        Kind::Map(of) => format!("Record<string, {}>", kind(of, module)),
        Kind::OrNull(of) => format!("{} | null", kind(of, module)),
        Kind::Json(of) if module.is_empty() => format!("Json<{}>", kind(of, module)),
        Kind::Json(of) => kind(of, module),
        Kind::Shape(name) => format!("{module}{name}"),
    }
}

/// The frames of the samples, in which what is JSON in a string stands as an object of its type.
pub(super) fn frames(samples: &[Sample], shapes: &Shapes) -> String {
    let mut text = FRAMES.to_owned();
    let names: BTreeSet<_> = samples.iter().map(|sample| &sample.name).collect();
    for name in names {
        writeln!(text, "  {name}: [").unwrap();
        for sample in samples.iter().filter(|sample| sample.name == *name) {
            writeln!(text, "    {},", frame(sample, shapes)).unwrap();
        }
        text.push_str("  ],\n");
    }
    text.push_str("};\n");
    text
}

fn frame(sample: &Sample, shapes: &Shapes) -> String {
    let Shape::Object(fields) = shapes.get(&data(&sample.data)) else { panic!("data is an object") };
    let written = |(key, value): (&String, &Value)| {
        let of = fields.iter().find(|field| field.name == *key).map(|field| &field.kind);
        match (of, value) {
            (Some(of @ Kind::Json(_)), Value::String(text)) => {
                format!("{key}: json<{}>({text})", kind(of, "wire."))
            }
            _ => format!("{key}: {value}"),
        }
    };
    let data: Vec<_> = sample.frame["data"].as_object().unwrap().iter().map(written).collect();
    let (name, broadcast) = (&sample.name, &sample.frame["broadcast"]);
    format!("{{ event: '{name}', data: {{ {} }}, broadcast: {broadcast}, seq: 1 }}", data.join(", "))
}

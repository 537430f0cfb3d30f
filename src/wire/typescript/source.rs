//! The types of the wire as the sources declare them, with what serde's attributes make of their fields. Nothing is
//! guessed: a field with an attribute or a type that is not known here gets a kind that fails where an event has it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most of Rust's syntax declares nothing that is on the wire"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Fields, GenericArgument, Item, Lit, Meta, PathArguments, Token, Type};

use super::kind::{self, Field, Kind, Shape, Shapes};

/// Every type below a folder that serde writes as an object or a word.
pub(super) fn read(folder: &Path) -> Shapes {
    let items: Vec<Item> = files(folder).iter().flat_map(|path| parse(path)).collect();
    let reader = Reader { aliases: items.iter().filter_map(alias).collect() };
    Shapes(items.iter().filter(|item| is_written(item)).flat_map(|item| reader.shapes(item)).collect())
}

/// The variants of an enum.
pub(super) fn variants(path: &Path, name: &str) -> BTreeSet<String> {
    let item = parse(path).into_iter().find_map(|item| match item {
        Item::Enum(item) if item.ident == name => Some(item),
        _ => None,
    });
    item.unwrap().variants.iter().map(|variant| variant.ident.to_string()).collect()
}

/// The sources in a folder and the one below it; not this generator.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = entries(folder).chain(entries(&folder.join("shapes")));
    all.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect()
}

fn parse(path: &Path) -> Vec<Item> {
    syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap().items
}

fn alias(item: &Item) -> Option<(String, &Type)> {
    let Item::Type(item) = item else { return None };
    Some((item.ident.to_string(), &item.ty))
}

fn is_written(item: &Item) -> bool {
    let (Item::Struct(syn::ItemStruct { attrs, .. }) | Item::Enum(syn::ItemEnum { attrs, .. })) = item else {
        return false;
    };
    let derives = attrs.iter().filter(|attribute| attribute.path().is_ident("derive"));
    let names = |attribute: &Attribute| {
        attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated).unwrap()
    };
    derives.flat_map(names).any(|name| name.is_ident("Serialize"))
}

struct Reader<'a> {
    aliases: BTreeMap<String, &'a Type>,
}

impl Reader<'_> {
    fn shapes(&self, item: &Item) -> Vec<(String, Shape)> {
        match item {
            Item::Struct(item) => {
                let name =
                    if item.ident == "Scope" { kind::BROADCAST.to_owned() } else { item.ident.to_string() };
                self.object(&item.fields).map(|shape| (name, shape)).into_iter().collect()
            }
            Item::Enum(item) if item.ident == "Data" => {
                let shape = |variant: &syn::Variant| {
                    (kind::data(&variant.ident.to_string()), self.object(&variant.fields).unwrap())
                };
                item.variants.iter().map(shape).collect()
            }
            Item::Enum(item) => {
                let words = item.variants.iter().map(|variant| Serde::of(&variant.attrs).rename);
                let words: Option<Vec<String>> = words.collect();
                words.map(|words| (item.ident.to_string(), Shape::Words(words))).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// `None` for tuples, which no frame has.
    fn object(&self, fields: &Fields) -> Option<Shape> {
        let Fields::Named(fields) = fields else { return None };
        Some(Shape::Object(fields.named.iter().map(|field| self.field(field)).collect()))
    }

    fn field(&self, field: &syn::Field) -> Field {
        let serde = Serde::of(&field.attrs);
        let name = serde.rename.unwrap_or_else(|| field.ident.as_ref().unwrap().to_string());
        let kind = match (serde.unknown, self.kind(&field.ty)) {
            (Some(unknown), _) => Kind::Shape(format!("serde({unknown})")),
            (None, Kind::OrNull(kind)) if serde.or_empty || serde.skips_none => *kind,
            (None, kind) => kind,
        };
        Field { name, optional: serde.optional, kind }
    }

    fn kind(&self, ty: &Type) -> Kind {
        match ty {
            Type::Reference(reference) => self.kind(&reference.elem),
            Type::Slice(slice) => Kind::List(self.kind(&slice.elem).into()),
            Type::Path(path) => self.path(&path.path),
            _ => Kind::Shape("neither a path nor a reference".to_owned()),
        }
    }

    fn path(&self, path: &syn::Path) -> Kind {
        let last = path.segments.last().unwrap();
        let name = last.ident.to_string();
        let of = || Box::new(self.kind(argument(&last.arguments)));
        match name.as_str() {
            "String" | "str" => Kind::Text,
            "i32" | "i64" | "u32" | "u64" => Kind::Number,
            "bool" => Kind::Flag,
            "Value" => Kind::Any,
            "Box" => *of(),
            "Vec" => Kind::List(of()),
            "BTreeMap" | "Map" => Kind::Map(of()),
            "Option" => Kind::OrNull(of()),
            "Text" => Kind::Json(of()),
            // One macro makes them all, and each writes itself as text.
            id if id.ends_with("Id") => Kind::Text,
            _ => self.aliases.get(&name).map_or(Kind::Shape(name), |ty| self.kind(ty)),
        }
    }
}

/// The last type among the arguments: of a map that of its values.
fn argument(arguments: &PathArguments) -> &Type {
    let PathArguments::AngleBracketed(arguments) = arguments else { panic!("no arguments") };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.last().unwrap()
}

/// What the attributes of a field or variant say of how it is written.
#[derive(Default)]
struct Serde {
    rename: Option<String>,
    optional: bool,
    skips_none: bool,
    or_empty: bool,
    unknown: Option<String>,
}

impl Serde {
    fn of(attributes: &[Attribute]) -> Self {
        let mut serde = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            let said = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap();
            said.iter().for_each(|meta| serde.take(meta));
        }
        serde
    }

    fn take(&mut self, meta: &Meta) {
        let name = meta.path().get_ident().unwrap().to_string();
        match (name.as_str(), text(meta)) {
            ("rename", Some(name)) => self.rename = Some(name),
            ("skip_serializing_if", Some(rule)) => {
                self.optional = true;
                self.skips_none = rule == "Option::is_none";
            }
            ("with", Some(module)) if module.ends_with("or_empty") => self.or_empty = true,
            // About reading alone.
            ("default", None) => {}
            _ => self.unknown = Some(name),
        }
    }
}

fn text(meta: &Meta) -> Option<String> {
    let Meta::NameValue(pair) = meta else { return None };
    let Expr::Lit(literal) = &pair.value else { return None };
    let Lit::Str(text) = &literal.lit else { return None };
    Some(text.value())
}

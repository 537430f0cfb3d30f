//! A source file as the paths that it names. It is parsed by `syn`; what is compiled only for tests is left out, `use`
//! trees are unfolded, and every path is followed through the file's own imports, so that `use crate::services;` and a
//! later `services::posts::create` count as what they are. What is deliberately absent: macros are not expanded (the
//! paths among their tokens count), and a name that arrives through a glob import is not followed.

use std::collections::BTreeMap;
use std::fmt;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemExternCrate, ItemMod, ItemUse, Macro, MetaList, Path, UseTree};

/// A source file below `src`.
pub(crate) struct Source {
    /// Its path below `src`, without the ending.
    pub(crate) path: String,
    /// Every path that it names, from the crate (`crate::…`) or the library that it begins in.
    pub(crate) names: Vec<Name>,
}

impl Source {
    /// The file at `path`, of this text.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("src/{path}: {error}"));
        let mut reader = Reader { module: location(path), imports: BTreeMap::new(), named: Vec::new() };
        reader.visit_file(&file);
        let names = reader.named.iter().map(|name| name.follow(&reader.imports)).collect();
        Self { path: path.to_owned(), names }
    }

    /// The top-level module that the file belongs to; `lib` and `main` for the roots.
    pub(crate) fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or(&self.path)
    }

    /// The floor of the services that the file lies on; none for `services/mod.rs`.
    pub(crate) fn floor(&self) -> Option<&str> {
        let mut parts = self.path.split('/');
        (parts.next() == Some("services")).then(|| parts.next()).flatten().filter(|name| *name != "mod")
    }

    /// The path of the module that it is, from the crate's root.
    pub(crate) fn location(&self) -> Vec<String> {
        location(&self.path)
    }

    /// Whether it is the file or in the folder `place`; with a star at the end, whether its path begins so.
    pub(crate) fn is_in(&self, place: &str) -> bool {
        match place.strip_suffix('*') {
            Some(beginning) => self.path.starts_with(beginning),
            None => {
                self.path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }
}

/// The path of the module that a file is, from the crate's root.
fn location(path: &str) -> Vec<String> {
    let mut parts: Vec<_> = path.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") || matches!(path, "lib" | "main") {
        parts.pop();
    }
    parts
}

/// A path: names without arguments.
#[derive(Clone, Debug)]
pub(crate) struct Name(Vec<String>);

impl Name {
    /// The same from the crate's root, where it begins with `crate`, `self` or `super`.
    fn absolute(mut self, module: &[String]) -> Self {
        let relative = self.0.iter().take_while(|part| matches!(part.as_str(), "self" | "super")).count();
        if relative == 0 {
            return self;
        }
        let up = self.0.drain(..relative).filter(|part| part == "super").count();
        let base = module.get(..module.len().saturating_sub(up)).unwrap_or_default();
        Self(std::iter::once("crate".to_owned()).chain(base.iter().cloned()).chain(self.0).collect())
    }

    /// The same through the imports of its file.
    fn follow(&self, imports: &BTreeMap<String, Self>) -> Self {
        let mut name = self.clone();
        // An import may stand on another one; none of ours stands on more than a few.
        for _ in 0..8 {
            let Some((first, rest)) = name.0.split_first() else { break };
            let Some(import) = imports.get(first) else { break };
            let next: Vec<_> = import.0.iter().chain(rest).cloned().collect();
            if next == name.0 {
                break;
            }
            name = Self(next);
        }
        name
    }

    /// What follows `crate::`, if it is a path of ours.
    pub(crate) fn ours(&self) -> Option<&[String]> {
        self.0
            .split_first()
            .filter(|(first, _)| *first == "crate" || *first == "rustchat")
            .map(|(_, rest)| rest)
    }

    /// The library that it begins in, if it is none of ours.
    pub(crate) fn library(&self) -> Option<&str> {
        self.0.first().map(String::as_str).filter(|_| self.ours().is_none())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("::"))
    }
}

/// Gathers the paths of a file.
struct Reader {
    /// The module that is being read.
    module: Vec<String>,
    /// The imports: for each name the path that it stands for.
    imports: BTreeMap<String, Name>,
    named: Vec<Name>,
}

impl Reader {
    fn name(&mut self, parts: Vec<String>) -> Name {
        let name = Name(parts).absolute(&self.module);
        self.named.push(name.clone());
        name
    }

    /// Unfolds a `use` tree below `base`.
    fn import(&mut self, tree: &UseTree, base: &[String]) {
        let with = |part: &dyn ToString| [base, &[part.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.import(&path.tree, &with(&path.ident)),
            UseTree::Name(name) if name.ident == "self" => {
                let alias = base.last().cloned().unwrap_or_default();
                self.bind(base.to_vec(), alias);
            }
            UseTree::Name(name) => self.bind(with(&name.ident), name.ident.to_string()),
            UseTree::Rename(rename) if rename.ident == "self" => {
                self.bind(base.to_vec(), rename.rename.to_string());
            }
            UseTree::Rename(rename) => self.bind(with(&rename.ident), rename.rename.to_string()),
            UseTree::Glob(_) => drop(self.name(base.to_vec())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, base)),
        }
    }

    fn bind(&mut self, path: Vec<String>, alias: String) {
        let name = self.name(path);
        // An import of a library by its own name (`use config;`) says nothing new.
        if name.0 != [alias.as_str()] {
            self.imports.insert(alias, name);
        }
    }

    /// The paths among the tokens of a macro or an attribute.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.end(&mut path);
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Group(group) => {
                    self.end(&mut path);
                    colons = 0;
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.end(&mut path);
                    colons = 0;
                }
            }
        }
        self.end(&mut path);
    }

    /// A path of tokens is over.
    fn end(&mut self, path: &mut Vec<String>) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.name(path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, &[]);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        self.name(vec![item.ident.to_string()]);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        if item.content.is_some() {
            visit::visit_item_mod(self, item);
        } else {
            let path = std::iter::once("crate".to_owned()).chain(self.module.iter().cloned()).collect();
            self.imports.insert(item.ident.to_string(), Name(path));
        }
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.segments.len() > 1 {
            self.name(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        visit::visit_macro(self, call);
        self.tokens(call.tokens.clone());
    }

    fn visit_meta_list(&mut self, list: &'ast MetaList) {
        visit::visit_meta_list(self, list);
        self.tokens(list.tokens.clone());
    }
}

/// Whether attributes have `#[cfg(test)]`.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Verbatim(_) | _ => &[],
    }
}

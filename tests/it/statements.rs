//! SQL of our own, which the compiler does not check: every statement, and every fragment of one, is prepared against the
//! migrated schema, with the types that the program binds.

use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprLit, ExprMethodCall, GenericArgument, Lit, PathArguments, Type};

use crate::support::cluster::{Cluster, try_sql};

/// A statement, or a fragment of one, as it stands in a source.
struct Statement {
    file: String,
    is_whole: bool,
    text: String,
    /// The SQL types of its values, in the order of their numbers.
    types: Vec<String>,
}

#[test]
fn each_statement_can_be_prepared() {
    let url = Cluster::shared().copy();
    let statements = statements();
    let count = |is_whole| statements.iter().filter(|s| s.is_whole == is_whole).count();
    assert!(count(true) > 60 && count(false) > 30, "{} and {}", count(true), count(false));
    let refused: Vec<String> = statements.iter().filter_map(|statement| refusal(&url, statement)).collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// PostgreSQL's reason to refuse the statement. A fragment is an expression over the table that its file is named after.
fn refusal(url: &str, statement: &Statement) -> Option<String> {
    let Statement { text, types, .. } = statement;
    if statement.is_whole {
        return prepare(url, types, text).err().map(|reason| statement.told(&reason));
    }
    let expression = text.trim_end_matches(" desc");
    let table = statement.table();
    let contexts = [
        format!("select {expression}"),
        format!("select {expression} from {table}"),
        format!("select {expression} from {table} join users on true"),
        format!("select {expression} from posts"),
    ];
    let outcomes: Vec<_> = contexts.iter().map(|text| prepare(url, types, text)).collect();
    let refused = outcomes.iter().all(Result::is_err);
    refused.then(|| statement.told(&format!("{outcomes:?}")))
}

fn prepare(url: &str, types: &[String], text: &str) -> Result<String, String> {
    // What cannot be prepared stands for a whole session.
    if ["set ", "commit", "begin", "rollback"].iter().any(|word| text.starts_with(word)) {
        return Ok(String::new());
    }
    let types = if types.is_empty() { String::new() } else { format!(" ({})", types.join(", ")) };
    try_sql(url, &format!("prepare it{types} as {text}"))
}

impl Statement {
    fn told(&self, reason: &str) -> String {
        format!("{}: {}\n    {reason}", self.file, self.text)
    }

    /// The table that the file, or its folder, is named after.
    fn table(&self) -> &str {
        let name = self.file.split('/').next().unwrap_or_default();
        name.trim_end_matches(".rs")
    }
}

fn statements() -> Vec<Statement> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let file = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                let parsed = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
                let mut reader = Reader { file, found: Vec::new() };
                reader.visit_file(&parsed);
                found.append(&mut reader.found);
            }
        }
    }
    found
}

/// Collects the statements of a file.
struct Reader {
    file: String,
    found: Vec<Statement>,
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        match extended(call) {
            Some(statement) => {
                self.add(statement);
                // Values may hold statements; the receiver is this one.
                call.args.iter().for_each(|value| self.visit_expr(value));
            }
            None => visit::visit_expr_method_call(self, call),
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        match begin(call) {
            Some(statement) => self.add(statement),
            None => visit::visit_expr_call(self, call),
        }
    }
}

impl Reader {
    fn add(&mut self, statement: Statement) {
        self.found.push(Statement { file: self.file.clone(), ..statement });
    }
}

/// The statement that a chain of calls builds.
fn chain(expression: &Expr) -> Option<Statement> {
    if let Expr::MethodCall(call) = expression {
        return extended(call);
    }
    if let Expr::Call(call) = expression { begin(call) } else { None }
}

/// The statement of a chain's last call; the calls that run it are passed over.
fn extended(call: &ExprMethodCall) -> Option<Statement> {
    let mut statement = chain(&call.receiver)?;
    match call.method.to_string().as_str() {
        "bind" => statement.bind(call),
        "sql" => statement.text.push_str(&literal(call.args.first()?)?),
        _ => {}
    }
    Some(statement)
}

/// The statement that `prepared("…")`, `sql_query("…")` or `fragment("…")` begins.
fn begin(call: &ExprCall) -> Option<Statement> {
    let Expr::Path(function) = &*call.func else { return None };
    let name = function.path.segments.last()?.ident.to_string();
    let is_whole = match name.as_str() {
        "prepared" | "sql_query" => true,
        "fragment" => false,
        _ => return None,
    };
    let text = literal(call.args.first()?)?;
    Some(Statement { file: String::new(), is_whole, text, types: Vec::new() })
}

impl Statement {
    /// Adds the type of a value, `bind::<Type, _>(…)`; in a fragment its number, too.
    fn bind(&mut self, call: &ExprMethodCall) {
        let bound = call.turbofish.as_ref().and_then(|types| types.args.first());
        let Some(GenericArgument::Type(bound)) = bound else { return };
        self.types.push(sql_type(bound));
        if !self.is_whole {
            self.text.push_str(&format!("${}", self.types.len()));
        }
    }
}

fn literal(expression: &Expr) -> Option<String> {
    if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = expression { Some(text.value()) } else { None }
}

/// PostgreSQL's name of a type of the query builder.
fn sql_type(bound: &Type) -> String {
    let Type::Path(path) = bound else { panic!("a type without a name") };
    let last = path.path.segments.last().unwrap();
    let inner = || {
        if let PathArguments::AngleBracketed(inner) = &last.arguments
            && let Some(GenericArgument::Type(inner)) = inner.args.first()
        {
            return sql_type(inner);
        }
        panic!("{} of nothing", last.ident)
    };
    match last.ident.to_string().as_str() {
        "Array" => format!("{}[]", inner()),
        "Nullable" => inner(),
        "SqlUuid" | "Uuid" => "uuid".to_owned(),
        "BigInt" => "bigint".to_owned(),
        "Integer" => "integer".to_owned(),
        "SmallInt" => "smallint".to_owned(),
        "Text" => "text".to_owned(),
        "Bool" => "boolean".to_owned(),
        "Binary" | "Bytea" => "bytea".to_owned(),
        "Jsonb" => "jsonb".to_owned(),
        "Double" => "double precision".to_owned(),
        other => panic!("no SQL type for {other}"),
    }
}

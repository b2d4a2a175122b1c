//! Whether another reader of Rust, `syn`, finds the same: use leaves, paths, items and modules of every file at hand.
//!
//! What stands in macros and attributes is set aside: there are only tokens. `IMPORTLAW_RUST_CORPUS` names a directory
//! of more files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::extract;
use crate::facts::{Also, When};
use crate::languages::rust::text::{Form, Text};
use crate::source::Span;

/// Lines such as `use 12 a::b as c`, and how often each stands there.
type Found = BTreeMap<String, u32>;

#[test]
fn syn_finds_the_same_in_every_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut roots = vec![root.join("src"), root.join("tests")];
    roots.extend(std::env::var_os("IMPORTLAW_RUST_CORPUS").map(PathBuf::from));
    let mut differing = BTreeMap::new();
    let (mut files, mut lines, mut unread) = (0, 0, 0);
    for entry in roots.iter().flat_map(|root| walkdir::WalkDir::new(root).sort_by_file_name()) {
        let entry = entry.unwrap();
        if !entry.file_type().is_file() || entry.path().extension().is_none_or(|suffix| suffix != "rs") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let Ok(tree) = syn::parse_file(&text) else {
            unread += 1;
            continue;
        };
        let (theirs, macros) = theirs(&text, &tree);
        let ours = ours(&extract(&text), &macros);
        files += 1;
        lines += theirs.values().sum::<u32>();
        let mut difference = Vec::new();
        for line in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
            let (here, there) = (ours.get(line).copied(), theirs.get(line).copied());
            if here != there {
                difference.push(format!("{line}: {} times, syn {}", here.unwrap_or(0), there.unwrap_or(0)));
            }
        }
        if !difference.is_empty() {
            differing.insert(entry.path().to_owned(), difference);
        }
    }
    assert!(
        differing.is_empty(),
        "{} of {files} files differ ({lines} things found, {unread} files unread by syn): {differing:#?}",
        differing.len()
    );
    assert!(files > 150 && lines > 5_000, "{files} files, {lines} things: nothing was compared");
}

/// What we find outside of `macros`.
fn ours(text: &Text, macros: &[Range<usize>]) -> Found {
    assert_eq!(text.problem, None);
    let mut found = Found::new();
    let in_macro = |span: Span| {
        let before = &macros[..macros.partition_point(|range| range.start <= span.start as usize)];
        before.last().is_some_and(|range| (span.start as usize) < range.end)
    };
    let mut add = |line: String| *found.entry(line).or_default() += 1;
    for (index, part) in text.parts.iter().enumerate() {
        let mut path = Vec::new();
        let mut at = Some(index);
        while let Some(index) = at {
            path.push(text.parts[index].declared.name.as_str());
            at = text.parts[index].parent.map(|parent| parent as usize);
        }
        path.reverse();
        let within = path.join("::");
        if index > 0 && !in_macro(part.declared.span) {
            add(format!("mod {} {within}", part.declared.line));
        }
        for file in part.files.iter().filter(|file| !in_macro(file.span)) {
            add(format!("mod {} {within}::{};", file.line, file.name));
        }
        for item in part.items.iter().filter(|item| !in_macro(item.span)) {
            add(format!(
                "item {} {within}::{} {:?} {:?}",
                item.line,
                item.name,
                item.spaces.bits(),
                item.variants
            ));
        }
        for mention in &part.mentions {
            let import = &mention.import;
            if import.kind.also.contains(Also::ATTRIBUTE) || in_macro(import.span) {
                continue;
            }
            if import.kind.also.contains(Also::MACRO) {
                add(format!("in no macro {} {}", import.line, import.module));
                continue;
            }
            let name = import.name.as_deref().unwrap();
            let global = if mention.global { "::" } else { "" };
            let whole = if import.module.is_empty() {
                format!("{global}{name}")
            } else {
                format!("{global}{}::{name}", import.module)
            };
            let alias = import.alias.as_deref().unwrap_or_default();
            let whole = format!(
                "{whole}{}",
                context(
                    import.kind.when == When::Deferred,
                    mention.test,
                    import.kind.also.contains(Also::CONDITIONAL),
                )
            );
            match &mention.form {
                Form::Use { only_types, .. } => {
                    add(format!("use {} {whole} {alias} {only_types}", import.line));
                }
                Form::ExternCrate { .. } => add(format!("crate {} {whole} {alias}", import.line)),
                Form::Path if !import.module.is_empty() => add(format!("path {} {whole}", import.line)),
                Form::Macro if !import.module.is_empty() => add(format!("macro {} {whole}", import.line)),
                Form::Path | Form::Macro => {}
            }
        }
    }
    found
}

/// What holds where something stands, in letters.
fn context(deferred: bool, test: bool, conditional: bool) -> String {
    let letters = [(deferred, 'd'), (test, 't'), (conditional, 'c')];
    letters
        .iter()
        .filter(|(holds, _)| *holds)
        .fold(String::from("#"), |all, (_, letter)| format!("{all}{letter}"))
}

/// What `syn` finds, and where macros have their tokens, in order and none in another.
fn theirs(text: &str, tree: &syn::File) -> (Found, Vec<Range<usize>>) {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let offset = bom + tree.shebang.as_ref().map_or(0, String::len);
    let mut reference = Reference {
        found: Found::new(),
        within: vec![String::new()],
        macros: Vec::new(),
        offset,
        holds: Holds::default(),
    };
    reference.attributes(&tree.attrs);
    reference.visit_file(tree);
    reference.macros.sort_by_key(|range| range.start);
    proc_macro2::extra::invalidate_current_thread_spans();
    (reference.found, reference.macros)
}

struct Reference {
    found: Found,
    within: Vec<String>,
    macros: Vec<Range<usize>>,
    /// Where the text begins that `syn` reads.
    offset: usize,
    holds: Holds,
}

/// What holds where the visitor stands.
#[derive(Clone, Copy, Default)]
struct Holds {
    deferred: bool,
    test: bool,
    conditional: bool,
}

/// Whether a predicate of cfg holds in tests only.
fn is_for_tests(predicate: &syn::Meta) -> bool {
    let all = |list: &syn::MetaList| {
        let parse = Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated;
        list.parse_args_with(parse).map(|all| all.into_iter().collect::<Vec<_>>()).unwrap_or_default()
    };
    match predicate {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("all") => all(list).iter().any(is_for_tests),
        syn::Meta::List(list) if list.path.is_ident("any") => {
            let all: Vec<syn::Meta> = all(list);
            !all.is_empty() && all.iter().all(is_for_tests)
        }
        _ => false,
    }
}

fn name(ident: &syn::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

fn line(ident: &syn::Ident) -> usize {
    ident.span().start().line
}

impl Reference {
    /// What attributes say of what they stand on.
    fn attributes(&mut self, attributes: &[syn::Attribute]) {
        for attribute in attributes {
            let path = attribute.path();
            self.holds.test |= path.segments.last().is_some_and(|last| last.ident == "test");
            self.holds.test |= path.is_ident("bench");
            if path.is_ident("cfg") {
                let test = attribute.parse_args().is_ok_and(|predicate| is_for_tests(&predicate));
                self.holds.test |= test;
                self.holds.conditional |= !test;
            }
        }
    }

    /// Visits something with attributes.
    fn under(&mut self, attributes: &[syn::Attribute], visit: impl FnOnce(&mut Self)) {
        let before = self.holds;
        self.attributes(attributes);
        visit(self);
        self.holds = before;
    }

    fn context(&self) -> String {
        context(self.holds.deferred, self.holds.test, self.holds.conditional)
    }

    fn add(&mut self, line: String) {
        *self.found.entry(line).or_default() += 1;
    }

    fn body(&mut self, block: &syn::Block) {
        let before = std::mem::replace(&mut self.holds.deferred, true);
        self.visit_block(block);
        self.holds.deferred = before;
    }

    fn tokens(&mut self, call: &syn::Macro) {
        self.range(call.delimiter.span().join());
    }

    fn range(&mut self, span: proc_macro2::Span) {
        let range = span.byte_range();
        self.macros.push(range.start + self.offset..range.end + self.offset);
    }

    fn item(&mut self, ident: &syn::Ident, spaces: u8, variants: &[String]) {
        if ident != "_" {
            let within = self.within.join("::");
            self.add(format!("item {} {within}::{} {spaces:?} {variants:?}", line(ident), name(ident)));
        }
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>, global: &str) {
        let context = self.context();
        let leaf = |before: &[String], ident: &syn::Ident, alias: &str| {
            let is_self = ident == "self" && !before.is_empty();
            let path: Vec<String> = before.iter().cloned().chain((!is_self).then(|| name(ident))).collect();
            format!("use {} {global}{}{context} {alias} {is_self}", line(ident), path.join("::"))
        };
        match tree {
            syn::UseTree::Path(path) => {
                before.push(name(&path.ident));
                self.tree(&path.tree, before, global);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before, global)),
            syn::UseTree::Name(last) => self.add(leaf(before, &last.ident, "")),
            syn::UseTree::Rename(rename) => {
                let alias = name(&rename.rename);
                self.add(leaf(before, &rename.ident, &alias));
            }
            syn::UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                let path: Vec<String> = before.iter().cloned().chain(["*".to_owned()]).collect();
                self.add(format!("use {line} {global}{}{context}  false", path.join("::")));
            }
        }
    }

    fn path(&mut self, path: &syn::Path, sort: &str, keep: usize) {
        let names: Vec<String> =
            path.segments.iter().map(|segment| name(&segment.ident)).take(keep).collect();
        if names.len() > 1 && names[0] != "Self" {
            let start =
                path.leading_colon.map_or_else(|| path.segments[0].ident.span(), |colon| colon.spans[0]);
            let global = if path.leading_colon.is_some() { "::" } else { "" };
            let context = self.context();
            self.add(format!("{sort} {} {global}{}{context}", start.start().line, names.join("::")));
        }
    }
}

impl<'ast> Visit<'ast> for Reference {
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.path(&call.path, "macro", usize::MAX);
        self.tokens(call);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(path, "path", usize::MAX);
        visit::visit_path(self, path);
    }

    fn visit_expr_path(&mut self, expr: &'ast syn::ExprPath) {
        match &expr.qself {
            None => visit::visit_expr_path(self, expr),
            Some(qself) => {
                self.visit_type(&qself.ty);
                self.path(&expr.path, "path", qself.position);
                expr.path.segments.iter().for_each(|segment| self.visit_path_segment(segment));
            }
        }
    }

    fn visit_type_path(&mut self, ty: &'ast syn::TypePath) {
        match &ty.qself {
            None => visit::visit_type_path(self, ty),
            Some(qself) => {
                self.visit_type(&qself.ty);
                self.path(&ty.path, "path", qself.position);
                ty.path.segments.iter().for_each(|segment| self.visit_path_segment(segment));
            }
        }
    }

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        match &expr.qself {
            None => visit::visit_expr_struct(self, expr),
            Some(qself) => {
                self.visit_type(&qself.ty);
                self.path(&expr.path, "path", qself.position);
                expr.fields.iter().for_each(|field| self.visit_field_value(field));
            }
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let global = if item.leading_colon.is_some() { "::" } else { "" };
        self.tree(&item.tree, &mut Vec::new(), global);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        let alias = item.rename.as_ref().map(|(_, alias)| name(alias)).unwrap_or_default();
        let context = self.context();
        self.add(format!("crate {} {}{context} {alias}", line(&item.ident), name(&item.ident)));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let within = self.within.join("::");
        let end = if item.content.is_some() { "" } else { ";" };
        self.add(format!("mod {} {within}::{}{end}", line(&item.ident), name(&item.ident)));
        self.within.push(name(&item.ident));
        let before = std::mem::take(&mut self.holds.deferred);
        visit::visit_item_mod(self, item);
        self.holds.deferred = before;
        self.within.pop();
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let spaces = if matches!(item.fields, syn::Fields::Named(_)) { 1 } else { 3 };
        self.item(&item.ident, spaces, &[]);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_union(&mut self, item: &'ast syn::ItemUnion) {
        self.item(&item.ident, 1, &[]);
        visit::visit_item_union(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        let variants: Vec<String> = item.variants.iter().map(|variant| name(&variant.ident)).collect();
        self.item(&item.ident, 1, &variants);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.item(&item.ident, 1, &[]);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_trait_alias(&mut self, item: &'ast syn::ItemTraitAlias) {
        self.item(&item.ident, 1, &[]);
        visit::visit_item_trait_alias(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.item(&item.ident, 1, &[]);
        visit::visit_item_type(self, item);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.item(&item.ident, 2, &[]);
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.item(&item.ident, 2, &[]);
        visit::visit_item_static(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let is = |attribute: &&syn::Attribute, name: &str| attribute.path().is_ident(name);
        if let Some(derive) = item.attrs.iter().find(|attribute| is(attribute, "proc_macro_derive")) {
            let syn::Meta::List(list) = &derive.meta else { panic!("a derive has a name") };
            let Some(proc_macro2::TokenTree::Ident(name)) = list.tokens.clone().into_iter().next() else {
                panic!("a derive has a name")
            };
            self.item(&name, 4, &[]);
        }
        let is_macro = |attribute: &syn::Attribute| {
            is(&attribute, "proc_macro") || is(&attribute, "proc_macro_attribute")
        };
        self.item(&item.sig.ident, if item.attrs.iter().any(is_macro) { 6 } else { 2 }, &[]);
        self.visit_signature(&item.sig);
        self.body(&item.block);
    }

    fn visit_foreign_item_fn(&mut self, item: &'ast syn::ForeignItemFn) {
        self.item(&item.sig.ident, 2, &[]);
        visit::visit_foreign_item_fn(self, item);
    }

    fn visit_foreign_item_static(&mut self, item: &'ast syn::ForeignItemStatic) {
        self.item(&item.ident, 2, &[]);
        visit::visit_foreign_item_static(self, item);
    }

    fn visit_foreign_item_type(&mut self, item: &'ast syn::ForeignItemType) {
        self.item(&item.ident, 1, &[]);
        visit::visit_foreign_item_type(self, item);
    }

    /// What `syn` does not understand: to it as good as a macro's tokens.
    fn visit_item(&mut self, item: &'ast syn::Item) {
        use syn::Item;
        let attributes: &[syn::Attribute] = match item {
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
            Item::Verbatim(tokens) => return self.range(tokens.span()),
            _ => &[],
        };
        self.under(attributes, |here| visit::visit_item(here, item));
    }

    fn visit_expr(&mut self, expr: &'ast syn::Expr) {
        macro_rules! attributes {
            ($($variant:ident)*) => {
                match expr {
                    $(syn::Expr::$variant(expr) => &expr.attrs,)*
                    syn::Expr::Verbatim(tokens) => return self.range(tokens.span()),
                    _ => &[],
                }
            };
        }
        let attributes: &[syn::Attribute] = attributes! {
            Array Assign Async Await Binary Block Break Call Cast
            Closure Const Continue Field ForLoop Group If Index Infer
            Let Lit Loop Macro Match MethodCall Paren Path Range
            RawAddr Reference Repeat Return Struct Try TryBlock Tuple Unary
            Unsafe While Yield
        };
        self.under(attributes, |here| visit::visit_expr(here, expr));
    }

    fn visit_stmt_macro(&mut self, statement: &'ast syn::StmtMacro) {
        self.under(&statement.attrs, |here| visit::visit_stmt_macro(here, statement));
    }

    fn visit_fn_arg(&mut self, argument: &'ast syn::FnArg) {
        let attributes = match argument {
            syn::FnArg::Receiver(argument) => &argument.attrs,
            syn::FnArg::Typed(argument) => &argument.attrs,
        };
        self.under(attributes, |here| visit::visit_fn_arg(here, argument));
    }

    fn visit_field_pat(&mut self, field: &'ast syn::FieldPat) {
        self.under(&field.attrs, |here| visit::visit_field_pat(here, field));
    }

    fn visit_generic_param(&mut self, parameter: &'ast syn::GenericParam) {
        let attributes = match parameter {
            syn::GenericParam::Lifetime(parameter) => &parameter.attrs,
            syn::GenericParam::Type(parameter) => &parameter.attrs,
            syn::GenericParam::Const(parameter) => &parameter.attrs,
        };
        self.under(attributes, |here| visit::visit_generic_param(here, parameter));
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        self.under(&local.attrs, |here| visit::visit_local(here, local));
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.under(&arm.attrs, |here| visit::visit_arm(here, arm));
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        self.under(&field.attrs, |here| visit::visit_field(here, field));
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        self.under(&field.attrs, |here| visit::visit_field_value(here, field));
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.under(&variant.attrs, |here| visit::visit_variant(here, variant));
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes: &[syn::Attribute] = match item {
            syn::ImplItem::Const(item) => &item.attrs,
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Type(item) => &item.attrs,
            syn::ImplItem::Macro(item) => &item.attrs,
            syn::ImplItem::Verbatim(tokens) => return self.range(tokens.span()),
            _ => &[],
        };
        self.under(attributes, |here| visit::visit_impl_item(here, item));
    }

    fn visit_trait_item(&mut self, item: &'ast syn::TraitItem) {
        let attributes: &[syn::Attribute] = match item {
            syn::TraitItem::Const(item) => &item.attrs,
            syn::TraitItem::Fn(item) => &item.attrs,
            syn::TraitItem::Type(item) => &item.attrs,
            syn::TraitItem::Macro(item) => &item.attrs,
            syn::TraitItem::Verbatim(tokens) => return self.range(tokens.span()),
            _ => &[],
        };
        self.under(attributes, |here| visit::visit_trait_item(here, item));
    }

    fn visit_foreign_item(&mut self, item: &'ast syn::ForeignItem) {
        let attributes: &[syn::Attribute] = match item {
            syn::ForeignItem::Fn(item) => &item.attrs,
            syn::ForeignItem::Static(item) => &item.attrs,
            syn::ForeignItem::Type(item) => &item.attrs,
            syn::ForeignItem::Macro(item) => &item.attrs,
            syn::ForeignItem::Verbatim(tokens) => return self.range(tokens.span()),
            _ => &[],
        };
        self.under(attributes, |here| visit::visit_foreign_item(here, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.visit_signature(&item.sig);
        self.body(&item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.visit_signature(&item.sig);
        if let Some(block) = &item.default {
            self.body(block);
        }
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if let Some(ident) = &item.ident {
            self.item(ident, 4, &[]);
            self.tokens(&item.mac);
        } else {
            visit::visit_item_macro(self, item);
        }
    }
}

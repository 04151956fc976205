//! Checks one parsed file: each path in it, wherever it is, against the rules.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Attribute, ExprMethodCall, ItemExternCrate, ItemMod, ItemType, ItemUse, Macro, Meta, QSelf, Signature,
    Type, UseTree, Visibility,
};

use super::{
    ASSEMBLY, BEHIND_FLOW, CLOCKS, CRATE_OWNERS, DECISION, GUARDED, IMPURE, NO_ALIAS, ORDERS, PANEL_ROUTES,
    PARTS, PURE, ROOMS, ROUTING,
};

/// A file, and the violations found in it.
pub struct FileCheck<'a> {
    pub file: &'a str,
    pub room: String,
    pub module: Vec<String>,
    pub broken: Vec<String>,
    /// Types of this file that are not `pub`.
    pub private_types: Vec<String>,
    /// The paths of this crate that it uses.
    pub uses: Vec<Vec<String>>,
    /// Its modules that only tests have, by name.
    pub test_modules: Vec<String>,
}

impl<'a> FileCheck<'a> {
    pub fn new(file: &'a str, room: String, module: Vec<String>) -> Self {
        Self {
            file,
            room,
            module,
            broken: Vec::new(),
            private_types: Vec::new(),
            uses: Vec::new(),
            test_modules: Vec::new(),
        }
    }
}

impl FileCheck<'_> {
    pub fn report(&mut self, line: usize, rule: String) {
        let sentence = format!("{}:{line}: {rule}", self.file);
        if !self.broken.contains(&sentence) {
            self.broken.push(sentence);
        }
    }

    /// Checks a path.
    fn check_path(&mut self, path: &[String], span: Span) {
        let line = span.start().line;
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        for (reading, rooms) in CLOCKS {
            if words.ends_with(reading) && !rooms.contains(&self.room.as_str()) {
                let rule = format!(
                    "`{}` is not for {}: take the time as a parameter",
                    reading.join("::"),
                    self.room
                );
                self.report(line, rule);
            }
        }
        for (name, owner) in CRATE_OWNERS {
            if words.first() == Some(name) && self.room != *owner {
                self.report(line, format!("{} uses {name}, which is only for {owner}", self.room));
            }
        }
        self.check_guarded(&words, line);
        if PURE.contains(&self.room.as_str()) && IMPURE.iter().any(|impure| words.starts_with(impure)) {
            self.report(line, format!("{} is pure and may not use {}", self.room, words.join("::")));
        }
        let routes = ROUTING.iter().any(|path| words.starts_with(path) || words.ends_with(path));
        if routes && self.file.starts_with(PANEL_ROUTES.0) && self.file != PANEL_ROUTES.1 {
            self.report(line, format!("{} builds a route: only {} may", self.file, PANEL_ROUTES.1));
        }
        if let Some(target) = self.resolve(&words) {
            self.check_import(target.first().map(String::as_str), line);
            self.check_order(&target, line);
            self.check_parts(&target, line);
            self.uses.push(target);
        }
    }

    /// Checks the use of a guarded function or type, called or passed on.
    fn check_guarded(&mut self, words: &[&str], line: usize) {
        if self.file.starts_with(DECISION) {
            return;
        }
        for (path, users) in GUARDED {
            if words.ends_with(path) && !users.contains(&self.file) {
                let rule = format!("`{}` is only for {}", path.join("::"), users.join(" and "));
                self.report(line, rule);
            }
        }
    }

    /// Another name would hide the use of a guarded type.
    fn check_alias(&mut self, name: &Ident) {
        if NO_ALIAS.iter().any(|guarded| name == guarded) && !self.file.starts_with(DECISION) {
            self.report(name.span().start().line, format!("{name} may have no other name"));
        }
    }

    /// A path of this crate from its root; `None` for other crates and for relative paths, which stay below
    /// their module.
    fn resolve(&self, words: &[&str]) -> Option<Vec<String>> {
        let (mut base, mut rest) = match words.split_first()? {
            (&("crate" | "cloudsync_idp"), rest) => (Vec::new(), rest),
            (&"self", rest) => (self.module.clone(), rest),
            (&"super", _) => (self.module.clone(), words),
            _ => return None,
        };
        while let Some((&"super", further)) = rest.split_first() {
            base.pop();
            rest = further;
        }
        base.extend(rest.iter().map(|word| (*word).to_owned()));
        Some(base)
    }

    fn check_import(&mut self, target: Option<&str>, line: usize) {
        let room = self.room.clone();
        let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else { return };
        // `crate` alone is the scope of a `pub(crate)`; `used` reports an import of the whole crate.
        let Some(target) = target else { return };
        let clock = target == "clock" && room != "domain";
        if target != room && !clock && !may.contains(&target) {
            let may = if may.is_empty() { "nothing of this crate".to_owned() } else { may.join(", ") };
            self.report(line, format!("{room} imports {target}, but may import only: {may}"));
        }
    }

    /// Public items need documentation. Fields and variants do not, so rustc's `missing_docs` is too strict.
    fn check_documented(&mut self, visibility: &Visibility, attributes: &[Attribute], name: &Ident) {
        let public = matches!(visibility, Visibility::Public(_));
        if public && !attributes.iter().any(|attribute| attribute.path().is_ident("doc")) {
            self.report(name.span().start().line, format!("`{name}` is public and has no documentation"));
        }
    }

    /// Inside an ordered room a module uses only those before it.
    fn check_order(&mut self, target: &[String], line: usize) {
        for (folder, order) in ORDERS {
            let room: Vec<&str> = folder.split('/').collect();
            let place = |path: &[String]| {
                let inside = path.len() > room.len() && path.iter().zip(&room).all(|(one, two)| one == two);
                order.iter().position(|name| inside && path[room.len()] == *name)
            };
            let (Some(own), Some(other)) = (place(&self.module), place(target)) else { continue };
            let later = order[other];
            if other > own {
                let room = room.join("::");
                let rule = format!("{room}::{} uses {room}::{later}, which comes later", order[own]);
                self.report(line, rule);
            }
        }
    }

    /// Each wing has parts of its own.
    fn check_parts(&mut self, target: &[String], line: usize) {
        let [flow, room, ..] = self.module.as_slice() else { return };
        let wing = PARTS.iter().find(|(parts, _)| target.last().is_some_and(|last| last == parts));
        if let Some((parts, rooms)) =
            wing.filter(|(_, rooms)| flow == "flow" && !rooms.contains(&room.as_str()))
        {
            let rule = format!("flow::{room} uses {parts}, which are for {}", rooms.join(", "));
            self.report(line, rule);
        }
    }

    /// `web` calls `flow` and uses nothing behind it.
    fn check_behind_flow(&mut self, member: &syn::Member) {
        if let syn::Member::Named(part) = member
            && self.room == "web"
            && BEHIND_FLOW.iter().any(|behind| part == behind)
        {
            self.report(part.span().start().line, format!("web uses `{part}` instead of flow"));
        }
    }

    /// Addresses of the admin panel are served only by the routes that [`PANEL_ROUTES`] builds, and its doors
    /// are opened in one place.
    fn check_panel_route(&mut self, call: &ExprMethodCall) {
        let line = call.method.span().start().line;
        let path = match call.args.first() {
            Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) => text.value(),
            _ => String::new(),
        };
        let serves = matches!(call.method.to_string().as_str(), "route" | "nest" | "route_service");
        if serves && path.starts_with("/admin") && self.room == "web" && self.file != PANEL_ROUTES.1 {
            self.report(line, format!("{path} is served past the check: only {} builds it", PANEL_ROUTES.1));
        }
        if call.method == "with_doors" && self.file != "src/web/admin/mod.rs" {
            self.report(line, "the doors of the panel are opened in src/web/admin/mod.rs".to_owned());
        }
    }

    fn use_tree(&mut self, tree: &UseTree, before: &[String], shared: bool) {
        let mut path = before.to_vec();
        match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.use_tree(&part.tree, &path, shared);
            }
            UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(item, &path, shared)),
            UseTree::Name(leaf) => self.leaf(path, &leaf.ident, shared),
            UseTree::Rename(leaf) => {
                self.check_alias(&leaf.ident);
                self.leaf(path, &leaf.ident, shared);
            }
            UseTree::Glob(glob) => self.used(&path, glob.star_token.spans[0], shared),
        }
    }

    fn leaf(&mut self, mut path: Vec<String>, ident: &Ident, shared: bool) {
        // `use a::{self}` names `a`.
        if path.is_empty() || ident != "self" {
            path.push(ident.to_string());
        }
        self.used(&path, ident.span(), shared);
    }

    fn used(&mut self, path: &[String], span: Span, shared: bool) {
        self.check_path(path, span);
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let Some(target) = self.resolve(&words) else { return };
        let line = span.start().line;
        match target.first() {
            _ if ASSEMBLY.contains(&self.room.as_str()) => {}
            None => self.report(line, "the whole crate is imported: name the room".to_owned()),
            Some(room) if shared && *room != self.room => {
                self.report(line, format!("{} re-exports {room}: import it where it is used", self.room));
            }
            Some(_) => {}
        }
    }

    /// Log lines are read by people and by programs that do not know Rust: no `?field`, no `{:?}`.
    fn check_log_line(&mut self, tokens: TokenStream, outermost: bool) {
        const RULE: &str = "a log line contains Rust's debug text: write the value with % or in words";
        // A `?` behind an expression is the operator; at the start of a field it asks for debug text.
        let mut starts = outermost;
        for token in tokens {
            match &token {
                TokenTree::Punct(punct) if punct.as_char() == '?' && starts => {
                    self.report(punct.span().start().line, RULE.to_owned());
                }
                TokenTree::Literal(text) if text.to_string().contains(":?") => {
                    self.report(text.span().start().line, RULE.to_owned());
                }
                TokenTree::Group(group) => self.check_log_line(group.stream(), false),
                _ => {}
            }
            starts = matches!(&token, TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | '='));
        }
    }

    /// Checks paths in the tokens of a macro or an attribute, and strings that are a path (serde's `with`).
    fn check_tokens(&mut self, tokens: TokenStream, before: &[String]) {
        let mut path: Vec<String> = before.to_vec();
        let mut at = Span::call_site();
        // The number of colons directly before this token.
        let mut colons = 2 * usize::from(!before.is_empty());
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.flush(&mut path, before, at);
                    }
                    path.push(ident.to_string());
                    (at, colons) = (ident.span(), 0);
                }
                TokenTree::Group(group) => {
                    let continues = colons == 2 && group.delimiter() == Delimiter::Brace;
                    let inside: Vec<String> = if continues { path.clone() } else { Vec::new() };
                    self.check_tokens(group.stream(), &inside);
                    colons = 0;
                    self.flush(&mut path, &[], at);
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if let Some(inner) = text.strip_prefix('"').filter(|inner| inner.starts_with("crate::")) {
                        let words: Vec<String> =
                            inner.trim_end_matches('"').split("::").map(str::to_owned).collect();
                        self.check_path(&words, literal.span());
                    }
                    colons = 0;
                    self.flush(&mut path, before, at);
                }
                TokenTree::Punct(_) => {
                    colons = 2 * usize::from(!before.is_empty());
                    self.flush(&mut path, before, at);
                }
            }
        }
        self.flush(&mut path, &[], at);
    }

    /// Ends one path of a token stream and begins the next with `before`.
    fn flush(&mut self, path: &mut Vec<String>, before: &[String], at: Span) {
        if path.len() > before.len() {
            self.check_path(path, at);
        }
        before.clone_into(path);
    }
}

impl<'ast> Visit<'ast> for FileCheck<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let shared = !matches!(item.vis, Visibility::Inherited);
        self.use_tree(&item.tree, &[], shared);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.check_documented(&item.vis, &item.attrs, &item.sig.ident);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.check_documented(&item.vis, &item.attrs, &item.ident);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.check_documented(&item.vis, &item.attrs, &item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.check_documented(&item.vis, &item.attrs, &item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.check_documented(&item.vis, &item.attrs, &item.ident);
        visit::visit_item_const(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let is_private =
            last_of(&item.self_ty).is_some_and(|ty| self.private_types.iter().any(|name| ty == name));
        for part in item.items.iter().filter(|_| !is_private) {
            if let syn::ImplItem::Fn(method) = part {
                self.check_documented(&method.vis, &method.attrs, &method.sig.ident);
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
            self.report(item.ident.span().start().line, "`#[path]` hides where a module is".to_owned());
        }
        self.module.push(item.ident.to_string());
        let before = self.uses.len();
        visit::visit_item_mod(self, item);
        self.module.pop();
        if item.attrs.iter().any(is_for_tests) {
            self.uses.truncate(before);
            self.test_modules.push(item.ident.to_string());
        }
    }

    fn visit_item_type(&mut self, item: &'ast ItemType) {
        if let Some(last) = last_of(&item.ty) {
            self.check_alias(last);
        }
        visit::visit_item_type(self, item);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let method = call.method.to_string();
        self.check_guarded(&[&method], call.method.span().start().line);
        self.check_panel_route(call);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        self.check_behind_flow(&field.member);
        visit::visit_expr_field(self, field);
    }

    fn visit_field_pat(&mut self, field: &'ast syn::FieldPat) {
        self.check_behind_flow(&field.member);
        visit::visit_field_pat(self, field);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        // `<A>::b` names `A::b`.
        let of = path.qself.as_ref().and_then(|QSelf { ty, .. }| last_of(ty));
        if let (Some(of), Some(last)) = (of, path.path.segments.last()) {
            let (of, last) = (of.to_string(), last.ident.to_string());
            self.check_guarded(&[&of, &last], path.path.segments[0].ident.span().start().line);
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        self.report(item.ident.span().start().line, "`extern crate` gives a crate another name".to_owned());
    }

    fn visit_signature(&mut self, signature: &'ast Signature) {
        if let (Some(word), true) = (&signature.asyncness, PURE.contains(&self.room.as_str())) {
            self.report(word.span.start().line, format!("{} is pure and may not be async", self.room));
        }
        visit::visit_signature(self, signature);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let Some(first) = path.segments.first() {
            self.check_path(&words, first.ident.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        if item.path.is_ident("include") {
            let line = item.path.segments[0].ident.span().start().line;
            self.report(line, "`include!` hides where code is".to_owned());
        }
        if item.path.segments.first().is_some_and(|first| first.ident == "tracing") {
            self.check_log_line(item.tokens.clone(), true);
        }
        self.check_tokens(item.tokens.clone(), &[]);
        visit::visit_macro(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.check_tokens(list.tokens.clone(), &[]);
        }
        visit::visit_attribute(self, attribute);
    }
}

/// The names of the types of a file that are not `pub`.
pub fn private_types(file: &syn::File) -> Vec<String> {
    let types = file.items.iter().filter_map(|item| match item {
        syn::Item::Struct(item) => Some((&item.vis, &item.ident)),
        syn::Item::Enum(item) => Some((&item.vis, &item.ident)),
        _ => None,
    });
    types.filter(|(vis, _)| !matches!(vis, Visibility::Public(_))).map(|(_, name)| name.to_string()).collect()
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<Ident>().is_ok_and(|word| word == "test")
}

/// The last segment of a type that is a path.
fn last_of(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| &segment.ident)
}

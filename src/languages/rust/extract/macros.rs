//! Macro calls: what of their arguments is read as items, and what as mere tokens.

use super::Walk;
use super::tokens::Kind;
use super::walk::{Level, Place};
use crate::facts::Also;

impl<'t> Walk<'t> {
    /// The arguments of a macro's call, which `open` begins; returns the index behind them.
    pub(super) fn macro_call(&mut self, name: &'t str, open: usize, level: &mut Level<'t>) -> usize {
        let close = self.close_of(open);
        self.included(name, open, level.now.part);
        let mut context = level.now;
        context.also |= Also::MACRO;
        let is_cfg = name == "cfg_if" || name == "cfg_select" || is_named_for_cfg(name);
        if is_cfg {
            context.also |= Also::CONDITIONAL;
        }
        let is_item = level.base.place == Place::Items && level.is_between();
        context.place = match level.base.place {
            Place::Items if is_item => {
                let understood = is_cfg || UNDERSTOOD.contains(&name);
                self.part(&context).by_macro |= !understood;
                Place::Items
            }
            Place::Code if is_cfg => Place::Code,
            Place::Rules => Place::Rules,
            _ => Place::Tokens,
        };
        self.walk(open + 1..close, context);
        if self.is_open(open, b'{') {
            self.end_of_braces(close, level);
        }
        close + 1
    }

    /// Notes what `include!("x")` and its kin name, where it is a literal.
    pub(super) fn included(&mut self, name: &str, open: usize, part: u32) {
        if !matches!(name, "include" | "include_str" | "include_bytes") {
            return;
        }
        let ends = matches!(self.kind(open + 2), None | Some(Kind::Close(_) | Kind::Punct(b',')));
        let Some(path) = self.literal(open + 1).filter(|_| ends) else { return };
        if name == "include" {
            self.found.includes.push((part, path));
        } else {
            self.found.data.push(path);
        }
    }

    /// The text of a string literal; None for any other, and for escapes that no path needs.
    pub(super) fn literal(&self, at: usize) -> Option<String> {
        let token = self.tokens.get(at).filter(|token| token.kind == Kind::Str)?;
        let written = &self.text[token.start as usize..token.end as usize];
        if let Some(raw) = written.strip_prefix('r') {
            return Some(raw.trim_matches('#').strip_prefix('"')?.strip_suffix('"')?.to_owned());
        }
        let text = written.strip_prefix('"')?.strip_suffix('"')?.replace("\\\\", "/");
        (!text.contains('\\')).then_some(text)
    }
}

/// Macros of whose arguments all is seen that they declare.
const UNDERSTOOD: &[&str] =
    &["bitflags", "compile_error", "global_asm", "include", "lazy_static", "thread_local"];

/// `cfg_rt! { … }`: by custom such a macro gives out what it is given.
fn is_named_for_cfg(name: &str) -> bool {
    name.starts_with("cfg_") || name.starts_with("feature_")
}

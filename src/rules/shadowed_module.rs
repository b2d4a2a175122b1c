//! `shadowed-module`: `x.py` beside `x/__init__.py`; no import reaches the file.

use super::context::{Context, Judgements, RuleRef};
use super::{Check, Rule};
use crate::registry::CheckSetting;
use crate::source::Span;

/// The check.
pub static RULE: Rule = Rule {
    id: "shadowed-module",
    docs: include_str!("../../rules/docs/shadowed-module.md"),
    check: Check::Builtin(judge),
};

fn judge(context: &Context, setting: &CheckSetting, out: &mut Judgements) {
    let rule = RuleRef::check(setting);
    for node in context.graph.tree.ids() {
        let node = context.graph.tree.node(node);
        let (Some(shadowed), Some(package)) = (node.shadowed, node.source) else { continue };
        let module = context.graph.module_of_file[shadowed.index()];
        if !context.speaks_of(&setting.meta, module) {
            continue;
        }
        let package = context.graph.module(context.graph.module_of_file[package.index()]);
        let message =
            format!("`{}` is never imported: `{}` wins", context.graph.module(module).path, package.path);
        let mut raised = context.raised_at(rule, module, shadowed, Span::default(), 1, message);
        raised.suggest("rename or remove one of the two".to_owned());
        out.raise(raised);
    }
}

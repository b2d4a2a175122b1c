//! One table for each row of what the extractor must get right.

use super::{ExtractOptions, extract};
use crate::facts::{Bound, Certainty, Facts, Import};
use crate::source::FileKind;

pub(super) fn options() -> ExtractOptions {
    ExtractOptions { version: (3, 14), accesses: false, is_package: false, kind: FileKind::Module }
}

fn facts(text: &str) -> Facts {
    extract(text.as_bytes(), &options())
}

/// `3:eager,optional a.b.C as D`; a from-import's name follows a colon where the module is relative or it matters.
fn shown(import: &Import) -> String {
    let mut text =
        format!("{}:{} {}", import.line, import.kind.names().join(","), ".".repeat(import.level as usize));
    text.push_str(&import.module);
    if let Some(name) = &import.name {
        if !import.module.is_empty() {
            text.push('.');
        }
        text.push_str(name);
    }
    if let Some(alias) = &import.alias {
        text.push_str(" as ");
        text.push_str(alias);
    }
    text
}

fn imports(text: &str) -> Vec<String> {
    facts(text).imports.iter().map(shown).collect()
}

#[test]
fn statements() {
    let text = "import a.b as d, e\nfrom x import (\n    y,\n    z as w,\n)\nimport p; from . import q\nfrom ..r.s \\\n  import t\nfrom m import *\n";
    assert_eq!(
        imports(text),
        [
            "1:eager a.b as d",
            "1:eager e",
            "3:eager x.y",
            "4:eager x.z as w",
            "6:eager p",
            "6:eager .q",
            "8:eager ..r.s.t",
            "9:eager,wildcard m.*",
        ]
    );
    let multi = &facts(text).imports[2];
    assert_eq!((multi.statement_line, multi.statement_end_line), (2, 5));
    assert_eq!(&text[multi.span.start as usize..multi.span.end as usize], "y");
}

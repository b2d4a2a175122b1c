//! Where comments, docstrings and other strings speak of a name. The texts are read again for it, on demand.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::{Asked, Collected, Mention, Standing};
use crate::check::Analysis;
use crate::discover::Sources;
use crate::languages::{ProseKind, python, rust};
use crate::registry::pattern::Subject as Importer;
use crate::rules::context::PRODUCTION;
use crate::source::{FileId, FileKind, Language, LineIndex, RelPath};

/// One text, and whose it is.
struct Text<'a> {
    path: &'a RelPath,
    language: Language,
    kind: FileKind,
    scope: &'a str,
    standing: Standing,
    /// Its file in the graph; none for a Rust file that no target reaches.
    file: Option<FileId>,
}

/// Every line of a comment or docstring that mentions the name, and every other string that holds it; `literals` are
/// strings that are listed as references.
pub(super) fn find(
    asked: &Asked,
    sources: &Sources,
    analysis: &Analysis,
    literals: &FxHashSet<(FileId, u32)>,
) -> (Collected<Mention>, Collected<Mention>) {
    let mut found: Vec<(Standing, Mention)> = texts(asked, sources, analysis)
        .par_iter()
        .flat_map_iter(|text| {
            let mentions = mentions(asked, sources, text, literals);
            mentions.into_iter().map(|mention| (text.standing, mention))
        })
        .collect();
    found.sort_by_cached_key(|(_, at)| (asked.rank(&at.scope), at.path.clone(), at.line, at.kind));
    let (literals, mentions): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, at)| at.kind == ProseKind::Literal.name());
    (Collected::new(mentions), Collected::new(literals))
}

fn texts<'a>(asked: &'a Asked, sources: &'a Sources, analysis: &'a Analysis) -> Vec<Text<'a>> {
    let context = asked.context;
    let graph = context.graph;
    let of_graph = graph.homes().map(|file| {
        let source = &analysis.files[file.index()];
        let module = graph.module_of_file[file.index()];
        Text {
            path: &source.path,
            language: source.language,
            kind: source.kind,
            scope: context.scope(module),
            standing: asked.standing(module),
            file: Some(file),
        }
    });
    // Manifests stand among the Rust files for their dependencies.
    let mut texts: Vec<Text> = of_graph.filter(|text| !text.path.as_str().ends_with(".toml")).collect();
    let known: FxHashSet<&RelPath> = texts.iter().map(|text| text.path).collect();
    let unreached = sources.rust.iter().filter(|path| !known.contains(path)).map(|path| {
        let scopes = &context.registry.scopes;
        let scope = scopes.get(context.registry.scope_at(path.as_str()));
        let scope = scope.map_or(PRODUCTION, |scope| scope.name.as_str());
        let importer = Importer { name: "", path: path.as_str(), scope, language: Language::Rust };
        let standing = asked.standing_of(&importer);
        Text { path, language: Language::Rust, kind: FileKind::Module, scope, standing, file: None }
    });
    let unreached: Vec<Text> = unreached.collect();
    texts.extend(unreached);
    texts
}

fn mentions(
    asked: &Asked,
    sources: &Sources,
    text: &Text,
    literals: &FxHashSet<(FileId, u32)>,
) -> Vec<Mention> {
    let name = asked.subject.name;
    let bytes = sources.read(text.path).unwrap_or_default();
    if memchr::memmem::find(&bytes, name.last().as_bytes()).is_none() {
        return Vec::new();
    }
    let (decoded, prose) = match text.language {
        Language::Rust => {
            let decoded = String::from_utf8_lossy(&bytes);
            let prose = rust::prose::prose(&decoded);
            (decoded, prose)
        }
        _ => {
            let decoded = python::decode::decode(&bytes, text.kind);
            let decoded = decoded.unwrap_or_else(|_| String::from_utf8_lossy(&bytes));
            let prose = python::prose::prose(&decoded, text.kind);
            (decoded, prose)
        }
    };
    let lines = LineIndex::new(&decoded);
    let mut found: Vec<Mention> = Vec::new();
    let mut seen: FxHashSet<(u32, ProseKind)> = FxHashSet::default();
    for piece in prose {
        if text.file.is_some_and(|file| literals.contains(&(file, piece.span.start))) {
            continue;
        }
        let start = piece.span.start as usize;
        let Some(said) = decoded.get(start..piece.span.end as usize) else { continue };
        for range in name.find_in(said) {
            let line = lines.line((start + range.start) as u32);
            if seen.insert((line, piece.kind)) {
                found.push(Mention {
                    path: text.path.as_str().to_owned(),
                    line,
                    scope: text.scope.to_owned(),
                    kind: piece.kind.name(),
                    text: line_of(&decoded, &lines, line).to_owned(),
                });
            }
        }
    }
    found
}

/// A line without the space around it.
fn line_of<'t>(text: &'t str, lines: &LineIndex, line: u32) -> &'t str {
    let rest = &text[lines.line_start(line) as usize..];
    rest.split(['\n', '\r']).next().unwrap_or(rest).trim()
}

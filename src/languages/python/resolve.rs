//! Which file a dotted path names: one tree of directories and modules, and the import roots in it.
//!
//! Pure lookups over names: no disk, no registry, no facts. A module is known here by its node; the graph gives it
//! an id. The tree holds every directory, so that a path is tried under every root without a second structure.

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use crate::source::{FileId, FileKind, SourceFile};

/// Index of a directory or module in the [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The index as `usize`.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A directory, a module, or both (a package).
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// The directory it lies in; None for the top.
    pub parent: Option<NodeId>,
    /// Its own name, without suffix.
    pub name: CompactString,
    /// `x.py` or `x/__init__.py`.
    pub source: Option<FileId>,
    /// `x.pyi` or `x/__init__.pyi`.
    pub stub: Option<FileId>,
    /// `x.py` beside `x/__init__.py`: the package wins.
    pub shadowed: Option<FileId>,
    /// A compiled or generated module: exists and binds every name.
    pub compiled: bool,
    /// Whether it has an `__init__`.
    pub package: bool,
    /// Whether it is a directory on disk.
    pub directory: bool,
    /// Whether any module lies below it.
    pub populated: bool,
    /// Whether imports are searched from here.
    pub root: bool,
    /// Its children by name, sorted.
    children: Vec<(CompactString, NodeId)>,
}

impl Node {
    /// Whether importing it runs or reads something: not a bare directory.
    pub fn is_module(&self) -> bool {
        self.source.is_some() || self.stub.is_some() || self.compiled
    }
}

/// How far a dotted path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The node of the first component.
    pub first: NodeId,
    /// The deepest existing node.
    pub nearest: NodeId,
    /// How many bytes of the path led there; the whole length where it was found.
    pub matched: u32,
    /// Whether the whole path was found.
    pub found: bool,
}

/// All directories and modules, and the import roots among them.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    /// First components under any root: name to (root, node), in order of the roots.
    tops: FxHashMap<CompactString, Vec<(NodeId, NodeId)>>,
    /// Where each file lies: its directory, and its own node if it can be imported.
    places: Vec<Place>,
}

/// Where a file lies in the tree.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The directory that holds it.
    pub directory: NodeId,
    /// The node its relative imports count from: itself for `__init__`, else its directory.
    pub package: NodeId,
    /// Its own node; None for what no import can name (scripts, notebooks).
    pub node: Option<NodeId>,
    /// The deepest import root above it.
    pub root: NodeId,
}

/// What a tree is made of.
pub struct Listing<'a> {
    /// Source files in path order, ids equal to their index; only Python ones are taken.
    pub files: &'a [SourceFile],
    /// Paths without suffix of compiled or generated modules.
    pub compiled: &'a [String],
    /// Links: (link, real path), both relative to the root.
    pub links: &'a [(&'a str, &'a str)],
    /// Import roots, relative directories; "" is the project root.
    pub roots: &'a [String],
    /// The project root's own name.
    pub root_name: &'a str,
}

const TOP: NodeId = NodeId(0);
const PROJECT: NodeId = NodeId(1);

impl Tree {
    /// Builds the tree; linear in the number of path components.
    pub fn new(listing: &Listing) -> Self {
        let mut builder = Builder::new(listing.root_name);
        for root in listing.roots {
            let node = builder.directory(root);
            builder.nodes[node.index()].root = true;
        }
        let mut places: Vec<Place> = listing.files.iter().map(|file| builder.file(file)).collect();
        for path in listing.compiled {
            let (dir, name) = split(path);
            let dir = builder.directory(dir);
            let node = builder.child(dir, name);
            builder.nodes[node.index()].compiled = true;
            builder.populate(node);
        }
        for (link, target) in listing.links {
            builder.link(link, target);
        }
        // A project root that is itself a package is imported by its own name.
        if builder.nodes[PROJECT.index()].package {
            builder.nodes[PROJECT.index()].root = false;
            builder.nodes[TOP.index()].root = true;
        }
        let mut tree = Self { nodes: builder.finish(), tops: FxHashMap::default(), places: Vec::new() };
        for place in &mut places {
            place.root = tree.root_above(place.directory);
        }
        tree.places = places;
        let mut roots: Vec<NodeId> =
            (0..tree.nodes.len() as u32).map(NodeId).filter(|id| tree.node(*id).root).collect();
        roots.sort_by_key(|id| tree.path(*id));
        for root in roots {
            for (name, node) in &tree.nodes[root.index()].children {
                if tree.node(*node).populated || tree.node(*node).is_module() {
                    tree.tops.entry(name.clone()).or_default().push((root, *node));
                }
            }
        }
        tree
    }

    /// The node of that id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never true: the tree has at least its top.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Every node in order of creation.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// Where a file lies.
    pub fn place(&self, file: FileId) -> Place {
        self.places[file.index()]
    }

    /// Whether some import root has that first component.
    pub fn has_top(&self, name: &str) -> bool {
        self.tops.contains_key(name)
    }

    /// First components under any root, unsorted.
    pub fn top_names(&self) -> impl Iterator<Item = &str> {
        self.tops.keys().map(CompactString::as_str)
    }

    /// The child of that name; `__init__` is the package itself.
    pub fn child(&self, id: NodeId, name: &str) -> Option<NodeId> {
        let node = self.node(id);
        if name == "__init__" && node.package {
            return Some(id);
        }
        let at = node.children.binary_search_by(|(child, _)| child.as_str().cmp(name)).ok()?;
        Some(node.children[at].1)
    }

    /// Children in name order.
    pub fn children(&self, id: NodeId) -> &[(CompactString, NodeId)] {
        &self.node(id).children
    }

    /// Whether the node is a plain module beside a directory of its name, which hides what lies in there: `x.py` is no
    /// package, and `x/` without `__init__` never comes before it.
    pub fn hides_its_directory(&self, id: NodeId) -> bool {
        let node = self.node(id);
        node.source.is_some() && !node.package && !node.children.is_empty()
    }

    /// Whether it lies in a directory that a plain module hides, so that no dotted path leads to it.
    pub fn is_hidden(&self, id: NodeId) -> bool {
        std::iter::successors(self.node(id).parent, |at| self.node(*at).parent)
            .any(|at| self.hides_its_directory(at))
    }

    /// Follows `path` downwards from `base`, taken as a directory; an empty path is `base` itself.
    pub fn descend(&self, base: NodeId, path: &str) -> Lookup {
        let mut lookup = Lookup { first: base, nearest: base, matched: 0, found: path.is_empty() };
        let mut offset = 0;
        for (depth, part) in path.split('.').enumerate() {
            if lookup.found {
                break;
            }
            if depth > 0 && self.hides_its_directory(lookup.nearest) {
                break;
            }
            let Some(next) = self.child(lookup.nearest, part).filter(|next| self.exists(*next)) else {
                break;
            };
            if depth == 0 {
                lookup.first = next;
            }
            offset += part.len();
            lookup.nearest = next;
            lookup.matched = offset as u32;
            lookup.found = offset == path.len();
            offset += 1;
        }
        lookup
    }

    /// Tries an absolute path under every root, the importer's own first, then beside the importer if its directory
    /// is no package (as Python does for scripts). A module beats a bare directory, a whole match a partial one.
    pub fn absolute(&self, from: Place, path: &str) -> Option<Lookup> {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let mut best: Option<Lookup> = None;
        let mut consider = |lookup: Lookup| {
            let rank = |l: &Lookup| (l.found && self.node(l.nearest).is_module(), l.found, l.matched);
            if best.as_ref().is_none_or(|best| rank(&lookup) > rank(best)) {
                best = Some(lookup);
            }
        };
        if let Some(tops) = self.tops.get(first) {
            let own = tops.iter().filter(|(root, _)| *root == from.root);
            for (_, top) in own.chain(tops.iter().filter(|(root, _)| *root != from.root)) {
                let below = if self.hides_its_directory(*top) && !rest.is_empty() {
                    Lookup { first: *top, nearest: *top, matched: 0, found: false }
                } else {
                    self.descend(*top, rest)
                };
                let matched = if below.matched == 0 {
                    first.len() as u32
                } else {
                    first.len() as u32 + 1 + below.matched
                };
                consider(Lookup { first: *top, matched, ..below });
            }
        }
        if best.as_ref().is_some_and(|best| best.found) || self.node(from.directory).package {
            return best;
        }
        let beside = self.descend(from.directory, path);
        if beside.found { Some(beside) } else { best }
    }

    /// The node that `level` dots mean from that place; None above the import root.
    pub fn relative_base(&self, from: Place, level: u32) -> Option<NodeId> {
        let mut node = from.package;
        // A module that lies directly in a root is in no package: not even one dot leads anywhere.
        for _ in 1..level {
            if node == from.root {
                return None;
            }
            node = self.node(node).parent?;
        }
        (node != from.root).then_some(node)
    }

    /// The dotted name of a node: its path under the deepest root.
    pub fn name(&self, id: NodeId) -> String {
        let root = match self.node(id).parent {
            Some(parent) => self.root_above(parent),
            None => return String::new(),
        };
        let mut parts = Vec::new();
        let mut at = id;
        while at != root {
            parts.push(self.node(at).name.as_str());
            match self.node(at).parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        parts.reverse();
        parts.join(".")
    }

    /// The dotted name of a file's module: that of its node, or for what cannot be imported the same made from its path.
    pub fn module_name(&self, file: &SourceFile) -> String {
        let place = self.place(file.id);
        if let Some(node) = place.node {
            return self.name(node);
        }
        let stem = stem(file.path.file_name());
        let directory =
            if self.node(place.directory).root { String::new() } else { self.name(place.directory) };
        crate::module_path::join(&directory, stem)
    }

    /// The path of a node's directory or module from the project root, without suffix.
    pub fn path(&self, id: NodeId) -> String {
        let mut parts = Vec::new();
        let mut at = id;
        while at != PROJECT && at != TOP {
            parts.push(self.node(at).name.as_str());
            match self.node(at).parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        parts.reverse();
        parts.join("/")
    }

    fn exists(&self, id: NodeId) -> bool {
        let node = self.node(id);
        node.populated || node.is_module()
    }

    fn root_above(&self, mut id: NodeId) -> NodeId {
        // Files below no import root are named from the project root.
        while !self.node(id).root && (id != PROJECT || self.node(id).package) {
            match self.node(id).parent {
                Some(parent) => id = parent,
                None => return id,
            }
        }
        id
    }
}

struct Builder<'a> {
    nodes: Vec<Node>,
    index: FxHashMap<(NodeId, &'a str), NodeId>,
    /// The last directory asked for: files come in path order, so most follow in the same one.
    last: (&'a str, NodeId),
}

impl<'a> Builder<'a> {
    fn new(root_name: &str) -> Self {
        let top = Node { directory: true, ..Node::default() };
        let project = Node { parent: Some(TOP), name: root_name.into(), directory: true, ..Node::default() };
        let mut builder =
            Self { nodes: vec![top, project], index: FxHashMap::default(), last: ("", PROJECT) };
        builder.nodes[TOP.index()].children.push((root_name.into(), PROJECT));
        builder
    }

    fn child(&mut self, parent: NodeId, name: &'a str) -> NodeId {
        if let Some(id) = self.index.get(&(parent, name)) {
            return *id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { parent: Some(parent), name: name.into(), ..Node::default() });
        self.nodes[parent.index()].children.push((name.into(), id));
        self.index.insert((parent, name), id);
        id
    }

    fn directory(&mut self, path: &'a str) -> NodeId {
        if self.last.0 == path {
            return self.last.1;
        }
        let mut node = PROJECT;
        for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
            node = self.child(node, part);
            self.nodes[node.index()].directory = true;
        }
        self.last = (path, node);
        node
    }

    fn file(&mut self, file: &'a SourceFile) -> Place {
        let (dir, name) = split(file.path.as_str());
        let directory = self.directory(dir);
        let place = Place { directory, package: directory, node: None, root: PROJECT };
        let stub = match file.kind {
            FileKind::Module => false,
            FileKind::Stub => true,
            FileKind::Notebook | FileKind::Script => return place,
        };
        let stem = stem(name);
        let init = stem == "__init__";
        let id = if init { directory } else { self.child(directory, stem) };
        let node = &mut self.nodes[id.index()];
        let file = file.id;
        if init {
            node.package = true;
        }
        if stub {
            node.stub = node.stub.or(Some(file));
        } else if init {
            node.shadowed = node.source.replace(file);
        } else if node.package && node.source.is_some() {
            node.shadowed = Some(file);
        } else {
            node.source = Some(file);
        }
        self.populate(id);
        Place { node: Some(id), ..place }
    }

    /// Marks every directory above as one that holds a module.
    fn populate(&mut self, id: NodeId) {
        let mut at = Some(id);
        while let Some(id) = at {
            let node = &mut self.nodes[id.index()];
            if node.populated {
                break;
            }
            node.populated = true;
            at = node.parent;
        }
    }

    fn link(&mut self, link: &'a str, target: &str) {
        let mut node = PROJECT;
        let (dir, name) = split(target);
        for part in dir.split('/').filter(|part| !part.is_empty()) {
            match self.index.get(&(node, part)) {
                Some(id) => node = *id,
                None => return,
            }
        }
        let Some(real) =
            self.index.get(&(node, name)).or_else(|| self.index.get(&(node, stem(name)))).copied()
        else {
            return;
        };
        let (dir, name) = split(link);
        let parent = self.directory(dir);
        let name = if self.nodes[real.index()].directory { name } else { stem(name) };
        if let std::collections::hash_map::Entry::Vacant(e) = self.index.entry((parent, name)) {
            e.insert(real);
            self.nodes[parent.index()].children.push((name.into(), real));
            if self.nodes[real.index()].populated {
                self.populate(parent);
            }
        }
    }

    fn finish(mut self) -> Vec<Node> {
        for node in &mut self.nodes {
            node.children.sort();
        }
        self.nodes
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The file name without its source suffix.
fn stem(name: &str) -> &str {
    for suffix in [".py", ".pyi", ".ipynb"] {
        if let Some(stem) = name.strip_suffix(suffix) {
            return stem;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Language, RelPath};

    fn files(paths: &[&str]) -> Vec<SourceFile> {
        let mut sorted = paths.to_vec();
        sorted.sort_unstable();
        sorted
            .iter()
            .enumerate()
            .map(|(at, path)| SourceFile {
                id: FileId(at as u32),
                path: RelPath::new(*path),
                language: Language::Python,
                kind: if path.ends_with(".pyi") { FileKind::Stub } else { FileKind::Module },
            })
            .collect()
    }

    struct World {
        files: Vec<SourceFile>,
        tree: Tree,
    }

    fn world(paths: &[&str], roots: &[&str], links: &[(&str, &str)]) -> World {
        let files = files(paths);
        let roots: Vec<String> = roots.iter().map(|root| (*root).to_owned()).collect();
        let tree =
            Tree::new(&Listing { files: &files, compiled: &[], links, roots: &roots, root_name: "proj" });
        World { files, tree }
    }

    impl World {
        fn file(&self, path: &str) -> &SourceFile {
            self.files.iter().find(|file| file.path.as_str() == path).unwrap()
        }

        /// The path of what an import finds, `!` and the nearest path where it is not found, `-` for nothing.
        fn find(&self, from: &str, path: &str) -> String {
            match self.tree.absolute(self.tree.place(self.file(from).id), path) {
                None => "-".to_owned(),
                Some(l) if l.found => self.tree.path(l.nearest),
                Some(l) => format!("!{}", self.tree.path(l.nearest)),
            }
        }
    }

    #[test]
    fn a_path_is_tried_under_every_root_and_means_the_file_found() {
        let w = world(&["src/app/__init__.py", "src/app/core.py", "tools/run.py"], &["", "src"], &[]);
        assert_eq!(w.find("tools/run.py", "app.core"), "src/app/core");
        assert_eq!(w.find("tools/run.py", "src.app.core"), "src/app/core");
        assert_eq!(w.tree.module_name(w.file("src/app/core.py")), "app.core");
        assert_eq!(w.find("tools/run.py", "app.gone.x"), "!src/app");
        assert_eq!(w.find("tools/run.py", "requests"), "-");
    }

    #[test]
    fn what_lies_below_no_root_is_named_from_the_project_root() {
        let w = world(&["src/app/core.py", "tools/run.py"], &["src"], &[]);
        assert_eq!(w.tree.module_name(w.file("tools/run.py")), "tools.run");
        assert_eq!(w.find("tools/run.py", "tools.run"), "-");
        assert_eq!(w.find("tools/run.py", "app.core"), "src/app/core");
    }

    #[test]
    fn a_script_finds_its_sibling_and_a_package_member_does_not() {
        let w = world(
            &["bin/go.py", "bin/helper.py", "pkg/__init__.py", "pkg/a.py", "pkg/helper.py"],
            &[""],
            &[],
        );
        assert_eq!(w.find("bin/go.py", "helper"), "bin/helper");
        assert_eq!(w.find("pkg/a.py", "helper"), "-");
    }

    #[test]
    fn relative_imports_end_at_the_root() {
        let w = world(&["src/pkg/__init__.py", "src/pkg/sub/m.py", "src/top.py"], &["", "src"], &[]);
        let base = |path: &str, level| {
            w.tree.relative_base(w.tree.place(w.file(path).id), level).map(|node| w.tree.path(node))
        };
        assert_eq!(base("src/pkg/__init__.py", 1), Some("src/pkg".into()));
        assert_eq!(base("src/pkg/sub/m.py", 1), Some("src/pkg/sub".into()));
        assert_eq!(base("src/pkg/sub/m.py", 2), Some("src/pkg".into()));
        assert_eq!(base("src/pkg/sub/m.py", 3), None);
        assert_eq!(base("src/top.py", 1), None);
    }

    #[test]
    fn the_package_wins_over_the_module_of_its_name() {
        let w = world(&["x.py", "x/__init__.py", "x/y.py"], &[""], &[]);
        let x = w.tree.absolute(w.tree.place(FileId(0)), "x").unwrap().nearest;
        assert_eq!(w.tree.node(x).source, Some(w.file("x/__init__.py").id));
        assert_eq!(w.tree.node(x).shadowed, Some(w.file("x.py").id));
        assert_eq!(w.find("x.py", "x.__init__"), "x");
    }

    #[test]
    fn a_root_that_is_a_package_is_imported_by_its_own_name() {
        let w = world(&["__init__.py", "core.py"], &[""], &[]);
        assert_eq!(w.tree.module_name(w.file("core.py")), "proj.core");
        assert_eq!(w.tree.module_name(w.file("__init__.py")), "proj");
        assert_eq!(w.find("core.py", "proj.core"), "core");
        assert_eq!(w.find("core.py", "core"), "-");
    }

    #[test]
    fn links_are_other_names_of_the_real_path() {
        let w = world(
            &["real/__init__.py", "real/a.py", "use.py"],
            &[""],
            &[("alias", "real"), ("b.py", "real/a.py"), ("real/loop", "real")],
        );
        assert_eq!(w.find("use.py", "alias.a"), "real/a");
        assert_eq!(w.find("use.py", "b"), "real/a");
        assert_eq!(w.find("use.py", "alias.loop.loop.a"), "real/a");
    }
}

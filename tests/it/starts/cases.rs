//! The cases of [`super`]: small cyclic packages and how exactly we must agree with CPython on each.

use std::collections::BTreeMap;

/// One small project and what is started of it.
pub(super) struct Case {
    /// Unique, tells the shape.
    pub(super) name: String,
    /// Path to text; each directory's `__init__.py` is there unless it is below `ns/`.
    pub(super) files: BTreeMap<String, String>,
    /// `module` or `module:name`.
    pub(super) entry: String,
    /// How exactly we must agree.
    pub(super) demand: Demand,
}

/// How exactly we must agree with CPython.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// Starts or dies, as CPython.
    Exact,
    /// The text alone does not decide it: `unknown` is right too.
    Undecided,
    /// A call that the rule does not follow: only saying that it dies where CPython loads it is wrong.
    NoFalseDeath,
}

use Demand::{Exact, NoFalseDeath, Undecided};

impl Case {
    /// `text` holds files behind `--- path` lines.
    fn new(name: String, entry: &str, text: &str, demand: Demand) -> Self {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for file in text.split("--- ").skip(1) {
            let (path, body) = file.split_once('\n').unwrap_or((file, ""));
            files.insert(path.trim().to_owned(), body.to_owned());
        }
        let paths: Vec<String> = files.keys().cloned().collect();
        for path in paths.iter().filter(|path| !path.starts_with("ns/")) {
            let folders = path.match_indices('/').map(|(at, _)| format!("{}/__init__.py", &path[..at]));
            for init in folders {
                files.entry(init).or_default();
            }
        }
        Self { name, files, entry: entry.to_owned(), demand }
    }

    /// For a person.
    pub(super) fn text(&self) -> String {
        let files = self.files.iter().filter(|(_, text)| !text.is_empty());
        let files: String = files.map(|(path, text)| format!("--- {path}\n{text}")).collect();
        format!("=== {} (starting {})\n{files}", self.name, self.entry)
    }
}

/// How `p.b` asks `p.a` for `x` while `p.a` imports it: name, text of `p.b`, what `p.a` does right after its import.
const ASKS: &[(&str, &str, &str, Demand)] = &[
    ("from", "from p.a import x", "", Exact),
    ("from, relative", "from .a import x", "", Exact),
    ("from, as", "from p.a import x as z", "", Exact),
    ("from, two names", "from p.a import __name__, x", "", Exact),
    ("module", "from p import a", "", Exact),
    ("module, relative", "from . import a", "", Exact),
    ("module, its name", "from p import a\na.x", "", Exact),
    ("module, relative, its name", "from . import a\na.x", "", Exact),
    ("module as, its name", "from p import a as m\nm.x", "", Exact),
    ("dotted", "import p.a", "", Exact),
    ("dotted, its name", "import p.a\np.a.x", "", Exact),
    ("dotted as", "import p.a as m", "", Exact),
    ("dotted as, its name", "import p.a as m\nm.x", "", Exact),
    ("star", "from p.a import *", "", Exact),
    ("function called", "def run():\n    from p.a import x\nrun()", "", Exact),
    ("function not called", "def run():\n    from p.a import x", "", Exact),
    ("function called by the other", "def run():\n    from p.a import x", "b.run()", Exact),
    (
        "function of functions",
        "def outer():\n    inner()\ndef inner():\n    from p.a import x\nouter()",
        "",
        Exact,
    ),
    ("function with global", "def run():\n    global x\n    from p.a import x\nrun()", "", Exact),
    ("function with access", "from p import a\ndef run():\n    return a.x\nrun()", "", Exact),
    ("access in a function not called", "from p import a\ndef run():\n    return a.x", "", Exact),
    ("method", "class K:\n    def run(self):\n        from p.a import x\nK().run()", "", NoFalseDeath),
    (
        "static method",
        "class K:\n    @staticmethod\n    def run():\n        from p.a import x\nK.run()",
        "",
        Exact,
    ),
    (
        "class method",
        "class K:\n    @classmethod\n    def run(cls):\n        from p.a import x\nK.run()",
        "",
        Exact,
    ),
    ("constructor", "class K:\n    def __init__(self):\n        from p.a import x\nK()", "", Exact),
    (
        "constructor by the other",
        "class K:\n    def __init__(self):\n        from p.a import x",
        "b.K()",
        Exact,
    ),
    (
        "constructor inherited",
        "class J:\n    def __init__(self):\n        from p.a import x\nclass K(J): ...\nK()",
        "",
        NoFalseDeath,
    ),
    (
        "constructor of super",
        "class J:\n    def __init__(self):\n        from p.a import x\nclass K(J):\n    def __init__(self):\n        \
         super().__init__()\nK()",
        "",
        NoFalseDeath,
    ),
    (
        "__new__",
        "class K:\n    def __new__(cls):\n        from p.a import x\n        return object.__new__(cls)\nK()",
        "",
        NoFalseDeath,
    ),
    (
        "__init_subclass__",
        "class J:\n    def __init_subclass__(cls):\n        from p.a import x\nclass K(J): ...",
        "",
        NoFalseDeath,
    ),
    (
        "property",
        "class K:\n    @property\n    def v(self):\n        from p.a import x\nK().v",
        "",
        NoFalseDeath,
    ),
    (
        "instance called",
        "class K:\n    def __call__(self):\n        from p.a import x\nK()()",
        "",
        NoFalseDeath,
    ),
    ("decorator", "def deco(f):\n    from p.a import x\n    return f\n@deco\ndef g(): ...", "", Exact),
    (
        "decorator with arguments",
        "def deco(n):\n    from p.a import x\n    return lambda f: f\n@deco(1)\ndef g(): ...",
        "",
        Exact,
    ),
    ("class decorator", "def deco(c):\n    from p.a import x\n    return c\n@deco\nclass K: ...", "", Exact),
    (
        "decorator's wrapper",
        "def deco(f):\n    def inner():\n        from p.a import x\n    return inner\n@deco\ndef g(): ...",
        "",
        Exact,
    ),
    ("default argument", "def run():\n    from p.a import x\ndef g(v=run()): ...", "", Exact),
    ("keyword default", "def run():\n    from p.a import x\ndef g(*, v=run()): ...", "", Exact),
    ("argument of a call", "def run():\n    from p.a import x\nprint(end='', *[run()][:0])", "", Exact),
    ("class body", "class C:\n    from p.a import x", "", Exact),
    ("class body, access", "from p import a\nclass C:\n    y = a.x", "", Exact),
    ("call in a class body", "def run():\n    from p.a import x\nclass C:\n    y = run()", "", Exact),
    ("base class", "from p import a\nclass C(a.x): ...", "", Exact),
    ("decorator of the other", "from p import a\n@a.x\ndef g(): ...", "", Exact),
    ("annotation", "from p import a\ndef g(v: a.x): ...", "", Exact),
    (
        "annotation, postponed",
        "from __future__ import annotations\nfrom p import a\ndef g(v: a.x): ...\nw: a.x",
        "",
        Exact,
    ),
    ("generator not run", "def run():\n    from p.a import x\n    yield\nrun()", "", Exact),
    ("generator run", "def run():\n    from p.a import x\n    yield\nlist(run())", "", NoFalseDeath),
    ("coroutine not run", "async def run():\n    from p.a import x\nrun().close()", "", Exact),
    ("lambda", "run = lambda: __import__('p.a', fromlist=['x']).x\nrun()", "", NoFalseDeath),
    ("lambda not called", "run = lambda: __import__('p.a', fromlist=['x']).x", "", Exact),
    ("function by another name", "def run():\n    from p.a import x\nalso = run\nalso()", "", NoFalseDeath),
    ("function in a table", "def run():\n    from p.a import x\n{'k': run}['k']()", "", NoFalseDeath),
    (
        "partial",
        "import functools\ndef run():\n    from p.a import x\nfunctools.partial(run)()",
        "",
        NoFalseDeath,
    ),
    ("map", "def run(_):\n    from p.a import x\nlist(map(run, [1]))", "", NoFalseDeath),
    ("through a module", "from p import helper\nhelper.run()", "", Exact),
    ("through a function of a module", "from p.helper import run\nrun()", "", Exact),
    ("through a dotted module", "import p.helper\np.helper.run()", "", Exact),
    ("through a re-export", "from p.face import run\nrun()", "", Exact),
    ("ImportError caught", "try:\n    from p.a import x\nexcept ImportError:\n    x = None", "", Exact),
    (
        "ImportError caught as",
        "try:\n    from p.a import x\nexcept ImportError as error:\n    print(end='')",
        "",
        Exact,
    ),
    ("Exception caught", "try:\n    from p.a import x\nexcept Exception:\n    x = None", "", Exact),
    ("BaseException caught", "try:\n    from p.a import x\nexcept BaseException:\n    x = None", "", Exact),
    ("all caught", "try:\n    from p.a import x\nexcept:\n    x = None", "", Exact),
    (
        "one of two caught",
        "try:\n    from p.a import x\nexcept (ValueError, ImportError):\n    x = None",
        "",
        Exact,
    ),
    (
        "second handler catches",
        "try:\n    from p.a import x\nexcept ValueError:\n    raise\nexcept ImportError:\n    x = None",
        "",
        Exact,
    ),
    (
        "ModuleNotFoundError is another",
        "try:\n    from p.a import x\nexcept ModuleNotFoundError:\n    x = None",
        "",
        Exact,
    ),
    (
        "AttributeError is another",
        "try:\n    from p.a import x\nexcept AttributeError:\n    x = None",
        "",
        Exact,
    ),
    ("ValueError is another", "try:\n    from p.a import x\nexcept ValueError:\n    x = None", "", Exact),
    ("access caught", "from p import a\ntry:\n    a.x\nexcept AttributeError:\n    pass", "", Exact),
    ("access not caught", "from p import a\ntry:\n    a.x\nexcept ImportError:\n    pass", "", Exact),
    ("raised again", "try:\n    from p.a import x\nexcept ImportError:\n    raise", "", Exact),
    (
        "raised again as",
        "try:\n    from p.a import x\nexcept ImportError as error:\n    raise error",
        "",
        Exact,
    ),
    (
        "raised anew",
        "try:\n    from p.a import x\nexcept ImportError as error:\n    raise ImportError('no') from error",
        "",
        Exact,
    ),
    (
        "handler imports",
        "try:\n    from p.a import x\nexcept ImportError:\n    from p.spare import x",
        "",
        Exact,
    ),
    (
        "handler fails",
        "try:\n    from p.a import x\nexcept ImportError:\n    from p.spare import gone",
        "",
        Exact,
    ),
    ("handler retries", "try:\n    from p.a import x\nexcept ImportError:\n    from p.a import x", "", Exact),
    ("finally", "try:\n    from p.a import x\nfinally:\n    y = 2", "", Exact),
    ("import in finally", "try:\n    pass\nfinally:\n    from p.a import x", "", Exact),
    ("else", "try:\n    import p.a\nexcept ImportError:\n    pass\nelse:\n    from p.a import x", "", Exact),
    (
        "call caught",
        "def run():\n    from p.a import x\ntry:\n    run()\nexcept ImportError:\n    pass",
        "",
        Exact,
    ),
    (
        "caught in the function",
        "def run():\n    try:\n        from p.a import x\n    except ImportError:\n        return None\nrun()",
        "",
        Exact,
    ),
    (
        "caught two levels up",
        "try:\n    try:\n        from p.a import x\n    except ValueError:\n        pass\nexcept ImportError:\n    pass",
        "",
        Exact,
    ),
    (
        "suppressed",
        "from contextlib import suppress\nwith suppress(ImportError):\n    from p.a import x",
        "",
        Exact,
    ),
    (
        "another suppressed",
        "import contextlib\nwith contextlib.suppress(KeyError):\n    from p.a import x",
        "",
        Exact,
    ),
    (
        "for type checking",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.a import x",
        "",
        Exact,
    ),
    (
        "not for type checking",
        "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    from p.a import x",
        "",
        Exact,
    ),
    (
        "else of type checking",
        "import typing\nif typing.TYPE_CHECKING:\n    pass\nelse:\n    from p.a import x",
        "",
        Exact,
    ),
    ("if of a value", "import os\nif os.sep:\n    from p.a import x", "", Undecided),
    ("if of a value, else", "import os\nif os.sep:\n    pass\nelse:\n    from p.a import x", "", Undecided),
    (
        "if of a value, call",
        "import os\ndef run():\n    from p.a import x\nif os.sep:\n    run()",
        "",
        Undecided,
    ),
    ("match", "match 1:\n    case _:\n        from p.a import x", "", Undecided),
    (
        "after a return that may be",
        "import os\ndef run():\n    if not os.sep:\n        return\n    from p.a import x\nrun()",
        "",
        Undecided,
    ),
    ("main", "if __name__ == '__main__':\n    from p.a import x", "", Exact),
    ("with", "import contextlib\nwith contextlib.nullcontext():\n    from p.a import x", "", Exact),
    ("for", "for _ in (1,):\n    from p.a import x", "", Undecided),
    ("comprehension", "from p import a\n[a.x for _ in (1,)]", "", Undecided),
    ("import_module", "import importlib\nimportlib.import_module('p.a')", "", Exact),
    ("import_module, its name", "import importlib\nimportlib.import_module('p.a').x", "", NoFalseDeath),
    (
        "import_module as, its name",
        "import importlib\nm = importlib.import_module('p.a')\nm.x",
        "",
        NoFalseDeath,
    ),
    ("__import__", "__import__('p.a')", "", Exact),
    ("getattr", "from p import a\ngetattr(a, 'x')", "", Exact),
    ("getattr with a default", "from p import a\ngetattr(a, 'x', None)", "", Exact),
    ("hasattr", "from p import a\nhasattr(a, 'x')", "", Exact),
    ("deleted here", "from p import a\ndel a\nfrom p.a import x", "", Exact),
];

/// What some of [`ASKS`] lean on: name, files.
const BESIDE: &[(&str, &str)] = &[
    ("helper", "--- p/helper.py\ndef run():\n    from p.a import x\n"),
    ("face", "--- p/face.py\nfrom p.helper import run\n--- p/helper.py\ndef run():\n    from p.a import x\n"),
    ("spare", "--- p/spare.py\nx = type\n"),
];

/// Where a call of `run`, which asks `p.a` for `x`, stands in `p.b`: name, text.
const CALLS: &[(&str, &str, Demand)] = &[
    ("assigned", "v = run()", Exact),
    ("assigned with a type", "v: object = run()", Exact),
    ("assigned twice", "v = w = run()", Exact),
    ("unpacked", "v, = [run()]", Exact),
    ("into an item", "v = [0]\nv[0] = run()", Exact),
    ("augmented", "v = type\nv |= run()", Exact),
    ("type of a variable", "v: run() = 1", Exact),
    ("type of a result", "def g() -> run(): ...", Exact),
    ("type of a parameter", "def g(v: run()): ...", Exact),
    ("type of a local variable is never asked", "def g():\n    v: run() = 1\ng()", Exact),
    ("type of an attribute", "class C:\n    v: run()", Exact),
    ("base", "class C(run()): ...", Exact),
    ("metaclass", "class C(metaclass=run()): ...", Exact),
    ("decorator expression", "@run()\ndef g(): ...", Exact),
    ("decorator of a method", "class C:\n    @run()\n    def m(self): ...", Exact),
    ("default of a method", "class C:\n    def m(self, v=run()): ...", Exact),
    ("default of a lambda", "lambda v=run(): v", Exact),
    ("body of a lambda", "lambda: run()", Exact),
    ("default that is a lambda", "def g(v=lambda: run()): ...", Exact),
    ("context manager", "import contextlib\nwith contextlib.nullcontext(run()):\n    pass", Exact),
    ("iterable of a loop", "for _ in [run()]:\n    pass", Exact),
    ("condition", "if run():\n    pass", Exact),
    ("condition of elif", "import os\nif not os.sep:\n    pass\nelif run():\n    pass", Undecided),
    ("condition of a loop", "while not run():\n    pass", Exact),
    ("assertion", "assert run()", Exact),
    ("f-string", "f'{run()}'", Exact),
    ("list", "[run()]", Exact),
    ("tuple", "(run(), 1)", Exact),
    ("key", "{run(): 1}", Exact),
    ("value", "{'k': run()}", Exact),
    ("set", "{run()}", Exact),
    ("keyword argument", "print(end='', sep=run().__name__)", Exact),
    ("starred argument", "print(*[run()][:0], end='')", Exact),
    ("attribute of the result", "run().__name__", Exact),
    ("negation", "not run()", Exact),
    ("left of and", "run() and 1", Exact),
    ("left of or", "run() or 1", Exact),
    ("right of and", "1 and run()", Undecided),
    ("right of and, not reached", "0 and run()", Undecided),
    ("right of or", "0 or run()", Undecided),
    ("test of a conditional expression", "1 if run() else 2", Exact),
    ("branch of a conditional expression", "import os\nrun() if os.sep else 1", Undecided),
    ("walrus", "(v := run())", Exact),
    ("slice", "[1][:len([run()])]", Exact),
    ("operand", "'a' + run().__name__", Exact),
    ("comparison", "run() == 1", Exact),
    ("end of a chained comparison", "1 < len([run()]) < 3", Exact),
    ("first iterable of a comprehension", "[i for i in [run()]]", Exact),
    ("body of a comprehension", "[run() for _ in (1,)]", Undecided),
    ("body of a comprehension over nothing", "[run() for _ in ()]", Undecided),
    ("body of a generator", "(run() for _ in (1,))", Undecided),
    ("first iterable of a generator", "(i for i in [run()])", Exact),
    ("subject of match", "match run():\n    case _:\n        pass", Exact),
    ("try with finally", "try:\n    run()\nfinally:\n    pass", Exact),
    ("try with a handler", "try:\n    v = run()\nexcept ImportError:\n    v = None", Exact),
    ("try with another handler", "try:\n    v = run()\nexcept KeyError:\n    v = None", Exact),
    ("handler that does not run", "try:\n    pass\nexcept ValueError:\n    run()", Exact),
    ("handler's type that is not asked", "try:\n    pass\nexcept run():\n    pass", NoFalseDeath),
    ("suppressed", "import contextlib\nwith contextlib.suppress(Exception):\n    run()", Exact),
    ("not called", "run", Exact),
    ("another name", "f = run", Exact),
    ("passed on", "str(run)", Exact),
    ("returned", "def g():\n    return run()\ng()", Exact),
    ("in a function that returns before", "def g():\n    return 1\n    run()\ng()", Undecided),
    ("after a loop that ends", "for _ in ():\n    run()", Undecided),
    ("else of a loop", "for _ in ():\n    pass\nelse:\n    run()", Undecided),
    ("in del", "v = {1: 1}\ndel v[run() and 1]", Exact),
    ("in a nested class body", "class C:\n    class D:\n        v = run()", Exact),
    ("in a class body of a function not called", "def g():\n    class C:\n        v = run()", Exact),
    (
        "instance of a class with a call in its body",
        "class C:\n    def __init__(self):\n        self.v = run()\nC()",
        Exact,
    ),
    (
        "method of the instance itself",
        "class C:\n    def __init__(self):\n        self.go()\n    def go(self):\n        run()\nC()",
        NoFalseDeath,
    ),
    (
        "dataclass field",
        "import dataclasses\n@dataclasses.dataclass\nclass C:\n    v: object = dataclasses.field(default_factory=run)",
        Exact,
    ),
    ("registered for the end", "import atexit\natexit.register(lambda: None)\nv = [run]", Exact),
];

/// How `p.a` imports `p.b`, which ends with `y = 1`.
const IMPORTS: &[(&str, &str)] = &[
    ("import p.b", "import p.b"),
    ("import p.b as", "import p.b as m"),
    ("import p.b, p.b.y", "import p.b\np.b.y"),
    ("from p.b import y", "from p.b import y"),
    ("from .b import y", "from .b import y"),
    ("from . import b", "from . import b"),
    ("from p import b, b.y", "from p import b\nb.y"),
    ("from p.b import *", "from p.b import *"),
    ("import in a called function", "def run():\n    from p.b import y\nrun()"),
    ("caught", "try:\n    from p.b import y\nexcept ImportError:\n    y = None"),
    ("caught, raised", "try:\n    from p.b import y\nexcept ImportError:\n    raise"),
    ("caught, other tried", "try:\n    from p.b import y\nexcept ImportError:\n    from p.b import y"),
    ("type checking", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p.b import y"),
];

/// Those of [`ASKS`] that are tried with each of [`IMPORTS`].
const CROSSED: &[&str] = &["from", "module", "module, its name", "ImportError caught"];

/// What `p/__init__.py` does with `p.a`.
const INITS: &[(&str, &str)] = &[
    ("from . import a", "from . import a"),
    ("import p.a", "import p.a"),
    ("from .a import y", "from .a import y"),
    ("from p.a import *", "from p.a import *"),
    ("caught", "try:\n    from .a import y\nexcept ImportError:\n    y = None"),
];

/// What `p.a` asks of its parent, which binds `name`; `p.b` has `z`.
const CHILDREN: &[(&str, &str)] = &[
    ("name", "from p import name"),
    ("name, relative", "from . import name"),
    ("dotted name", "import p\np.name"),
    ("name of as", "import p as q\nq.name"),
    ("sibling", "from p import b"),
    ("sibling, relative", "from . import b"),
    ("name of a sibling", "from p import b\nb.z"),
    ("dotted sibling", "import p.b\np.b.z"),
    ("sibling that asks", "from p.c import n"),
    ("sibling and name", "from . import b, name"),
    ("star", "from p import *"),
    ("in a function", "def run():\n    from p import name"),
    ("in a called function", "def run():\n    from p import name\nrun()"),
    ("itself", "from p import a"),
];

/// How each of three modules imports the next; `x` is what each binds.
const LINKS: &[(&str, &str)] = &[
    ("from p import m", "from p import {}"),
    ("from . import m", "from . import {}"),
    ("import p.m", "import p.{}"),
    ("import p.m as", "import p.{} as m"),
    ("from p.m import x", "from p.{} import x"),
    ("import_module", "import importlib\nimportlib.import_module('p.{}')"),
];

/// Shapes × positions × entries.
pub(super) fn generated() -> Vec<Case> {
    let mut cases = Vec::new();
    let positions = ["before", "after"];
    for position in positions {
        let around = |import: &str, name: &str| match position {
            "before" => format!("{name}\n{import}\n"),
            _ => format!("{import}\n{name}\n"),
        };
        for entry in ["p.a", "p.b"] {
            for (ask, b, then, demand) in ASKS {
                let a = around(&format!("from p import b\n{then}"), "x = type");
                let beside: String =
                    BESIDE.iter().filter(|(name, _)| b.contains(name)).map(|(_, files)| *files).collect();
                let text = format!("--- p/a.py\n{a}--- p/b.py\n{b}\n{beside}");
                cases.push(Case::new(format!("{ask}; bound {position}; {entry}"), entry, &text, *demand));
            }
            for (import, a) in IMPORTS {
                for (ask, b, then, demand) in ASKS.iter().filter(|ask| CROSSED.contains(&ask.0)) {
                    let a = around(&format!("{a}\n{then}"), "x = type");
                    let text = format!("--- p/a.py\n{a}--- p/b.py\n{b}\ny = 1\n");
                    let name = format!("{import}; {ask}; bound {position}; {entry}");
                    cases.push(Case::new(name, entry, &text, *demand));
                }
            }
        }
        for (call, b, demand) in CALLS {
            let a = around("from p import b", "x = type");
            let text =
                format!("--- p/a.py\n{a}--- p/b.py\ndef run():\n    from p.a import x\n    return x\n{b}\n");
            cases.push(Case::new(format!("call, {call}; bound {position}"), "p.a", &text, *demand));
        }
        for (init, import) in INITS {
            let init_text = around(import, "name = 1");
            for (child, a) in CHILDREN {
                for entry in ["p", "p.b"] {
                    let text = format!(
                        "--- p/__init__.py\n{init_text}--- p/a.py\n{a}\ny = 1\n--- p/b.py\nz = 1\n\
                         --- p/c.py\nfrom p import name as n\n"
                    );
                    let name = format!("init, {init}; {child}; bound {position}; {entry}");
                    cases.push(Case::new(name, entry, &text, Exact));
                }
            }
        }
        for (link, import) in LINKS {
            for entry in ["p.a", "p.b", "p.c"] {
                // Only `a` binds late: the ring dies for some entries and not for others.
                let a = around(&import.replace("{}", "b"), "x = 1");
                let (b, c) = (import.replace("{}", "c"), import.replace("{}", "a"));
                let text = format!("--- p/a.py\n{a}--- p/b.py\nx = 1\n{b}\n--- p/c.py\nx = 1\n{c}\n");
                cases.push(Case::new(
                    format!("ring, {link}; bound {position}; {entry}"),
                    entry,
                    &text,
                    Exact,
                ));
            }
        }
    }
    cases
}

/// Those written by hand.
pub(super) fn specials() -> Vec<Case> {
    let one = |&(name, entry, text, demand): &(&str, &str, &str, Demand)| {
        Case::new(name.to_owned(), entry, text, demand)
    };
    SPECIALS.iter().map(one).collect()
}

/// Name, entry, files, demand.
const SPECIALS: &[(&str, &str, &str, Demand)] = &[
    (
        "a submodule is found though the parent is not done",
        "p",
        "\
--- p/__init__.py
from p import a
--- p/a.py
from p import b
--- p/b.py
from p import a
",
        Exact,
    ),
    (
        "a name that the parent binds hides the submodule",
        "p",
        "\
--- p/__init__.py
b = 'text'
from p import a
--- p/a.py
from p import b
from p.b import y
--- p/b.py
y = 1
",
        Exact,
    ),
    (
        "a name that the parent binds hides the submodule: its attribute",
        "p",
        "\
--- p/__init__.py
import p.b
from p.a import b
from p.c import z
--- p/a.py
b = 'text'
--- p/b.py
y = 1
--- p/c.py
from p import b
z = b.upper()
",
        Exact,
    ),
    (
        "a ring of two is entered from outside at the good end",
        "main",
        "\
--- main.py
import p.b
import p.a
--- p/a.py
from p.b import y
x = 1
--- p/b.py
import p.a
y = 1
from p.a import x
",
        Exact,
    ),
    (
        "loads only because another module was loaded before",
        "main",
        "\
--- main.py
from p import good
from p import a
--- p/good.py
y = 1
from p import b
--- p/b.py
from p.good import y
x = 1
from p import a
--- p/a.py
from p.b import x
",
        Exact,
    ),
    (
        "the same, without what was loaded before",
        "p.a",
        "\
--- p/b.py
from p import a
x = 1
--- p/a.py
from p.b import x
",
        Exact,
    ),
    (
        "the same, loaded before by the parent",
        "p.a",
        "\
--- p/__init__.py
from p import b
--- p/b.py
x = 1
from p import a
--- p/a.py
from p.b import x
",
        Exact,
    ),
    (
        "a star takes what is bound so far",
        "p.a",
        "\
--- p/a.py
x = 1
from p.b import z
--- p/b.py
from p.a import *
z = x
",
        Exact,
    ),
    (
        "a star with __all__ that is not bound yet",
        "p.a",
        "\
--- p/a.py
__all__ = ['x']
from p.b import z
x = 1
--- p/b.py
from p.a import *
z = 1
",
        Exact,
    ),
    (
        "a star with __all__ that is bound",
        "p.a",
        "\
--- p/a.py
__all__ = ['x']
x = 1
from p.b import z
--- p/b.py
from p.a import *
z = x
",
        Exact,
    ),
    (
        "a star with __all__ of submodules imports them",
        "p",
        "\
--- p/__init__.py
__all__ = ['a', 'b']
from p.a import *
--- p/a.py
from p import *
--- p/b.py
from p import a
",
        Exact,
    ),
    (
        "a star with __all__ that names nothing",
        "p.a",
        "\
--- p/a.py
from p.b import *
--- p/b.py
__all__ = ['gone']
",
        Exact,
    ),
    (
        "a re-export through a star is there only afterwards",
        "p.a",
        "\
--- p/__init__.py
from p.a import *
--- p/a.py
from p.b import z
x = 1
--- p/b.py
from p import x
z = 1
",
        Exact,
    ),
    (
        "a re-export through a star is taken from its source",
        "p.a",
        "\
--- p/__init__.py
from p.a import *
--- p/a.py
x = 1
from p.b import z
--- p/b.py
from p.a import x
z = 1
",
        Exact,
    ),
    (
        "__getattr__ answers",
        "p.a",
        "\
--- p/a.py
def __getattr__(name):
    if name == 'x':
        return 1
    raise AttributeError(name)
from p import b
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "__getattr__ is not there yet",
        "p.a",
        "\
--- p/a.py
from p import b
def __getattr__(name):
    if name == 'x':
        return 1
    raise AttributeError(name)
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "__getattr__ imports what asks",
        "p",
        "\
--- p/__init__.py
def __getattr__(name):
    if name == 'x':
        from p.b import x
        return x
    raise AttributeError(name)
--- p/b.py
from p import x
",
        Undecided,
    ),
    (
        "__getattr__ imports what binds",
        "p.a",
        "\
--- p/__init__.py
def __getattr__(name):
    if name == 'x':
        from p.b import x
        return x
    raise AttributeError(name)
--- p/a.py
from p import x
--- p/b.py
x = 1
",
        Undecided,
    ),
    (
        "__getattr__ knows another name",
        "p.a",
        "\
--- p/__init__.py
def __getattr__(name):
    if name == 'x':
        return 1
    raise AttributeError(name)
--- p/a.py
from p import y
",
        Undecided,
    ),
    (
        "a name bound only in a try body that fails",
        "p.a",
        "\
--- p/a.py
try:
    import p.gone
    x = 1
except ImportError:
    pass
--- p/b.py
",
        Exact,
    ),
    (
        "a name bound only in a try body that fails is asked for",
        "p.b",
        "\
--- p/a.py
try:
    import p.gone
    x = 1
except ImportError:
    pass
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a name bound before the failure in a try body",
        "p.b",
        "\
--- p/a.py
try:
    x = 1
    import p.gone
except ImportError:
    pass
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a name bound in the handler",
        "p.b",
        "\
--- p/a.py
try:
    from p.gone import x
except ImportError:
    x = None
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a name bound only in the handler that does not run",
        "p.b",
        "\
--- p/a.py
try:
    import p.c
except ImportError:
    x = None
--- p/c.py
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a name bound in else",
        "p.b",
        "\
--- p/a.py
try:
    import p.c
except ImportError:
    pass
else:
    x = 1
--- p/c.py
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a name bound in else that does not run",
        "p.b",
        "\
--- p/a.py
try:
    import p.gone
except ImportError:
    pass
else:
    x = 1
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a handler that does not run may be broken",
        "p.a",
        "\
--- p/a.py
try:
    import p.b
except ImportError:
    import p.gone
--- p/b.py
",
        Exact,
    ),
    (
        "a handler that runs and is broken",
        "p.a",
        "\
--- p/a.py
try:
    import p.gone
except ImportError:
    import p.lost
",
        Exact,
    ),
    (
        "a type-checking name is asked for at run time",
        "p.b",
        "\
--- p/a.py
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from p.c import x
--- p/b.py
from p.a import x
--- p/c.py
x = 1
",
        Exact,
    ),
    (
        "a type-checking name with a run-time twin",
        "p.b",
        "\
--- p/a.py
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from p.c import x
else:
    x = None
--- p/b.py
from p.a import x
--- p/c.py
x = 1
",
        Exact,
    ),
    (
        "a name that is only annotated",
        "p.b",
        "\
--- p/a.py
x: int
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a name deleted",
        "p.b",
        "\
--- p/a.py
x = 1
del x
--- p/b.py
from p.a import x
",
        NoFalseDeath,
    ),
    (
        "a name deleted after the cycle",
        "p.a",
        "\
--- p/a.py
x = 1
from p import b
del x
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a name deleted and bound again",
        "p.b",
        "\
--- p/a.py
x = 1
del x
x = 2
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a submodule deleted from its parent is found in sys.modules",
        "p.b",
        "\
--- p/__init__.py
from p import a
del a
--- p/a.py
--- p/b.py
from p import a
",
        Exact,
    ),
    (
        "a failed module is tried again: still broken",
        "p.a",
        "\
--- p/a.py
try:
    import p.b
except ImportError:
    pass
import p.b
--- p/b.py
import p.gone
",
        Exact,
    ),
    (
        "a failed module is tried again: the cycle is closed by then",
        "p.a",
        "\
--- p/a.py
try:
    from p.b import y
except ImportError:
    y = None
x = 1
from p.b import y
--- p/b.py
from p.a import x
y = 1
",
        Exact,
    ),
    (
        "what a failed module had loaded stays loaded",
        "p.a",
        "\
--- p/a.py
try:
    import p.b
except ImportError:
    pass
import p.c
p.c.z
--- p/b.py
import p.c
import p.gone
--- p/c.py
z = 1
",
        Exact,
    ),
    (
        "a failed submodule is not bound in its parent",
        "p.a",
        "\
--- p/a.py
try:
    from p import b
except ImportError:
    pass
import p
p.b
--- p/b.py
import p.gone
",
        Exact,
    ),
    (
        "a failed parent is tried again by a dotted import of its child",
        "main",
        "\
--- main.py
try:
    import p
except ImportError:
    pass
import p.a
--- p/__init__.py
import p.a
import p.gone
--- p/a.py
",
        Exact,
    ),
    (
        "a child that is loaded needs no parent for a name",
        "main",
        "\
--- main.py
try:
    import p
except ImportError:
    pass
from p.a import x
--- p/__init__.py
from p.a import x
import gone_p.q
--- p/a.py
x = 1
--- gone_p/__init__.py
",
        Exact,
    ),
    (
        "a guard around a module far below",
        "main",
        "\
--- main.py
try:
    import p.a
except ImportError:
    pass
--- p/a.py
import p.b
--- p/b.py
from p.c import gone
--- p/c.py
",
        Exact,
    ),
    (
        "a guard far below that catches another",
        "main",
        "\
--- main.py
import p.a
--- p/a.py
try:
    import p.b
except ModuleNotFoundError:
    pass
--- p/b.py
from p.c import gone
--- p/c.py
",
        Exact,
    ),
    (
        "ModuleNotFoundError of a module far below",
        "main",
        "\
--- main.py
import p.a
--- p/a.py
try:
    import p.b
except ModuleNotFoundError:
    pass
--- p/b.py
import p.gone
",
        Exact,
    ),
    (
        "a name asked of a module is no module",
        "p.a",
        "\
--- p/a.py
try:
    from p.b import gone
except ModuleNotFoundError:
    pass
--- p/b.py
",
        Exact,
    ),
    (
        "a module below a module",
        "p.a",
        "\
--- p/a.py
import p.b.c
--- p/b.py
",
        Exact,
    ),
    (
        "a module below a module, guarded",
        "p.a",
        "\
--- p/a.py
try:
    import p.b.c
except ModuleNotFoundError:
    pass
--- p/b.py
",
        Exact,
    ),
    (
        "relative imports two up",
        "p.q.a",
        "\
--- p/__init__.py
name = 1
from .q import b
--- p/q/a.py
from .. import name
--- p/q/b.py
from .a import name
from ..q import a
",
        Exact,
    ),
    (
        "relative imports two up, too early",
        "p.q.a",
        "\
--- p/__init__.py
from .q import b
name = 1
--- p/q/a.py
from .. import name
--- p/q/b.py
from .a import name
",
        Exact,
    ),
    (
        "a relative import beyond the root",
        "p.a",
        "\
--- p/a.py
from .. import q
",
        Exact,
    ),
    (
        "a relative import in a module of no package",
        "main",
        "\
--- main.py
from . import other
--- other.py
",
        Exact,
    ),
    (
        "parents import siblings that import parents",
        "p.q.a",
        "\
--- p/__init__.py
from p.q import a
--- p/q/__init__.py
from p.r import b
z = 1
--- p/q/a.py
y = 1
--- p/r/__init__.py
from p.r import b
--- p/r/b.py
from p.q.a import y
",
        Exact,
    ),
    (
        "a sibling's parent asks too early",
        "p.q.a",
        "\
--- p/q/__init__.py
from p.r import b
z = 1
--- p/q/a.py
y = 1
--- p/r/__init__.py
from p.r import b
--- p/r/b.py
from p.q import z
",
        Exact,
    ),
    (
        "the same ring entered from the other side",
        "p.r.b",
        "\
--- p/q/__init__.py
from p.r import b
z = 1
--- p/q/a.py
y = 1
--- p/r/__init__.py
from p.r import b
--- p/r/b.py
from p.q import z
",
        Exact,
    ),
    (
        "a namespace package has no names",
        "ns.a",
        "\
--- ns/a.py
from ns import b
from ns.b import x
--- ns/b.py
import ns.a
x = 1
",
        Exact,
    ),
    (
        "a name of a namespace package",
        "ns.a",
        "\
--- ns/a.py
from ns import gone
--- ns/b.py
",
        NoFalseDeath,
    ),
    (
        "an attribute of a package that nobody loaded",
        "p.a",
        "\
--- p/a.py
import p
p.b
--- p/b.py
",
        Exact,
    ),
    (
        "an attribute of a package that somebody else loaded",
        "p.a",
        "\
--- p/a.py
import p
import p.c
p.b.x
--- p/b.py
x = 1
--- p/c.py
import p.b
",
        Exact,
    ),
    (
        "import a.b.c binds what lies between",
        "p.a",
        "\
--- p/a.py
import p.q.b
p.q.b.x
--- p/q/b.py
x = 1
",
        Exact,
    ),
    (
        "import a.b as c inside the parent of both",
        "p",
        "\
--- p/__init__.py
import p.a as m
import p.b as n
n.y
--- p/a.py
import p.b as n
--- p/b.py
import p.a as m
y = 1
",
        Exact,
    ),
    (
        "a symbol of the entry is bound",
        "p.main:app",
        "\
--- p/main.py
from p import a
app = 1
--- p/a.py
import p.main
",
        Exact,
    ),
    (
        "a symbol of the entry is not bound",
        "p.main:gone",
        "\
--- p/main.py
app = 1
",
        Exact,
    ),
    (
        "a symbol of the entry is bound by a function",
        "p.main:app",
        "\
--- p/main.py
def create():
    from p.routes import router
    return router
app = create()
--- p/routes.py
from p import main
router = 1
",
        Exact,
    ),
    (
        "a symbol of the entry is asked for by what makes it",
        "p.main:app",
        "\
--- p/main.py
def create():
    from p.routes import router
    return router
app = create()
--- p/routes.py
from p.main import app
router = 1
",
        Exact,
    ),
    (
        "an application factory is not called",
        "p.main",
        "\
--- p/main.py
def create():
    from p.routes import router
    return router
--- p/routes.py
import p.gone
",
        Exact,
    ),
    (
        "an application factory of another module",
        "p.main",
        "\
--- p/main.py
from p.factory import create
app = create()
--- p/factory.py
def create():
    _routes()
def _routes():
    from p import routes
--- p/routes.py
from p.gone import x
",
        Exact,
    ),
    (
        "a factory that is a method",
        "p.main",
        "\
--- p/main.py
from p.factory import Factory
app = Factory().create()
--- p/factory.py
class Factory:
    def create(self):
        self._routes()
    def _routes(self):
        from p import gone
",
        NoFalseDeath,
    ),
    (
        "a recursive function",
        "p.a",
        "\
--- p/a.py
def run(n=2):
    from p import b
    if n:
        run(n - 1)
run()
--- p/b.py
from p.a import run
",
        Exact,
    ),
    (
        "two functions that call each other",
        "p.a",
        "\
--- p/a.py
def one(n):
    from p.b import y
    return n and two(n - 1)
def two(n):
    return n and one(n - 1)
one(3)
--- p/b.py
from p import a
y = 1
",
        Exact,
    ),
    (
        "a function is defined twice and the second is called",
        "p.a",
        "\
--- p/a.py
def run():
    import p.gone
def run():
    pass
run()
",
        Exact,
    ),
    (
        "a function is called before it is defined again",
        "p.a",
        "\
--- p/a.py
def run():
    pass
run()
def run():
    import p.gone
",
        Exact,
    ),
    (
        "a function of another name is called",
        "p.a",
        "\
--- p/a.py
from p.b import run as go
def run():
    import p.gone
go()
--- p/b.py
def run():
    pass
",
        Exact,
    ),
    (
        "a parameter hides the function",
        "p.a",
        "\
--- p/a.py
def run():
    import p.gone
def call(run):
    run()
call(print)
",
        Exact,
    ),
    (
        "a local function hides the module's",
        "p.a",
        "\
--- p/a.py
def run():
    import p.gone
def call():
    def run():
        pass
    run()
call()
",
        Exact,
    ),
    (
        "a builtin's name is no function of ours",
        "p.a",
        "\
--- p/a.py
import p.b
len([])
--- p/b.py
def len(_):
    import p.gone
",
        Exact,
    ),
    (
        "a method of the name of a function",
        "p.a",
        "\
--- p/a.py
class K:
    def run(self):
        import p.gone
def run():
    pass
run()
",
        Exact,
    ),
    (
        "a guarded ring of three",
        "p.a",
        "\
--- p/a.py
from p.b import y
x = 1
--- p/b.py
try:
    from p.c import z
except ImportError:
    z = None
y = 1
--- p/c.py
from p.a import x
z = 1
",
        Exact,
    ),
    (
        "a guarded ring of three is asked for what failed",
        "p.a",
        "\
--- p/a.py
from p.b import y
x = 1
from p.b import z
--- p/b.py
try:
    from p.c import z
except ImportError:
    pass
y = 1
--- p/c.py
from p.a import x
z = 1
",
        Exact,
    ),
    (
        "a ring of three, one link deferred",
        "p.a",
        "\
--- p/a.py
from p.b import y
x = 1
--- p/b.py
from p.c import z
y = 1
--- p/c.py
def later():
    from p.a import x
z = 1
",
        Exact,
    ),
    (
        "a ring of three, the deferred link is run",
        "p.a",
        "\
--- p/a.py
from p.b import y
x = 1
--- p/b.py
from p.c import z, later
later()
y = 1
--- p/c.py
def later():
    from p.a import x
z = 1
",
        Exact,
    ),
    (
        "a ring of three, the deferred link is run at the end",
        "p.a",
        "\
--- p/a.py
from p.b import y
x = 1
from p.c import later
later()
--- p/b.py
from p.c import z
y = 1
--- p/c.py
def later():
    from p.a import x
z = 1
",
        Exact,
    ),
    (
        "two rings that share a module",
        "p.a",
        "\
--- p/a.py
from p import b
from p import c
x = 1
--- p/b.py
from p import a
y = 1
--- p/c.py
from p.b import y
from p import a
",
        Exact,
    ),
    (
        "import_module of what does not exist",
        "p.a",
        "\
--- p/a.py
import importlib
importlib.import_module('p.gone')
",
        Exact,
    ),
    (
        "import_module of what does not exist, guarded",
        "p.a",
        "\
--- p/a.py
import importlib
try:
    importlib.import_module('p.gone')
except ImportError:
    pass
",
        Exact,
    ),
    (
        "import_module by its own name",
        "p.a",
        "\
--- p/a.py
from importlib import import_module
import_module('p.gone')
",
        Exact,
    ),
    (
        "import_module, relative",
        "p.a",
        "\
--- p/a.py
from importlib import import_module
import_module('.b', package='p')
import_module('.b', __package__)
--- p/b.py
from p import a
",
        Exact,
    ),
    (
        "import_module, relative, gone",
        "p.a",
        "\
--- p/a.py
from importlib import import_module
import_module('.gone', 'p')
",
        Exact,
    ),
    (
        "import_module of a name that is made",
        "p.a",
        "\
--- p/a.py
import importlib
name = 'go' + 'ne'
importlib.import_module('p.' + name)
",
        NoFalseDeath,
    ),
    (
        "a module takes its own name",
        "p.a",
        "\
--- p/a.py
from p.a import x
x = 1
",
        Exact,
    ),
    (
        "a module takes its own name, bound",
        "p.a",
        "\
--- p/a.py
x = 1
from p.a import x as y
",
        Exact,
    ),
    (
        "a module imports itself",
        "p.a",
        "\
--- p/a.py
import p.a
from p import a
a.__name__
",
        Exact,
    ),
    (
        "a package imports itself",
        "p",
        "\
--- p/__init__.py
import p
from . import a
p.a
--- p/a.py
import p
",
        Exact,
    ),
    (
        "a main module",
        "p.__main__",
        "\
--- p/__main__.py
from p import cli
if __name__ == '__main__':
    import p.gone
--- p/cli.py
import p
",
        Exact,
    ),
    (
        "conditional and missing",
        "p.a",
        "\
--- p/a.py
import os
if os.environ.get('NEVER_SET_BY_ANYONE'):
    import p.gone
",
        Undecided,
    ),
    (
        "conditional and there",
        "p.a",
        "\
--- p/a.py
import os
if os.environ.get('NEVER_SET_BY_ANYONE'):
    import p.b
--- p/b.py
from p import a
",
        Exact,
    ),
    (
        "a name bound on one branch only",
        "p.b",
        "\
--- p/a.py
import os
if os.sep:
    x = 1
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a name bound on the other branch only",
        "p.b",
        "\
--- p/a.py
import os
if os.sep:
    pass
else:
    x = 1
--- p/b.py
from p.a import x
",
        NoFalseDeath,
    ),
    (
        "if False",
        "p.a",
        "\
--- p/a.py
if False:
    import p.gone
",
        Undecided,
    ),
    (
        "a global statement binds",
        "p.b",
        "\
--- p/a.py
def run():
    global x
    x = 1
run()
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "a global statement of a function not called",
        "p.b",
        "\
--- p/a.py
def run():
    global x
    x = 1
--- p/b.py
from p.a import x
",
        NoFalseDeath,
    ),
    (
        "a global statement of a function called too late",
        "p.a",
        "\
--- p/a.py
def run():
    global x
    x = 1
from p import b
run()
--- p/b.py
from p.a import x
",
        NoFalseDeath,
    ),
    (
        "globals() binds",
        "p.b",
        "\
--- p/a.py
globals()['x'] = 1
--- p/b.py
from p.a import x
",
        Undecided,
    ),
    (
        "setattr of a module binds",
        "p.c",
        "\
--- p/a.py
--- p/b.py
from p import a
a.x = 1
--- p/c.py
import p.b
from p.a import x
",
        NoFalseDeath,
    ),
    (
        "sys.modules is written",
        "p.a",
        "\
--- p/a.py
import sys
import p.b
sys.modules['p.gone'] = p.b
import p.gone
--- p/b.py
",
        Undecided,
    ),
    (
        "sys.modules is written elsewhere",
        "p.a",
        "\
--- p/a.py
import p.b
import p.gone
from p import gone
--- p/b.py
import sys
sys.modules['p.gone'] = sys
",
        Undecided,
    ),
    (
        "setattr of a module that is half loaded binds",
        "p.a",
        "\
--- p/a.py
import p.b
x = 1
--- p/b.py
from p import a
setattr(a, 'x', 1)
from p.a import x
",
        NoFalseDeath,
    ),
    (
        "a walrus, a for and a with bind",
        "p.a",
        "\
--- p/a.py
import contextlib
for i in (1,): pass
with contextlib.nullcontext(1) as w: pass
if (z := 1): pass
try:
    raise ValueError
except ValueError as e: pass
def f(): ...
class C: ...
(u, [v, *t]) = 1, [2, 3]
from p import b
--- p/b.py
from p.a import i, w, z, f, C, u, v, t
",
        Exact,
    ),
    (
        "the name of a handler is gone after it",
        "p.b",
        "\
--- p/a.py
try:
    raise ValueError
except ValueError as e:
    pass
--- p/b.py
from p.a import e
",
        NoFalseDeath,
    ),
    (
        "a sibling of a script",
        "main",
        "\
--- main.py
import other
--- other.py
import main
from main import other
",
        Exact,
    ),
    (
        "a package beside a module of its name",
        "main",
        "\
--- main.py
from p.twin import x
--- p/twin.py
y = 1
--- p/twin/__init__.py
x = 1
from p import twin
",
        Exact,
    ),
    (
        "a first-party module of a standard name",
        "p.a",
        "\
--- p/a.py
import json
from . import json as ours
ours.x
--- p/json.py
import json
json.dumps
x = 1
",
        Exact,
    ),
    (
        "a future import",
        "p.a",
        "\
--- p/a.py
from __future__ import annotations
from p.b import y
--- p/b.py
from __future__ import annotations
from p import a
y = 1
",
        Exact,
    ),
    (
        "several names, one of them gone",
        "p.a",
        "\
--- p/a.py
from p.b import (
    y,
    gone,
)
--- p/b.py
y = 1
",
        Exact,
    ),
    (
        "after the first death nothing is run",
        "p.b",
        "\
--- p/a.py
try:
    import p.gone
    import p.lost
    x = 1
except ImportError:
    from p.c import x
--- p/b.py
from p.a import x
--- p/c.py
x = 1
",
        Exact,
    ),
    (
        "a nested function's import runs only when called",
        "p.a",
        "\
--- p/a.py
def outer():
    def inner():
        import p.gone
    return inner
run = outer()
",
        Exact,
    ),
    (
        "a nested function called by its parent",
        "p.a",
        "\
--- p/a.py
def outer():
    def inner():
        import p.gone
    inner()
outer()
",
        Exact,
    ),
    (
        "a class body inside a called function",
        "p.a",
        "\
--- p/a.py
def outer():
    class C:
        import p.gone
outer()
",
        Exact,
    ),
    (
        "a class body inside a function not called",
        "p.a",
        "\
--- p/a.py
def outer():
    class C:
        import p.gone
",
        Exact,
    ),
    (
        "an exception group's handler",
        "p.a",
        "\
--- p/a.py
try:
    from p.b import gone
except* ImportError:
    pass
--- p/b.py
",
        Undecided,
    ),
    (
        "a handler of a first-party exception class",
        "p.a",
        "\
--- p/a.py
class Missing(ImportError): ...
try:
    from p.b import gone
except Missing:
    pass
--- p/b.py
",
        Undecided,
    ),
    (
        "a handler of a tuple by name",
        "p.a",
        "\
--- p/a.py
ERRORS = (ImportError, ValueError)
try:
    from p.b import gone
except ERRORS:
    pass
--- p/b.py
",
        Undecided,
    ),
    (
        "a handler that raises another kind on a condition",
        "p.a",
        "\
--- p/a.py
import os
try:
    from p.b import gone
except ImportError:
    if not os.sep:
        raise
--- p/b.py
",
        Undecided,
    ),
    (
        "an instance of another module's class",
        "p.a",
        "\
--- p/a.py
from p.b import Service
service = Service()
x = 1
--- p/b.py
class Service:
    def __init__(self):
        from p.a import x
",
        Exact,
    ),
    (
        "an instance of another module's class, late enough",
        "p.a",
        "\
--- p/a.py
from p.b import Service
x = 1
service = Service()
--- p/b.py
class Service:
    def __init__(self):
        from p.a import x
",
        Exact,
    ),
    (
        "a module's instance whose method is called elsewhere",
        "p.a",
        "\
--- p/a.py
from p.b import service
service.start()
x = 1
--- p/b.py
class Service:
    def start(self):
        from p.a import x
service = Service()
",
        NoFalseDeath,
    ),
    (
        "a getter that makes the instance",
        "p.a",
        "\
--- p/a.py
from p.b import get
get()
x = 1
--- p/b.py
_one = None
class Service:
    def __init__(self):
        from p.a import x
def get():
    global _one
    if _one is None:
        _one = Service()
    return _one
",
        Undecided,
    ),
    (
        "a function guards its own import and is asked twice",
        "p.a",
        "\
--- p/a.py
from p.b import get
get()
x = 1
get()
--- p/b.py
def get():
    try:
        from p.a import x
    except ImportError:
        x = None
    return x
",
        Exact,
    ),
    (
        "an ImportError raised by the code",
        "p.a",
        "\
--- p/a.py
import p.b
--- p/b.py
raise ImportError('not here')
",
        NoFalseDeath,
    ),
    (
        "an ImportError raised by the code, caught",
        "p.a",
        "\
--- p/a.py
try:
    from p.b import x
except ImportError:
    x = None
--- p/b.py
raise ImportError('not here')
",
        Exact,
    ),
    (
        "a name after an ImportError raised by the code",
        "p.c",
        "\
--- p/a.py
try:
    from p.b import x
except ImportError:
    y = None
--- p/b.py
x = 1
raise ImportError('not here')
--- p/c.py
from p.a import y
",
        NoFalseDeath,
    ),
    (
        "several modules in one statement",
        "p.a",
        "\
--- p/a.py
import p.b, p.c as c
x = 1
--- p/b.py
import p.c as c
--- p/c.py
from p import a
",
        Exact,
    ),
    (
        "several modules in one statement, the last is gone",
        "p.a",
        "\
--- p/a.py
import p.b, p.gone
--- p/b.py
",
        Exact,
    ),
    (
        "a star binds the submodules that are loaded",
        "p.a",
        "\
--- p/__init__.py
from p import b
--- p/a.py
from p import *
b.x
--- p/b.py
x = 1
",
        Exact,
    ),
    (
        "a star leaves private names out",
        "p.b",
        "\
--- p/a.py
from p.c import *
--- p/b.py
from p.a import _x
--- p/c.py
_x = 1
",
        Exact,
    ),
    (
        "a star takes private names of __all__",
        "p.b",
        "\
--- p/a.py
from p.c import *
--- p/b.py
from p.a import _x
--- p/c.py
__all__ = ['_x']
_x = 1
",
        Exact,
    ),
    (
        "a star leaves out what __all__ does not list",
        "p.b",
        "\
--- p/a.py
from p.c import *
--- p/b.py
from p.a import x
--- p/c.py
__all__ = ['y']
x = y = 1
",
        Exact,
    ),
    (
        "two stars on the way",
        "p.b",
        "\
--- p/a.py
from p.c import *
--- p/b.py
from p.a import x
--- p/c.py
from p.d import *
--- p/d.py
x = 1
from p import b
",
        Exact,
    ),
    (
        "two stars on the way, the source is not done",
        "p.d",
        "\
--- p/a.py
from p.c import *
--- p/b.py
from p.a import x
--- p/c.py
from p.d import *
--- p/d.py
from p import b
x = 1
",
        Exact,
    ),
    (
        "__all__ is put together",
        "p.b",
        "\
--- p/a.py
from p import c
from p.c import *
__all__ = ['y'] + c.__all__
__all__ += ['z']
y = z = 1
--- p/b.py
from p.a import *
from p.a import x, y, z
--- p/c.py
__all__ = ['x']
x = 1
",
        Exact,
    ),
    (
        "a function defined on one of two branches",
        "p.a",
        "\
--- p/a.py
import os
if os.sep:
    def run(): ...
else:
    def run():
        import p.gone
run()
",
        NoFalseDeath,
    ),
    (
        "a function replaced by assignment",
        "p.a",
        "\
--- p/a.py
def run():
    import p.gone
run = print
run()
",
        Exact,
    ),
    (
        "a function wrapped by a decorator",
        "p.a",
        "\
--- p/a.py
def quiet(f):
    return lambda: None
@quiet
def run():
    import p.gone
run()
",
        Undecided,
    ),
    (
        "a function wrapped by a decorator that calls it",
        "p.a",
        "\
--- p/a.py
def plain(f):
    def inner():
        return f()
    return inner
@plain
def run():
    from p.b import gone
run()
--- p/b.py
",
        NoFalseDeath,
    ),
    (
        "a cached function",
        "p.a",
        "\
--- p/a.py
import functools
@functools.lru_cache(maxsize=None)
def run():
    from p.b import gone
run()
--- p/b.py
",
        Exact,
    ),
    (
        "a context manager function",
        "p.a",
        "\
--- p/a.py
import contextlib
@contextlib.contextmanager
def guard():
    from p.b import gone
    yield
with guard():
    pass
--- p/b.py
",
        NoFalseDeath,
    ),
    (
        "a context manager of ours that absorbs",
        "p.a",
        "\
--- p/a.py
class Quiet:
    def __enter__(self): ...
    def __exit__(self, *_):
        return True
with Quiet():
    import p.gone
",
        Undecided,
    ),
    (
        "a context manager function that absorbs",
        "p.a",
        "\
--- p/a.py
import contextlib
@contextlib.contextmanager
def quiet():
    try:
        yield
    except ImportError:
        pass
with quiet():
    import p.gone
",
        Undecided,
    ),
    (
        "a decorator that guards the call",
        "p.a",
        "\
--- p/a.py
def safe(f):
    def inner():
        try:
            return f()
        except ImportError:
            return None
    return inner
@safe
def run():
    import p.gone
run()
",
        Undecided,
    ),
    (
        "a function that guards what it is given",
        "p.a",
        "\
--- p/a.py
def safe(f):
    try:
        f()
    except ImportError:
        pass
def run():
    import p.gone
safe(run)
",
        Exact,
    ),
    (
        "a thread runs it",
        "p.a",
        "\
--- p/a.py
import threading
def run():
    try:
        import p.b
    except ImportError:
        pass
thread = threading.Thread(target=run)
thread.start()
thread.join()
--- p/b.py
import p.gone
",
        Exact,
    ),
    (
        "the parent guards its child, the child is started",
        "p.a",
        "\
--- p/__init__.py
try:
    from p.a import x
except ImportError:
    x = None
--- p/a.py
from p.b import gone
x = 1
--- p/b.py
",
        Exact,
    ),
    (
        "the parent guards a child that asks the parent",
        "p.b",
        "\
--- p/__init__.py
try:
    from p.a import x
except ImportError:
    x = None
name = 1
--- p/a.py
from p import name
x = 1
--- p/b.py
from p.a import x
",
        Exact,
    ),
    (
        "the parent guards a child that asks the parent, and the child is started",
        "p.a",
        "\
--- p/__init__.py
try:
    from p.a import x
except ImportError:
    x = None
name = 1
--- p/a.py
from p import name
x = 1
",
        Exact,
    ),
    (
        "the parent dies for every child",
        "p.c",
        "\
--- p/__init__.py
from p.a import gone
--- p/a.py
--- p/c.py
",
        Exact,
    ),
    (
        "the parent of a parent dies",
        "p.q.c",
        "\
--- p/__init__.py
--- p/q/__init__.py
from p.a import gone
--- p/a.py
--- p/q/c.py
",
        Exact,
    ),
    (
        "a symbol of the entry is a submodule",
        "p:a",
        "\
--- p/__init__.py
from p import b
--- p/a.py
--- p/b.py
import p.a
",
        Exact,
    ),
    (
        "a symbol of the entry is a submodule that nobody loads",
        "p:a",
        "\
--- p/__init__.py
--- p/a.py
",
        Undecided,
    ),
    (
        "an import in a function's guard's handler",
        "p.a",
        "\
--- p/a.py
def run():
    try:
        from p.b import gone
    except ImportError:
        from p.b import y
run()
--- p/b.py
y = 1
",
        Exact,
    ),
    (
        "a guard whose else dies",
        "p.a",
        "\
--- p/a.py
try:
    import p.b
except ImportError:
    pass
else:
    import p.gone
--- p/b.py
",
        Exact,
    ),
    (
        "a guard whose finally dies",
        "p.a",
        "\
--- p/a.py
try:
    import p.lost
except ImportError:
    pass
finally:
    import p.gone
",
        Exact,
    ),
    (
        "a guard in a loop",
        "p.a",
        "\
--- p/a.py
for _ in (1, 2):
    try:
        import p.gone
    except ImportError:
        continue
",
        Exact,
    ),
    (
        "a ring below a guard is left half done",
        "p.c",
        "\
--- p/a.py
import p.b
x = 1
--- p/b.py
from p.a import x
--- p/c.py
try:
    import p.a
except ImportError:
    pass
import p.b
",
        Exact,
    ),
    (
        "a ring below a guard, then the good end first",
        "p.c",
        "\
--- p/a.py
import p.b
x = 1
--- p/b.py
try:
    from p.a import x
except ImportError:
    x = 2
--- p/c.py
import p.b
from p.b import x
from p.a import x
",
        Exact,
    ),
    (
        "a deep ring",
        "p.a",
        "\
--- p/a.py
from p.b import x
--- p/b.py
from p.c import x
--- p/c.py
from p.d import x
--- p/d.py
from p.e import x
--- p/e.py
from p.a import x
",
        Exact,
    ),
    (
        "a deep ring that ends in a binding",
        "p.a",
        "\
--- p/a.py
x = 1
from p.b import y
--- p/b.py
from p.c import y
--- p/c.py
from p.d import y
--- p/d.py
from p.e import y
--- p/e.py
from p.a import x as y
",
        Exact,
    ),
    (
        "a function is called and then defined again",
        "p.b",
        "\
--- p/a.py
--- p/b.py
def g():
    from p import x
g()
def g():
    import p.a
g()
",
        Exact,
    ),
    (
        "a ring that dies by one entry, with a guard that catches another error",
        "p.c",
        "\
--- p/a.py
from p import c
from p import b
b.y
--- p/b.py
from p.d import y as z
--- p/c.py
def g():
    import p.a
g()
--- p/d.py
try:
    import p.c
except AttributeError:
    pass
from p.a import y
",
        Exact,
    ),
    (
        "a ring of stars, entered through a function",
        "p.e",
        "\
--- p/a.py
from p import b
b.f
--- p/b.py
from p.d import *
--- p/c.py
try:
    import p.d as m
except ImportError:
    pass
from p.a import *
--- p/d.py
try:
    from p import c
except ImportError:
    y = None
--- p/e.py
def g():
    from p import b
g()
",
        Exact,
    ),
    (
        "the entry is asked for by a ring below it",
        "p.e",
        "\
--- p/a.py
import p.d as m
--- p/c.py
try:
    from p import d
except AttributeError:
    raise
from p.e import f as h
h()
--- p/d.py
from p import c
--- p/e.py
from p.a import *
",
        Exact,
    ),
    (
        "a guard absorbs the first access, not the second",
        "p.d",
        "\
--- p/a.py
import p.b
--- p/b.py
try:
    import p.d as m
    m.y
except Exception:
    x = None
import p.d as m
m.y
--- p/d.py
try:
    import p.a
except ImportError:
    raise
",
        Exact,
    ),
    (
        "a ring that dies by this entry only",
        "p.c",
        "\
--- p/a.py
from p import b
--- p/b.py
import p.a as m
try:
    from .d import y as z
except AttributeError:
    raise
--- p/c.py
import p.a as m
--- p/d.py
from .c import x as z
y = 1
",
        Exact,
    ),
    (
        "a ring whose guard absorbs by this entry only",
        "p.e",
        "\
--- p/a.py
try:
    from . import c
except Exception:
    x = None
--- p/c.py
from p import a
from p.e import f as h
h()
--- p/d.py
from p.a import *
--- p/e.py
from p.d import x
",
        Exact,
    ),
    (
        "an attribute of a submodule that its package imports",
        "p.c",
        "\
--- p/__init__.py
from p import c
c.y
--- p/b.py
from p import c
c.x
x = 1
--- p/c.py
from p.b import x
",
        Exact,
    ),
    (
        "an attribute in a function of the module that calls it",
        "p.c",
        "\
--- p/a.py
def f():
    import p.c as m
    m.f
--- p/c.py
from p.a import f as h
h()
",
        Exact,
    ),
];

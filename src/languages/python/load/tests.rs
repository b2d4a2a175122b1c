//! Blocks as text: `import m.a+m.b` for one step of two rows, `m.x` for an access, `f()` for a call, `C().m()` for a
//! method of what it makes, `*f()` for one that drives, `f()()` for one whose result is called, `?` for nobody knows
//! whom, `<m.a>` for a local import.

use std::fmt::Write;

use proptest::prelude::*;

use crate::facts::Facts;
use crate::facts::load::{Block, Call, Callee, Catches, Code, FunctionKind, Step, Try, What};
use crate::languages::python::{ExtractOptions, code, extract};
use crate::source::FileKind;

struct Shown<'f> {
    facts: &'f Facts,
    code: &'f Code,
}

impl Shown<'_> {
    fn import(&self, index: u32) -> String {
        let import = &self.facts.imports[index as usize];
        let mut text = ".".repeat(import.level as usize) + &import.module;
        if let Some(name) = &import.name {
            text += if import.module.is_empty() { "" } else { "." };
            text += name;
        }
        text
    }

    fn callee(&self, callee: &Callee) -> String {
        match callee {
            Callee::Name(path) => path.to_string(),
            Callee::Import(index, rest) if rest.is_empty() => format!("<{}>", self.import(*index)),
            Callee::Import(index, rest) => format!("<{}>.{rest}", self.import(*index)),
            Callee::Function(index) => format!("fn:{}", self.code.functions[*index as usize].name),
            Callee::Receiver(name) => format!("self.{name}"),
            Callee::Super(name) => format!("super.{name}"),
            Callee::Unknown => "?".to_owned(),
        }
    }

    fn call(&self, call: &Call) -> String {
        let mut text = if call.drives { "*".to_owned() } else { String::new() };
        text += &self.callee(&call.callee);
        text += "()";
        if let Some(method) = &call.method {
            write!(text, ".{method}()").unwrap();
        }
        text + if call.result_called { "()" } else { "" }
    }

    fn guarded(&self, guarded: &Try) -> String {
        let mut text = format!("try{{{}}}", self.block(&guarded.body));
        for handler in &guarded.handlers {
            write!(text, " except[{}]{{{}}}", caught(handler.catches), self.block(&handler.body)).unwrap();
        }
        if !guarded.orelse.is_empty() {
            write!(text, " else{{{}}}", self.block(&guarded.orelse)).unwrap();
        }
        if !guarded.finalbody.is_empty() {
            write!(text, " finally{{{}}}", self.block(&guarded.finalbody)).unwrap();
        }
        text
    }

    fn step(&self, step: &Step) -> String {
        match &step.what {
            What::Import { first, count } => {
                let rows: Vec<String> = (*first..first + count).map(|index| self.import(index)).collect();
                format!("import {}", rows.join("+"))
            }
            What::Call(call) => self.call(call),
            What::Access(callee) => self.callee(callee),
            What::Try(guarded) => self.guarded(guarded),
            What::Maybe(arms) => {
                let arms: Vec<String> = arms.iter().map(|arm| self.block(arm)).collect();
                format!("maybe{{{}}}", arms.join(" | "))
            }
            What::Raise(_) => "raise".to_owned(),
        }
    }

    fn block(&self, block: &Block) -> String {
        block.iter().map(|step| self.step(step)).collect::<Vec<_>>().join("; ")
    }
}

fn caught(catches: Catches) -> String {
    if catches == Catches::all() - Catches::UNKNOWN {
        return "all".to_owned();
    }
    if catches == Catches::all() - Catches::UNKNOWN - Catches::EXIT {
        return "exceptions".to_owned();
    }
    let names = [
        (Catches::MISSING_MODULE, "module"),
        (Catches::MISSING_NAME, "name"),
        (Catches::ATTRIBUTE, "attribute"),
        (Catches::SYNTAX, "syntax"),
        (Catches::OTHER, "other"),
        (Catches::EXIT, "exit"),
        (Catches::UNKNOWN, "unknown"),
    ];
    let names: Vec<&str> =
        names.into_iter().filter(|(flag, _)| catches.contains(*flag)).map(|(_, name)| name).collect();
    names.join(",")
}

fn options() -> ExtractOptions {
    ExtractOptions {
        version: (3, 12),
        accesses: false,
        load: true,
        is_package: false,
        kind: FileKind::Module,
    }
}

fn facts(text: &str) -> Facts {
    let facts = extract(text.as_bytes(), &options());
    assert_eq!(facts.problems, [], "{text}");
    facts
}

fn load(text: &str) -> String {
    let facts = facts(text);
    Shown { facts: &facts, code: &Code::default() }.block(&facts.load)
}

/// Every function that runs anything or makes something of its own kind: `f: …`, `async f: …`, `generator f: …`.
fn functions(text: &str) -> Vec<String> {
    let facts = facts(text);
    let code = code(text.as_bytes(), &options(), &facts);
    let shown = Shown { facts: &facts, code: &code };
    code.functions
        .iter()
        .map(|function| {
            let kind = match function.kind {
                FunctionKind::Plain => "",
                FunctionKind::Async => "async ",
                FunctionKind::Generator => "generator ",
            };
            format!("{kind}{}: {}", function.name, shown.block(&function.body))
        })
        .collect()
}

fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(load(text), *expected, "\n{text}");
    }
}

#[test]
fn imports() {
    check(&[
        ("import a, b.c as d\nfrom m import x, y as z\n", "import a; import b.c; import m.x+m.y"),
        ("from . import q\nfrom m import *\n", "import .q; import m.*"),
        ("if TYPE_CHECKING:\n import a\nelse:\n import b\n", "import b"),
        ("if not TYPE_CHECKING:\n import a\n", "import a"),
        ("if __name__ == '__main__':\n import a\n f()\nimport b\n", "import b"),
        (
            "def f():\n import a\nlambda: __import__('b')\nclass C:\n import c\n def m(self):\n  import d\n",
            "import c",
        ),
        (
            "from importlib import import_module\ndef f(x): ...\nf(import_module('a.b'))\n__import__('c')\n",
            "import importlib.import_module; import a.b; f(); import c",
        ),
    ]);
}

#[test]
fn offsets_and_lines() {
    let text = "import a, b\nfrom m import (\n  x,\n)\ntry:\n  f = 1; import c\nexcept E: pass\n@x\nclass C:\n  y = x.g()\n  import d\n";
    let facts = facts(text);
    let shown = Shown { facts: &facts, code: &Code::default() };
    let at = |what: &str| text.find(what).unwrap() as u32;
    let all: Vec<(String, u32, u32)> =
        facts.load.iter().map(|step| (shown.step(step), step.at, step.line)).collect();
    let class = at("@x");
    assert_eq!(
        all,
        [
            ("import a".to_owned(), at("a, b"), 1),
            ("import b".to_owned(), at("b\n"), 1),
            ("import m.x".to_owned(), at("from m"), 2),
            ("try{import c} except[unknown]{}".to_owned(), at("try"), 5),
            ("x.g".to_owned(), class, 10),
            ("x.g()".to_owned(), class, 10),
            ("import d".to_owned(), class, 11),
            ("x()".to_owned(), class, 8),
        ]
    );
    let What::Try(guarded) = &facts.load[3].what else { panic!() };
    assert_eq!((guarded.body[0].at, guarded.body[0].line), (at("c\nexcept"), 6));
    let span = guarded.body_span;
    assert_eq!(&text[span.start as usize..span.end as usize], "f = 1; import c");
    let span = guarded.handlers[0].span;
    assert_eq!(&text[span.start as usize..span.end as usize], "pass");
    assert_eq!(guarded.orelse_span, crate::source::Span::default());
}

#[test]
fn calls_that_matter() {
    check(&[
        ("def f(): ...\nf(print(f(len(x))))\n", "f(); f()"),
        ("print(1)\n''.join(x)\n[].append(2)\n'{}'.format(1).upper()\nlen(x).y()\nstr(x).z()\n", ""),
        ("getattr(x, 'y').z()\n", "?()"),
        ("from m import *\nprint(1)\n", "import m.*; print()"),
        ("def f(): ...\nf()()\nf()[0]()\n", "f(); ?(); f(); ?()"),
        ("def f(g): ...\nf(f(1), f(x=2))\n", "f(); f(); f()"),
        ("import m\nm.f()\nm.g().h()\n", "import m; m.f; m.f(); m.g; m.g(); m.g().h()"),
        ("class C: ...\nC().m()\nC().a.b()\n", "C(); C().m(); C(); ?()"),
        ("class C: ...\nx = C(1)\nx.m()\nx.y.z()\n", "C(); C().m(); x.y.z()"),
        ("class C: ...\nx = C(1)\nx = 2\nx.m()\n", "C(); x.m()"),
        ("x = []\nx.append(1)\ny = dict()\ny.update()\nz = get()\nz.a()\n", "z.a()"),
        ("import m\nf'{m.f(m.x)!r:{m.w}}'\n", "import m; m.f; m.x; m.f(); m.w"),
        ("def f(): ...\nlambda x=f(): f()\n", "f()"),
        ("def f(): ...\nx[f()] = y = f(); del x[f()]\n", "f(); f(); f()"),
    ]);
}

#[test]
fn what_drives() {
    let table = [
        ("asyncio.run(f())", "asyncio.run; *f(); asyncio.run()"),
        (
            "asyncio.get_event_loop().run_until_complete(f())",
            "asyncio.get_event_loop; asyncio.get_event_loop(); *f(); asyncio.get_event_loop().run_until_complete()",
        ),
        ("anyio.run(f)", "*f()"),
        ("for x in f(): g()", "*f(); maybe{g()}"),
        ("list(f()); next(f()); len(f())", "*f(); *f(); f()"),
        ("with f() as x, g(): pass", "*f(); try{*g()} except[unknown]{}"),
        ("[x for x in f()]", "*f()"),
        ("[*f()]", "*f()"),
        ("next(f(), g())", "*f(); g()"),
    ];
    for (text, expected) in table {
        let prefix = "import asyncio\ndef f(): ...\ndef g(): ...\n";
        assert_eq!(load(&format!("{prefix}{text}\n")), format!("import asyncio; {expected}"), "{text}");
    }
    assert_eq!(
        functions(
            "async def f():\n await g()\n async with g(): pass\n async for x in g(): pass\ndef g():\n yield from g()\n"
        ),
        ["async f: *g(); *g(); *g()", "generator g: *g()"]
    );
    assert_eq!(functions("async def f():\n yield 1\ndef g():\n return\n yield\n")[1], "generator g: ");
}

#[test]
fn accesses() {
    check(&[
        ("import m\nm.x.y\nm.x.y\nm.x\nm.x = 1\nm.x.y = m.z\n", "import m; m.x.y; m.x; m.z"),
        ("import m\nm = 1\nm.x\n", "import m"),
        (
            "try:\n import m\nexcept ImportError:\n m = None\nm.x\n",
            "try{import m} except[module,name]{}; m.x",
        ),
        ("import m\nif x:\n m.y\nm.y\n", "import m; maybe{m.y}; m.y"),
        ("import m\nm.y\nif x:\n m.y\n", "import m; m.y"),
        ("import m\n[m.x for m in y]\n[m.x for y in m.z]\n", "import m; m.z; maybe{m.x}"),
        ("import m\nclass C(m.B, metaclass=m.M):\n x = m.f\n m = 1\n y = m.g\n", "import m; m.B; m.M"),
        ("import m\n(m.f)[m.g].x\nm.h().y\n", "import m; m.f; m.g; m.h; m.h()"),
        ("class C:\n import m\n m.x\n m.f()\n", "import m; <m>.x; <m>.f; <m>.f()"),
    ]);
}

#[test]
fn definitions() {
    check(&[
        (
            "import m\n@m.d\ndef f(x: m.T = m.D, *, y: m.U = m.E) -> m.R: m.z\n",
            "import m; m.d; m.D; m.E; m.T; m.U; m.R; m.d()",
        ),
        (
            "from __future__ import annotations\nimport m\ndef f(x: m.T = m.D) -> m.R: ...\nx: m.X = m.Y\n",
            "import __future__.annotations; import m; m.D; m.Y",
        ),
        ("import m\nx: m.X = m.Y\nclass C:\n y: 'm.Z'\n z: m.W\n", "import m; m.Y; m.X; m.W"),
        ("def d(*x): ...\n@d(d())\n@d\nclass C:\n d(1)\n", "d(); d()(); d(); d()"),
        (
            "class C:\n @property\n def x(self): ...\n @x.setter\n def x(self, v): ...\n @staticmethod\n def y(): ...\n",
            "",
        ),
        ("import functools as ft\n@ft.wraps(x)\ndef f(): ...\n", "import functools; ft.wraps; ft.wraps()()"),
    ]);
}

#[test]
fn conditions() {
    let prefix = "def a(): ...\nb = c = d = a\n";
    for (text, expected) in [
        ("if a():\n b()\nelif c():\n d()\nelse:\n a()", "a(); maybe{b() | c(); d() | a()}"),
        ("if True:\n a()\nelse:\n b()", "a()"),
        ("if x:\n pass", ""),
        ("if x:\n raise E", "maybe{raise}"),
        ("match a():\n case 1 if b(): c()\n case _: d()", "a(); maybe{b(); c() | d()}"),
        ("while a(): b()\nelse: c()", "a(); maybe{b()}; c()"),
        ("while True:\n a()\nb()", "a()"),
        ("while 1:\n a()\n if x: break\n b()\nc()", "a(); maybe{b()}; c()"),
        (
            "for x in y:\n a()\n if x: continue\n b()\nelse: d()\nc()",
            "maybe{a(); maybe{b()}}; maybe{d()}; c()",
        ),
        ("a() and b() or c()", "a(); maybe{b()}; maybe{c()}"),
        ("b() if a() else c() if d() else a()", "a(); maybe{b() | d(); c() | a()}"),
        ("[a() for x in b() if c() for y in d()]", "*b(); maybe{c(); *d(); a()}"),
        ("assert a(), b()", "a(); maybe{b()}"),
        ("raise a()\nb()", "a(); raise"),
        ("import sys\nsys.exit(a())\nb()", "import sys; a(); raise"),
        ("if x:\n sys.exit()\nelse:\n exit(1)\nb()", "maybe{raise | raise}"),
        ("pytest.skip('x', allow_module_level=True)\na()", "a()"),
    ] {
        assert_eq!(load(&format!("{prefix}{text}\n")), expected, "{text}");
    }
}

#[test]
fn returns() {
    for (text, expected) in [
        ("g()\nreturn h()\ng()", "g(); h()"),
        ("if x: return\ng()\nif y: return\nh()", "maybe{g()}; maybe{h()}"),
        ("if x: return g()\nelse: return h()\ng()", "maybe{g() | h()}"),
        ("if x: return g()\nelse: raise E\ng()", "maybe{g() | raise}"),
        ("try:\n g()\nexcept E:\n return\nh()", "try{g()} except[unknown]{}; maybe{h()}"),
        ("try:\n return g()\nfinally:\n h()\ng()", "try{g()} finally{h()}"),
        ("try:\n return g()\nexcept E:\n pass\nh()", "try{g()} except[unknown]{}; maybe{h()}"),
        ("for x in y:\n if x: return\n g()\nh()", "maybe{maybe{g()}}; maybe{h()}"),
        ("with x:\n return g()\nh()", "try{g()} except[unknown]{}; maybe{h()}"),
        ("def k():\n  return\ng()", "g()"),
    ] {
        let text: String = text.lines().map(|line| format!("  {line}\n")).collect();
        let text = format!("def g(): ...\ndef h(): ...\ndef f(x):\n{text}");
        assert_eq!(functions(&text)[2], format!("f: {expected}"), "{text}");
    }
}

#[test]
fn managers_that_may_swallow() {
    check(&[
        (
            "import threading\nwith threading.Lock(), open('f'): import a\n",
            "import threading; threading.Lock; *threading.Lock(); import a",
        ),
        (
            "import app\nwith app.quiet(): import a\n",
            "import app; app.quiet; *app.quiet(); try{import a} except[unknown]{}",
        ),
        ("from . import app\nwith app: import a\n", "import .app; try{import a} except[unknown]{}"),
    ]);
}

#[test]
fn an_attribute_by_getattr() {
    check(&[
        ("import m.n\ngetattr(m.n, 'x')\n", "import m.n; m.n; m.n.x"),
        ("import m\ngetattr(m, 'x', None)\n", "import m"),
        ("import m\nname = f()\ngetattr(m, name)\n", "import m"),
    ]);
}

#[test]
fn a_wrapper_may_do_anything() {
    let text = "import functools, app\n@app.safe\ndef f(): ...\n@functools.lru_cache(1)\ndef g(): ...\ndef h(): ...\n";
    let code = code(text.as_bytes(), &options(), &facts(text));
    let wrapped: Vec<bool> = code.functions.iter().map(|function| function.wrapped).collect();
    assert_eq!(wrapped, [true, false, false]);
}

#[test]
fn guards() {
    check(&[
        (
            "try:\n import a\nexcept:\n import b\nelse:\n import c\nfinally:\n import d\n",
            "try{import a} except[all]{import b} else{import c} finally{import d}",
        ),
        (
            "try: import a\nexcept (ImportError, m.ValueError) as e: raise\n",
            "try{import a} except[module,name,other]{raise}",
        ),
        (
            "try: import a\nexcept ModuleNotFoundError: pass\nexcept AttributeError: pass\nexcept SyntaxError: pass\nexcept Exception: pass\n",
            "try{import a} except[module]{} except[attribute]{} except[syntax]{} except[exceptions]{}",
        ),
        (
            "try: import a\nexcept (IMPORT_ERRORS, *x): pass\nexcept socket.error: pass\nexcept f(): pass\n",
            "try{import a} except[unknown]{} except[unknown]{} except[unknown]{}",
        ),
        ("Errors = (ImportError,)\ntry: import a\nexcept Errors: pass\n", "try{import a} except[unknown]{}"),
        ("try:\n x = 1\nexcept E:\n pass\n", ""),
        ("with suppress(ImportError, KeyError):\n import a\n", "try{import a} except[module,name,other]{}"),
        (
            "with pytest.raises(ImportError, match='x') as e:\n import a\n",
            "try{import a} except[module,name]{}",
        ),
        (
            "with self.assertRaises((ImportError, OSError)):\n import a\n",
            "try{import a} except[module,name,other]{}",
        ),
        ("try: import a\nexcept* ImportError: pass\n", "try{import a} except[module,name]{}"),
    ]);
}

#[test]
fn scopes_of_functions() {
    let text = "\
import m
app = m.App()
def outer(p, q: str):
    from a.b import c, d as e
    import x.y
    def inner():
        c(); p(); inner()
        return e.z()
    c(); e.f(); x.y.g(); m.h(); p(); p.q(); q.strip(); outer(); inner()
    made = e.C()
    made.run()
    local = p
    local.run()
    app.run()
    m2 = m
    return inner
class C(m.B, Base[int], object, metaclass=M):
    def a(self, x):
        self.b(); self.b.c(); super().d(); super(C, self).e(); self(); C.f()
        def g(): self.h()
    @classmethod
    def k(klass): klass(); klass.l(); klass().m()
    @staticmethod
    def s(x): x.y()
    class D:
        def n(self): C.D.o()
";
    let facts = facts(text);
    let code = code(text.as_bytes(), &options(), &facts);
    assert_eq!(
        functions(text),
        [
            "outer: import a.b.c+a.b.d; import x.y; <a.b.c>(); <a.b.d>.f; <a.b.d>.f(); <x.y>.y.g; <x.y>.y.g(); m.h; m.h(); ?(); ?(); outer(); fn:outer.<locals>.inner(); <a.b.d>.C; <a.b.d>.C(); <a.b.d>.C().run(); ?(); m.App().run()",
            "outer.<locals>.inner: <a.b.c>(); ?(); fn:outer.<locals>.inner(); <a.b.d>.z; <a.b.d>.z()",
            "C.a: self.b(); ?(); super.d(); super.e(); ?(); C.f()",
            "C.a.<locals>.g: self.h()",
            "C.k: self.(); self.l(); self.(); self.().m()",
            "C.s: ?()",
            "C.D.n: C.D.o()",
        ]
    );
    assert_eq!(code.functions[0].returns, Some(1));
    assert_eq!(code.functions[1].returns, None);
    assert_eq!(code.functions.iter().map(|f| f.line).collect::<Vec<_>>(), [3, 6, 18, 20, 22, 24, 26]);
    let classes: Vec<_> = code.classes.iter().map(|class| (class.name.as_str(), class.line)).collect();
    assert_eq!(classes, [("C", 17), ("C.D", 25)]);
    assert_eq!(code.classes[0].bases, ["m.B"]);
    assert_eq!(
        code.functions.iter().map(|f| f.class).collect::<Vec<_>>(),
        [None, None, Some(0), None, Some(0), Some(0), Some(1)]
    );
}

#[test]
fn nothing_where_it_does_not_parse() {
    let broken = "import a\ndef f(:\n";
    let facts = extract(broken.as_bytes(), &options());
    assert_eq!((facts.imports.len(), facts.load.len()), (1, 0));
    assert_eq!(code(broken.as_bytes(), &options(), &facts), Code::default());
    let stub = ExtractOptions { kind: FileKind::Stub, ..options() };
    assert_eq!(extract(b"import a\n", &stub).load, []);
    let deep = format!("import a\nx = {}{}\n", "(".repeat(300), ")".repeat(300));
    let facts = extract(deep.as_bytes(), &options());
    assert_eq!((facts.imports.len(), facts.load.len()), (1, 0));
    assert_eq!(code(deep.as_bytes(), &options(), &Facts::default()), Code::default());
}

/// The imports and functions that a block names.
fn named(block: &Block, imports: &mut Vec<u32>, functions: &mut Vec<u32>) {
    for step in block {
        match &step.what {
            What::Import { first, count } => imports.push(first + count - 1),
            What::Call(Call { callee, .. }) | What::Access(callee) => match callee {
                Callee::Import(index, _) => imports.push(*index),
                Callee::Function(index) => functions.push(*index),
                _ => {}
            },
            What::Try(guarded) => {
                let handlers = guarded.handlers.iter().map(|handler| &handler.body);
                for block in [&guarded.body, &guarded.orelse, &guarded.finalbody].into_iter().chain(handlers)
                {
                    named(block, imports, functions);
                }
            }
            What::Maybe(arms) => {
                assert!(arms.iter().all(|arm| !arm.is_empty()) && !arms.is_empty());
                for arm in arms {
                    named(arm, imports, functions);
                }
            }
            What::Raise(_) => {}
        }
    }
}

/// Lines that open a block end with a colon.
const LINES: [&str; 28] = [
    "import a, b.c as d",
    "from .m import (x, y as x)",
    "from m import *",
    "d = x = a(b)",
    "a.b.c().d[x.y](*z, k=w)",
    "x.y(); d.e.f()",
    "@a.d",
    "@x(y)",
    "def f(self, a: d.T = x.y, *b) -> T:",
    "async def g(x=f()):",
    "class C(x.B, metaclass=f()):",
    "if a() and b or x():",
    "if TYPE_CHECKING:",
    "elif x:",
    "else:",
    "for a in f(), b:",
    "while True:",
    "try:",
    "except (ImportError, x.E) as d:",
    "finally:",
    "with suppress(E), f() as a:",
    "match f():",
    "case C(x=a.b) if g():",
    "return f",
    "raise a(b) from c",
    "yield [f(a) for a in g() if a.b] if x else lambda a=f(): a",
    "global a, f; nonlocal x; del d",
    "break",
];

proptest! {
    #[test]
    fn every_index_is_one_of_the_file_s(lines in prop::collection::vec((0..LINES.len(), 0usize..3), 0..24)) {
        let mut text = String::new();
        let mut depth = 0usize;
        for (line, out) in lines {
            let line = LINES[line];
            depth = depth.saturating_sub(out);
            writeln!(text, "{}{line}", " ".repeat(depth)).unwrap();
            if line.ends_with(':') {
                depth += 1;
                writeln!(text, "{}f(a.b)", " ".repeat(depth)).unwrap();
            }
        }
        let facts = extract(text.as_bytes(), &options());
        let code = code(text.as_bytes(), &options(), &facts);
        let (mut imports, mut functions) = (Vec::new(), Vec::new());
        named(&facts.load, &mut imports, &mut functions);
        prop_assert_eq!(functions.len(), 0);
        for function in &code.functions {
            named(&function.body, &mut imports, &mut functions);
            functions.extend(function.returns);
        }
        prop_assert!(imports.iter().all(|&index| (index as usize) < facts.imports.len()));
        prop_assert!(functions.iter().all(|&index| (index as usize) < code.functions.len()));
        if !facts.problems.is_empty() {
            prop_assert_eq!((facts.load, code), (Block::new(), Code::default()));
        }
    }
}

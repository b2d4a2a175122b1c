//! One table for each row of what the extractor must get right.

use super::{ExtractOptions, extract};
use crate::facts::{Bound, Certainty, Facts, Import};
use crate::source::FileKind;

pub(super) fn options() -> ExtractOptions {
    ExtractOptions {
        version: (3, 14),
        accesses: false,
        load: false,
        is_package: false,
        kind: FileKind::Module,
    }
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

#[test]
fn kinds_follow_what_stands_around() {
    let table: &[(&str, &[&str])] = &[
        (
            "try:\n import a\nexcept ImportError:\n import b\nelse:\n import c\nfinally:\n import d\n",
            &["2:eager,optional a", "4:eager,conditional b", "6:eager c", "8:eager d"],
        ),
        ("try:\n import a\nexcept (ValueError, m.ModuleNotFoundError):\n pass\n", &["2:eager,optional a"]),
        ("try:\n import a\nexcept:\n pass\n", &["2:eager,optional a"]),
        ("try:\n import a\nexcept BaseException as e:\n pass\n", &["2:eager,optional a"]),
        ("try:\n import a\nexcept ValueError:\n import b\n", &["2:eager a", "4:eager b"]),
        ("with contextlib.suppress(ImportError, E):\n import a\n", &["2:eager,optional a"]),
        ("with suppress(KeyError):\n import a\n", &["2:eager a"]),
        ("with pytest.raises(ImportError):\n import a\n", &["2:eager,expected a"]),
        (
            "with pytest.raises((A, ModuleNotFoundError), match='x') as e:\n import a\n",
            &["2:eager,expected a"],
        ),
        (
            "def f(self):\n with self.assertRaisesRegex(ImportError, 'x'):\n  import a\n",
            &["3:deferred,expected a"],
        ),
        ("with pytest.raises(ValueError):\n import a\n", &["2:eager a"]),
        (
            "if x:\n import a\nelif y:\n import b\nelse:\n import c\n",
            &["2:eager,conditional a", "4:eager,conditional b", "6:eager,conditional c"],
        ),
        ("match x:\n case 1:\n  import a\n", &["3:eager,conditional a"]),
        (
            "for x in y:\n import a\nwhile x:\n import b\nwith x:\n import c\n",
            &["2:eager a", "4:eager b", "6:eager c"],
        ),
        ("class A:\n import a\n async def f(self):\n  import b\n", &["2:eager a", "4:deferred b"]),
        ("try:\n def f():\n  import a\nexcept ImportError:\n pass\n", &["3:deferred a"]),
        ("if __name__ == '__main__':\n import a\n", &["2:eager,main a"]),
        (
            "if x and '__main__' == __name__:\n import a\nelse:\n import b\n",
            &["2:eager,main a", "4:eager,conditional b"],
        ),
        (
            "from a import b as b, c as d\nimport e as e\n",
            &["1:eager,reexport a.b as b", "1:eager a.c as d", "2:eager,reexport e as e"],
        ),
        (
            "from a import b, c\n__all__ = ['b']\n__all__ += ('c',)\n",
            &["1:eager,reexport a.b", "1:eager,reexport a.c"],
        ),
        ("def f():\n from a import b\n__all__ = ['b']\n", &["2:deferred a.b"]),
    ];
    for (text, expected) in table {
        assert_eq!(imports(text), *expected, "{text}");
    }
}

#[test]
fn type_checking_is_recognised_in_every_form() {
    let table: &[(&str, &[&str])] = &[
        ("if TYPE_CHECKING:\n import a\nelse:\n import b\n", &["2:type-checking a", "4:eager b"]),
        (
            "if x:\n import a\nelif TYPE_CHECKING:\n import b\nelse:\n import c\n",
            &["2:eager,conditional a", "4:type-checking,conditional b", "6:eager,conditional c"],
        ),
        ("if TYPE_CHECKING and x:\n import a\nelse:\n import b\n", &["2:type-checking a", "4:eager b"]),
        ("if TYPE_CHECKING or x:\n import a\n", &["2:eager,conditional a"]),
        ("if t.TYPE_CHECKING:\n import a\n", &["2:type-checking a"]),
        (
            "from typing import TYPE_CHECKING as TC\nif TC:\n import a\n",
            &["1:eager typing.TYPE_CHECKING as TC", "3:type-checking a"],
        ),
        ("if not TYPE_CHECKING:\n import a\nelse:\n import b\n", &["2:eager a", "4:type-checking b"]),
        (
            "TYPE_CHECKING = False\nif False:\n import a\nif TYPE_CHECKING:\n import b\n",
            &["3:type-checking a", "5:type-checking b"],
        ),
        ("if 0:\n import a\n", &["2:type-checking a"]),
        ("if TYPE_CHECKING:\n def f():\n  import a\n", &["3:type-checking a"]),
    ];
    for (text, expected) in table {
        assert_eq!(imports(text), *expected, "{text}");
    }
}

#[test]
fn packages_stubs_and_lazy_imports() {
    let package = ExtractOptions { is_package: true, ..options() };
    let found = extract(b"from .a import b\nclass C:\n import d\n", &package);
    let shown_all = |facts: &Facts| facts.imports.iter().map(shown).collect::<Vec<_>>();
    assert_eq!(shown_all(&found), ["1:eager,reexport .a.b", "3:eager d"]);
    let stub = ExtractOptions { kind: FileKind::Stub, ..options() };
    let found = extract(b"import a\nx: int\n", &stub);
    assert_eq!(shown_all(&found), ["1:type-checking a"]);
    assert_eq!(found.bindings_of("x").len(), 1);
    assert_eq!(found.bindings_of("a")[0].certainty, Certainty::Always);
    let lazy = ExtractOptions { version: (3, 15), ..options() };
    let found = extract(b"lazy import a\nlazy from b import c\n", &lazy);
    assert_eq!(shown_all(&found), ["1:deferred a", "2:deferred b.c"]);
    assert_eq!(found.problems, []);
    assert_eq!(extract(b"lazy import a\n", &options()).problems.len(), 1);
}

#[test]
fn dynamic_imports() {
    let table: &[(&str, &[&str])] = &[
        (
            "import importlib as il\nil.import_module('a.b')\n",
            &["1:eager importlib as il", "2:eager,dynamic a.b"],
        ),
        (
            "from importlib import import_module as load\nload(f'a' 'b')\n",
            &["1:eager importlib.import_module as load", "2:eager,dynamic ab"],
        ),
        ("importlib.import_module('a.' + 'b' + '.c')", &["1:eager,dynamic a.b.c"]),
        ("importlib.import_module('..a', package=__package__)", &["1:eager,dynamic ..a"]),
        ("importlib.import_module('..a', 'p.q')", &["1:eager,dynamic p.a"]),
        ("def f():\n  return __import__('a.b')\n", &["2:deferred,dynamic a.b"]),
        ("f = lambda: __import__('a')\n", &["1:deferred,dynamic a"]),
        ("__import__('a', level=1)", &["1:eager,dynamic .a"]),
        ("pkgutil.resolve_name('a.b:C.d')", &["1:eager,dynamic a.b.C.d"]),
        ("x = sys.modules['a.b'].y\n", &["1:eager,dynamic a.b"]),
        ("sys.modules['a'] = 1\ndel sys.modules['a']\n'a' in sys.modules\nsys.modules[__name__]\n", &[]),
        (
            "try:\n x = importlib.import_module('a')\nexcept ImportError:\n pass\n",
            &["2:eager,optional,dynamic a"],
        ),
        ("x = importlib.import_module('a') if y else None", &["1:eager,conditional,dynamic a"]),
        ("self.import_module('a')\nother.resolve_name('b')\n", &[]),
    ];
    for (text, expected) in table {
        assert_eq!(imports(text), *expected, "{text}");
    }
    let text = "x = importlib.import_module(f'a.{b}')\n__import__(x)\nsys.modules[y]\nimportlib.import_module('.a')\n";
    let callees: Vec<_> = facts(text).computed.iter().map(|c| format!("{} {}", c.line, c.callee)).collect();
    assert_eq!(
        callees,
        ["1 importlib.import_module", "2 __import__", "3 sys.modules", "4 importlib.import_module"]
    );
    let found = facts("y = (\n  __import__('a'))\n");
    let import = &found.imports[0];
    assert_eq!((import.line, import.statement_line, import.statement_end_line), (2, 1, 2));
    assert_eq!((import.span.start, import.span.end), (19, 22), "the literal with its quotes");
}

#[test]
fn references_by_string() {
    let text = "
from unittest import mock
from unittest.mock import patch as p
@patch('a.b.C')
@mock.patch('a.c')
@p('a.d')
@unittest.mock.patch.object('a.e.F', 'g')
def f(mocker, monkeypatch):
    mocker.patch('a.g')
    self.mocker.patch.dict('os.environ', {})
    monkeypatch.setattr('a.h.i', 1)
    monkeypatch.delattr('a.j')
    patch.multiple('a.k', x=1)
    patch('nodots')
    patch(f'a.{x}')
    client.patch('a.b')
    client.patch('/a.b')
    mock.patch(target='a.l')
    {}.dict('a.b')
";
    let found: Vec<_> = facts(text).strings.iter().map(|s| format!("{} {}", s.line, s.path)).collect();
    assert_eq!(
        found,
        [
            "4 a.b.C",
            "5 a.c",
            "6 a.d",
            "7 a.e.F",
            "9 a.g",
            "10 os.environ",
            "11 a.h.i",
            "12 a.j",
            "13 a.k",
            "18 a.l",
        ]
    );
}

/// `name=bound/certainty` of every binding, in order of names.
fn bindings(text: &str) -> Vec<String> {
    let bound = |bound: &Bound| match bound {
        Bound::Class => "class".to_owned(),
        Bound::Function => "def".to_owned(),
        Bound::Import(index) => format!("import{index}"),
        Bound::Alias(path) => format!("alias:{path}"),
        Bound::Value => "value".to_owned(),
    };
    facts(text).bindings.iter().map(|b| format!("{}={}/{:?}", b.name, bound(&b.bound), b.certainty)).collect()
}

#[test]
fn names_a_module_binds() {
    let table: &[(&str, &[&str])] = &[
        ("a = b = 1\n", &["a=value/Always", "b=value/Always"]),
        ("(a, [*b, c.d, e[0]]) = x\n", &["a=value/Always", "b=value/Always"]),
        ("[(a := i) for i in x if (b := i)]\n", &["a=value/Always", "b=value/Always"]),
        ("a += 1\nb: int = 1\nc: int\n", &["a=value/Always", "b=value/Always"]),
        ("import a.b, a.c as d\n", &["a=import0/Always", "d=import1/Always"]),
        ("from a import b, c as d\nfrom e import *\n", &["b=import0/Always", "d=import1/Always"]),
        ("for a, b in x:\n c = 1\n", &["a=value/Always", "b=value/Always", "c=value/Always"]),
        ("with x as a, y as (b, c): pass\n", &["a=value/Always", "b=value/Always", "c=value/Always"]),
        (
            "try:\n a = 1\nexcept ImportError as e:\n b = 1\n",
            &["a=value/Optional", "b=value/Conditional", "e=value/Conditional"],
        ),
        ("try:\n a = 1\nexcept ValueError:\n b = 1\n", &["a=value/Always", "b=value/Conditional"]),
        (
            "match x:\n case [a, *b] | {'k': c, **d} as e: pass\n",
            &[
                "a=value/Conditional",
                "b=value/Conditional",
                "c=value/Conditional",
                "d=value/Conditional",
                "e=value/Conditional",
            ],
        ),
        ("class A:\n b = 1\n def c(self): d = 1\ndef e(f): g = 1\n", &["A=class/Always", "e=def/Always"]),
        ("type A[T] = int\n", &["A=value/Always"]),
        (
            "def f():\n global a, b\n a = 1\n def g():\n  b = 1\n import b\n",
            &["a=value/Function", "b=import0/Function", "f=def/Always"],
        ),
        ("if TYPE_CHECKING:\n a = 1\nelse:\n b = 1\n", &["a=value/TypeChecking", "b=value/Always"]),
        ("if x:\n a = 1\n", &["a=value/Conditional"]),
        ("a = 1\ndel a\n", &["a=value/Always"]),
        (
            "import m\nX = m.a.X\nY = X\nZ = str\nW = f()\n",
            &[
                "W=value/Always",
                "X=alias:m.a.X/Always",
                "Y=alias:X/Always",
                "Z=value/Always",
                "m=import0/Always",
            ],
        ),
        ("lambda: (a := 1)\nx = [y for y in z]\n", &["x=value/Always"]),
    ];
    for (text, expected) in table {
        assert_eq!(bindings(text), *expected, "{text}");
    }
    assert_eq!(facts("ﬁ = 1\n").bindings[0].name, "fi", "names are normalised as Python does");
}

#[test]
fn dunder_all() {
    let table: &[(&str, &[&str], bool)] = &[
        ("__all__ = ['a', 'b', 'a']", &["a", "b"], true),
        ("__all__: list[str] = ('a',)", &["a"], true),
        (
            "__all__ = ['a'] + ['b']\n__all__ += ['c']\n__all__.extend(('d', 'e'))\n__all__.append('f')",
            &["a", "b", "c", "d", "e", "f"],
            true,
        ),
        ("__all__ = ['a', 'b']\n__all__.remove('a')", &["b"], true),
        ("__all__ = ['a']\n__all__ += other.__all__", &["a"], false),
        ("__all__ = ['a', *b]", &["a"], false),
        ("__all__ = [x for x in y]", &[], false),
        ("__all__ = list(('a', 'b'))", &["a", "b"], true),
        ("if x:\n __all__ = ['a']\nelse:\n __all__ = ['b']", &["a", "b"], true),
    ];
    for (text, names, complete) in table {
        let all = facts(text).all.unwrap();
        assert_eq!((all.names.as_slice(), all.complete), (names.map_names().as_slice(), *complete), "{text}");
    }
    assert_eq!(facts("def f():\n __all__ = ['a']\n").all, None);
}

trait MapNames {
    fn map_names(&self) -> Vec<compact_str::CompactString>;
}

impl MapNames for [&str] {
    fn map_names(&self) -> Vec<compact_str::CompactString> {
        self.iter().map(|name| (*name).into()).collect()
    }
}

#[test]
fn module_getattr() {
    let text = "
_TABLE = {'d': 1, **x}
_MORE = frozenset(['e'])
def __getattr__(name: str):
    if name == 'a' or 'b' == name or name != 'c':
        return 1
    if name in _TABLE and name not in ('f', 'g') or name in _MORE:
        return _OTHER[name]
    match name:
        case 'h' | 'i':
            return other == 'no'
    raise AttributeError
_OTHER = {'j': 1}
";
    let names = facts(text).getattr.unwrap().names;
    assert_eq!(names, ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]);
    assert_eq!(facts("from x import __getattr__\n").getattr.unwrap().names, [""; 0]);
    assert_eq!(facts("class A:\n def __getattr__(self, name): return name == 'a'\n").getattr, None);
}

#[test]
fn what_opens_a_module() {
    let open = [
        "exec(code)",
        "def f():\n exec(code, globals())",
        "globals()['a'] = 1",
        "def f():\n globals().update(x)",
        "vars()['a'] = 1",
        "locals().update(x)",
        "sys.modules['a'] = x",
        "sys.modules[__name__] = x",
        "def f():\n sys.modules[__name__] = x",
        "sys.modules[__name__].__class__ = x",
        "setattr(sys.modules[__name__], n, v)",
        "this = sys.modules[__name__]\nfor n in x:\n setattr(this, n, v)",
        "sys.modules[__name__].__dict__.update(x)",
        "g = globals()\ng['a'] = 1",
    ];
    for text in open {
        assert!(facts(text).open.is_some(), "{text}");
    }
    let closed = [
        "def f():\n exec(code)",
        "x = globals()['a']",
        "globals().get('a')",
        "def f():\n vars()['a'] = 1",
        "sys.modules['a'].x",
        "def f():\n sys.modules['a'] = x",
        "setattr(x, n, v)",
        "eval(code, globals())",
    ];
    for text in closed {
        assert_eq!(facts(text).open, None, "{text}");
    }
}

#[test]
fn accesses() {
    let text = "
import a
import a.b
import p.q as m
from p import r
try:
    import alt1 as alt
except ImportError:
    import alt2 as alt
try:
    import maybe
except ImportError:
    maybe = None
a.b.C()
m.X.y; r.f().g
def f(r, *, a=a.D):
    r.no; a.no; m.yes
    getattr(m, 'Name'); getattr(m, n)
    [m.no for m in x if m.no]
    lambda m: m.no
    alt.E; maybe.F
def g():
    m.no
    m = 1
def h():
    import z as m
    m.local
    def i():
        global m
        m.outer
class K:
    m = m.no_class_scope
    def j(self): m.in_method
@m.deco
def k(): pass
m.written = 1
other.m.no
";
    let found = extract(text.as_bytes(), &ExtractOptions { accesses: true, ..options() });
    let rows: Vec<_> = found
        .accesses
        .iter()
        .map(|a| {
            format!(
                "{}:{} {}",
                a.line,
                shown(&found.imports[a.import as usize]).split_once(' ').unwrap().1,
                a.path
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "14:a b.C",
            "15:p.q as m X.y",
            "15:p.r f",
            "16:a D",
            "17:p.q as m yes",
            "18:p.q as m Name",
            "21:alt1 as alt E",
            "21:alt2 as alt E",
            "21:maybe F",
            "27:z as m local",
            "30:p.q as m outer",
            "33:p.q as m in_method",
            "34:p.q as m deco",
        ]
    );
    assert_eq!(facts(text).accesses, [], "only when asked for");
}

#[test]
fn writes_to_other_modules() {
    let text = "
import sys
import a, a.b
import p.q as m
from p import r, r as s
from importlib import import_module
a.one = a.b.two = 1
(m.three, *[r.four]) = m.five.six = x
m.seven += 1
m.eight: int = 1
for m.nine in x: pass
with x as m.ten: m.ten = 2
setattr(r, 'eleven', 1); setattr(r, name, 1)
def f(m, self):
    m.no = 1; self.no = 1; setattr(m, 'no', 1)
    a.twelve = 1
    def g():
        r = 1
        r.no = 1
        s.thirteen = 1
class K:
    a = 1
    a.no = 1
    def j(self): a.fourteen = lambda r: setattr(r, 'no', 1)
sys.modules['p.x'].fifteen = 1
sys.modules['p.x'].y.sixteen = 1
setattr(sys.modules['p.x'], 'seventeen', 1)
sys.modules[name].no = 1
m.f().no = m[0].no = other.no = 1
del m.no
m.read
import late
def h():
    import z
    z.eighteen = 1
late.nineteen = 1
";
    let found = facts(text);
    let mut rows: Vec<_> = found
        .writes
        .iter()
        .map(|write| {
            let import = write.import.map_or("sys.modules".to_owned(), |import| {
                shown(&found.imports[import as usize]).split_once(' ').unwrap().1.to_owned()
            });
            format!("{import}|{}|{}", write.module, write.name.as_deref().unwrap_or("?"))
        })
        .collect();
    rows.sort();
    let expected = [
        "a|b|two",
        "a||fourteen",
        "a||one",
        "a||twelve",
        "late||nineteen",
        "p.q as m|five|six",
        "p.q as m||eight",
        "p.q as m||nine",
        "p.q as m||seven",
        "p.q as m||ten",
        "p.q as m||three",
        "p.r as s||thirteen",
        "p.r||?",
        "p.r||eleven",
        "p.r||four",
        "sys.modules|p.x.y|sixteen",
        "sys.modules|p.x|fifteen",
        "sys.modules|p.x|seventeen",
        "z||eighteen",
    ];
    assert_eq!(rows, expected);
    assert_eq!(found.accesses, [], "only when asked for");
}

#[test]
fn modules_put_into_sys_modules() {
    let text = "
import sys
from sys import modules as all
sys.modules['a.b'] = x
sys.modules['a.b'] = y
sys.modules[name] = sys.modules['not a path'] = sys.modules['no']
del sys.modules['no']
other.modules['no'] = x
def f():
    all['c'] = x
    sys.modules.setdefault('d', x)
    sys.modules.get('no')
";
    assert_eq!(facts(text).placed, ["a.b", "c", "d"]);
}

#[test]
fn waivers() {
    let text = "
from a import b  # importlaw: allow one, two until=2027-03-31 issue=#1412 owner=@me -- moving in #1412
# noqa  # importlaw: allow three -- because
'# importlaw: allow no -- a string'
# importlaw: allow-file four max=3 -- many
# see importlaw: not a waiver
";
    let found = facts(text).waivers;
    let rows: Vec<_> = found
        .iter()
        .map(|w| (w.line, w.alone, w.file_wide, w.rules.join("+"), w.reason.as_str(), w.malformed.as_deref()))
        .collect();
    assert_eq!(
        rows,
        [
            (2, false, false, "one+two".to_owned(), "moving in #1412", None),
            (3, true, false, "three".to_owned(), "because", None),
            (5, true, true, "four".to_owned(), "many", None),
        ]
    );
    assert_eq!(found[0].until.map(|date| date.to_string()).as_deref(), Some("2027-03-31"));
    assert_eq!(found[2].max, Some(3));
    let malformed = [
        ("allow a", "gives no reason; write `-- REASON` at its end"),
        ("allow a --", "gives no reason; write `-- REASON` at its end"),
        ("allow -- x", "names no rule"),
        ("allow a until=2027-02-30 -- x", "`until=2027-02-30` is not a date like 2027-03-31"),
        ("allow a why=x -- x", "`why=` is not known; known are until, issue, owner and max"),
        ("allow a max=3 -- x", "`max=` belongs to `allow-file`"),
        ("forbid a -- x", "`forbid` is not known here; write `allow` or `allow-file`"),
        ("", "says nothing; write `importlaw: allow RULE -- REASON`"),
    ];
    for (written, message) in malformed {
        let found = facts(&format!("x = 1  # importlaw: {written}\n")).waivers;
        assert_eq!(found[0].malformed.as_deref(), Some(message), "{written}");
    }
    let late = format!("{}# importlaw: allow-file a -- x\n", "\n".repeat(20));
    assert!(facts(&late).waivers[0].malformed.is_some());
}

#[test]
fn what_does_not_parse() {
    let table: &[(&str, &[&str])] = &[
        ("import a\nprint 'x'\nimport b\n", &["1:eager a", "3:eager b"]),
        ("%matplotlib inline\nimport a\n", &["2:eager a"]),
        ("from a import\nimport b\n", &["2:eager b"]),
        ("from the beginning\nimport a\n", &["2:eager a"]),
        ("import the thing\nimport a\n", &["2:eager a"]),
        ("import a.\nimport b\n", &["2:eager b"]),
        ("import a; import b c\n", &["1:eager a"]),
        ("import a, b-c\nimport d as\nfrom e import f, g.h\nimport i\n", &["4:eager i"]),
        ("def f(:\n    import a\n", &["2:deferred a"]),
        ("from a import (b, c\nx = 1\n", &["1:eager a.b", "1:eager a.c"]),
        ("from a import (b,\nx = 1\n", &["1:eager a.b"]),
        ("from a import (b,\nf(1)\n", &["1:eager a.b"]),
    ];
    for (text, expected) in table {
        let found = facts(text);
        assert!(!found.problems.is_empty(), "{text}");
        assert_eq!(found.imports.iter().map(shown).collect::<Vec<_>>(), *expected, "{text}");
    }
    let at = |version| {
        extract(b"x = f'{\"\\n\".join(y)}'\n", &ExtractOptions { version, ..options() }).problems.len()
    };
    assert_eq!((at((3, 11)), at((3, 12))), (1, 0), "a backslash in an f-string's field");
    assert_eq!(facts("try: pass\nexcept A, B: pass\nx = t'{y}'\ntype Z = int\n").problems, []);
}

#[test]
fn layouts() {
    for text in ["\u{feff}import a\n", "\x0cimport a\n", "import a", "if x:\n\timport a\n        \nimport b"]
    {
        assert!(facts(text).problems.is_empty(), "{text:?}");
        assert_eq!(facts(text).imports[0].module, "a", "{text:?}");
    }
    assert_eq!(facts("\u{feff}import a\n").imports[0].span.start, 10, "the mark counts");
    assert_eq!(imports("import a\r\nimport b\rimport c\n"), ["1:eager a", "2:eager b", "3:eager c"]);
}

#[test]
fn notebooks() {
    let json = r#"{"cells": [
        {"cell_type": "markdown", "source": ["import no"]},
        {"cell_type": "code", "source": ["import a\n", "%matplotlib inline\n", "!ls"]},
        {"cell_type": "code", "source": "%%bash\nimport no"},
        {"cell_type": "code", "source": "%%time\nimport b"}]}"#;
    let notebook = ExtractOptions { kind: FileKind::Notebook, ..options() };
    let found = extract(json.as_bytes(), &notebook);
    assert_eq!(found.problems, []);
    assert_eq!(found.imports.iter().map(shown).collect::<Vec<_>>(), ["1:eager a", "5:eager b"]);
    assert_eq!(extract(b"{", &notebook).problems.len(), 1);
}

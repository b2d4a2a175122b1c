//! What runs while a module is loaded, in the order in which it runs; and what its functions run when they are called.
//!
//! Only what can make a start fail is kept: imports, calls by name, attributes of imported modules, guards. Like all
//! facts it is read from one text alone; which module or function a name means is found out elsewhere.

use bitflags::bitflags;
use compact_str::CompactString;

use crate::source::Span;

/// Steps in the order in which they run.
pub type Block = Vec<Step>;

/// One thing that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Offset of the statement of the module's (or function's) own body it belongs to, for an import of its name: what
    /// the module binds at a lower offset is bound when this runs. Within a class body: where the class begins.
    pub at: u32,
    /// 1-based line.
    pub line: u32,
    /// What it does.
    pub what: What,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// One import statement, or one literal dynamic import: `count` rows of [`super::Facts::imports`] from `first` on.
    /// Those for type checkers, lazy ones and those under `if __name__ == "__main__"` are left out.
    Import {
        /// Index of the first.
        first: u32,
        /// How many names the statement imports.
        count: u32,
    },
    /// A call.
    Call(Call),
    /// `m.x` where an import bound `m`, in what runs now.
    Access(Callee),
    /// `try`, `with suppress(…)`, and `with` of a manager that may swallow what is raised below it.
    Try(Box<Try>),
    /// `if`, `match`, `while`, `and`/`or`, a conditional expression, what follows a conditional `return`: at most one of
    /// these blocks runs, and none may. None is empty. After several conditional `return`s several of these follow each
    /// other.
    Maybe(Vec<Block>),
    /// `raise`, `sys.exit()`: nothing after it runs. What is raised; a bare `raise` in a handler is what it handles.
    Raise(Option<Catches>),
}

/// A call of something that has a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub callee: Callee,
    /// The method called on what the callee makes: `m` of `C().m()`, and of `x.m()` where `x = C()` is all that binds
    /// `x` in the body, in the function around it or in the module.
    pub method: Option<CompactString>,
    /// Whether a coroutine's or generator's body runs too: `await f()`, `asyncio.run(f())`, `for x in f()`, `with f()`.
    pub drives: bool,
    /// Whether what it returns is called in its turn: `@f(…)` on a function or class.
    pub result_called: bool,
}

/// What a dotted expression begins with.
#[derive(Clone, Debug, PartialEq)]
pub enum Callee {
    /// A name of the module's namespace: `a.b.c`.
    Name(CompactString),
    /// A name that an import in the same function bound, in one around it or in the class body that is read: its index,
    /// and what follows the name (may be empty).
    Import(u32, CompactString),
    /// A function defined in the same function, or in one around it: index into [`Code::functions`].
    Function(u32),
    /// `self.x`, `cls.x`: what follows; empty for `cls()`. In a function within a method it is the method's.
    Receiver(CompactString),
    /// `super().x`: what follows.
    Super(CompactString),
    /// A parameter, a local value, or an expression: nobody knows.
    Unknown,
}

/// A guarded block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Try {
    /// What is tried.
    pub body: Block,
    /// Where it stands: from its first statement to the end of its last.
    pub body_span: Span,
    /// What catches a failure, in order.
    pub handlers: Vec<Handler>,
    /// What runs where nothing failed.
    pub orelse: Block,
    /// Where it stands; empty if there is none.
    pub orelse_span: Span,
    /// What runs in any case.
    pub finalbody: Block,
}

/// One `except`.
#[derive(Clone, Debug, PartialEq)]
pub struct Handler {
    /// What it catches.
    pub catches: Catches,
    /// What runs then; what its `except` clause evaluates comes first.
    pub body: Block,
    /// Where it stands; empty for `suppress(…)`.
    pub span: Span,
}

bitflags! {
    /// What a handler catches of what a failing import raises.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Catches: u8 {
        /// `ModuleNotFoundError`: a missing module.
        const MISSING_MODULE = 1;
        /// `ImportError` apart from it: a missing name.
        const MISSING_NAME = 1 << 1;
        /// `AttributeError`.
        const ATTRIBUTE = 1 << 2;
        /// `SyntaxError`.
        const SYNTAX = 1 << 3;
        /// Any other.
        const OTHER = 1 << 4;
        /// `SystemExit`.
        const EXIT = 1 << 5;
        /// A name that stands for nobody knows which: may catch anything.
        const UNKNOWN = 1 << 6;
    }
}

/// The functions and classes of one file; read when one of them is called while a module is loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Code {
    /// In source order.
    pub functions: Vec<Function>,
    /// In source order.
    pub classes: Vec<Class>,
}

/// One function or method.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// `f`, `C.m`, `C.D.m`; within a function `f.<locals>.g`.
    pub name: CompactString,
    /// 1-based line of its name.
    pub line: u32,
    /// What calling it does.
    pub kind: FunctionKind,
    /// The class whose method it is: index into [`Code::classes`].
    pub class: Option<u32>,
    /// Whether a decorator stands over it of which nobody knows whether and how it calls it.
    pub wrapped: bool,
    /// What it runs.
    pub body: Block,
    /// The function defined in it that it returns: a decorator's wrapper.
    pub returns: Option<u32>,
}

/// What calling a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// Runs its body.
    Plain,
    /// Makes a coroutine.
    Async,
    /// Makes a generator.
    Generator,
}

/// One class.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// `C`, `C.D`; within a function `f.<locals>.C`.
    pub name: CompactString,
    /// 1-based line of its name.
    pub line: u32,
    /// Its bases as dotted names of the module's namespace; what is none is left out.
    pub bases: Vec<CompactString>,
}

impl Code {
    /// The last function of that name above a line: a later definition replaces an earlier one.
    pub fn function(&self, name: &str, above: u32) -> Option<u32> {
        let found = |function: &Function| function.name == name && function.line < above;
        self.functions.iter().rposition(found).map(|at| at as u32)
    }

    /// The last class of that name.
    pub fn class(&self, name: &str) -> Option<u32> {
        self.classes.iter().rposition(|class| class.name == name).map(|at| at as u32)
    }
}

//! A graph small enough to be looked at: modules folded into packages, imports into arrows with their counts.

/// Boxes and arrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawing {
    /// What it shows, one sentence without a final stop.
    pub title: String,
    /// The boxes, in name order.
    pub boxes: Vec<Folded>,
    /// The arrows, by the two boxes.
    pub arrows: Vec<Arrow>,
    /// What is not drawn, a sentence each.
    pub left_out: Vec<String>,
}

/// A box: a module, or a package with what lies below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// Its name.
    pub name: String,
    /// How many modules it stands for.
    pub modules: u32,
}

/// All imports of one box by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    /// Index of the importing box.
    pub from: usize,
    /// Index of the imported one.
    pub to: usize,
    /// How many imports.
    pub imports: u32,
    /// How many findings lie on them.
    pub findings: u32,
}

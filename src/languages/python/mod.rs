//! Python: what one text says (`extract`), and which module a dotted path names (`resolve`).

pub mod project;
pub mod stdlib;

//! Rust: which packages there are, which files their targets reach, and what those import.
//!
//! Nothing here knows the registry, the graph or the disk.

pub mod extract;
pub mod files;
pub mod manifest;
pub mod modules;
pub mod orphans;
pub mod prose;
pub mod resolve;
pub mod rewrite;
pub mod text;
pub mod units;

use crate::source::RelPath;
use files::Files;
use manifest::Package;
use modules::{Reached, Read};
use units::Units;

/// What a tree holds of Rust; by default nothing.
#[derive(Clone, Copy)]
pub struct Listing<'a> {
    /// Cargo.toml files and their texts, in path order.
    pub manifests: &'a [(&'a RelPath, &'a str)],
    /// The manifests that count, if not all do.
    pub chosen: Option<&'a [RelPath]>,
    /// Rust files, in path order.
    pub files: &'a [RelPath],
    /// Rust files that may be reached and are not spoken of, in path order.
    pub hidden: &'a [RelPath],
    /// Links and what they lead to, files and directories.
    pub links: &'a [(&'a str, &'a str)],
    /// The text of a file.
    pub read: Read<'a>,
}

impl Default for Listing<'_> {
    fn default() -> Self {
        Self { manifests: &[], chosen: None, files: &[], hidden: &[], links: &[], read: &|_| None }
    }
}

/// The packages of a tree and what their targets reach.
#[derive(Debug, Default)]
pub struct RustProject {
    /// Packages, in the order of their manifests.
    pub packages: Vec<Package>,
    /// What their targets reach.
    pub reached: Reached,
}

/// Reads the manifests, and from the root file of every target all that it reaches: the packages, and what their modules
/// say.
pub fn project(listing: &Listing) -> (RustProject, Units) {
    if listing.manifests.is_empty() {
        return (RustProject::default(), Units::default());
    }
    let files = Files::new(listing.files.iter().chain(listing.hidden).map(RelPath::as_str), listing.links);
    let packages = manifest::packages(listing.manifests, &files, listing.chosen);
    let roots = packages.iter().flat_map(|package| &package.targets).map(|target| target.root.as_str());
    let reached = modules::reached(roots, &files, listing.read);
    let mut reached = reached;
    let units = units::units(&packages, listing.manifests, &files, &reached);
    // What the texts say is in the units now, and the largest thing there is.
    for file in reached.files.values_mut() {
        file.text.parts = Vec::new();
    }
    (RustProject { packages, reached }, units)
}

#[cfg(test)]
mod tests;

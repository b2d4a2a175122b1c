//! Rust, as far as it is read: which packages there are, and which files their targets reach.
//!
//! Imports are not read yet. Nothing here knows the registry, the graph or the disk.

pub mod files;
pub mod manifest;
pub mod declared;
pub mod modules;
pub mod orphans;
pub mod text;
pub mod extract;

use crate::source::RelPath;
use files::Files;
use manifest::Package;
use modules::{Reached, Read};

/// What a tree holds of Rust; by default nothing.
#[derive(Clone, Copy)]
pub struct Listing<'a> {
    /// Cargo.toml files and their texts, in path order.
    pub manifests: &'a [(&'a RelPath, &'a str)],
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
        Self { manifests: &[], files: &[], hidden: &[], links: &[], read: &|_| None }
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

/// Reads the manifests, and from the root file of every target all that it reaches.
pub fn project(listing: &Listing) -> RustProject {
    if listing.manifests.is_empty() {
        return RustProject::default();
    }
    let files = Files::new(listing.files.iter().chain(listing.hidden).map(RelPath::as_str), listing.links);
    let packages = manifest::packages(listing.manifests, &files);
    let roots = packages.iter().flat_map(|package| &package.targets).map(|target| target.root.as_str());
    let reached = modules::reached(roots, &files, listing.read);
    RustProject { packages, reached }
}

#[cfg(test)]
mod tests;

//! Sources: which files there are and what they hold, from disk or from memory. Nothing else reads the tree.

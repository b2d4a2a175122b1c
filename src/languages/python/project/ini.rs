//! INI files as Python's `configparser` reads them, as far as setup.cfg needs it.

/// One `key = value`; the lines of a value that spans several are joined by line feeds, each trimmed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) section: String,
    /// Lower case, `_` for `-`.
    pub(super) key: String,
    pub(super) value: String,
}

/// Every item in order. A line that is none is passed over: what else is in the file still counts.
pub(super) fn items(text: &str) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut section = "";
    let mut open = false; // whether an indented line continues the last item
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        if let (true, true, Some(item)) = (indented, open, items.last_mut()) {
            item.value.push('\n');
            item.value.push_str(content);
        } else if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            section = name.0;
            open = false;
        } else if let Some((key, value)) = content.split_once(['=', ':']) {
            items.push(Item {
                section: section.to_owned(),
                key: key.trim().to_lowercase().replace('-', "_"),
                value: value.trim().to_owned(),
            });
            open = true;
        } else {
            open = false;
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_on_where_lines_are_indented() {
        let text = "\
# comment
[metadata]
Name = my-app
[options]
python-requires: >=3.9
install_requires =
    # the web
    requests>=2

    attrs
package_dir =
    =src
nonsense
  dangling
[empty]
";
        let items = items(text);
        let found: Vec<_> = items.iter().map(|item| (&*item.section, &*item.key, &*item.value)).collect();
        assert_eq!(
            found,
            [
                ("metadata", "name", "my-app"),
                ("options", "python_requires", ">=3.9"),
                ("options", "install_requires", "\nrequests>=2\nattrs"),
                ("options", "package_dir", "\n=src"),
            ]
        );
    }
}

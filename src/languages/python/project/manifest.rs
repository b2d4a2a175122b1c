//! What each sort of manifest states.

use toml::{Table, Value};

use super::dependencies::name_of;
use super::{Stated, ini, setup_py};

/// Reads the manifest of that file name; an error is the parser's complaint in one line.
pub(super) fn read(file_name: &str, text: &str) -> Result<Stated, String> {
    Ok(match file_name {
        "pyproject.toml" => pyproject(&table(text)?),
        "Pipfile" => pipfile(&table(text)?),
        "setup.cfg" => setup_cfg(text),
        "setup.py" => setup_py::read(text),
        _ => requirements_file(text)?,
    })
}

fn table(text: &str) -> Result<Value, String> {
    let table: Result<Table, _> = text.trim_start_matches('\u{feff}').parse();
    table.map(Value::Table).map_err(|error| error.message().lines().next().unwrap_or_default().to_owned())
}

fn pyproject(table: &Value) -> Stated {
    let at = |path: &str| at(table, path);
    let text = |path: &str| at(path).and_then(Value::as_str).map(str::to_owned);
    let poetry_python =
        || at("tool.poetry.dependencies").and_then(|dependencies| text_of(dependencies.get("python")?));

    let mut requirements = Vec::new();
    for path in ["project.dependencies", "build-system.requires", "tool.uv.dev-dependencies"] {
        requirements.extend(texts(at(path)));
    }
    for path in ["project.optional-dependencies", "dependency-groups", "tool.pdm.dev-dependencies"] {
        requirements.extend(values(at(path)).flat_map(|group| texts(Some(group))));
    }
    requirements.extend(keys(at("tool.poetry.dependencies")).filter(|name| name != "python"));
    requirements.extend(keys(at("tool.poetry.dev-dependencies")));
    requirements.extend(values(at("tool.poetry.group")).flat_map(|group| keys(group.get("dependencies"))));
    for environment in values(at("tool.hatch.envs")) {
        requirements.extend(texts(environment.get("dependencies")));
        requirements.extend(texts(environment.get("extra-dependencies")));
    }

    let mut roots = Vec::new();
    for path in [
        "tool.setuptools.packages.find.where",
        "tool.setuptools.package-dir.",
        "tool.hatch.build.sources",
        "tool.hatch.build.targets.wheel.sources",
        "tool.maturin.python-source",
        "tool.pdm.build.package-dir",
        "tool.uv.build-backend.module-root",
    ] {
        roots.extend(texts(at(path)));
    }
    for path in ["tool.hatch.build.packages", "tool.hatch.build.targets.wheel.packages"] {
        let packages = texts(at(path)).into_iter();
        roots.extend(
            packages.filter_map(|package| Some(package.trim_end_matches('/').rsplit_once('/')?.0.to_owned())),
        );
    }
    roots.extend(list(at("tool.poetry.packages")).filter_map(|package| text_of(package.get("from")?)));
    for path in ["tool.pytest.ini_options.pythonpath", "tool.pytest.pythonpath"] {
        roots.extend(texts(at(path)).iter().flat_map(|text| text.split_whitespace()).map(str::to_owned));
    }

    let mut extensions = texts(at("tool.maturin.module-name"));
    extensions
        .extend(list(at("tool.setuptools.ext-modules")).filter_map(|module| text_of(module.get("name")?)));
    extensions.extend(
        list(at("tool.setuptools-rust.ext-modules")).filter_map(|module| text_of(module.get("target")?)),
    );

    let mut scripts = Vec::new();
    let mut declare = |section: &str, table: Option<&Value>| {
        for (name, target) in table.and_then(Value::as_table).into_iter().flatten() {
            // Poetry's long form: `{ reference = "a:b", type = "console" }`.
            let target = target.get("reference").or_else(|| target.get("callable")).unwrap_or(target);
            scripts.extend(text_of(target).map(|target| (format!("[{section}]"), name.clone(), target)));
        }
    };
    for section in ["project.scripts", "project.gui-scripts", "tool.poetry.scripts"] {
        declare(section, at(section));
    }
    for section in ["project.entry-points", "tool.poetry.plugins"] {
        for (group, table) in at(section).and_then(Value::as_table).into_iter().flatten() {
            declare(&format!("{section}.{group}"), Some(table));
        }
    }

    Stated {
        distribution: ["project", "tool.poetry", "build-system"].iter().any(|path| at(path).is_some()),
        name: text("project.name").or_else(|| text("tool.poetry.name")),
        roots,
        requirements,
        requires_python: text("project.requires-python").or_else(poetry_python),
        extensions,
        scripts,
    }
}

fn pipfile(table: &Value) -> Stated {
    Stated {
        requirements: keys(table.get("packages")).chain(keys(table.get("dev-packages"))).collect(),
        requires_python: at(table, "requires.python_version").and_then(text_of),
        ..Stated::default()
    }
}

/// A file that is called so but holds mostly other lines is prose about requirements; pip would refuse it.
fn requirements_file(text: &str) -> Result<Stated, String> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let others = lines().filter(|line| !is_requirement_line(line)).count();
    if others > lines().count() / 2 {
        return Err(format!("{others} of its lines are no requirements"));
    }
    Ok(Stated { requirements: lines().map(str::to_owned).collect(), ..Stated::default() })
}

/// A requirement, an option, a path or a URL.
fn is_requirement_line(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    first.starts_with(['-', '.']) || first.contains('/') || name_of(line).is_some()
}

fn setup_cfg(text: &str) -> Stated {
    let mut stated = Stated::default();
    for ini::Item { section, key, value } in ini::items(text) {
        let lines = || value.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty());
        match (section.as_str(), key.as_str()) {
            ("options", "install_requires" | "setup_requires" | "tests_require")
            | ("options.extras_require", _) => {
                stated.requirements.extend(lines());
            }
            ("options", "python_requires") => stated.requires_python = Some(value),
            ("options", "package_dir") => {
                stated
                    .roots
                    .extend(lines().filter_map(|line| Some(line.strip_prefix('=')?.trim().to_owned())));
            }
            ("options.entry_points", _) => {
                let script = |line: String| {
                    let (name, target) = line.split_once('=')?;
                    Some((key.clone(), name.trim().to_owned(), target.trim().to_owned()))
                };
                stated.scripts.extend(lines().filter_map(script));
            }
            ("options.packages.find", "where") => stated.roots.extend(lines()),
            ("tool:pytest", "pythonpath") => stated.roots.extend(value.split_whitespace().map(str::to_owned)),
            ("metadata", key) => {
                stated.distribution = true;
                if key == "name" {
                    stated.name = Some(value);
                }
            }
            _ => {}
        }
    }
    stated
}

/// The value at a dotted path of keys that hold no dot; an empty last key is the key `""`.
fn at<'a>(table: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(table, |value, key| value.get(key))
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The text, the texts of a list, or the keys of a table whose value is the empty text (Hatch: `"src" = ""`).
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(text_of).collect(),
        Some(Value::Table(table)) => {
            table.iter().filter(|(_, value)| value.as_str() == Some("")).map(|(key, _)| key.clone()).collect()
        }
        _ => Vec::new(),
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn keys(value: Option<&Value>) -> impl Iterator<Item = String> {
    value.and_then(Value::as_table).into_iter().flat_map(|table| table.keys().cloned())
}

fn values(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_table).into_iter().flat_map(Table::values)
}

//! The code of a Jupyter notebook: its Python cells, joined to one text.

use serde_json::Value;

/// Cell magics whose cell is Python nevertheless.
const PYTHON_MAGICS: [&str; 7] = ["capture", "prun", "pypy", "python", "python3", "time", "timeit"];

/// The code cells of a notebook, each ending with a line break; empty for a notebook of another language.
pub(super) fn code(json: &str) -> Result<String, String> {
    let notebook: Value = serde_json::from_str(json.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("not a notebook: {error}"))?;
    let metadata = &notebook["metadata"];
    let language = metadata["language_info"]["name"].as_str().or(metadata["kernelspec"]["language"].as_str());
    let mut code = String::new();
    if language.is_some_and(|language| language != "python") {
        return Ok(code);
    }
    for cell in notebook["cells"].as_array().ok_or("not a notebook: no cells")? {
        if cell["cell_type"] != "code" {
            continue;
        }
        let source = match &cell["source"] {
            Value::String(source) => source.clone(),
            Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
            _ => continue,
        };
        if is_python(&source) {
            code.push_str(&source);
            code.push('\n');
        }
    }
    Ok(code)
}

/// Whether no cell magic hands the cell to another language.
fn is_python(source: &str) -> bool {
    let first = source.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(magic) = first.and_then(|line| line.strip_prefix("%%")) else { return true };
    PYTHON_MAGICS.contains(&magic.split_whitespace().next().unwrap_or(""))
}

//! What Python module a command starts: `gunicorn -k w a.b:app`, `python -m a.b`, `sh -c "exec uvicorn a.b:app"`.

use std::collections::BTreeMap;

/// What a command starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Started {
    /// The module or script.
    pub(super) what: What,
    /// Directories that the command itself puts in front of `sys.path`.
    pub(super) dirs: Vec<String>,
}

/// What is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A module by its name, and the name that must be bound.
    Module(String, Option<String>),
    /// `python -m`: of a package its `__main__`.
    Run(String),
    /// A file by its path.
    Script(String),
    /// A program of that name: perhaps a script that a distribution installs.
    Program(String),
}

/// Programs that load `module:name`.
const SERVERS: &[&str] =
    &["uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "uwsgi", "arq", "dramatiq"];

/// Their options that take no value, as far as one may stand before the module.
const FLAGS: &[&str] = &[
    "--reload",
    "--preload",
    "--daemon",
    "-D",
    "--proxy-protocol",
    "--capture-output",
    "--factory",
    "--proxy-headers",
    "--no-access-log",
    "--use-colors",
    "--insecure",
    "--debug",
    "--http2",
    "--watch",
];

/// Options whose value looks like a module but is none that is served.
const NOT_SERVED: &[&str] =
    &["-c", "--config", "-k", "--worker-class", "--logger-class", "-p", "--processes"];

/// Options that name a directory to import from.
const DIRECTORIES: &[&str] = &["--app-dir", "--chdir", "--pythonpath", "--workdir"];

/// Programs that run what follows them, and their options that take a value.
const WRAPPERS: &[(&str, &[&str])] = &[
    ("exec", &[]),
    ("env", &["-u"]),
    ("tini", &["-p", "-e"]),
    ("dumb-init", &["-r", "--rewrite"]),
    ("nice", &["-n"]),
    ("nohup", &[]),
    ("ddtrace-run", &[]),
    ("opentelemetry-instrument", &["--traces_exporter", "--metrics_exporter", "--service_name"]),
];

/// Programs that run what follows their first argument.
const RUNNERS: &[(&str, &str)] = &[
    ("poetry", "run"),
    ("uv", "run"),
    ("pipenv", "run"),
    ("pdm", "run"),
    ("hatch", "run"),
    ("rye", "run"),
    ("newrelic-admin", "run-program"),
];

/// How deep shells may be nested.
const DEPTH: u32 = 4;

/// More commands than any image starts; those beyond are not read.
const COMMANDS: usize = 100;

/// What the words of one command start; several where they are a shell's.
pub(super) fn started(words: &[String], env: &BTreeMap<String, String>) -> Vec<Started> {
    let mut found = Vec::new();
    command(words, env, DEPTH, &mut found);
    found
}

/// What a line for a shell starts.
pub(super) fn started_by_shell(line: &str, env: &BTreeMap<String, String>) -> Vec<Started> {
    let mut found = Vec::new();
    for words in commands(line) {
        command(&words, env, DEPTH, &mut found);
    }
    found
}

fn command(words: &[String], env: &BTreeMap<String, String>, depth: u32, found: &mut Vec<Started>) {
    if found.len() == COMMANDS {
        return;
    }
    let mut words = words;
    let mut dirs = Vec::new();
    loop {
        let Some((first, rest)) = words.split_first() else { return };
        let program = first.rsplit('/').next().unwrap_or(first);
        if let Some((name, value)) = first.split_once('=')
            && is_name(name)
        {
            if name == "PYTHONPATH" {
                dirs.extend(value.split(':').filter(|dir| !dir.is_empty()).map(str::to_owned));
            }
            words = rest;
        } else if let Some((_, options)) = WRAPPERS.iter().find(|(name, _)| *name == program) {
            words = after_options(rest, options);
        } else if matches!(program, "gosu" | "su-exec" | "timeout") {
            words = after_options(rest, &[]).get(1..).unwrap_or_default();
        } else if let Some((_, verb)) = RUNNERS.iter().find(|(name, _)| *name == program) {
            if rest.first().is_none_or(|word| word != verb) {
                return;
            }
            words =
                after_options(&rest[1..], &["--with", "--extra", "--group", "--project", "-p", "--python"]);
        } else if matches!(program, "sh" | "bash" | "ash" | "dash" | "zsh") {
            let script = rest
                .iter()
                .position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'));
            if let Some(line) = script.and_then(|at| rest.get(at + 1))
                && depth > 0
            {
                for words in commands(line) {
                    command(&words, env, depth - 1, found);
                }
            }
            return;
        } else {
            found.extend(of_program(program, first, rest, env).map(|what| {
                dirs.extend(values(rest, DIRECTORIES));
                Started { what, dirs }
            }));
            return;
        }
    }
}

/// What follows a program's own options.
fn after_options<'w>(words: &'w [String], with_value: &[&str]) -> &'w [String] {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            return &words[at + 1..];
        }
        if !word.starts_with('-') {
            break;
        }
        at += if with_value.contains(&word.as_str()) { 2 } else { 1 };
    }
    words.get(at..).unwrap_or_default()
}

fn of_program(program: &str, written: &str, rest: &[String], env: &BTreeMap<String, String>) -> Option<What> {
    if SERVERS.contains(&program) {
        return served(program, rest);
    }
    match program {
        "celery" | "faststream" | "taskiq" | "flask" => {
            let given = values(rest, &["-A", "--app"]).into_iter().next();
            let given = given.or_else(|| env.get("FLASK_APP").filter(|_| program == "flask").cloned());
            given.or_else(|| rest.iter().find(|word| is_target(word)).cloned()).and_then(|text| target(&text))
        }
        "streamlit" | "fastapi" => {
            rest.get(1..)?.iter().find(|word| word.ends_with(".py")).map(|path| script(path))
        }
        _ if program.starts_with("python") || program.starts_with("pypy") => interpreter(rest, env),
        _ if written.ends_with(".py") => Some(script(written)),
        _ => Some(What::Program(program.to_owned())),
    }
}

fn script(path: &str) -> What {
    What::Script(path.to_owned())
}

/// `python -u -m a.b`, `python a/b.py`.
fn interpreter(rest: &[String], env: &BTreeMap<String, String>) -> Option<What> {
    let mut at = 0;
    loop {
        let word = rest.get(at)?;
        match word.as_str() {
            "-W" | "-X" | "--check-hash-based-pycs" => at += 2,
            "-" | "-c" => return None,
            flags if flags.starts_with('-') && flags.ends_with('m') && !flags.starts_with("--") => {
                let module = rest.get(at + 1)?;
                let tool = module.split('.').next().unwrap_or(module);
                let known =
                    SERVERS.contains(&tool) || matches!(tool, "celery" | "flask" | "streamlit" | "fastapi");
                return if known {
                    of_program(tool, tool, &rest[at + 2..], env)
                } else {
                    is_dotted(module).then(|| What::Run(module.clone()))
                };
            }
            flag if flag.starts_with('-') => at += 1,
            path => return Some(script(path)),
        }
    }
}

/// What a server is told to load.
fn served(program: &str, rest: &[String]) -> Option<What> {
    if program == "uwsgi" {
        if let Some(path) = values(rest, &["--wsgi-file", "--file"]).first() {
            return Some(script(path));
        }
        if let Some(module) = values(rest, &["--module", "-w"]).first() {
            return target(module);
        }
    }
    let own = |at: usize| at == 0 || !NOT_SERVED.contains(&rest[at - 1].as_str());
    let positional = || rest.iter().enumerate().filter(|(at, word)| !word.starts_with('-') && own(*at));
    if let Some((_, word)) = positional().find(|(_, word)| is_target(word)) {
        return target(word);
    }
    // Without `:name`: the first word that is no option's value.
    let after_flag = |at: usize| {
        at == 0
            || !rest[at - 1].starts_with('-')
            || rest[at - 1].contains('=')
            || FLAGS.contains(&rest[at - 1].as_str())
    };
    let (_, word) = positional().find(|(at, word)| after_flag(*at) && is_dotted(word))?;
    match (program, word.rsplit_once('.')) {
        ("gunicorn" | "uwsgi", _) => Some(What::Module(word.clone(), Some("application".to_owned()))),
        // `arq a.b.Settings` names an object.
        ("arq", Some((module, name))) => Some(What::Module(module.to_owned(), Some(name.to_owned()))),
        _ => Some(What::Module(word.clone(), None)),
    }
}

/// `a.b:app`, `a.b:app.server`, `a.b:create_app()`, `a.b`, `a/b.py`.
fn target(text: &str) -> Option<What> {
    if text.ends_with(".py") {
        return Some(script(text));
    }
    let (module, name) = text.split_once(':').map_or((text, None), |(module, name)| (module, Some(name)));
    let end = |name: &str| name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
    let name = name.map(|name| name[..end(name)].to_owned()).filter(|name| is_name(name));
    is_dotted(module).then(|| What::Module(module.to_owned(), name))
}

/// Whether a word is `a.b:name`.
fn is_target(word: &str) -> bool {
    word.split_once(':').is_some_and(|(module, name)| {
        is_dotted(module) && name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !name.contains('/')
    })
}

fn is_dotted(text: &str) -> bool {
    text.split('.').all(is_name)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The values of options: `--app x`, `--app=x`.
fn values(words: &[String], options: &[&str]) -> Vec<String> {
    let value = |(at, word): (usize, &String)| {
        let (option, given) = word.split_once('=').map_or((word.as_str(), None), |(o, v)| (o, Some(v)));
        if !options.contains(&option) {
            return None;
        }
        given.map(str::to_owned).or_else(|| words.get(at + 1).cloned())
    };
    words.iter().enumerate().filter_map(value).collect()
}

/// The commands of a shell's line as words, quotes taken away.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => match chars.next() {
                Some('\n') | None => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            (None, '"' | '\'') => {
                word.get_or_insert_default();
                quote = Some(c);
            }
            // `${PORT:-8000}` is one word.
            (None, '$') if chars.peek() == Some(&'{') => {
                let word = word.get_or_insert_default();
                word.push('$');
                for c in chars.by_ref() {
                    word.push(c);
                    if c == '}' {
                        break;
                    }
                }
            }
            (None, ';' | '&' | '|' | '\n' | '(' | ')') => {
                let last = all.last_mut();
                if let Some(command) = last {
                    command.extend(word.take());
                    if !command.is_empty() {
                        all.push(Vec::new());
                    }
                }
            }
            (None, c) if c.is_whitespace() => {
                if let Some(command) = all.last_mut() {
                    command.extend(word.take());
                }
            }
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if let Some(command) = all.last_mut() {
        command.extend(word);
    }
    all.retain(|command| !command.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Vec<String> {
        let env = BTreeMap::from([("FLASK_APP".to_owned(), "flaskapp".to_owned())]);
        let shown = |started: Started| {
            let what = match started.what {
                What::Module(module, None) => module,
                What::Module(module, Some(name)) => format!("{module}:{name}"),
                What::Run(module) => format!("-m {module}"),
                What::Script(path) => path,
                What::Program(name) => format!("({name})"),
            };
            if started.dirs.is_empty() { what } else { format!("{what} in {}", started.dirs.join(":")) }
        };
        started_by_shell(line, &env).into_iter().map(shown).collect()
    }

    #[test]
    fn servers_and_their_modules() {
        for (line, expected) in [
            ("uvicorn a.b:app", "a.b:app"),
            ("uvicorn --host 0.0.0.0 --port ${PORT:-8000} a.b:app --reload", "a.b:app"),
            ("uvicorn --factory a.b:create_app", "a.b:create_app"),
            ("uvicorn app:app --app-dir src", "app:app in src"),
            (
                "gunicorn a.b:app -w ${WORKERS:-2} -k uvicorn.workers.UvicornWorker --bind 0.0.0.0:8081",
                "a.b:app",
            ),
            ("gunicorn -k uvicorn.workers.UvicornWorker -c python:conf a.b:app", "a.b:app"),
            ("gunicorn -k gthread site.wsgi", "site.wsgi:application"),
            ("gunicorn --reload --bind=:80 site.wsgi", "site.wsgi:application"),
            ("gunicorn --chdir /srv 'a.b:create_app()'", "a.b:create_app in /srv"),
            ("/opt/venv/bin/hypercorn a.b:app", "a.b:app"),
            ("daphne -b 0.0.0.0 -p 8001 site.asgi:application", "site.asgi:application"),
            ("granian --interface asgi a.b:app", "a.b:app"),
            ("uwsgi --http :80 --module a.wsgi:app", "a.wsgi:app"),
            ("uwsgi --wsgi-file a/b.py", "a/b.py"),
            ("arq a.b.WorkerSettings", "a.b:WorkerSettings"),
            ("dramatiq a.b", "a.b"),
            ("celery -A a.b worker -l info", "a.b"),
            ("celery --app=a.b:celery beat", "a.b:celery"),
            ("flask --app a.b run", "a.b"),
            ("flask run --host 0.0.0.0", "flaskapp"),
            ("fastapi run a/main.py", "a/main.py"),
        ] {
            assert_eq!(of(line), [expected], "{line}");
        }
        assert_eq!(of("gunicorn --bind localhost:80"), [""; 0]);
    }

    #[test]
    fn interpreters_and_scripts() {
        for (line, expected) in [
            ("python -m a.b --x", "-m a.b"),
            ("python3.11 -u -X dev -m a", "-m a"),
            ("python -um a", "-m a"),
            ("python -m uvicorn a.b:app", "a.b:app"),
            ("python -m celery -A a worker", "a"),
            ("python manage.py runserver 0.0.0.0:80", "manage.py"),
            ("python -OO -W ignore /app/a/b.py x", "/app/a/b.py"),
            ("./run.py", "./run.py"),
            ("zen --help", "(zen)"),
        ] {
            assert_eq!(of(line), [expected], "{line}");
        }
        for line in ["python", "python -c 'import a'", "python -m", "poetry install", ""] {
            assert_eq!(of(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn wrappers_and_shells() {
        for (line, expected) in [
            ("exec uvicorn a:app", "a:app"),
            ("PYTHONPATH=/x:/y A=b python -m c", "-m c in /x:/y"),
            ("env -u X A=1 python -m c", "-m c"),
            ("/sbin/tini -g -- gunicorn a:app", "a:app"),
            ("gosu www python a.py", "a.py"),
            ("poetry run uvicorn a:app", "a:app"),
            ("uv run --with x -- uvicorn a:app", "a:app"),
            ("sh -c \"exec uvicorn a:app --port ${PORT:-80}\"", "a:app"),
            ("bash -lc 'sh -c \"python -m a\"'", "-m a"),
        ] {
            assert_eq!(of(line), [expected], "{line}");
        }
        let line = "set -e; python manage.py migrate && exec gunicorn a.wsgi:app | cat";
        assert_eq!(of(line), ["(set)", "manage.py", "a.wsgi:app", "(cat)"]);
        let nested = "sh -c 'sh -c \"sh -c \\\"sh -c a\\\"\"'";
        assert_eq!(of(nested), ["(a)"]);
        assert_eq!(of("\"unclosed \\"), ["(unclosed )"]);
    }

    #[test]
    fn words_of_the_exec_form() {
        let words =
            ["sh", "-c", "\n  echo 'Starting' && \n exec gunicorn a:app \\\n -w 2"].map(str::to_owned);
        let found = started(&words, &BTreeMap::new());
        let expected =
            [What::Program("echo".to_owned()), What::Module("a".to_owned(), Some("app".to_owned()))];
        assert_eq!(found.into_iter().map(|started| started.what).collect::<Vec<_>>(), expected);
    }
}

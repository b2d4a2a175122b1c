use proptest::prelude::*;

use super::*;
use crate::registry::pattern::{Pattern, Subject};
use crate::source::{Language, Span};

/// A project: files as `path` or `path=module`, declared scripts, and containers.
struct World {
    files: Vec<(String, String)>,
    scripts: Vec<Script>,
    containers: Vec<(RelPath, String)>,
}

impl World {
    fn new(files: &[&str], containers: &[(&str, &str)]) -> Self {
        let mut files: Vec<(String, String)> = files
            .iter()
            .map(|file| match file.split_once('=') {
                Some((path, module)) => (path.to_owned(), module.to_owned()),
                None => {
                    let stem = file.strip_suffix(".py").unwrap();
                    (file.to_string(), stem.strip_suffix("/__init__").unwrap_or(stem).replace('/', "."))
                }
            })
            .collect();
        files.sort();
        let containers = containers.iter().map(|(path, text)| (RelPath::new(*path), text.to_string()));
        Self { files, scripts: Vec::new(), containers: containers.collect() }
    }

    fn with<T>(&self, ask: impl Fn(&Project) -> T) -> T {
        let production = |path: &str| !path.contains("tests/");
        let files: Vec<File> = self
            .files
            .iter()
            .map(|(path, module)| File { path, module, production: production(path) })
            .collect();
        let containers: Vec<(&RelPath, &str)> =
            self.containers.iter().map(|(path, text)| (path, text.as_str())).collect();
        let binds = |path: &str, name: &str| path.starts_with("site/") && name == "application";
        ask(&Project { files: &files, scripts: &self.scripts, containers: &containers, binds: &binds })
    }

    /// The only proposal.
    fn one(&self) -> Proposal {
        let mut all = self.with(proposals);
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }
}

/// Two services, what they share, and what is not for images.
const SERVICES: &[&str] = &[
    "analytics_service/__init__.py",
    "analytics_service/main.py",
    "analytics_service/tests/test_main.py",
    "backend/__init__.py",
    "backend/app/main.py",
    "backend/app/monitoring/errors.py",
    "scripts/deploy.py",
    "shared/env.py",
    "shared/jwt/keys.py",
];

fn one_service(dockerfile: &str) -> Proposal {
    World::new(SERVICES, &[("deployment/docker/a.Dockerfile", dockerfile)]).one()
}

#[test]
fn whole_packages_are_shipped_by_name() {
    let proposal = one_service(
        "\
FROM python:3.11-slim

WORKDIR /app
COPY analytics_service/requirements.txt .
COPY analytics_service/ ./analytics_service/
COPY shared/ ./shared/
ENTRYPOINT [\"tini\", \"-g\", \"--\"]
CMD [\"gunicorn\", \"analytics_service.main:app\", \"--bind\", \"0.0.0.0:8090\"]
",
    );
    let expected = Proposal {
        path: RelPath::new("deployment/docker/a.Dockerfile"),
        line: 5,
        entry: vec!["analytics_service.main:app".to_owned()],
        ships: vec!["analytics_service".to_owned(), "shared".to_owned()],
        absent: Vec::new(),
        unclear: Vec::new(),
    };
    assert_eq!(proposal, expected);
}

#[test]
fn the_last_stage_counts_with_what_it_takes_from_others() {
    let proposal = one_service(
        "\
ARG BASE=python:3.11
FROM $BASE AS Build
WORKDIR /src
ADD [\"shared\", \"backend\", \"./\"]
COPY scripts scripts
FROM build AS unused
COPY . /everything
FROM scratch
WORKDIR /srv/app
COPY --from=build --chown=1:1 /src/jwt shared/jwt
COPY --from=0 /src/app /srv/app/backend/app
COPY --from=docker.io/library/x /a /b
CMD exec uvicorn --factory backend.app.main:create_app
",
    );
    assert_eq!(proposal.ships, ["backend.app", "shared.jwt"]);
    assert_eq!((proposal.line, proposal.entry), (10, vec!["backend.app.main:create_app".to_owned()]));
}

#[test]
fn a_stage_that_builds_on_another_keeps_its_files() {
    let proposal = one_service(
        "FROM python AS base\nWORKDIR /app\nENV PYTHONPATH=/app/lib:$PYTHONPATH\nCOPY shared lib/shared\n\
         CMD python -m shared.env\nFROM base\nCOPY scripts .\n",
    );
    assert_eq!(proposal.ships, ["scripts", "shared"]);
    assert_eq!(proposal.entry, ["shared.env"]);
}

#[test]
fn an_image_with_other_paths_than_the_project() {
    let proposal = one_service(
        "FROM python\nWORKDIR /code\nCOPY backend/app ./app\nCOPY scripts/deploy.py run.py\n\
         CMD python run.py && uvicorn app.main:app\n",
    );
    assert_eq!(proposal.ships, ["backend.app", "scripts"]);
    assert_eq!(proposal.entry, ["scripts.deploy", "backend.app.main:app"]);
}

#[test]
fn everything_but_what_dockerignore_takes() {
    let dockerfile = "FROM python\nCOPY . /app\nWORKDIR /app\nCMD [\"python\", \"backend/app/main.py\"]\n";
    let ignore = "**/tests\n**/monitoring/\nscripts\n!scripts/deploy.py\nshared/jwt\n# x\n**/*.md\n";
    let containers = [("Dockerfile", dockerfile), (".dockerignore", ignore)];
    let proposal = World::new(SERVICES, &containers).one();
    assert_eq!(proposal.ships, [""; 0], "the whole tree");
    assert_eq!(proposal.absent, ["path:**/tests", "path:**/monitoring", "path:shared/jwt"]);
    assert_eq!(proposal.entry, ["backend.app.main"]);
    assert_eq!(proposal.line, 2);

    // One beside the Dockerfile takes the place of the context's.
    let own =
        [("Dockerfile", dockerfile), ("Dockerfile.dockerignore", "scripts\n"), (".dockerignore", ignore)];
    assert_eq!(World::new(SERVICES, &own).one().absent, ["path:/scripts"]);
}

#[test]
fn a_line_with_exceptions_becomes_what_it_really_takes() {
    let ignore = "*\n!backend\n!shared\nbackend/app/*\n!backend/app/main.py\n";
    let containers = [(".dockerignore", ignore), ("Dockerfile", "FROM a\nCOPY . .\n")];
    let proposal = World::new(SERVICES, &containers).one();
    assert_eq!(
        proposal.absent,
        ["path:backend/app/*/**", "path:analytics_service/**", "path:scripts/**"],
        "`backend/app/*` keeps main.py, so that it is no pattern; its directories are"
    );
}

#[test]
fn the_context_is_where_the_sources_are() {
    let files =
        ["services/a/__init__.py=a", "services/a/main.py=a.main", "services/a/x/y.py=a.x.y", "main.py"];
    let dockerfile = "FROM python\nWORKDIR /a\nCOPY main.py x ./\nCMD [\"python\", \"main.py\"]\n";
    let proposal = World::new(&files, &[("services/a/Dockerfile", dockerfile)]).one();
    assert_eq!(proposal.ships, ["a.main", "a.x"].map(str::to_owned).into_iter().rev().collect::<Vec<_>>());
    assert_eq!(proposal.entry, ["a.main"]);
    let ignore = ("services/a/.dockerignore", "x\n");
    let proposal = World::new(&files, &[ignore, ("services/a/docker/Dockerfile", dockerfile)]).one();
    assert_eq!(proposal.absent, ["path:services/a/x"]);
}

#[test]
fn files_and_globs() {
    let files =
        ["a.py", "b.py", "c.py", "d.py", "p/__init__.py", "p/m.py", "p/n.py", "x-y/z.py=z", "q/__init__.py"];
    let of = |copy: &str| World::new(&files, &[("Dockerfile", &format!("FROM a\n{copy}\n"))]).one().ships;
    assert_eq!(of("COPY *.py /app/"), ["path:/*.py"]);
    assert_eq!(of("COPY a.py b.py /app/"), ["a", "b"]);
    assert_eq!(of("COPY p/__init__.py p/m.py /app/"), ["=p", "p.m"]);
    assert_eq!(of("COPY x-y /app/"), ["path:x-y/**"], "an import root has no name");
    assert_eq!(of("COPY p?q [pq] /app/"), ["p.m", "p.n", "q"], "q/__init__.py lands on that of p");
    assert_eq!(of("COPY --parents p/m.py /app/"), ["p.m"]);
}

#[test]
fn two_modules_of_one_name_are_told_apart_by_path() {
    let files = ["one/t/x.py=t.x", "two/t/x.py=t.x", "two/t/y.py=t.y"];
    let proposal =
        World::new(&files, &[("Dockerfile", "FROM a\nCOPY one /one\nCOPY two/t/x.py /two/\n")]).one();
    assert_eq!(proposal.ships, ["path:one/**", "path:two/t/x.py"]);
}

#[test]
fn what_cannot_be_followed_is_said() {
    let text =
        "FROM a\nARG SERVICE\nARG OTHER=scripts\nCOPY $SERVICE /a\nCOPY ${OTHER} /a\nCOPY ${X:-shared} /b\n";
    let proposal = one_service(text);
    assert_eq!(proposal.ships, ["scripts", "shared"]);
    assert_eq!(proposal.unclear, [4]);
    assert_eq!(proposal.line, 5);
}

#[test]
fn images_without_source_files_are_none() {
    for text in [
        "",
        "COPY . .",
        "FROM node\nCOPY frontend .\n",
        "FROM a\nRUN echo '\nfrom locust import HttpUser, task\n'\nCMD [\"python\", \"load.py\"]\n",
        "FROM a\nCOPY ../shared .\nADD https://x/y.py /y.py\nCOPY <<EOF /app/x.py\nshared\nEOF\n",
        "FROM a AS b\nCOPY . .\nFROM c\n",
        "FROM a\nCOPY",
        "FROM a\nCOPY shared",
        "FROM a\nCOPY [\"shared\"",
    ] {
        assert_eq!(World::new(SERVICES, &[("Dockerfile", text)]).with(proposals), [], "{text}");
    }
}

#[test]
fn a_program_that_a_distribution_installs() {
    let mut world = World::new(
        &["zen.py", "util/x.py"],
        &[("Dockerfile", "FROM a\nCOPY zen.py .\nENTRYPOINT [\"zen\"]\nCMD [\"--help\"]\n")],
    );
    let script = |name: &str, target: &str| Script {
        name: name.to_owned(),
        target: target.to_owned(),
        source: "[project.scripts] in pyproject.toml".to_owned(),
    };
    world.scripts = vec![script("zen", "zen:run"), script("gone", "gone:run")];
    assert_eq!(world.one().entry, ["zen:run"]);
    let guesses = world.with(guess_entries);
    let expected =
        [Guess { module: "zen:run".to_owned(), source: "Dockerfile ENTRYPOINT at Dockerfile:3".to_owned() }];
    assert_eq!(guesses, expected, "what a better source says is not said again, and `gone` does not exist");
}

#[test]
fn guesses_have_the_best_source_first() {
    let mut world = World::new(
        &[
            "backend/__main__.py",
            "backend/main.py",
            "manage.py",
            "other/main.py",
            "site/asgi.py",
            "site/wsgi.py",
            "nosite/wsgi.py",
            "tests/main.py",
            "cli/a.py",
        ],
        &[(
            "docker/b.Dockerfile",
            "FROM a\nCOPY . .\nCMD [\"sh\", \"-c\", \"python manage.py migrate && uvicorn backend.main:app\"]\n",
        )],
    );
    let script = |target: &str, source: &str| Script {
        name: "x".to_owned(),
        target: target.to_owned(),
        source: source.to_owned(),
    };
    world.scripts = vec![
        script("cli.a:main", "[project.scripts] in pyproject.toml"),
        script("cli.a", "console_scripts in setup.cfg"),
        script("site.wsgi:application", "[project.entry-points.web] in pyproject.toml"),
    ];
    let guesses = world.with(guess_entries);
    let found: Vec<_> = guesses.iter().map(|guess| (guess.module.as_str(), guess.source.as_str())).collect();
    let expected = [
        ("manage", "Dockerfile CMD at docker/b.Dockerfile:3"),
        ("backend.main:app", "Dockerfile CMD at docker/b.Dockerfile:3"),
        ("cli.a:main", "[project.scripts] in pyproject.toml"),
        ("site.wsgi:application", "[project.entry-points.web] in pyproject.toml"),
        ("site.asgi:application", "asgi.py"),
        ("backend.__main__", "__main__.py"),
        ("other.main", "main.py"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_would_grow_without_end_is_not_followed() {
    let doubled = "ENV A=$A$A\n".repeat(100);
    let variables = format!("FROM a\nENV A={}\n{doubled}COPY shared $A/\n", "x".repeat(100));
    let proposal = one_service(&format!("{variables}COPY scripts scripts\n"));
    assert_eq!((proposal.ships, proposal.unclear), (vec!["scripts".to_owned()], vec![103]));

    let stages: String = (0..60)
        .map(|stage| format!("FROM a\nCOPY --from={stage} / /l\nCOPY --from={stage} / /r\n"))
        .collect();
    let dockerfile = format!("FROM a\nCOPY shared .\n{stages}COPY scripts scripts\n");
    let world = World::new(SERVICES, &[("Dockerfile", dockerfile.as_str())]);
    assert_eq!(world.with(proposals), [], "nothing is said of what cannot be told");

    let sources = "* ".repeat(100_000);
    let proposal = one_service(&format!("FROM a\nCOPY scripts .\nCOPY {sources} ./\n"));
    assert_eq!((proposal.ships, proposal.unclear), (vec!["scripts".to_owned()], vec![3]));

    let commands = "python -m shared.env; python -m gone; ".repeat(100_000);
    let proposal = one_service(&format!("FROM a\nCOPY . .\nCMD {commands}\n"));
    assert_eq!(proposal.entry, ["shared.env"]);
}

#[test]
fn lines_of_dockerignore_that_all_match_with_one_exception() {
    let line = |at: u32| format!("[p{}]*\n", char::from_u32(0x4e00 + at).unwrap());
    let ignore = (0..1900).map(line).collect::<String>() + "!p/zero.py\n";
    let files: Vec<String> = (0..10_000).map(|at| format!("p/{at}.py")).chain(["p/zero.py".into()]).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let containers = [("Dockerfile", "FROM a\nCOPY . .\n"), (".dockerignore", ignore.as_str())];
    let proposal = World::new(&files, &containers).one();
    assert_eq!(proposal.absent.len(), 10_000, "no line holds without exception");
}

/// Texts of what the parsers look for, in any order.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("FROM a AS b\n"),
        Just("FROM b\n"),
        Just("COPY --from=b . é/\n"),
        Just("COPY * [ ./\n"),
        Just("COPY shared/ $X ${A:-b} /\n"),
        Just("ENV A=\"1\\ 2\" B\n"),
        Just("RUN <<EOF\n"),
        Just("EOF\n"),
        Just("CMD [\"sh\", \"-c\", \"uvicorn a:b\"]\n"),
        Just("CMD python -m"),
        Just("WORKDIR ../..\n"),
        Just("!**/b**c\n"),
        Just("[a-\n"),
        Just("\\\n"),
        Just("\""),
        Just("'"),
        Just("${"),
        Just("é"),
        Just(" "),
        Just("\n"),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(dockerfile in text(), ignore in text()) {
        let containers = [("shared/Dockerfile", dockerfile.as_str()), (".dockerignore", ignore.as_str())];
        let world = World::new(SERVICES, &containers);
        let first = world.with(|project| (proposals(project), guess_entries(project)));
        prop_assert_eq!(first, world.with(|project| (proposals(project), guess_entries(project))));
    }

    /// What is proposed says of every file what the image really holds.
    #[test]
    fn patterns_hold_exactly_what_is_copied(copied in prop::collection::vec(any::<bool>(), SERVICES.len())) {
        let world = World::new(SERVICES, &[]);
        world.with(|project| {
            let patterns = ships::ships(project.files, &copied);
            let patterns: Vec<Pattern> =
                patterns.iter().map(|text| Pattern::parse(text, Span::default(), 0).unwrap()).collect();
            let all = copied.iter().all(|copied| *copied);
            for (file, copied) in project.files.iter().zip(&copied) {
                let subject =
                    Subject { name: file.module, path: file.path, scope: "", language: Language::Python };
                let held = patterns.iter().any(|pattern| pattern.matches(&subject));
                assert_eq!(held || all, *copied, "{}", file.path);
            }
        });
    }
}

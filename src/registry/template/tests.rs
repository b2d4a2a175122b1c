use toml::Table;

use super::*;
use crate::facts::Date;
use crate::registry::Registry;
use crate::registry::load::{Home, load};
use crate::source::RelPath;

fn loaded(text: &str) -> Registry {
    let as_of = Date::parse("2026-11-22").unwrap();
    load(&RelPath::new("importlaw.toml"), text, Home::Own, as_of)
        .unwrap_or_else(|errors| panic!("{:?}\n{text}", errors.problems()))
}

fn filled_with(name: &str, set: &[(&str, &str)]) -> String {
    fill(named(name).unwrap(), set).unwrap()
}

fn refused(name: &str, set: &[(&str, &str)]) -> String {
    fill(named(name).unwrap(), set).unwrap_err().message
}

#[test]
fn the_folder_and_the_table_agree() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/templates");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let table: Vec<String> = TEMPLATES.iter().map(|template| format!("{}.toml", template.name)).collect();
    assert_eq!(files, table);
}

#[test]
fn every_template_keeps_to_the_form() {
    for template in TEMPLATES {
        let (name, text) = (template.name, template.text);
        text.parse::<Table>().unwrap_or_else(|error| panic!("{name} is no TOML: {error}"));
        let (head, body) = text.split_once("\nversion = 1\n\n[").expect("a head, the version, tables");
        assert!(head.lines().all(|line| line.starts_with('#')), "{name} is explained at its top");
        assert!(template.summary().ends_with('.'), "{name} begins with one sentence");
        assert!(head.contains(&format!("\n#     {}\n", template.example())), "{name} shows its example");
        assert!(
            !body.contains(['\\', '\'', '#']),
            "{name}: no escapes, other quotes or comments in the tables"
        );
        let mut keys: Vec<&str> = body
            .split('{')
            .skip(1)
            .map(|rest| rest.split('}').next().unwrap().trim_end_matches(".each").trim_end_matches(".others"))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let mut known: Vec<&str> = template.keys.iter().map(|key| key.name).collect();
        known.sort_unstable();
        assert_eq!(keys, known, "{name}");
        for key in known {
            assert!(head.contains(&format!("`{key}`")), "{name} explains `{key}`");
        }
    }
}

#[test]
fn every_example_loads_and_nothing_is_left_to_fill() {
    for template in TEMPLATES {
        let set: Vec<(&str, &str)> = template.keys.iter().map(|key| (key.name, key.example)).collect();
        let text = fill(template, &set).unwrap();
        assert!(!text.contains(['{', '}']), "{text}");
        assert!(text.starts_with(&format!("# {}\n#\n# From ", template.summary())), "{text}");
        let registry = loaded(&text);
        assert!(
            registry.entries.iter().all(|entry| entry.meta.reason.is_some() && entry.meta.help.is_some())
        );
    }
}

#[test]
fn services_are_an_entry_each() {
    let text = filled_with("services", &[("services", "auth, billing,web.shop")]);
    let expected = r#"# Services apart: no service imports another, directly or through other modules.
#
# From importlaw's template `services`: services = auth, billing, web.shop.
version = 1

[[forbidden]]
id           = "auth-apart"
from         = ["auth"]
to           = ["billing", "web.shop"]
indirect     = true
scopes       = ["production"]
except-kinds = ["type-checking"]
reason       = "a service must start without its neighbours"
help         = "move what both need to a package that is no service"

[[forbidden]]
id           = "billing-apart"
from         = ["billing"]
to           = ["auth", "web.shop"]
indirect     = true
scopes       = ["production"]
except-kinds = ["type-checking"]
reason       = "a service must start without its neighbours"
help         = "move what both need to a package that is no service"

[[forbidden]]
id           = "web.shop-apart"
from         = ["web.shop"]
to           = ["auth", "billing"]
indirect     = true
scopes       = ["production"]
except-kinds = ["type-checking"]
reason       = "a service must start without its neighbours"
help         = "move what both need to a package that is no service"
"#;
    assert_eq!(text, expected);
    loaded(&text);
}

#[test]
fn lists_are_filled_in_their_order() {
    let text = filled_with(
        "layered",
        &[("within", "shop,plugins.*"), ("layers", "routes , services | agents,(adapters),db : cache")],
    );
    assert!(
        text.contains(
            "layers = routes, services | agents, (adapters), db : cache; within = shop, plugins.*.\n"
        )
    );
    assert!(
        text.contains("order  = [\"routes\", \"services | agents\", \"(adapters)\", \"db : cache\"]\n"),
        "{text}"
    );
    assert!(text.contains("within = [\"shop\", \"plugins.*\"]\n"), "{text}");
    loaded(&text);
    let text =
        filled_with("hexagonal", &[("domain", "d"), ("application", "ä"), ("adapters", "inbound,outbound")]);
    assert!(text.contains("to       = [\"ä\", \"inbound\", \"outbound\"]\n"), "{text}");
    assert!(text.contains("modules = [\"inbound.*\", \"outbound.*\"]\n"), "{text}");
    assert_eq!(loaded(&text).entries.len(), 4);
}

#[test]
fn what_cannot_fill_it_is_told_at_once_with_an_example() {
    let error = fill(named("layered").unwrap(), &[("layer", "a,b"), ("within", "a b")]).unwrap_err();
    let NotFilled { message, help } = error;
    assert!(
        message.starts_with(
            "the template `layered` cannot be filled: it has no key `layer`; did you mean `layers`?; it needs \
             `layers`; `within`: "
        ),
        "{message}"
    );
    assert_eq!(
        help,
        "its keys are `layers`, the layers below `within`, highest first; `within`, the packages that hold them. For \
         example: importlaw registry template layered --set layers=routes,services,db --set within=shop"
    );
    let cannot = "the template `services` cannot be filled: ";
    for (set, why) in [
        (&[][..], "it needs `services`"),
        (&[("services", "a")], "`services` needs at least 2 values, `a` is one"),
        (&[("services", "a,b"), ("services", "c")], "`services` is set twice: write `services=a,b`"),
        (&[("services", "a,b,a")], "`a` is named twice"),
        (&[("services", "a,b,a.c")], "`a.c` lies within `a`"),
        (&[("services", "a,b,ab")], ""),
        (&[("services", "a,,b")], "`services`: `` is not a dotted name"),
        (&[("services", "a,b\"]\n[[x]]")], "`services`: `b\"]\n[[x]]` is not a dotted name"),
        (&[("services", "a.*,b")], "`services`: `a.*` is not a dotted name"),
        (&[("services", "a,b"), ("colour", "red")], "it has no key `colour`"),
    ] {
        match fill(named("services").unwrap(), set) {
            Ok(text) => assert!(why.is_empty() && loaded(&text).entries.len() == 3, "{set:?}"),
            Err(error) => assert_eq!(error.message, format!("{cannot}{why}"), "{set:?}"),
        }
    }
    assert_eq!(
        refused("hexagonal", &[("domain", "shop"), ("application", "app"), ("adapters", "shop.db")]),
        "the template `hexagonal` cannot be filled: `shop.db` lies within `shop`"
    );
    assert_eq!(
        refused("layered", &[("layers", "a | b,(a)"), ("within", "x")]),
        "the template `layered` cannot be filled: `a` is named twice"
    );
    let unknown = |name| named(name).unwrap_err();
    assert_eq!(unknown("service").help, "did you mean `services`?");
    assert_eq!(unknown("zz").help, "known here: hexagonal, layered, services");
    assert_eq!(unknown("zz").message, "there is no template `zz`");
}

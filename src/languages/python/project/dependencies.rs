//! From a requirement to the names that an installed distribution may be imported by.

/// The distribution that a requirement (PEP 508, or a line of a requirements file) names; None for an option, a path
/// or a bare URL.
pub(super) fn name_of(requirement: &str) -> Option<&str> {
    if let Some((_, egg)) = requirement.split_once("#egg=") {
        return leading_name(egg);
    }
    let text = requirement.trim_start();
    let name = leading_name(text)?;
    let after = text[name.len()..].trim_start().chars().next();
    after.is_none_or(|next| "[(<>=!~;@#\\".contains(next)).then_some(name)
}

/// `a.b:main` of an entry point such as `a.b:Class.main [extra]`; None where it names no module.
pub(super) fn entry_target(text: &str) -> Option<String> {
    let text = text.split('[').next().unwrap_or(text).trim();
    let (module, name) = text.split_once(':').map_or((text, None), |(module, name)| (module, Some(name)));
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    let module = module.trim();
    let name = name.and_then(|name| name.trim().split('.').next()).filter(|name| is_name(name));
    module.split('.').all(is_name).then(|| match name {
        Some(name) => format!("{module}:{name}"),
        None => module.to_owned(),
    })
}

fn leading_name(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    let name = text[..end].trim_end_matches(['.', '_', '-']);
    name.starts_with(|c: char| c.is_ascii_alphanumeric()).then_some(name)
}

/// The top-level names that `distribution` may be imported by: its own as an identifier, and what is known of those
/// that bear another. Rather one too many: a name that is declared is not looked for in the project.
pub(super) fn import_names(distribution: &str) -> Vec<String> {
    let name = distribution.to_lowercase();
    let normal = normalised(&name);
    let mut names = vec![normal.replace('-', "_")];
    if let Some((namespace, _)) = name.split_once('.') {
        names.push(namespace.replace('-', "_")); // zope.interface, ruamel.yaml
    }
    if let Some(rest) = normal.strip_prefix("python-").or_else(|| normal.strip_suffix("-python")) {
        names.push(rest.replace('-', "_")); // python-dotenv, meilisearch-python
    }
    let namespace = ["google", "azure", "opentelemetry"]
        .into_iter()
        .find(|vendor| normal.strip_prefix(vendor).is_some_and(|rest| rest.starts_with('-')));
    names.extend(namespace.map(str::to_owned));
    let known = IMPORT_NAMES.binary_search_by(|(known, _)| (*known).cmp(&normal));
    if let Ok(at) = known {
        names.extend(IMPORT_NAMES[at].1.iter().map(|&name| name.to_owned()));
    }
    names.dedup();
    names
}

/// Forms of a name, of which a distribution and its module are likely to share one: without capitals and separators,
/// and without `py`, `api` and the like at either end. `HAP-python` and `pyhap` share `hap`.
pub(super) fn stems(name: &str) -> Vec<String> {
    let whole: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let end = |text: &str| {
        let ends = ["python", "py", "api", "sdk", "client"];
        ends.iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text).to_owned()
    };
    let start =
        ["python", "py"].iter().find_map(|start| whole.strip_prefix(start)).unwrap_or(&whole).to_owned();
    let mut stems = vec![end(&whole), end(&start), start, whole];
    stems.retain(|stem| stem.len() > 2);
    stems
}

/// The form in which two spellings of one distribution are equal (PEP 503).
pub(super) fn normalised(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if matches!(c, '.' | '_') { '-' } else { c.to_ascii_lowercase() };
        if c != '-' || !normal.ends_with('-') {
            normal.push(c);
        }
    }
    normal
}

/// Distributions whose modules are not called as they are, by normalised name.
#[rustfmt::skip]
const IMPORT_NAMES: &[(&str, &[&str])] = &[
    ("absl-py", &["absl"]),
    ("antlr4-python3-runtime", &["antlr4"]),
    ("apache-airflow", &["airflow"]),
    ("argon2-cffi", &["argon2"]),
    ("attrs", &["attr"]),
    ("beautifulsoup4", &["bs4"]),
    ("biopython", &["Bio", "BioSQL"]),
    ("cloud-sql-python-connector", &["google"]),
    ("cython", &["Cython", "pyximport"]),
    ("discord-py", &["discord"]),
    ("django-allauth", &["allauth"]),
    ("django-compressor", &["compressor"]),
    ("django-cors-headers", &["corsheaders"]),
    ("django-crispy-forms", &["crispy_forms"]),
    ("django-debug-toolbar", &["debug_toolbar"]),
    ("django-environ", &["environ"]),
    ("django-filter", &["django_filters"]),
    ("django-guardian", &["guardian"]),
    ("django-mptt", &["mptt"]),
    ("django-storages", &["storages"]),
    ("django-taggit", &["taggit"]),
    ("djangorestframework", &["rest_framework"]),
    ("dnspython", &["dns"]),
    ("docker-py", &["docker"]),
    ("factory-boy", &["factory"]),
    ("faiss-cpu", &["faiss"]),
    ("faiss-gpu", &["faiss"]),
    ("fonttools", &["fontTools"]),
    ("gitpython", &["git", "gitdb"]),
    ("google-api-python-client", &["googleapiclient", "apiclient"]),
    ("grpcio", &["grpc"]),
    ("grpcio-health-checking", &["grpc_health"]),
    ("grpcio-reflection", &["grpc_reflection"]),
    ("grpcio-status", &["grpc_status"]),
    ("grpcio-tools", &["grpc_tools"]),
    ("hap-python", &["pyhap"]),
    ("hydra-core", &["hydra"]),
    ("imbalanced-learn", &["imblearn"]),
    ("ipython", &["IPython"]),
    ("levenshtein", &["Levenshtein"]),
    ("llama-index-core", &["llama_index"]),
    ("lru-dict", &["lru"]),
    ("markdown-it-py", &["markdown_it"]),
    ("matrix-nio", &["nio"]),
    ("memory-profiler", &["mprof"]),
    ("mysql-connector", &["mysql"]),
    ("mysql-connector-python", &["mysql"]),
    ("mysqlclient", &["MySQLdb"]),
    ("opencv-contrib-python", &["cv2"]),
    ("opencv-contrib-python-headless", &["cv2"]),
    ("opencv-python", &["cv2"]),
    ("opencv-python-headless", &["cv2"]),
    ("paho-mqtt", &["paho"]),
    ("pillow", &["PIL"]),
    ("progressbar2", &["progressbar"]),
    ("protobuf", &["google"]),
    ("psycopg-binary", &["psycopg"]),
    ("psycopg2-binary", &["psycopg2"]),
    ("py-cpuinfo", &["cpuinfo"]),
    ("pycrypto", &["Crypto"]),
    ("pycryptodome", &["Crypto"]),
    ("pycryptodomex", &["Cryptodome"]),
    ("pygithub", &["github"]),
    ("pygobject", &["gi"]),
    ("pyinstaller", &["PyInstaller"]),
    ("pyjwt", &["jwt"]),
    ("pymongo", &["bson", "gridfs"]),
    ("pymupdf", &["fitz"]),
    ("pynacl", &["nacl"]),
    ("pyobjc-core", &["objc"]),
    ("pyopenssl", &["OpenSSL"]),
    ("pypdf2", &["PyPDF2"]),
    ("pyqt5", &["PyQt5"]),
    ("pyqt6", &["PyQt6"]),
    ("pyserial", &["serial"]),
    ("pyserial-asyncio", &["serial_asyncio"]),
    ("pyside6", &["PySide6", "shiboken6"]),
    ("pysocks", &["socks", "sockshandler"]),
    ("pytest", &["_pytest"]),
    ("python-json-logger", &["pythonjsonlogger"]),
    ("python-ldap", &["ldap", "ldapurl", "ldif", "slapdtest"]),
    ("python-levenshtein", &["Levenshtein"]),
    ("python-mpd2", &["mpd"]),
    ("python-telegram-bot", &["telegram"]),
    ("pyusb", &["usb"]),
    ("pywin32", &["pythoncom", "pywintypes", "win32api", "win32com", "win32con", "win32gui"]),
    ("pyyaml", &["yaml", "_yaml"]),
    ("pyzmq", &["zmq"]),
    ("rpds-py", &["rpds"]),
    ("ruamel-yaml", &["ruamel"]),
    ("scikit-image", &["skimage"]),
    ("scikit-learn", &["sklearn"]),
    ("setuptools", &["pkg_resources", "_distutils_hack"]),
    ("slack-sdk", &["slack"]),
    ("slackclient", &["slack"]),
    ("speechrecognition", &["speech_recognition"]),
    ("speedtest-cli", &["speedtest"]),
    ("tensorflow-cpu", &["tensorflow"]),
    ("tensorflow-gpu", &["tensorflow"]),
    ("umap-learn", &["umap"]),
    ("websocket-client", &["websocket"]),
    ("wxpython", &["wx"]),
    ("zope-interface", &["zope"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_can_be_searched() {
        assert!(IMPORT_NAMES.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(IMPORT_NAMES.iter().all(|(name, _)| normalised(name) == *name));
    }

    #[test]
    fn a_requirement_begins_with_its_name() {
        for (requirement, name) in [
            ("requests", Some("requests")),
            ("  Django[argon2]>=4.2 ; python_version > '3.8'  # why", Some("Django")),
            ("zope.interface~=5", Some("zope.interface")),
            ("ruamel-yaml (>=0.15)", Some("ruamel-yaml")),
            ("pip @ https://example.org/pip.zip", Some("pip")),
            ("a==1 --hash=sha256:00", Some("a")),
            ("attrs \\", Some("attrs")),
            ("git+https://example.org/x.git#egg=my_x&subdirectory=y", Some("my_x")),
            ("https://example.org/x.zip", None),
            ("-r other.txt", None),
            ("--index-url https://example.org", None),
            ("./local", None),
            ("local/wheel.whl", None),
            ("# comment", None),
            ("key steps of a migration", None),
            ("2.8.0, which is recent", None),
            ("", None),
        ] {
            assert_eq!(name_of(requirement), name, "{requirement}");
        }
    }

    #[test]
    fn a_distribution_and_its_module_share_a_stem() {
        let share = |a: &str, b: &str| stems(a).iter().any(|stem| stems(b).contains(stem));
        for (distribution, name) in [
            ("HAP-python", "pyhap"),
            ("yolink-api", "yolink"),
            ("velbus-aio", "velbusaio"),
            ("pyswitchbee", "switchbee"),
            ("python-tado", "PyTado"),
        ] {
            assert!(share(distribution, name), "{distribution}");
        }
        for (distribution, name) in
            [("requests", "request"), ("py-x", "xx"), ("pytz", "pyz"), ("redis", "aioredis")]
        {
            assert!(!share(distribution, name), "{distribution}");
        }
    }

    #[test]
    fn an_import_name_may_differ_from_the_distribution_s() {
        for (distribution, names) in [
            ("requests", &["requests"][..]),
            ("PyYAML", &["pyyaml", "yaml", "_yaml"]),
            ("Scikit_Learn", &["scikit_learn", "sklearn"]),
            ("ruamel.yaml", &["ruamel_yaml", "ruamel"]),
            ("python-dotenv", &["python_dotenv", "dotenv"]),
            ("google-cloud-storage", &["google_cloud_storage", "google"]),
            ("typing.Extensions", &["typing_extensions", "typing"]),
        ] {
            assert_eq!(import_names(distribution), names, "{distribution}");
        }
    }
}

//! The words of the configuration, and where each came from.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use noroshi_council::Text;

use super::{Config, DEFAULT_FILE, KEYS, Key, keys, value};
use crate::lang::Lang;

/// Variables with our prefix that are not keys.
const OTHER_VARIABLES: &[&str] = &["NOROSHI_CONFIG", "NOROSHI_CORPUS", "NOROSHI_LANG"];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line.
    Flag,
    /// A variable of the environment.
    Env,
    /// The file of this path.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

/// One value, in the words in which it was given.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The words.
    pub value: String,
    /// Where they came from.
    pub origin: Origin,
}

/// What is wrong with the configuration: the place, the key, the reason, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// File, variable or flag.
    pub place: String,
    /// The key, empty where the place as a whole is wrong.
    pub key: String,
    /// Why it cannot be used.
    pub why: Text,
    /// What to do now.
    pub todo: Text,
}

impl ConfigError {
    pub(super) fn new(
        place: impl Into<String>,
        key: &str,
        why: (&str, &str),
        todo: (&str, &str),
    ) -> ConfigError {
        ConfigError {
            place: place.into(),
            key: key.to_owned(),
            why: Text::new(why.0, why.1),
            todo: Text::new(todo.0, todo.1),
        }
    }

    /// The flaw in one paragraph.
    #[must_use]
    pub fn said(&self, lang: Lang) -> String {
        let key = if self.key.is_empty() { String::new() } else { format!("{}: ", self.key) };
        let (why, todo) = (lang.pick(&self.why.ja, &self.why.en), lang.pick(&self.todo.ja, &self.todo.en));
        format!("{}: {key}{why}\n   {} {todo}", self.place, lang.pick("→", "->"))
    }
}

/// All values with their origins, not yet understood.
#[derive(Debug, Clone)]
pub struct Settings {
    values: BTreeMap<&'static str, Setting>,
    strangers: Vec<String>,
    file: Option<PathBuf>,
}

/// The environment as a map; tests make their own.
pub type Env = BTreeMap<String, String>;

impl Settings {
    /// Gathers flags (by key name), environment and file.
    ///
    /// # Errors
    /// Fails where the named file cannot be read or understood, or holds a key that does not exist.
    pub fn gather(
        flags: &BTreeMap<String, String>,
        env: &Env,
        file: Option<&Path>,
    ) -> Result<Settings, Vec<ConfigError>> {
        let named = file.map(Path::to_path_buf).or_else(|| env.get("NOROSHI_CONFIG").map(PathBuf::from));
        let file = named.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()));
        let from_file = match &file {
            Some(path) => read_file(path)?,
            None => BTreeMap::new(),
        };
        let mut values = BTreeMap::new();
        for key in KEYS {
            let setting = if let Some(value) = flags.get(key.name) {
                Setting { value: value.clone(), origin: Origin::Flag }
            } else if let Some(value) = env.get(&key.env()) {
                Setting { value: value.clone(), origin: Origin::Env }
            } else if let (Some(value), Some(path)) = (from_file.get(key.name), &file) {
                Setting { value: value.clone(), origin: Origin::File(path.clone()) }
            } else {
                let value =
                    if key.name == "data_dir" { default_data_dir(env) } else { key.default.to_owned() };
                Setting { value, origin: Origin::Default }
            };
            values.insert(key.name, setting);
        }
        let strangers = env
            .keys()
            .filter(|name| name.starts_with("NOROSHI_") && !OTHER_VARIABLES.contains(&name.as_str()))
            .filter(|name| KEYS.iter().all(|key| key.env() != **name))
            .cloned()
            .collect();
        Ok(Settings { values, strangers, file })
    }

    /// The words given for a key.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |setting| setting.value.as_str())
    }

    /// Where a key's words came from.
    #[must_use]
    pub fn origin(&self, name: &str) -> Origin {
        self.values.get(name).map_or(Origin::Default, |setting| setting.origin.clone())
    }

    /// Variables that look like ours and mean nothing.
    #[must_use]
    pub fn strangers(&self) -> &[String] {
        &self.strangers
    }

    /// The file that was read.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The place that a key's value came from, as people call it.
    #[must_use]
    pub fn place(&self, key: &Key) -> String {
        match self.origin(key.name) {
            Origin::Flag => format!("--{}", key.flag()),
            Origin::Env => key.env(),
            Origin::File(path) => path.display().to_string(),
            Origin::Default => "default".to_owned(),
        }
    }

    /// All keys with value and place, secrets blotted out. Hidden keys appear only where set.
    #[must_use]
    pub fn listed(&self) -> Vec<(&'static Key, String, String)> {
        KEYS.iter()
            .filter(|key| !key.hidden || !self.get(key.name).is_empty())
            .map(|key| (key, blot(self.get(key.name)), self.place(key)))
            .collect()
    }

    /// Understands the words.
    ///
    /// # Errors
    /// Tells every value that cannot be used.
    pub fn config(&self) -> Result<Config, Vec<ConfigError>> {
        let mut flaws = Vec::new();
        let config = Config::understand(self, &mut flaws);
        if flaws.is_empty() { Ok(config) } else { Err(flaws) }
    }

    pub(super) fn flaw(&self, name: &str, why: (&str, &str), todo: (&str, &str)) -> ConfigError {
        let place = keys::find(name).map_or_else(String::new, |key| self.place(key));
        ConfigError::new(place, name, why, todo)
    }
}

/// A value without the password that a URL may hold.
pub(super) fn blot(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    match rest.split_once('@') {
        Some((who, host)) => match who.split_once(':') {
            Some((user, _)) => format!("{scheme}://{user}:***@{host}"),
            None => value.to_owned(),
        },
        None => value.to_owned(),
    }
}

fn default_data_dir(env: &Env) -> String {
    let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
    if let Some(dir) = set("STATE_DIRECTORY") {
        return dir.clone();
    }
    match (set("XDG_DATA_HOME"), set("HOME")) {
        (Some(dir), _) => format!("{dir}/noroshi"),
        (None, Some(home)) => format!("{home}/.local/share/noroshi"),
        (None, None) => "noroshi-data".to_owned(),
    }
}

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, Vec<ConfigError>> {
    let place = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        vec![ConfigError::new(
            &place,
            "",
            (&format!("読めません（{error}）"), &format!("cannot be read ({error})")),
            ("パスと権限を確かめてください", "check the path and its permissions"),
        )]
    })?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
        vec![ConfigError::new(
            format!("{place}:{line}"),
            "",
            (
                &format!("TOMLとして読めません（{}）", error.message()),
                &format!("is not TOML ({})", error.message()),
            ),
            ("その行を直してください", "correct that line"),
        )]
    })?;
    let mut values = BTreeMap::new();
    let mut flaws = Vec::new();
    flatten(&place, "", &table, &mut values, &mut flaws);
    if flaws.is_empty() { Ok(values) } else { Err(flaws) }
}

fn flatten(
    place: &str,
    prefix: &str,
    table: &toml::Table,
    values: &mut BTreeMap<String, String>,
    flaws: &mut Vec<ConfigError>,
) {
    for (name, value) in table {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let words = match value {
            toml::Value::Table(inner) if prefix.is_empty() => {
                flatten(place, &name, inner, values, flaws);
                continue;
            }
            toml::Value::String(text) => Some(text.clone()),
            toml::Value::Integer(number) => Some(number.to_string()),
            toml::Value::Boolean(yes) => Some(yes.to_string()),
            toml::Value::Array(items) => {
                items.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>().map(|items| items.join(","))
            }
            _ => None,
        };
        match (words, keys::find(&name)) {
            (Some(words), Some(_)) => {
                values.insert(name, words);
            }
            (None, Some(_)) => flaws.push(ConfigError::new(
                place,
                &name,
                ("値は文字列か数です", "takes a string or a number"),
                ("引用符で囲んでください", "put it in quotes"),
            )),
            (_, None) => {
                let near = value::nearest(&name, KEYS.iter().map(|key| key.name));
                let (mut ja, mut en) = (
                    "`noroshi config keys` で一覧を見られます".to_owned(),
                    "see `noroshi config keys`".to_owned(),
                );
                if let Some(near) = near {
                    let _ = write!(ja, "。{near} のことですか");
                    let _ = write!(en, "; did you mean {near}?");
                }
                flaws.push(ConfigError::new(
                    place,
                    &name,
                    ("このような設定はありません", "there is no such key"),
                    (&ja, &en),
                ));
            }
        }
    }
}

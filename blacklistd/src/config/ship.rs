//! `[[ship]]`: sinks with what their kind needs and nothing else, each with a name and a file of
//! its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use axum::http::Uri;
use blacklist_model::words;
use toml::Spanned;

use super::spec::ShipSpec;
use super::validate::absolute;
use blacklist_lists::ship::{JOURNALD_SOCKET, SinkSettings, SinkTarget};
use blacklist_problems::{Problems, nearest};

/// Characters of a sink's name at most.
const MAXIMUM_NAME: usize = 32;

/// Bytes of a Unix socket's path at most (`sun_path` without its NUL).
const MAXIMUM_SOCKET_PATH: usize = 107;

words! {
    /// `to` of a sink.
    enum Kind {
        File = "file",
        Journald = "journald",
        Unix = "unix",
        Http = "http",
    }
}

impl Kind {
    /// Not read by serde: a word that it does not know would be a missing key as well.
    fn read(word: &Spanned<String>, problems: &mut Problems) -> Option<Self> {
        let text = word.get_ref();
        let found = Self::from_word(text);
        if found.is_none() {
            let known = Self::ALL.map(Self::as_str);
            let hint = match nearest(text, &known) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("known here: {}", known.join(", ")),
            };
            problems.add(word.span(), format!("unknown value \"{text}\"; {hint}"));
        }
        found
    }
}

/// Judges all sinks.
pub(super) fn validate(
    specs: Vec<Spanned<ShipSpec>>,
    problems: &mut Problems,
) -> Vec<SinkSettings> {
    let mut names = BTreeSet::new();
    let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
    specs
        .into_iter()
        .filter_map(|spec| one(spec.into_inner(), &mut names, &mut files, problems))
        .collect()
}

fn one(
    spec: ShipSpec,
    names: &mut BTreeSet<String>,
    files: &mut BTreeMap<PathBuf, String>,
    problems: &mut Problems,
) -> Option<SinkSettings> {
    let ShipSpec {
        name,
        to,
        path,
        url,
        token_file,
        from,
    } = spec;
    judge_name(&name, names, problems);
    let to = Kind::read(&to, problems)?;
    let sink = Sink { name: &name, to };
    let target = match to {
        Kind::File => {
            sink.refuse([("url", &url), ("token_file", &token_file)], problems);
            let path = sink.file(path, files, problems);
            path.map(|path| SinkTarget::File { path })
        }
        Kind::Journald => {
            sink.refuse([("path", &path), ("url", &url)], problems);
            sink.refuse([("token_file", &token_file)], problems);
            Some(SinkTarget::Journald {
                socket: PathBuf::from(JOURNALD_SOCKET),
            })
        }
        Kind::Unix => {
            sink.refuse([("url", &url), ("token_file", &token_file)], problems);
            let path = sink.socket(path, problems);
            path.map(|path| SinkTarget::Unix { path })
        }
        Kind::Http => {
            sink.refuse([("path", &path)], problems);
            let token_file = token_file.map(|path| sink.absolute(path, "token_file", problems));
            let url = sink.url(url, problems);
            url.map(|url| SinkTarget::Http { url, token_file })
        }
    };
    Some(SinkSettings {
        target: target?,
        from,
        name: name.into_inner(),
    })
}

fn judge_name(name: &Spanned<String>, names: &mut BTreeSet<String>, problems: &mut Problems) {
    let text = name.get_ref();
    let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.is_empty() || text.len() > MAXIMUM_NAME || !text.bytes().all(is_good) {
        problems.add(
            name.span(),
            format!(
                "\"{text}\" is not a name of a sink: write 1 to {MAXIMUM_NAME} of a-z, 0-9 and -"
            ),
        );
    }
    if !names.insert(text.clone()) {
        problems.add(name.span(), format!("a second sink is named \"{text}\""));
    }
}

/// What mistakes of a sink are told with.
struct Sink<'a> {
    name: &'a Spanned<String>,
    to: Kind,
}

impl Sink<'_> {
    fn label(&self) -> String {
        format!("sink \"{}\"", self.name.get_ref())
    }

    /// Keys that are of no use for this kind of sink.
    fn refuse<const N: usize>(
        &self,
        keys: [(&str, &Option<Spanned<String>>); N],
        problems: &mut Problems,
    ) {
        for (key, value) in keys {
            if let Some(value) = value {
                problems.add(
                    value.span(),
                    format!(
                        "{} ships to {}, which has no {key}: take it out",
                        self.label(),
                        self.to.as_str()
                    ),
                );
            }
        }
    }

    fn needed(
        &self,
        key: &str,
        example: &str,
        value: Option<Spanned<String>>,
        problems: &mut Problems,
    ) -> Option<Spanned<String>> {
        if value.is_none() {
            problems.add(
                self.name.span(),
                format!(
                    "{} ships to {} and has no {key}: add one, for example {key} = \"{example}\"",
                    self.label(),
                    self.to.as_str()
                ),
            );
        }
        value
    }

    fn absolute(&self, path: Spanned<String>, key: &str, problems: &mut Problems) -> PathBuf {
        absolute(path, &format!("{key} of {}", self.label()), problems)
    }

    fn file(
        &self,
        path: Option<Spanned<String>>,
        files: &mut BTreeMap<PathBuf, String>,
        problems: &mut Problems,
    ) -> Option<PathBuf> {
        let path = self.needed("path", "/var/log/blacklist/calls.jsonl", path, problems)?;
        let span = path.span();
        let path = self.absolute(path, "path", problems);
        // Without what makes no difference: doubled slashes and "/./".
        let same: PathBuf = path.components().collect();
        if let Some(other) = files.insert(same, self.name.get_ref().clone()) {
            problems.add(
                span,
                format!(
                    "{} is the file of sink \"{other}\" already: every line would stand in it twice",
                    path.display()
                ),
            );
        }
        Some(path)
    }

    fn socket(&self, path: Option<Spanned<String>>, problems: &mut Problems) -> Option<PathBuf> {
        let path = self.needed("path", "/run/collector/calls.sock", path, problems)?;
        let span = path.span();
        let path = self.absolute(path, "path", problems);
        if length(&path) > MAXIMUM_SOCKET_PATH {
            problems.add(
                span,
                format!(
                    "path of {} is longer than the {MAXIMUM_SOCKET_PATH} bytes that a socket's can have",
                    self.label()
                ),
            );
        }
        Some(path)
    }

    fn url(&self, url: Option<Spanned<String>>, problems: &mut Problems) -> Option<String> {
        let url = self.needed("url", "https://collector.example/calls", url, problems)?;
        if let Err(what) = judge_url(url.get_ref()) {
            problems.add(url.span(), format!("url of {} {what}", self.label()));
        }
        Some(url.into_inner())
    }
}

fn length(path: &Path) -> usize {
    path.as_os_str().len()
}

/// Judges an address; says what is wrong without repeating it, since it may hold secrets.
fn judge_url(text: &str) -> Result<(), &'static str> {
    const OTHER: &str = "must be an address that begins with https:// or http:// and names a host";
    let uri: Uri = text.parse().map_err(|_| OTHER)?;
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().ok_or(OTHER)?;
    if authority.host().is_empty() || !["http", "https"].contains(&scheme) {
        return Err(OTHER);
    }
    if authority.as_str().contains('@') {
        return Err("holds a user or a password: take it out and use token_file");
    }
    Ok(())
}

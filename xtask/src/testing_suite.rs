//! Asterisk and a newer Kamailio, out of Debian's testing suite: packages with all that they need,
//! unpacked into a folder of the target folder. Nothing of them is installed or configured, so that
//! no service of theirs is started, and they run beside the system's own libraries without root, a
//! mount or a change of root: each is started by the dynamic linker that was unpacked with it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::workspace;

/// What is unpacked, beside what it depends on.
const PACKAGES: &[&str] = &[
    "asterisk",
    "kamailio",
    "kamailio-extra-modules",
    "kamailio-utils-modules",
];
/// What that costs.
const COST: &str = "100 MB to fetch, 330 MB on disk, less than a minute";
/// Who signs the suite's lists: keys of the system's package `debian-archive-keyring`.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const MIRROR: &str = "http://deb.debian.org/debian";
/// What was unpacked, in the folder: there once all is.
const STAMP: &str = "unpacked";

/// The folder.
fn folder() -> Result<PathBuf> {
    Ok(workspace::target()?.join("testing-suite"))
}

/// The first line of the stamp: what has to be unpacked.
fn wanted() -> String {
    PACKAGES.join(" ")
}

/// The versions that were unpacked; what is wrong if they are not there.
pub fn find() -> Result<String, String> {
    let folder = folder().map_err(|error| format!("{error:#}"))?;
    let Ok(stamp) = std::fs::read_to_string(folder.join(STAMP)) else {
        return Err("nothing was unpacked".to_owned());
    };
    match stamp.split_once('\n') {
        Some((packages, versions)) if packages == wanted() => {
            Ok(versions.trim_end().replace('\n', ", "))
        }
        _ => Err("other packages were unpacked".to_owned()),
    }
}

/// Packages of the system's own that have to be there first.
pub fn needs_installed() -> &'static [&'static str] {
    if Path::new(KEYRING).is_file() {
        &[]
    } else {
        &["debian-archive-keyring"]
    }
}

/// What the set-up will do, for people.
pub fn plan() -> String {
    format!(
        "fetch {} of Debian's testing suite with what they depend on (unpacked into the target folder, \
         not installed: {COST})",
        wanted()
    )
}

/// Fetches and unpacks anew. What is half made is in another folder, and is removed.
pub fn make() -> Result<()> {
    let (whole, part) = (folder()?, folder()?.with_extension("part"));
    for old in [&whole, &part] {
        if old.exists() {
            std::fs::remove_dir_all(old)
                .with_context(|| format!("cannot remove {}", old.display()))?;
        }
    }
    let apt = part.join("apt");
    fetch(&apt)?;
    let archives = apt.join("cache/archives");
    for entry in std::fs::read_dir(&archives)? {
        let archive = entry?.path();
        if archive.extension() == Some(OsStr::new("deb")) {
            let mut command = Command::new("dpkg-deb");
            workspace::run(command.arg("-x").arg(&archive).arg(&part))?;
        }
    }
    std::fs::remove_dir_all(&apt)?;
    // Whole is what runs.
    let versions = format!(
        "{}\n{}\n",
        first_line(command_of(&part, "asterisk")?.arg("-V"))?,
        first_line(command_of(&part, "kamailio")?.arg("-v"))?
    );
    std::fs::write(part.join(STAMP), format!("{}\n{versions}", wanted()))?;
    std::fs::rename(&part, &whole).context("cannot rename what was unpacked")
}

/// Fetches the packages by the system's apt, which knows of no other suite here and of nothing that is
/// installed.
fn fetch(apt: &Path) -> Result<()> {
    for folder in ["state/lists/partial", "cache/archives/partial"] {
        std::fs::create_dir_all(apt.join(folder))
            .with_context(|| format!("cannot make {}", apt.display()))?;
    }
    let (status, sources) = (apt.join("status"), apt.join("sources.list"));
    std::fs::write(&status, "")?;
    let source = format!("deb [signed-by={KEYRING}] {MIRROR} testing main\n");
    std::fs::write(&sources, source)?;
    let get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        for (key, value) in [
            ("Dir::Etc::SourceList", sources.as_path()),
            ("Dir::Etc::SourceParts", Path::new("/dev/null")),
            ("Dir::Etc::Preferences", Path::new("/dev/null")),
            ("Dir::Etc::PreferencesParts", Path::new("/dev/null")),
            ("Dir::State", &apt.join("state")),
            ("Dir::State::Status", &status),
            ("Dir::Cache", &apt.join("cache")),
            // The other user that it would become cannot write here.
            ("APT::Sandbox::User", Path::new("root")),
            ("Acquire::Languages", Path::new("none")),
            ("Acquire::Retries", Path::new("3")),
        ] {
            command.arg("-o").arg(format!("{key}={}", value.display()));
        }
        workspace::run(command.args(arguments))
    };
    get(&["update", "--error-on=any"])
        .context("cannot fetch the lists of Debian's testing suite")?;
    let download = [
        "install",
        "--yes",
        "--download-only",
        "--no-install-recommends",
    ];
    get(&[&download, PACKAGES].concat()).context("cannot fetch packages of Debian's testing suite")
}

/// A program of the suite.
pub fn command(name: &str) -> Result<Command> {
    command_of(&there()?, name)
}

/// Kamailio, with its modules where they are.
pub fn kamailio() -> Result<Command> {
    let folder = there()?;
    let mut command = command_of(&folder, "kamailio")?;
    command
        .arg("-L")
        .arg(libraries(&folder).join("kamailio/modules"));
    Ok(command)
}

/// Where Asterisk's modules are, and the files that it only reads.
pub fn asterisk_places() -> Result<(PathBuf, PathBuf)> {
    let folder = there()?;
    let modules = libraries(&folder).join("asterisk/modules");
    Ok((modules, folder.join("usr/share/asterisk")))
}

/// The versions, if all is there.
pub fn versions() -> Result<String> {
    there()?;
    find().map_err(anyhow::Error::msg)
}

/// The folder, if all is there.
fn there() -> Result<PathBuf> {
    match find() {
        Ok(_) => folder(),
        Err(problem) => bail!(
            "there are no programs of Debian's testing suite ({problem}): run `cargo xtask setup`, or go \
             without them by `--without testing-suite`"
        ),
    }
}

fn libraries(folder: &Path) -> PathBuf {
    folder.join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH))
}

fn command_of(folder: &Path, name: &str) -> Result<Command> {
    let libraries = libraries(folder);
    let linker = std::fs::read_dir(&libraries)
        .with_context(|| format!("cannot read {}", libraries.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with("ld-linux")
        })
        .with_context(|| format!("there is no dynamic linker in {}", libraries.display()))?;
    let mut command = Command::new(linker);
    command
        .arg("--library-path")
        .arg(std::env::join_paths([
            &libraries.join("kamailio"),
            &libraries,
        ])?)
        .arg(folder.join("usr/sbin").join(name));
    Ok(command)
}

/// The first line that a program prints.
fn first_line(command: &mut Command) -> Result<String> {
    let output = command.output().context("cannot run what was unpacked")?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().next() {
        Some(line) if output.status.success() => Ok(line.to_owned()),
        _ => bail!(
            "what was unpacked does not run: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ),
    }
}

//! Programs of others that labs speak with: as the system has them, or out of Debian's packages,
//! unpacked into the target folder. They are not installed, so that no service of theirs is
//! started.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{privilege, workspace};

/// Where packages are unpacked.
fn folder() -> Result<PathBuf> {
    Ok(workspace::target()?.join("peers"))
}

/// A program, if it is there.
pub fn find(name: &str) -> Option<PathBuf> {
    let folder = folder().ok()?;
    let unpacked = ["usr/bin", "usr/sbin"].map(|place| folder.join(place).join(name));
    unpacked
        .into_iter()
        .find(|file| file.is_file())
        .or_else(|| workspace::find_program(name))
}

/// A program that finds the libraries that were unpacked with it.
pub fn command(name: &str) -> Result<Command> {
    let mut command = Command::new(program(name)?);
    let libraries = format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    command.env("LD_LIBRARY_PATH", folder()?.join(libraries));
    Ok(command)
}

/// A folder of a package, such as `usr/lib/baresip/modules`: unpacked, or the system's.
pub fn folder_of(place: &str) -> Result<PathBuf> {
    let places = [folder()?.join(place), PathBuf::from("/").join(place)];
    places
        .into_iter()
        .find(|folder| folder.is_dir())
        .with_context(|| format!("there is no /{place}: run `cargo xtask setup`"))
}

/// Kamailio's packages, and the libraries of what the labs load that not every system has.
pub const KAMAILIO: &[&str] = &[
    "kamailio",
    "kamailio-extra-modules",
    "kamailio-utils-modules",
    "libpcre3",
    "libssl3",
    "libjansson4",
    "libcurl4",
    "libnghttp2-14",
    "librtmp1",
    "libssh2-1",
    "libpsl5",
    "libldap-2.5-0",
    "libsasl2-2",
    "libbrotli1",
];

/// A program.
pub fn program(name: &str) -> Result<PathBuf> {
    find(name).with_context(|| format!("there is no {name}: run `cargo xtask setup`"))
}

/// Kamailio's program, and the folder of its libraries, with its modules in `kamailio/modules`.
pub fn kamailio_places() -> Result<(PathBuf, PathBuf)> {
    let program = program("kamailio")?;
    let root = if program.starts_with(folder()?) {
        folder()?
    } else {
        PathBuf::from("/")
    };
    let libraries = std::fs::read_dir(root.join("usr/lib"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.join("kamailio/modules").is_dir())
        .context("there is a kamailio without its modules: run `cargo xtask setup`")?;
    Ok((program, libraries))
}

/// Kamailio's program, if the modules are there that the labs load: a system's own may lack some.
pub fn whole_kamailio() -> Result<String, String> {
    let (program, libraries) = kamailio_places().map_err(|error| error.to_string())?;
    let modules = libraries.join("kamailio/modules");
    let lacks = ["uac_redirect", "jansson", "http_client"]
        .into_iter()
        .find(|module| !modules.join(format!("{module}.so")).is_file());
    match lacks {
        Some(module) => Err(format!(
            "the kamailio at {} lacks its module {module}",
            program.display()
        )),
        None => Ok(program.display().to_string()),
    }
}

/// Kamailio, with its modules and libraries where they are.
pub fn kamailio() -> Result<Command> {
    let (program, libraries) = kamailio_places()?;
    let own = libraries.join("kamailio");
    let mut command = Command::new(program);
    command
        .env("LD_LIBRARY_PATH", std::env::join_paths([&own, &libraries])?)
        .arg("-L")
        .arg(own.join("modules"));
    Ok(command)
}

/// Debian's package that depends on its kernel of today: in Debian 12 of the oldest version that
/// is promised to work. The kernel for clouds, as it is small and has what the labs load.
pub const KERNEL: &str = "linux-image-cloud-amd64";

/// Whether this machine can run the programs of its own inside of that kernel.
pub const HAS_OLDEST_KERNEL: bool = cfg!(target_arch = "x86_64");

/// How the name of its version begins.
pub const OLDEST_KERNEL: &str = "6.1.";

/// A kernel that was unpacked.
pub struct Kernel {
    /// What is booted.
    pub image: PathBuf,
    /// Its modules.
    pub modules: PathBuf,
}

/// The kernel of the oldest version that is promised to work.
pub fn oldest_kernel() -> Result<Kernel> {
    let boot = folder()?.join("boot");
    let releases = std::fs::read_dir(&boot).into_iter().flatten();
    let release = releases
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.to_owned()))
        .filter_map(|name| Some(name.strip_prefix("vmlinuz-")?.to_owned()))
        .filter(|release| release.starts_with(OLDEST_KERNEL))
        .max()
        .with_context(|| {
            format!("there is no Linux {OLDEST_KERNEL}* to boot: run `cargo xtask setup`")
        })?;
    let modules = folder()?.join("lib/modules").join(&release);
    if !modules.is_dir() {
        bail!(
            "there is no {}: remove {} and run `cargo xtask setup`",
            modules.display(),
            boot.display()
        );
    }
    Ok(Kernel {
        image: boot.join(format!("vmlinuz-{release}")),
        modules,
    })
}

/// Fetches packages and unpacks them.
pub fn unpack(packages: &[&str]) -> Result<()> {
    let archives = folder()?.join("archives");
    std::fs::create_dir_all(&archives)
        .with_context(|| format!("cannot make {}", archives.display()))?;
    download(packages, &archives)?;
    let mut count = unpack_archives(&archives)?;
    if packages.contains(&KERNEL) {
        // Its own name says its version, which Debian's security updates change.
        let mut ask = Command::new("apt-cache");
        let depends = workspace::output_of(ask.args(["depends", KERNEL]))?;
        let kernel = depends
            .lines()
            .find_map(|line| line.trim().strip_prefix("Depends: "))
            .with_context(|| format!("apt-cache does not say which kernel {KERNEL} is"))?;
        download(&[kernel], &archives)?;
        count += unpack_archives(&archives)? - 1;
    }
    if count < packages.len() {
        bail!("apt-get fetched {count} of {}", packages.join(" "));
    }
    Ok(())
}

fn download(packages: &[&str], archives: &Path) -> Result<()> {
    let once = || {
        let mut command = Command::new("apt-get");
        command
            // The other user that it would become cannot write here, which it would warn of.
            .args(["-o", "APT::Sandbox::User=root", "download"])
            .args(packages)
            .current_dir(archives);
        workspace::run(&mut command)
    };
    if once().is_err() {
        // The lists of packages may be old, or not there at all.
        let quiet = [("DEBIAN_FRONTEND", "noninteractive".as_ref())];
        workspace::run(privilege::command("apt-get", &quiet)?.arg("update"))?;
        once()?;
    }
    Ok(())
}

/// Unpacks what was fetched; how many there were.
fn unpack_archives(archives: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in std::fs::read_dir(archives)? {
        let archive = entry?.path();
        if archive
            .extension()
            .is_some_and(|extension| extension == "deb")
        {
            workspace::run(
                Command::new("dpkg-deb")
                    .arg("-x")
                    .arg(&archive)
                    .arg(folder()?),
            )?;
            std::fs::remove_file(&archive)?;
            count += 1;
        }
    }
    Ok(count)
}

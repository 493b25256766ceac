//! The one place that pins and finds the eBPF toolchain: a compiler with the sources of `core`,
//! and a bpf-linker that was built with an LLVM at least as new as the compiler's.
//!
//! Two compilers will do: a rustup nightly with the component `rust-src`, or Debian's packages
//! `rustc-web cargo-web rust-web-src` beside or instead of rustup. Nothing is installed here.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use xtask::workspace::{find_program, is_executable, output_of};

/// The rustup toolchain that is looked for.
pub(crate) const RUSTUP_TOOLCHAIN: &str = "nightly";
/// Debian's packages that hold a compiler with its sources.
pub(crate) const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src"];
/// The bpf-linker that is installed.
pub(crate) const BPF_LINKER_VERSION: &str = "0.13.0";
/// The LLVM that bpf-linker is built with; compilers with a newer one write bitcode that it
/// cannot read.
pub(crate) const LLVM_MAJOR: u32 = 22;
/// What bpf-linker needs in order to be built on Debian.
pub(crate) const BPF_LINKER_PACKAGES: &[&str] = &[
    "llvm-22-dev",
    "libpolly-22-dev",
    "zlib1g-dev",
    "libzstd-dev",
    "gcc",
    "libc6-dev",
];
/// Where Debian keeps that LLVM.
pub(crate) const LLVM_PREFIX: &str = "/usr/lib/llvm-22";

const TARGET: &str = "bpfel-unknown-none";
const OLDEST_RUSTC: (u32, u32) = (1, 95);

/// A compiler that can build for the eBPF target.
#[derive(Debug)]
pub(crate) struct Compiler {
    /// How people know it.
    pub(crate) name: String,
    cargo: PathBuf,
    rustc: PathBuf,
    clippy: Option<PathBuf>,
    /// Whether it is a stable one, which builds `core` only when it is allowed to.
    needs_bootstrap: bool,
}

/// A compiler and a linker.
#[derive(Debug)]
pub(crate) struct Toolchain {
    /// The compiler.
    pub(crate) compiler: Compiler,
    /// The linker.
    pub(crate) linker: PathBuf,
}

/// Finds both, or says what is missing.
pub(crate) fn find() -> Result<Toolchain> {
    let compiler = match find_compiler() {
        Ok(compiler) => compiler,
        Err(reasons) => bail!(
            "no Rust compiler can build the eBPF program ({}); run `cargo xtask setup`",
            reasons.join("; ")
        ),
    };
    let linker =
        find_linker().map_err(|reason| anyhow::anyhow!("{reason}; run `cargo xtask setup`"))?;
    Ok(Toolchain { compiler, linker })
}

/// The first compiler that will do, or why each did not.
pub(crate) fn find_compiler() -> Result<Compiler, Vec<String>> {
    let mut reasons = Vec::new();
    for candidate in [rustup_compiler, debian_compiler] {
        match candidate() {
            Ok(compiler) => return Ok(compiler),
            Err(reason) => reasons.push(format!("{reason:#}")),
        }
    }
    Err(reasons)
}

/// The linker, or why there is none.
pub(crate) fn find_linker() -> Result<PathBuf, String> {
    let Some(linker) = find_program("bpf-linker") else {
        return Err("bpf-linker is not installed".to_owned());
    };
    let version = output_of(Command::new(&linker).arg("--version"))
        .map_err(|error| format!("{} cannot be run: {error:#}", linker.display()))?;
    let pinned = numbers(BPF_LINKER_VERSION);
    match version.split_whitespace().nth(1).and_then(numbers) {
        Some(found) if Some(found) >= pinned => Ok(linker),
        _ => Err(format!(
            "{} is `{version}`, and {BPF_LINKER_VERSION} or later is needed",
            linker.display()
        )),
    }
}

impl Toolchain {
    /// The cargo call that builds an eBPF package into `target_folder`.
    pub(crate) fn build(&self, package: &str, target_folder: &Path) -> Command {
        let mut command = Command::new(&self.compiler.cargo);
        command.arg("build");
        self.prepare(&mut command, package, target_folder);
        command
    }

    /// The cargo call that lints it; none where the compiler came without clippy.
    pub(crate) fn clippy(&self, package: &str, target_folder: &Path) -> Option<Command> {
        let mut command = Command::new(self.compiler.clippy.as_ref()?);
        command.arg("clippy");
        self.prepare(&mut command, package, target_folder);
        Some(command)
    }

    /// Where [`Self::build`] leaves the object.
    pub(crate) fn object(target_folder: &Path, binary: &str) -> PathBuf {
        target_folder.join(TARGET).join("release").join(binary)
    }

    fn prepare(&self, command: &mut Command, package: &str, target_folder: &Path) {
        command
            .args(["--package", package, "--release", "--target", TARGET])
            .args(["-Z", "build-std=core"])
            .arg("--target-dir")
            .arg(target_folder);
        // A compiler chosen by whoever called us must not reach this build.
        for variable in [
            "RUSTUP_TOOLCHAIN",
            "RUSTFLAGS",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "CARGO_BUILD_TARGET",
            "CARGO_BUILD_RUSTFLAGS",
        ] {
            command.env_remove(variable);
        }
        command
            .env("CARGO", &self.compiler.cargo)
            .env("RUSTC", &self.compiler.rustc)
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags().join("\x1f"));
        if self.compiler.needs_bootstrap {
            command.env("RUSTC_BOOTSTRAP", "1");
        }
    }

    fn flags(&self) -> Vec<String> {
        let mut flags: Vec<String> = [
            // BTF for functions and maps, which bpf_loop and the loader ask for.
            "-Cdebuginfo=2",
            "-Clink-arg=--btf",
            // 32-bit jumps and arithmetic: smaller and friendlier to the verifier.
            "-Ctarget-cpu=v3",
            // One load instead of a load per byte where an address may be odd.
            "-Ctarget-feature=+allows-misaligned-mem-access",
        ]
        .map(str::to_owned)
        .to_vec();
        // The layout of registers in probes; aya-ebpf asks for it on every target.
        flags.push(format!(
            "--cfg=bpf_target_arch=\"{}\"",
            std::env::consts::ARCH
        ));
        flags.push(format!("-Clinker={}", self.linker.display()));
        flags
    }
}

fn rustup_compiler() -> Result<Compiler> {
    let Some(rustup) = find_program("rustup") else {
        bail!("there is no rustup");
    };
    let name = format!("rustup's {RUSTUP_TOOLCHAIN}");
    let which = |program: &str| {
        let mut command = Command::new(&rustup);
        command.args(["which", "--toolchain", RUSTUP_TOOLCHAIN, program]);
        // Looking for a toolchain must not download it.
        command.env("RUSTUP_AUTO_INSTALL", "0");
        output_of(&mut command).map(PathBuf::from)
    };
    let Ok(rustc) = which("rustc") else {
        bail!("{name} is not installed");
    };
    check_compiler(&name, &rustc)?;
    let cargo = which("cargo").with_context(|| format!("{name} has no cargo"))?;
    let clippy = which("cargo-clippy").ok();
    Ok(Compiler {
        name,
        cargo,
        rustc,
        clippy,
        needs_bootstrap: false,
    })
}

fn debian_compiler() -> Result<Compiler> {
    let name = "Debian's compiler".to_owned();
    let [rustc, cargo, clippy] =
        ["rustc", "cargo", "cargo-clippy"].map(|program| Path::new("/usr/bin").join(program));
    for program in [&rustc, &cargo] {
        if !is_executable(program) {
            bail!("{name} is not installed (no {})", program.display());
        }
    }
    check_compiler(&name, &rustc)?;
    let clippy = is_executable(&clippy).then_some(clippy);
    Ok(Compiler {
        name,
        cargo,
        rustc,
        clippy,
        needs_bootstrap: true,
    })
}

/// Checks version, LLVM and sources of a compiler.
fn check_compiler(name: &str, rustc: &Path) -> Result<()> {
    let about = output_of(clean(rustc).arg("-vV"))?;
    let field = |key: &str| about.lines().find_map(|line| line.strip_prefix(key));
    let release = field("release: ").unwrap_or("unknown");
    if numbers(release).is_none_or(|(major, minor, _)| (major, minor) < OLDEST_RUSTC) {
        let (major, minor) = OLDEST_RUSTC;
        bail!("{name} is {release}, and {major}.{minor} or later is needed");
    }
    let llvm = field("LLVM version: ").unwrap_or("unknown");
    if numbers(llvm).is_none_or(|(major, _, _)| major > LLVM_MAJOR) {
        bail!("{name} has LLVM {llvm}, and bpf-linker reads up to {LLVM_MAJOR}");
    }
    let sysroot = PathBuf::from(output_of(clean(rustc).args(["--print", "sysroot"]))?);
    if !sysroot
        .join("lib/rustlib/src/rust/library/core/Cargo.toml")
        .is_file()
    {
        bail!("{name} ({release}) has no rust-src");
    }
    Ok(())
}

fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_remove("RUSTUP_TOOLCHAIN");
    command
}

/// The three numbers at the start of a version; missing ones are 0.
fn numbers(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    let major = parts.next()?.ok()?;
    let mut next = || parts.next().and_then(Result::ok).unwrap_or(0);
    Some((major, next(), next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(numbers("1.97.0-nightly"), Some((1, 97, 0)));
        assert_eq!(numbers("22.1"), Some((22, 1, 0)));
        assert_eq!(numbers("unknown"), None);
    }

    #[test]
    fn the_object_lies_where_cargo_puts_it() {
        let object = Toolchain::object(Path::new("/t/ebpf"), "blacklist");
        assert_eq!(
            object,
            Path::new("/t/ebpf/bpfel-unknown-none/release/blacklist")
        );
    }
}

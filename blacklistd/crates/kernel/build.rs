//! Finds the eBPF object that the daemon embeds. `cargo xtask build` makes it and says where it
//! is; a plain cargo call takes the one that was made last. Where there is none, an empty one is
//! embedded: everything is checked, linted and tested without an eBPF toolchain but what needs the
//! program itself, and a daemon with an empty object refuses to start.

use std::env;
use std::path::{Path, PathBuf};

/// Says where the object is.
const VARIABLE: &str = "BLACKLIST_EBPF_OBJECT";

fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-env-changed={VARIABLE}");
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    let object = named.clone().unwrap_or_else(made_last);
    println!("cargo:rerun-if-changed={}", object.display());
    let embedded = if object.is_file() {
        object
    } else if named.is_some() {
        println!(
            "cargo:error=there is no eBPF object at {}, which {VARIABLE} names",
            object.display()
        );
        return Ok(());
    } else {
        let stub = Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join("no-object");
        std::fs::write(&stub, [])?;
        println!(
            "cargo:warning=there is no eBPF object: this build can be checked and tested, but it judges no calls"
        );
        stub
    };
    println!(
        "cargo:rustc-env=BLACKLIST_EBPF_OBJECT_PATH={}",
        embedded.display()
    );
    Ok(())
}

/// Where `cargo xtask build` puts the object: in the target folder, wherever that is.
fn made_last() -> PathBuf {
    println!("cargo:rerun-if-env-changed=CARGO_TARGET_DIR");
    let mut path = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || {
            let crate_folder = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
            PathBuf::from(crate_folder).join("../../../target")
        },
        PathBuf::from,
    );
    path.extend(["ebpf", "bpfel-unknown-none", "release", "blacklist"]);
    path
}

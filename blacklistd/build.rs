//! Finds the eBPF object that the daemon embeds. `cargo xtask build` makes it and says where it
//! is; a plain cargo call takes the one that was made last.

use std::env;
use std::path::PathBuf;

/// Says where the object is.
const VARIABLE: &str = "BLACKLIST_EBPF_OBJECT";

fn main() {
    println!("cargo:rerun-if-env-changed={VARIABLE}");
    let object = env::var_os(VARIABLE).map_or_else(made_last, PathBuf::from);
    println!("cargo:rerun-if-changed={}", object.display());
    if !object.is_file() {
        println!(
            "cargo:error=there is no eBPF object at {}: run `cargo xtask build` first",
            object.display()
        );
    }
    println!(
        "cargo:rustc-env=BLACKLIST_EBPF_OBJECT_PATH={}",
        object.display()
    );
}

/// Where `cargo xtask build` puts the object: in the target folder, wherever that is.
fn made_last() -> PathBuf {
    println!("cargo:rerun-if-env-changed=CARGO_TARGET_DIR");
    let mut path = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../target"),
        PathBuf::from,
    );
    path.extend(["ebpf", "bpfel-unknown-none", "release", "blacklist"]);
    path
}

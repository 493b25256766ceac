//! Invariants of the eBPF crate that its text shows.

use std::path::Path;

/// Packet memory is read and written through `packet` alone: no other file has what leads to it, but
/// the entries, which turn the kernel's contexts into frames, and the log of one packet's way.
#[test]
fn packet_memory_is_behind_one_door() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../blacklist-ebpf/src");
    let mut files = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        files += 1;
        if name == "packet.rs" {
            continue;
        }
        for word in [
            "data()",
            "data_end",
            "load_bytes",
            "store_bytes",
            "xdp_md",
            "__sk_buff",
        ] {
            assert!(!text.contains(word), "{name} has {word}");
        }
        if !["main.rs", "bench.rs", "trace.rs"].contains(&name.as_str()) {
            for word in ["XdpContext", "TcContext"] {
                assert!(!text.contains(word), "{name} has {word}");
            }
        }
    }
    assert!(files > 10, "{files} files in {}", folder.display());
}

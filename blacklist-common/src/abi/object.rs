//! The eBPF object as its program and its loader both name it: maps, programs, flags, sizes.

macro_rules! names {
    ($($name:ident)*) => {$(
        #[doc = concat!("The map `", stringify!($name), "`.")]
        pub const $name: &str = stringify!($name);
    )*};
}

/// Names of maps. What each holds is said where the program defines it.
pub mod map {
    names! {
        ANSWER ANSWER_PORTS BUCKETS CALLS CALLS_STOCK COUNTERS EVENTS EXACT EXTENSIONS FILTERS
        FORGOTTEN FRAGMENTS GENERATIONS GRANTS HEADER LOST NUMBERS OUTCOMES PASSED PEERS PORTS PREFIXES
        REPLY_PORTS RULES SAMPLES SCOPES SCRATCH SETTINGS SHAPES STEERED TIMES TRAFFIC TRUNKS
    }

    /// Maps that outlive the daemon.
    pub const PINNED: [&str; 27] = [
        SETTINGS,
        GENERATIONS,
        BUCKETS,
        FILTERS,
        EXACT,
        PREFIXES,
        SHAPES,
        NUMBERS,
        SCOPES,
        TRUNKS,
        PEERS,
        PORTS,
        GRANTS,
        CALLS,
        CALLS_STOCK,
        FORGOTTEN,
        TRAFFIC,
        FRAGMENTS,
        COUNTERS,
        RULES,
        OUTCOMES,
        EVENTS,
        LOST,
        STEERED,
        TIMES,
        ANSWER_PORTS,
        REPLY_PORTS,
    ];
}

/// Names of programs.
pub mod program {
    /// Judges frames, records and drops.
    pub const BLACKLIST: &str = "blacklist";
    /// The same with the kernel's stock tables.
    pub const BLACKLIST_STOCK: &str = "blacklist_stock";
    /// Answers test runs.
    pub const ASK: &str = "ask";
    /// The same with the kernel's stock tables.
    pub const ASK_STOCK: &str = "ask_stock";
    /// Gives the daemon's packets the port that was called.
    pub const REPLIES: &str = "replies";
}

/// Tables of the two slots: the generation in force, and the one that is being filled.
pub const SLOTS: u32 = 2;

/// `BPF_F_NO_PREALLOC` (linux/bpf.h).
pub const NO_PREALLOC: u32 = 1;
/// `BPF_F_INNER_MAP`: a table in a map of maps may have any number of entries.
pub const INNER_MAP: u32 = 1 << 12;
/// `BPF_F_MMAPABLE`: the daemon reads and writes it as memory.
pub const MMAPABLE: u32 = 1 << 10;

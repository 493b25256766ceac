//! The configuration file: its example, its mistakes.

mod manual;

use std::net::IpAddr;
use std::path::Path;

use blacklist_common::tables::{Direction, IdentitySource};
use serde::Deserialize;

use super::media_spec::TargetSpec;
use super::spec::Spec;
use super::{ConfigError, Configuration, Mode, load, parse};
use blacklist_kernel::XdpMode;
use blacklist_lists::ship::{Begin, JOURNALD_SOCKET, SinkSettings, SinkTarget};
use blacklist_model::RejectStatus;

const EXAMPLE: &str = include_str!("../../../config/blacklistd.toml");

fn problems(text: &str) -> Vec<String> {
    match parse(Path::new("test.toml"), text) {
        Ok(_) => Vec::new(),
        Err(ConfigError::Mistakes { problems, .. }) => problems
            .into_iter()
            .map(|problem| format!("{}: {}", problem.line, problem.text))
            .collect(),
        Err(error) => panic!("{error}"),
    }
}

fn configuration(text: &str) -> Configuration {
    parse(Path::new("test.toml"), text).unwrap()
}

/// The example with its settings switched on.
fn whole_example() -> String {
    EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.is_empty() && !setting.starts_with(' ') => setting,
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_example_has_the_built_in_defaults() {
    let example: Spec = toml::from_str(EXAMPLE).unwrap();
    let interface = example.interface.first().unwrap().get_ref().clone();
    assert_eq!(interface.xdp, XdpMode::Native);
    assert!(example.trunk.is_empty());
    assert!(example.ship.is_empty());
    let without_interface = Spec {
        interface: Vec::new(),
        ..example
    };
    assert_eq!(without_interface, Spec::default());
}

/// Keys that serde knows in a table, from what it says to an unknown one.
fn known_keys<T: for<'de> Deserialize<'de>>() -> Vec<String> {
    let message = match toml::from_str::<T>("no_such_key = 1") {
        Ok(_) => panic!("unknown keys are accepted"),
        Err(error) => error.message().to_owned(),
    };
    let quoted = message.split('`').skip(3).step_by(2);
    quoted.map(str::to_owned).collect()
}

#[test]
fn the_example_has_every_key() {
    use super::spec::{
        CompanionSpec, DialPlanSpec, InterfaceSpec, KernelSpec, LogSpec, RulesSpec, SafetySpec,
        ShipSpec, TrunkSpec,
    };
    let example: toml::Table = toml::from_str(&whole_example()).unwrap();
    let first = |key: &str| {
        example[key].as_array().unwrap()[0]
            .as_table()
            .unwrap()
            .clone()
    };
    // No sink has every key.
    let ship: toml::Table = example["ship"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|sink| sink.as_table().unwrap().clone())
        .collect();
    let table = |key: &str| example[key].as_table().unwrap().clone();
    let rows = [
        ("top", example.clone(), known_keys::<Spec>()),
        (
            "interface",
            first("interface"),
            known_keys::<InterfaceSpec>(),
        ),
        ("trunk", first("trunk"), known_keys::<TrunkSpec>()),
        (
            "dial_plan",
            table("dial_plan")["us"].as_table().unwrap().clone(),
            known_keys::<DialPlanSpec>(),
        ),
        ("safety", table("safety"), known_keys::<SafetySpec>()),
        ("rules", table("rules"), known_keys::<RulesSpec>()),
        (
            "companion",
            table("companion"),
            known_keys::<CompanionSpec>(),
        ),
        ("ship", ship, known_keys::<ShipSpec>()),
        (
            "target",
            table("answering")["target"].as_array().unwrap()[0]
                .as_table()
                .unwrap()
                .clone(),
            known_keys::<TargetSpec>(),
        ),
        ("kernel", table("kernel"), known_keys::<KernelSpec>()),
        ("log", table("log"), known_keys::<LogSpec>()),
    ];
    for (name, table, keys) in rows {
        assert!(!keys.is_empty(), "{name}");
        for key in keys {
            assert!(
                table.contains_key(&key),
                "{key} of {name} is not in the example"
            );
        }
    }
}

#[test]
fn the_whole_example_is_valid() {
    let configuration = configuration(&whole_example());
    let trunk = configuration.trunks.first().unwrap();
    assert_eq!(trunk.name, "carrier");
    assert_eq!(trunk.dial_plan.as_deref(), Some("us"));
    assert_eq!(trunk.direction, Direction::Inbound);
    assert_eq!(
        trunk.identity,
        [IdentitySource::PAssertedIdentity, IdentitySource::From]
    );
    let kinds: Vec<&str> = configuration
        .ship
        .iter()
        .map(|sink| sink.target.kind())
        .collect();
    assert_eq!(kinds, ["file", "http"]);
    let entries = configuration.trunk_entries();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].trunk, 0);
    assert_eq!(entries[1].trunk, 1);
    assert_eq!(entries[1].dial_plan.national_minimum, 10);
}

const INTERFACE: &str = "[[interface]]\nname = \"eth0\"\n";

const MISTAKES: &[(&str, &str, &[&str])] = &[
    (
        "unknown key",
        "prots = [5060]\n",
        &["1: unknown key \"prots\"; did you mean \"ports\"?"],
    ),
    (
        "unknown key without a neighbour",
        "[log]\nxyz = 1\n",
        &["2: unknown key \"xyz\"; known here: level"],
    ),
    (
        "unknown value",
        "mode = \"enforced\"\n",
        &["1: unknown value \"enforced\"; did you mean \"enforce\"?"],
    ),
    (
        "wrong kind",
        "ports = \"5060\"\n",
        &["1: the wrong kind of value: string \"5060\", expected a sequence"],
    ),
    (
        "port 0",
        "ports = [0, 70000]\n",
        &["1: a port is a number from 1 to 65535"],
    ),
    (
        "relative path",
        "pin_directory = \"blacklist\"\n",
        &["1: pin_directory must be a whole path that begins with /"],
    ),
    (
        "missing key",
        "[[trunk]]\npeers = [\"192.0.2.1\"]\n",
        &["1: the key \"name\" is missing here"],
    ),
    (
        "no such dial plan",
        "default_dial_plan = \"us\"\n",
        &["1: no dial plan is named \"us\"; add [dial_plan.us]"],
    ),
    (
        "network with host bits",
        "[[trunk]]\nname = \"a\"\npeers = [\"192.0.2.1/24\"]\n",
        &[
            "3: \"192.0.2.1/24\" has bits set beyond its length: write 192.0.2.0/24 for the network, or the address alone",
        ],
    ),
    (
        "one network in two trunks",
        "[[trunk]]\nname = \"a\"\npeers = [\"192.0.2.1\"]\n[[trunk]]\nname = \"b\"\npeers = [\"192.0.2.1/32\"]\n",
        &["6: 192.0.2.1/32 is a network of trunk \"a\" already: a peer belongs to one trunk"],
    ),
    (
        "identity that nobody vouches for",
        "[[trunk]]\nname = \"a\"\npeers = [\"192.0.2.1\"]\nidentity = [\"p-asserted-identity\"]\n",
        &[
            "4: trunk \"a\" is not trusted, so its p-asserted-identity is not believed: set trusted = true if its peers vouch for it",
        ],
    ),
    (
        "national prefix without lengths",
        "[dial_plan.de]\ncountry_code = \"49\"\nnational_prefix = \"0\"\n",
        &[
            "3: dial plan \"de\" has a national_prefix, but no national_lengths: add the fewest and the most digits after the prefix, for example national_lengths = [6, 13]",
        ],
    ),
    (
        "sinks without what they need",
        "[[ship]]\nname = \"a\"\nto = \"file\"\n[[ship]]\nname = \"b\"\nto = \"unix\"\n[[ship]]\nname = \"c\"\nto = \"http\"\n",
        &[
            "2: sink \"a\" ships to file and has no path: add one, for example path = \"/var/log/blacklist/calls.jsonl\"",
            "5: sink \"b\" ships to unix and has no path: add one, for example path = \"/run/collector/calls.sock\"",
            "8: sink \"c\" ships to http and has no url: add one, for example url = \"https://collector.example/calls\"",
        ],
    ),
    (
        "sinks with what they have no use for",
        "[[ship]]\nname = \"a\"\nto = \"file\"\npath = \"/a\"\nurl = \"http://a\"\n[[ship]]\nname = \"b\"\nto = \"http\"\nurl = \"http://a\"\npath = \"/a\"\n[[ship]]\nname = \"c\"\nto = \"journald\"\npath = \"/a\"\ntoken_file = \"/b\"\n",
        &[
            "5: sink \"a\" ships to file, which has no url: take it out",
            "10: sink \"b\" ships to http, which has no path: take it out",
            "14: sink \"c\" ships to journald, which has no path: take it out",
            "15: sink \"c\" ships to journald, which has no token_file: take it out",
        ],
    ),
    (
        "names and files of sinks",
        "[[ship]]\nname = \"a\"\nto = \"file\"\npath = \"/x/a\"\n[[ship]]\nname = \"a\"\nto = \"file\"\npath = \"/x//./a\"\n[[ship]]\nname = \"A b\"\nto = \"unix\"\npath = \"a.sock\"\n",
        &[
            "6: a second sink is named \"a\"",
            "8: /x//./a is the file of sink \"a\" already: every line would stand in it twice",
            "10: \"A b\" is not a name of a sink: write 1 to 32 of a-z, 0-9 and -",
            "12: path of sink \"A b\" must be a whole path that begins with /",
        ],
    ),
    (
        "addresses of sinks",
        "[[ship]]\nname = \"a\"\nto = \"http\"\nurl = \"ftp://a/\"\n[[ship]]\nname = \"b\"\nto = \"http\"\nurl = \"a.example\"\n[[ship]]\nname = \"c\"\nto = \"http\"\nurl = \"https://u:p@a/\"\ntoken_file = \"t\"\n[[ship]]\nname = \"d\"\nto = \"htp\"\n",
        &[
            "4: url of sink \"a\" must be an address that begins with https:// or http:// and names a host",
            "8: url of sink \"b\" must be an address that begins with https:// or http:// and names a host",
            "12: url of sink \"c\" holds a user or a password: take it out and use token_file",
            "13: token_file of sink \"c\" must be a whole path that begins with /",
            "16: unknown value \"htp\"; did you mean \"http\"?",
        ],
    ),
    (
        "answers",
        "[answering]\nport = 5060\nlisted = \"network-blocked\"\nanonymous = \"500\"\nreply_hook = \"xdp\"\n",
        &[
            "2: the ports 5060 to 5060 are for answers, and 5060 of them is judged: choose others",
            "3: network-blocked has to say whom a caller can ask: set url, tel or email in [answering.contact] of the configuration",
            "4: anonymous must be one of 403, 404, 433, 480, 486, 600, 603, network-blocked, 607, 608",
            "5: unknown value \"xdp\"; known here: auto, tcx, clsact",
        ],
    ),
    (
        "whom to ask",
        "[answering]\nlisted = \"608\"\n[answering.contact]\nurl = \"http://a/\"\ntel = \"030\"\nemail = \"a\"\nid = \"a b\"\nlocation = \"X\"\n",
        &[
            "2: 608 has to say where a caller finds whom to ask (RFC 8688): set card in [answering] of the configuration",
            "4: url must be an address that begins with https://, without blanks, quotes and semicolons",
            "5: tel must be + and up to 15 digits",
            "6: email must be an address such as help@example.com",
            "7: id must be up to 64 letters, digits, _ and -",
            "8: location must be U, LPN, LN, TN, RLN or RPN (RFC 8606)",
        ],
    ),
    (
        "media host",
        "[answering.media]\nfirst_port = 30000\nlast_port = 30000\nleg_port = 25060\nlanguage = \"fr\"\nprompts = \"x\"\n[answering.torment]\nminutes = 61\n[answering.pin]\ntries = 0\nproxy = \"tel:1\"\n",
        &[
            "3: last_port must be above first_port: a call needs two ports",
            "4: leg_port 25060 is a port of media, of answers or of judged calls too: choose another",
            "5: there is no language of prompts \"fr\": it is one of en, de",
            "6: prompts must be a path that begins with /",
            "8: minutes must be 1 to 60",
            "10: tries must be 1 to 10",
            "11: \"tel:1\" is not an address of a call: write sip:USER@HOST, with :PORT and ;PARAMETERS if needed; only UDP is spoken",
        ],
    ),
    (
        "media on the ports of answers",
        "[answering]\nport = 30002\n[answering.media]\nfirst_port = 30000\n",
        &["4: the ports 30000 to 30999 are for media, and 30002 is for SIP: choose others"],
    ),
    (
        "targets",
        "[[answering.target]]\nname = \"a b\"\n[[answering.target]]\nname = \"x\"\naddresses = [\"600\"]\nmethod = \"refer\"\nfallback = \"pass\"\n[[answering.target]]\nname = \"x\"\naddresses = [\"sip:1@h\"]\n",
        &[
            "1: addresses must have at least one SIP address, such as \"sip:600@192.0.2.10\"",
            "2: a target needs a name of up to 64 letters, digits, \"-\", \"_\" and \".\"",
            "5: \"600\" is not an address of a call: write sip:USER@HOST, with :PORT and ;PARAMETERS if needed; only UDP is spoken",
            "6: method must be \"leg\" or \"302\"",
            "7: fallback must be \"reject\" or \"drop\"",
            "8: there are two targets \"x\"",
        ],
    ),
    (
        "beside the proxy",
        "[companion]\nenabled = true\nlisten = \"\"\nhttp = \"192.0.2.1:80\"\nallow = [\"x\"]\ntrunk = \"a\"\npass = \"404\"\ndropped = \"404\"\nmedia_host = \"h:1\"\n",
        &[
            "3: enabled needs an address in listen, such as \"127.0.0.1:5065\"",
            "4: http must be an address of this host's loopback, such as \"127.0.0.1:8065\": nobody is asked for a password there",
            "5: \"x\" is not a network: write an address or one with its length, such as \"192.0.2.0/24\"",
            "6: there is no [[trunk]] with the name \"a\"",
            "8: dropped must be another status than pass: a proxy could not tell them apart",
            "9: media_host must be an address of this host that media can reach, without a port",
        ],
    ),
    (
        "event ring",
        "[kernel]\nevent_bytes = 5000\n",
        &["2: event_bytes must be a power of two, for example 8192"],
    ),
    (
        "all at once",
        "mode = \"off\"\ncontrol_sokcet = \"/x\"\n[kernel]\nmaximum_rules = -1\nfoo = 2\n",
        &[
            "1: unknown value \"off\"; known here: enforce, monitor",
            "2: unknown key \"control_sokcet\"; did you mean \"control_socket\"?",
            "4: maximum_rules must be 1 to 16777215",
            "5: unknown key \"foo\"; known here: maximum_rules, maximum_calls, event_bytes, tables",
        ],
    ),
];

#[test]
fn mistakes_are_named_with_their_line() {
    for (name, text, expected) in MISTAKES {
        assert_eq!(problems(&format!("{text}{INTERFACE}")), *expected, "{name}");
    }
}

#[test]
fn syntax_errors_have_their_line() {
    let found = problems("mode = \"monitor\"\nports = [5060\n[[interface]]\nname = \"eth0\"\n");
    assert!(!found.is_empty());
    assert!(found.iter().all(|line| !line.contains('\n')), "{found:?}");
    assert!(
        found[0].starts_with("2:") || found[0].starts_with("3:"),
        "{found:?}"
    );
}

#[test]
fn no_interface() {
    assert_eq!(
        problems("mode = \"monitor\"\n"),
        [
            "1: no interface is named: add [[interface]] with name = \"eth0\", the interface on which calls arrive"
        ]
    );
}

#[test]
fn an_unreadable_file_is_named() {
    let error = load(Path::new("/no/such/file.toml"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("/no/such/file.toml"), "{error}");
}

#[test]
fn the_longest_network_wins() {
    let configuration = configuration(&format!(
        "[[trunk]]\nname = \"wide\"\npeers = [\"192.0.0.0/16\"]\n[[trunk]]\nname = \"narrow\"\npeers = [\"192.0.2.0/24\"]\nmode = \"monitor\"\n{INTERFACE}"
    ));
    let of = |text: &str| {
        let (index, trunk) = configuration.trunk_of(text.parse::<IpAddr>().unwrap());
        (index, trunk.map(|trunk| trunk.name.as_str()))
    };
    assert_eq!(of("192.0.2.7"), (2, Some("narrow")));
    assert_eq!(of("192.0.3.7"), (1, Some("wide")));
    assert_eq!(of("198.51.100.1"), (0, None));
    assert_eq!(configuration.trunks[1].mode, Mode::Monitor);
}

#[test]
fn sinks_as_they_are_read() {
    let configuration = configuration(&format!(
        "[[ship]]\nname = \"a\"\nto = \"journald\"\n[[ship]]\nname = \"b\"\nto = \"http\"\nurl = \"HTTPS://[2001:db8::1]:8443/x?y\"\nfrom = \"beginning\"\n{INTERFACE}"
    ));
    let expected = [
        SinkSettings {
            name: "a".to_owned(),
            target: SinkTarget::Journald {
                socket: JOURNALD_SOCKET.into(),
            },
            from: Begin::Now,
        },
        SinkSettings {
            name: "b".to_owned(),
            target: SinkTarget::Http {
                url: "HTTPS://[2001:db8::1]:8443/x?y".to_owned(),
                token_file: None,
            },
            from: Begin::Beginning,
        },
    ];
    assert_eq!(configuration.ship, expected);
    let long = format!(
        "[[ship]]\nname = \"a\"\nto = \"unix\"\npath = \"/{}\"\n{INTERFACE}",
        "x".repeat(107)
    );
    assert_eq!(
        problems(&long),
        ["4: path of sink \"a\" is longer than the 107 bytes that a socket's can have"]
    );
}

#[test]
fn how_a_call_is_told_to_go_on() {
    for (word, code) in [("404", 404), ("480", 480), ("503", 503), ("302", 302)] {
        let text = format!("[[interface]]\nname = \"eth0\"\n[companion]\npass = \"{word}\"\n");
        let pass = configuration(&text).companion.pass;
        assert_eq!(pass.line().0, code, "{word}");
    }
    let usual = configuration("[[interface]]\nname = \"eth0\"\n").companion;
    assert_eq!(usual.pass.line().0, 404);
    assert_eq!(usual.dropped, RejectStatus::Decline);
}

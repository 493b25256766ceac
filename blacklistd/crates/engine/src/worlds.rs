//! Random rule sets and calls from a small alphabet, so that conflicts are frequent; and the same
//! as the engine's own values and as messages.

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::tables::{TRUNK_OUTBOUND, TRUNK_TRUSTED, TrunkEntry};
use blacklist_common::user_part;
use blacklist_model::{
    DefaultPolicy, List, ListId, Member, Pattern, Refusal, Rule, RuleAction, RuleDirection, RuleId,
    RuleKind, Schedule, ScopeId, ScopeName, ScopeRecord, Timing,
};
use fastrand::Rng;
use jiff::Timestamp;

use crate::change::load::Contents;
use crate::reference::{RefCall, RefList, RefRule, RefScope, RefWorld};

/// Our own numbers.
const LOCAL: [&str; 6] = ["+9", "+91", "+19", "90", "9", "desk"];
/// Others.
const REMOTE: [&str; 24] = [
    "+1",
    "+2",
    "+11",
    "+12",
    "+21",
    "+111",
    "+121",
    "+122",
    "+212",
    "+1212",
    "1",
    "12",
    "21",
    "121",
    "*1",
    "1#",
    "bob",
    "anna",
    "Anonymous",
    "unknown",
    "000",
    "",
    "+121212121212121",
    "+1212121212121212",
];
const PROTECTED: [&str; 2] = ["112", "+2211"];
/// The first second that is drawn: a Monday.
const FIRST: i64 = 1_767_571_200;
const DAYS: i64 = 14;
const DAY: i64 = 24 * 60 * 60;

fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> Option<T> {
    rng.choice(of).copied()
}

fn chance(rng: &mut Rng, per_cent: u32) -> bool {
    rng.u32(0..100) < per_cent
}

fn perhaps<T>(rng: &mut Rng, per_cent: u32, value: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    chance(rng, per_cent).then(|| value(rng))
}

/// A second in the time that worlds are drawn from, and around it.
pub fn any_time(rng: &mut Rng) -> i64 {
    FIRST + rng.i64(-DAY..(DAYS + 1) * DAY)
}

fn any_directions(rng: &mut Rng) -> (bool, bool) {
    one(rng, &[(true, false), (false, true), (true, true)]).unwrap_or_default()
}

/// A pattern as an operator writes it without a dial plan.
fn any_pattern(rng: &mut Rng) -> String {
    const CLASSES: [&str; 9] = [
        "anonymous:withheld,uri",
        "anonymous:withheld",
        "anonymous:no-number,unusable",
        "anonymous:uri,no-number",
        "anonymous:unusable",
        "unverified:failed,none",
        "unverified:below-a",
        "unverified:below-b",
        "unverified:none",
    ];
    const NAMES: [&str; 7] = ["b*", "*n*", "?ob", "*b", "a??a", "*o*n*", "unknow?"];
    const WHOLE: [&str; 6] = ["bob", "anna", "unknown", "\\anonymous", "\\*1", "1#"];
    match rng.u32(0..100) {
        0..8 => "*".to_owned(),
        8..22 => one(rng, &CLASSES).unwrap_or_default().to_owned(),
        22..28 => one(rng, &NAMES).unwrap_or_default().to_owned(),
        28..34 => one(rng, &WHOLE).unwrap_or_default().to_owned(),
        _ => {
            let wild = rng.u32(0..5);
            let mut pattern = String::new();
            if chance(rng, 60) {
                pattern.push('+');
            }
            for _ in 0..rng.u32(1..5) {
                pattern.push(match (wild, rng.u32(0..10)) {
                    (2.., 0..2) => '?',
                    (3.., 2..4) => '*',
                    (_, 4..8) => '1',
                    _ => '2',
                });
            }
            if wild == 1 {
                pattern.push('*');
            }
            pattern
        }
    }
}

fn any_rule(rng: &mut Rng, id: u32, lists: u32, scopes: u32) -> RefRule {
    let pattern = loop {
        let pattern = any_pattern(rng);
        if Pattern::parse(&pattern, &DialPlan::default()).is_ok() {
            break pattern;
        }
    };
    let mut own = Vec::new();
    if chance(rng, 50) {
        for _ in 0..rng.u32(1..4) {
            own.push(rng.u32(0..scopes));
        }
        own.sort_unstable();
        own.dedup();
    }
    let allow = perhaps(rng, 60, Rng::bool);
    let timed = chance(rng, 25);
    let from = perhaps(rng, 40, any_time).filter(|_| timed);
    let until = perhaps(rng, 40, |rng| {
        from.unwrap_or(FIRST) + rng.i64(1..DAYS * DAY)
    });
    let schedule = perhaps(rng, 60, |rng| {
        let first = rng.u32(0..7);
        let days = (0..=rng.u32(0..7)).fold(0_u8, |days, day| days | 1 << ((first + day) % 7));
        let begin = rng.u16(0..24 * 60);
        let end = (begin + rng.u16(1..24 * 60)) % (24 * 60);
        (days, begin, if end == 0 { 24 * 60 } else { end })
    });
    RefRule {
        id,
        list: rng.u32(1..=lists),
        pattern,
        allow,
        directions: perhaps(rng, 50, any_directions),
        mandatory: perhaps(rng, 50, Rng::bool),
        monitor: perhaps(rng, 40, Rng::bool),
        enabled: chance(rng, 90),
        scopes: own,
        from,
        until: until.filter(|_| timed),
        schedule: schedule.filter(|_| timed),
    }
}

const SCOPES: [&str; 8] = [
    "global",
    "account:acme",
    "account:zeta",
    "group:sales",
    "group:doors",
    "number:+9",
    "number:90",
    "number:desk",
];

fn any_scopes(rng: &mut Rng) -> Vec<RefScope> {
    // Ids are not in the order of scopes.
    let mut ids: Vec<u32> = (1..SCOPES.len() as u32).collect();
    rng.shuffle(&mut ids);
    let ids = std::iter::once(0).chain(ids);
    let named = ids.zip(SCOPES);
    let scope = |(id, name): (u32, &str)| {
        let has_members = name.starts_with("account:") || name.starts_with("group:");
        let members = LOCAL.into_iter().filter(|_| has_members && chance(rng, 45));
        RefScope {
            id,
            name: name.to_owned(),
            members: members.map(str::to_owned).collect(),
            blocks: perhaps(rng, 20, Rng::bool),
        }
    };
    named.map(scope).collect()
}

fn any_list(rng: &mut Rng, id: u32) -> RefList {
    let count = SCOPES.len() as u32;
    let mut scopes: Vec<u32> = (0..rng.u32(0..4)).map(|_| rng.u32(0..count)).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let allow = chance(rng, 30);
    RefList {
        id,
        allow,
        directions: any_directions(rng),
        mandatory: chance(rng, 25),
        // What watches is a block rule.
        monitor: !allow && chance(rng, 20),
        enabled: chance(rng, 90),
        scopes,
    }
}

impl RefWorld {
    /// A random one with this number of rules.
    pub fn random(rng: &mut Rng, rules: u32) -> Self {
        let scopes = any_scopes(rng);
        let lists = rng.u32(1..6);
        let count = SCOPES.len() as u32;
        Self {
            protected: PROTECTED.map(str::to_owned).to_vec(),
            lists: (1..=lists).map(|id| any_list(rng, id)).collect(),
            scopes,
            rules: (1..=rules)
                .map(|id| any_rule(rng, id, lists, count))
                .collect(),
        }
    }

    /// The same as what the engine is made of.
    ///
    /// # Errors
    /// A pattern or name that cannot be read.
    pub fn contents(&self) -> Result<Contents<Vec<Rule>>, Refusal> {
        let plain = DialPlan::default();
        let number = |text: &str| {
            blacklist_model::read_number(text, &plain, "number").map(|(_, number)| number)
        };
        let mut members = Vec::new();
        let mut scopes = Vec::new();
        for scope in &self.scopes {
            for member in &scope.members {
                members.push(Member {
                    scope: ScopeId(scope.id),
                    number: number(member)?,
                });
            }
            scopes.push(ScopeRecord {
                id: ScopeId(scope.id),
                name: ScopeName::from_canonical(&scope.name)?,
                policy: match scope.blocks {
                    None => DefaultPolicy::Unset,
                    Some(false) => DefaultPolicy::Allow,
                    Some(true) => DefaultPolicy::Block,
                },
            });
        }
        let protected: Result<_, Refusal> =
            self.protected.iter().map(|text| number(text)).collect();
        let rules: Result<Vec<Rule>, Refusal> = self.rules.iter().map(rule).collect();
        Ok(Contents {
            protected: protected?,
            maximum_rules: 1 << 20,
            slots: Vec::new(),
            lists: self.lists.iter().map(list).collect(),
            scopes,
            members,
            grants: Vec::new(),
            rules: rules?,
        })
    }
}

fn direction((inbound, outbound): (bool, bool)) -> RuleDirection {
    match (inbound, outbound) {
        (true, true) => RuleDirection::Both,
        (false, true) => RuleDirection::Outbound,
        _ => RuleDirection::Inbound,
    }
}

fn kind(allow: bool) -> RuleKind {
    if allow {
        RuleKind::Allow
    } else {
        RuleKind::Block
    }
}

fn action(monitor: bool) -> RuleAction {
    if monitor {
        RuleAction::Monitor
    } else {
        RuleAction::Drop
    }
}

fn list(list: &RefList) -> List {
    List {
        id: ListId(list.id),
        name: if list.id == 1 {
            "default".into()
        } else {
            format!("list-{}", list.id).into()
        },
        kind: kind(list.allow),
        direction: direction(list.directions),
        action: (!list.allow).then_some(action(list.monitor)),
        mandatory: list.mandatory,
        enabled: list.enabled,
        scopes: list.scopes.iter().copied().map(ScopeId).collect(),
    }
}

fn rule(rule: &RefRule) -> Result<Rule, Refusal> {
    let schedule = rule.schedule.map(|(days, begin, end)| {
        let text: Vec<String> = ["mo", "tu", "we", "th", "fr", "sa", "su"]
            .into_iter()
            .enumerate()
            .filter(|(day, _)| days >> day & 1 == 1)
            .map(|(_, name)| {
                let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
                format!("{name} {}-{}", time(begin), time(end))
            })
            .collect();
        Schedule::parse(&text.join(", "))
    });
    let timing = Timing {
        from: rule
            .from
            .and_then(|second| Timestamp::from_second(second).ok()),
        until: rule
            .until
            .and_then(|second| Timestamp::from_second(second).ok()),
        schedule: schedule.transpose()?,
    };
    Ok(Rule {
        id: RuleId(rule.id),
        list: ListId(rule.list),
        pattern: Pattern::parse(&rule.pattern, &DialPlan::default())?,
        enabled: rule.enabled,
        kind: rule.allow.map(kind),
        scopes: rule.scopes.iter().copied().map(ScopeId).collect(),
        direction: rule.directions.map(direction),
        action: rule.monitor.map(action),
        mandatory: rule.mandatory,
        timing: (!timing.is_always()).then(|| Box::new(timing)),
    })
}

impl RefCall {
    /// A random one.
    pub fn random(rng: &mut Rng) -> Self {
        let outbound = chance(rng, 40);
        let local = one(rng, &LOCAL).unwrap_or_default().to_owned();
        let mut remote = one(rng, &REMOTE).unwrap_or_default().to_owned();
        if chance(rng, 2) {
            remote = one(rng, &PROTECTED).unwrap_or_default().to_owned();
        }
        if outbound && remote.is_empty() {
            remote.push('1');
        }
        let (caller, called) = if outbound {
            (local, remote)
        } else {
            (remote, local)
        };
        let trusted = chance(rng, 70);
        const VERSTAT: [&str; 6] = [
            "",
            "TN-Validation-Passed",
            "TN-Validation-Passed-B",
            "TN-Validation-Passed-C",
            "TN-Validation-Failed",
            "No-TN-Validation",
        ];
        let mut verstat = one(rng, &VERSTAT).unwrap_or_default().to_owned();
        let is_nobody = caller.is_empty();
        if is_nobody {
            verstat.clear();
        }
        Self {
            outbound,
            caller,
            called,
            withheld: chance(rng, 15),
            anonymous: chance(rng, 10),
            trusted,
            asserted: trusted && !is_nobody && chance(rng, 30),
            verstat,
            at: FIRST,
        }
    }

    /// The call as an INVITE.
    pub fn message(&self) -> Vec<u8> {
        let user = |text: &str| text.replace('#', "%23");
        let Self {
            caller,
            called,
            verstat,
            ..
        } = self;
        let caller = user(caller);
        let called = user(called);
        let parameter = if verstat.is_empty() {
            String::new()
        } else {
            format!(";verstat={verstat}")
        };
        let at = if caller.is_empty() { "" } else { "@" };
        let display = if self.anonymous { "\"Anonymous\" " } else { "" };
        let asserted = if self.asserted {
            format!("P-Asserted-Identity: <sip:{caller}{parameter}@world.invalid>\r\n")
        } else {
            String::new()
        };
        let privacy = if self.withheld { "Privacy: id\r\n" } else { "" };
        format!(
            "INVITE sip:{called}@world.invalid SIP/2.0\r\n\
             Via: SIP/2.0/UDP world.invalid;branch=z9hG4bK-world\r\n\
             Max-Forwards: 70\r\n\
             From: {display}<sip:{caller}{parameter}{at}world.invalid>;tag=world\r\n\
             To: <sip:{called}@world.invalid>\r\n\
             Call-ID: world@world.invalid\r\n\
             CSeq: 1 INVITE\r\n\
             {privacy}\
             {asserted}\
             Content-Length: 0\r\n\r\n"
        )
        .into_bytes()
    }

    /// A trunk over which it comes: identities are those of From, or asserted; numbers are canonical.
    pub fn trunk(&self) -> TrunkEntry {
        let outbound = if self.outbound { TRUNK_OUTBOUND } else { 0 };
        let trusted = if self.trusted { TRUNK_TRUSTED } else { 0 };
        TrunkEntry {
            identity: if self.asserted {
                [2, 1, 0, 0]
            } else {
                [1, 0, 0, 0]
            },
            flags: outbound | trusted,
            ..TrunkEntry::default()
        }
    }
}

/// The key of a canonical number or name, as packets have it; for tests of other rooms.
pub fn key_of(text: &str) -> blacklist_common::number::Party {
    user_part::canonical(text.as_bytes(), &DialPlan::default()).unwrap_or_default()
}

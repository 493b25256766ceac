//! What rules mean, written down once more as simply as can be: plain loops over plain lists of
//! texts, slow, and without any code of the engine or of the lookup order. The engine and the
//! program in the kernel are compared with it.

/// A list.
#[derive(Clone, Debug)]
pub struct RefList {
    /// Its id.
    pub id: u32,
    /// Whether its rules let through, if they do not say it.
    pub allow: bool,
    /// Whether its rules are for inbound and for outbound calls, if they do not say it.
    pub directions: (bool, bool),
    /// Whether its block rules are mandatory, if they do not say it.
    pub mandatory: bool,
    /// Whether its block rules only watch, if they do not say it.
    pub monitor: bool,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Ids of its scopes.
    pub scopes: Vec<u32>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct RefRule {
    /// Its id.
    pub id: u32,
    /// The id of its list.
    pub list: u32,
    /// The pattern, canonical, with escapes.
    pub pattern: String,
    /// Whether it lets through.
    pub allow: Option<bool>,
    /// Whether it is for inbound and for outbound calls.
    pub directions: Option<(bool, bool)>,
    /// Whether it is mandatory.
    pub mandatory: Option<bool>,
    /// Whether it only watches.
    pub monitor: Option<bool>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Ids of scopes of its own.
    pub scopes: Vec<u32>,
    /// In force from this second on.
    pub from: Option<i64>,
    /// In force up to this second.
    pub until: Option<i64>,
    /// In force on these days (bit 0 is Monday) between these minutes, UTC.
    pub schedule: Option<(u8, u16, u16)>,
}

/// A scope.
#[derive(Clone, Debug)]
pub struct RefScope {
    /// Its id; 0 is global.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Numbers that belong to it.
    pub members: Vec<String>,
    /// Whether it blocks or lets through what no rule names.
    pub blocks: Option<bool>,
}

/// Everything that decides.
#[derive(Clone, Debug, Default)]
pub struct RefWorld {
    /// Numbers that nobody blocks.
    pub protected: Vec<String>,
    /// All lists.
    pub lists: Vec<RefList>,
    /// All scopes.
    pub scopes: Vec<RefScope>,
    /// All rules.
    pub rules: Vec<RefRule>,
}

/// A call: canonical numbers or names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefCall {
    /// Whether it goes from us to a trunk.
    pub outbound: bool,
    /// Who calls; empty for nobody.
    pub caller: String,
    /// Who is called.
    pub called: String,
    /// `Privacy: id`.
    pub withheld: bool,
    /// The display name says Anonymous.
    pub anonymous: bool,
    /// The trunk is trusted.
    pub trusted: bool,
    /// And asserts who calls.
    pub asserted: bool,
    /// The value of `verstat`; empty for none.
    pub verstat: String,
    /// When, in seconds.
    pub at: i64,
}

/// What is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefVerdict {
    /// `safety-floor`, `mandatory-block`, `allow-rule`, `block-rule` or `default`.
    pub step: &'static str,
    /// The rule that decided.
    pub rule: Option<u32>,
    /// The scope whose default blocked.
    pub default_of: Option<u32>,
    /// Whether it is only watched.
    pub monitor: bool,
}

/// A rule that names the call, for one scope.
struct Candidate<'a> {
    rule: &'a RefRule,
    /// How specific: what kind of pattern, and how much of it is literal.
    specific: (u8, usize),
    /// Only user space compares it.
    user: bool,
}

/// Decides a call.
pub fn judge(world: &RefWorld, call: &RefCall) -> RefVerdict {
    let (local, remote) = if call.outbound {
        (&call.caller, &call.called)
    } else {
        (&call.called, &call.caller)
    };
    // Whoever calls can say that it is a protected number.
    if world.protected.contains(&call.called)
        || call.asserted && world.protected.contains(&call.caller)
    {
        return RefVerdict {
            step: "safety-floor",
            ..RefVerdict::default()
        };
    }
    let scopes = scopes_of(world, local);
    let mut allows = Vec::new();
    let mut blocks = Vec::new();
    let mut mandatories = Vec::new();
    for (place, scope) in scopes.iter().enumerate() {
        for rule in &world.rules {
            let Some(candidate) = candidate(world, call, remote, rule, scope.id) else {
                continue;
            };
            if is_allow(world, rule) {
                allows.push((place, candidate));
            } else if is_mandatory(world, rule) {
                mandatories.push((place, candidate));
            } else {
                blocks.push((place, candidate));
            }
        }
    }
    let first_allow = allows.iter().map(|(place, _)| *place).min();
    mandatories.retain(|(place, _)| first_allow.is_none_or(|allow| *place < allow));
    if let Some(rule) = winner(&mandatories, false) {
        return by_rule(world, "mandatory-block", rule);
    }
    if let Some(rule) = winner(&allows, true) {
        return by_rule(world, "allow-rule", rule);
    }
    if let Some(rule) = winner(&blocks, false) {
        return by_rule(world, "block-rule", rule);
    }
    let default = scopes.iter().rev().find(|scope| scope.blocks.is_some());
    RefVerdict {
        step: "default",
        default_of: default
            .filter(|scope| scope.blocks == Some(true))
            .map(|scope| scope.id),
        ..RefVerdict::default()
    }
}

fn by_rule(world: &RefWorld, step: &'static str, rule: &RefRule) -> RefVerdict {
    RefVerdict {
        step,
        rule: Some(rule.id),
        default_of: None,
        monitor: step != "allow-rule" && watches(world, rule),
    }
}

/// The scopes of a local number, broadest first: global, accounts, groups, its own.
fn scopes_of<'a>(world: &'a RefWorld, local: &str) -> Vec<&'a RefScope> {
    let mut scopes = Vec::new();
    for sort in ["global", "account:", "group:", "number:"] {
        let mut of_sort: Vec<&RefScope> = world
            .scopes
            .iter()
            .filter(|scope| scope.name.starts_with(sort))
            .filter(|scope| {
                sort == "global"
                    || scope.name.strip_prefix("number:") == Some(local)
                    || scope.members.iter().any(|member| member == local)
            })
            .collect();
        of_sort.sort_by_key(|scope| scope.id);
        scopes.extend(of_sort);
    }
    scopes
}

/// Of candidates in several scopes the one that decides: of the broadest or the narrowest scope,
/// there the most specific, of these the oldest. What only user space compares comes after all
/// others.
fn winner<'a>(candidates: &[(usize, Candidate<'a>)], narrowest: bool) -> Option<&'a RefRule> {
    for user in [false, true] {
        let sorts: Vec<&(usize, Candidate<'a>)> = candidates
            .iter()
            .filter(|(_, candidate)| candidate.user == user)
            .collect();
        let places = sorts.iter().map(|(place, _)| *place);
        let place = if narrowest {
            places.max()
        } else {
            places.min()
        };
        let Some(place) = place else {
            continue;
        };
        let mut best: Option<&Candidate<'a>> = None;
        for (at, candidate) in &sorts {
            if *at != place {
                continue;
            }
            let better = best.is_none_or(|best| {
                candidate.specific > best.specific
                    || candidate.specific == best.specific && candidate.rule.id < best.rule.id
            });
            if better {
                best = Some(candidate);
            }
        }
        return best.map(|candidate| candidate.rule);
    }
    None
}

fn list_of<'a>(world: &'a RefWorld, rule: &RefRule) -> Option<&'a RefList> {
    world.lists.iter().find(|list| list.id == rule.list)
}

fn is_allow(world: &RefWorld, rule: &RefRule) -> bool {
    rule.allow
        .unwrap_or_else(|| list_of(world, rule).is_some_and(|list| list.allow))
}

fn is_mandatory(world: &RefWorld, rule: &RefRule) -> bool {
    rule.mandatory
        .unwrap_or_else(|| list_of(world, rule).is_some_and(|list| list.mandatory))
}

fn watches(world: &RefWorld, rule: &RefRule) -> bool {
    rule.monitor
        .unwrap_or_else(|| list_of(world, rule).is_some_and(|list| list.monitor))
}

/// Whether a rule names the call in a scope.
fn candidate<'a>(
    world: &RefWorld,
    call: &RefCall,
    remote: &str,
    rule: &'a RefRule,
    scope: u32,
) -> Option<Candidate<'a>> {
    let list = list_of(world, rule)?;
    let scopes = if rule.scopes.is_empty() {
        &list.scopes
    } else {
        &rule.scopes
    };
    let (inbound, outbound) = rule.directions.unwrap_or(list.directions);
    let direction = if call.outbound { outbound } else { inbound };
    if !rule.enabled
        || !list.enabled
        || !direction
        || !scopes.contains(&scope)
        || !is_time(rule, call.at)
    {
        return None;
    }
    let (specific, user) = matches(&rule.pattern, remote, call)?;
    Some(Candidate {
        rule,
        specific,
        user,
    })
}

const DAY: i64 = 24 * 60 * 60;

fn is_time(rule: &RefRule, at: i64) -> bool {
    if rule.from.is_some_and(|from| at < from) || rule.until.is_some_and(|until| at >= until) {
        return false;
    }
    let Some((days, begin, end)) = rule.schedule else {
        return true;
    };
    // The first of January 1970 was a Thursday.
    let weekday = (at.div_euclid(DAY) + 3).rem_euclid(7);
    let minute = at.rem_euclid(DAY) / 60;
    let on = |day: i64| days >> day & 1 == 1;
    let (begin, end) = (i64::from(begin), i64::from(end));
    if begin < end {
        on(weekday) && minute >= begin && minute < end
    } else {
        on(weekday) && minute >= begin || on((weekday + 6) % 7) && minute < end
    }
}

/// A character of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Char(char),
    One,
    Run,
}

fn parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        parts.push(match character {
            '\\' => Part::Char(characters.next().unwrap_or('\\')),
            '*' => Part::Run,
            '?' => Part::One,
            other => Part::Char(other),
        });
    }
    parts
}

const EXACT: u8 = 5;
const PREFIX: u8 = 4;
const WILDCARD: u8 = 3;
const CLASS: u8 = 2;
const EVERYTHING: u8 = 1;

/// How specific a pattern is that names the remote party, and whether only user space compares
/// it; none if it does not name it.
fn matches(pattern: &str, remote: &str, call: &RefCall) -> Option<((u8, usize), bool)> {
    if pattern == "*" {
        return Some(((EVERYTHING, 0), false));
    }
    if let Some((class, switches)) = pattern.split_once(':')
        && (class == "anonymous" || class == "unverified")
    {
        let has = switches.split(',').any(|switch| has_class(switch, call));
        return (has && !call.outbound).then_some(((CLASS, 0), false));
    }
    let parts = parts(pattern);
    let literals = parts
        .iter()
        .filter(|part| matches!(part, Part::Char(c) if *c != '+'))
        .count();
    let runs = parts.iter().filter(|part| **part == Part::Run).count();
    let wild = parts.contains(&Part::One) || runs > 0;
    if !wild {
        let text: Vec<char> = remote.to_lowercase().chars().collect();
        let fits = !remote.is_empty() && fits(&parts, &text);
        return fits.then_some(((EXACT, 0), false));
    }
    if !names(&parts, remote) {
        return None;
    }
    let letters = parts
        .iter()
        .any(|part| matches!(part, Part::Char(c) if c.is_alphabetic()));
    let only_at_end =
        runs == 1 && parts.last() == Some(&Part::Run) && !parts.contains(&Part::One) && !letters;
    if only_at_end {
        return Some(((PREFIX, literals), false));
    }
    Some(((WILDCARD, literals), letters || runs > 1))
}

const LONGEST: usize = 15;

/// Whether a pattern with wildcards names a number or name.
fn names(pattern: &[Part], remote: &str) -> bool {
    let is_number = !remote.is_empty()
        && remote.chars().enumerate().all(|(at, character)| {
            character.is_ascii_digit() || "*#".contains(character) || at == 0 && character == '+'
        });
    let letters = pattern
        .iter()
        .any(|part| matches!(part, Part::Char(c) if c.is_alphabetic()));
    if letters || !is_number {
        let text: Vec<char> = remote.to_lowercase().chars().collect();
        return letters && !is_number && !text.is_empty() && fits(pattern, &text);
    }
    let (international, mut digits) = match remote.strip_prefix('+') {
        Some(digits) => (true, digits.chars().collect::<Vec<_>>()),
        None => (false, remote.chars().collect()),
    };
    let pattern = match pattern {
        [Part::Char('+'), rest @ ..] if international => rest,
        [Part::Char('+'), ..] => return false,
        [Part::Run, ..] => pattern,
        _ if international => return false,
        _ => pattern,
    };
    if digits.len() > LONGEST {
        // What follows the fifteenth digit is not known.
        if pattern.last() != Some(&Part::Run) {
            return false;
        }
        digits.truncate(LONGEST);
    }
    fits(pattern, &digits)
}

fn fits(pattern: &[Part], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([Part::Run, rest @ ..], _) => {
            fits(rest, text)
                || match text {
                    [_, behind @ ..] => fits(pattern, behind),
                    [] => false,
                }
        }
        ([Part::One, rest @ ..], [_, behind @ ..]) => fits(rest, behind),
        ([Part::Char(one), rest @ ..], [other, behind @ ..]) => one == other && fits(rest, behind),
        _ => false,
    }
}

/// Whether the caller is of a class.
fn has_class(switch: &str, call: &RefCall) -> bool {
    let caller = call.caller.to_lowercase();
    let verstat = call.verstat.as_str();
    let validation = |value: &str| call.trusted && verstat == value;
    match switch {
        "withheld" => call.withheld,
        "uri" => call.anonymous || caller == "anonymous",
        "no-number" => [
            "",
            "unavailable",
            "restricted",
            "unknown",
            "private",
            "withheld",
            "anonymous",
        ]
        .contains(&caller.as_str()),
        "unusable" => {
            let digits = caller.strip_prefix('+').unwrap_or(&caller);
            !digits.is_empty() && digits.chars().all(|character| character == '0')
        }
        "failed" => validation("TN-Validation-Failed"),
        "none" => validation("No-TN-Validation") || validation(""),
        "below-a" => validation("TN-Validation-Passed-B") || validation("TN-Validation-Passed-C"),
        "below-b" => validation("TN-Validation-Passed-C"),
        _ => false,
    }
}

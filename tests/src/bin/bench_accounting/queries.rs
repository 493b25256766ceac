//! Questions to a full log, each by a connection of its own as the daemon's API asks them.

use std::time::{Duration, Instant};

use anyhow::bail;
use blacklist_common::number::NumberKind;
use blacklist_store::journal::{
    CallFilter, CallReader, LogError, NumberFilter, Order, Period, Side,
};
use blacklist_tests::measuring::median;
use blacklist_tests::report::Report;

use crate::fill::{self, Filled};

/// How often each question is asked, if that does not take longer than this.
const RUNS: usize = 21;
const PATIENCE: Duration = Duration::from_secs(6);
/// Calls of a page.
const PAGE: usize = 50;
/// The busiest that are wanted.
const TOP: usize = 10;

/// Asks everything.
pub(crate) fn measure(filled: &Filled, report: &mut Report) -> anyhow::Result<()> {
    report.section(&format!("questions to a log of {} calls", filled.rows));
    for question in questions(filled)? {
        let name = format!("calls: {}", question.name);
        let figures = repeated(|| question.ask(filled))?;
        tell(&name, figures, report);
    }
    export(filled, report)?;
    sums(filled, report)
}

fn reader(filled: &Filled) -> Result<CallReader<'static>, LogError> {
    CallReader::open(filled.path(), |_, _| None)
}

/// Milliseconds that each turn took.
fn repeated(mut ask: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Vec<f64>> {
    let mut figures = Vec::new();
    let end = Instant::now() + PATIENCE;
    while figures.len() < RUNS && (figures.is_empty() || Instant::now() < end) {
        let began = Instant::now();
        ask()?;
        figures.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(figures)
}

fn tell(name: &str, figures: Vec<f64>, report: &mut Report) {
    let times = figures.len();
    let note = if times < RUNS {
        format!(" ({times} times)")
    } else {
        String::new()
    };
    let worst = figures.iter().copied().fold(0.0, f64::max);
    report.row(&format!("{name}, median{note}"), "ms", median(figures));
    report.row(&format!("{name}, worst{note}"), "ms", worst);
}

/// A page of calls.
struct Question {
    name: &'static str,
    filter: CallFilter,
    /// Whether there is a page of them, a few, or none.
    found: Found,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Page,
    Some,
    None,
}

impl Question {
    fn ask(&self, filled: &Filled) -> anyhow::Result<()> {
        let calls = reader(filled)?.page(&self.filter, Order::Newest, PAGE)?;
        let found = match calls.len() {
            0 => Found::None,
            PAGE => Found::Page,
            _ => Found::Some,
        };
        // A log that was made smaller for a try has fewer.
        if found != self.found && filled.rows >= crate::ROWS {
            bail!("{}: {} calls were found", self.name, calls.len());
        }
        Ok(())
    }
}

fn one(text: &str) -> anyhow::Result<Option<NumberFilter>> {
    Ok(Some(NumberFilter::OneOf(vec![fill::number(text)?])))
}

fn beginning(text: &str) -> anyhow::Result<Option<NumberFilter>> {
    let number = fill::number(text)?;
    if number.kind() != NumberKind::E164 {
        bail!("{text} is not a number");
    }
    Ok(Some(NumberFilter::Prefix(number)))
}

fn questions(filled: &Filled) -> anyhow::Result<Vec<Question>> {
    let middle = filled.rows / 2;
    let known = fill::caller(middle);
    let near = known.get(..8).unwrap_or_default();
    let ask = |name, found, filter| Question {
        name,
        filter,
        found,
    };
    let all = CallFilter::default;
    let two_hours = Some(fill::before(filled.end, 2)?);
    let list = |name: &str| Some(name.to_owned());
    let mut questions = vec![
        ask("the newest 50", Found::Page, all()),
        ask(
            "50 before one in the middle",
            Found::Page,
            CallFilter {
                before: Some(u64::from(middle)),
                ..all()
            },
        ),
        ask(
            "a caller that came once",
            Found::Some,
            CallFilter {
                caller: one(&known)?,
                ..all()
            },
        ),
        ask(
            "a caller with one call of 100,000",
            Found::Page,
            CallFilter {
                caller: one(fill::PEST)?,
                ..all()
            },
        ),
        ask(
            "callers by five digits behind the country",
            Found::Page,
            CallFilter {
                caller: beginning(near)?,
                ..all()
            },
        ),
        ask(
            "callers of a country, almost all",
            Found::Page,
            CallFilter {
                caller: beginning("+49")?,
                ..all()
            },
        ),
        ask(
            "a called number with one call of 10,000",
            Found::Page,
            CallFilter {
                called: one(&fill::called(middle))?,
                ..all()
            },
        ),
        ask(
            "a rule with one call of 10,000",
            Found::Page,
            CallFilter {
                rule: Some(fill::rule(middle)),
                ..all()
            },
        ),
    ];
    let mut more = |name, found, filter| questions.push(ask(name, found, filter));
    more(
        "a list, since two hours",
        Found::Page,
        CallFilter {
            list: list(fill::list(middle)),
            since: two_hours,
            ..all()
        },
    );
    more(
        "a list that was never written, since two hours",
        Found::None,
        CallFilter {
            list: list("none"),
            since: two_hours,
            ..all()
        },
    );
    more(
        "a list that was never written",
        Found::None,
        CallFilter {
            list: list("none"),
            ..all()
        },
    );
    more(
        "a list with the oldest calls alone",
        Found::Page,
        CallFilter {
            list: list(fill::OLD_LIST),
            ..all()
        },
    );
    more(
        "outbound calls, of which there are none",
        Found::None,
        CallFilter {
            outbound: Some(true),
            ..all()
        },
    );
    more(
        "a caller that never came",
        Found::None,
        CallFilter {
            caller: one("+81312345678")?,
            ..all()
        },
    );
    Ok(questions)
}

/// The calls of one hour as JSON lines.
fn export(filled: &Filled, report: &mut Report) -> anyhow::Result<()> {
    let hours = filled.end.duration_since(filled.begin()?).as_hours();
    let filter = CallFilter {
        since: Some(fill::before(filled.end, hours / 2 + 1)?),
        until: Some(fill::before(filled.end, hours / 2)?),
        ..CallFilter::default()
    };
    let mut rows = 0_u64;
    let figures = repeated(|| {
        rows = 0;
        let mut sink = std::io::BufWriter::new(std::io::sink());
        reader(filled)?.for_each(&filter, Order::Oldest, usize::MAX, |call| {
            rows += 1;
            serde_json::to_writer(&mut sink, &call)?;
            Ok::<(), anyhow::Error>(())
        })
    })?;
    let rate = rows as f64 * 1000.0 / median(figures.clone());
    report.row("export of an hour in the middle", "rows", rows as f64);
    report.row("export of an hour in the middle", "rows/s", rate);
    tell("export of an hour in the middle", figures, report);
    Ok(())
}

/// What was counted, and the busiest.
fn sums(filled: &Filled, report: &mut Report) -> anyhow::Result<()> {
    let period = |hours: i64| -> anyhow::Result<Period> {
        Ok(Period {
            since: fill::before(filled.end, hours)?,
            until: filled.end,
        })
    };
    let day = period(24)?;
    let figures = repeated(|| {
        if reader(filled)?.sums(day)?.is_empty() {
            bail!("a day has no sums");
        }
        Ok(())
    })?;
    tell("sums of a day, 1000 rules in each hour", figures, report);
    let today = filled.log.today();
    for (name, period) in [
        ("all time", None),
        ("an hour", Some(period(1)?)),
        ("four hours", Some(period(4)?)),
        ("a day", Some(day)),
    ] {
        for (of, side) in [("callers", Side::Caller), ("called numbers", Side::Called)] {
            let figures = repeated(|| {
                let (busiest, _) =
                    reader(filled)?.busiest(period, side, TOP, today.busiest(side))?;
                if busiest.len() < TOP {
                    bail!("busiest {of} of {name}: {} were found", busiest.len());
                }
                Ok(())
            })?;
            tell(&format!("busiest {of} of {name}"), figures, report);
        }
    }
    Ok(())
}

//! Lists that come as files: columns by a map, encodings, bad lines, duplicates, undo, and the way
//! out and in again.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Scene, numbers, words};

/// What was found in a file.
const COUNTS: &[&str] = &["added", "duplicates", "bad"];

/// Complaints as they are published: two spellings of one number, and two lines that are none.
const COMPLAINTS: &str = "Company_Phone_Number,Created_Date,Consumer_City,Subject\r\n\
    2065550101,2026-11-01,\"Portland, West\",Dropped call\r\n\
    (206) 555-0102,2026-11-02,Salem,Debt\r\n\
    +12345678901234567890,2026-11-02,Salem,Other\r\n\
    +1-206-555-0101,2026-11-03,Bend,Again\r\n\
    2.0655501E+09,2026-11-03,Bend,Spoilt\r\n";
const MAP: &str = "number=Company_Phone_Number,comment=Subject";

/// Reads files in, takes one back, and writes them out.
pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.ask(&["list", "add", "complaints"])?;
    all_or_nothing(scene)?;
    skip_bad(scene)?;
    corrected(scene)?;
    encodings(scene)?;
    large(scene)?;
    round_trip(scene)
}

fn import<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let all = [
        "import",
        file,
        "--list",
        "complaints",
        "--map",
        MAP,
        "--dial-plan",
        "us",
    ];
    [&all, more].concat()
}

fn all_or_nothing(scene: &mut Scene<'_>) -> Result<()> {
    let file = scene.write("complaints.csv", COMPLAINTS.as_bytes())?;
    let before = scene.generation()?;
    let named = "4.91";
    let spoilt = scene.write("spoilt.csv", b"number\n+12065550109\n4.91E+11\n")?;
    scene.refused(
        "import: one bad line, nothing is changed",
        &["import", &spoilt, "--list", "complaints"],
        named,
    )?;
    scene.refused("import: two bad lines", &import(&file, &[]), "\"line\":4")?;
    let streets = scene.write("streets.csv", b"name,street\nx,y\n")?;
    scene.refused(
        "import: no column of numbers",
        &["import", &streets, "--list", "complaints"],
        "street",
    )?;
    let dry = scene.ask(&import(&file, &["--skip-bad", "--dry-run"]))?;
    scene.report.case(
        "import, dry",
        "added 2, duplicates 1, bad 2",
        numbers(&dry, COUNTS),
    );
    let after = scene.generation()?;
    scene.report.case(
        "none of that changes anything",
        &before.to_string(),
        after.to_string(),
    );
    Ok(())
}

fn skip_bad(scene: &mut Scene<'_>) -> Result<()> {
    let file = scene.path("complaints.csv")?;
    let rejects = scene.path("rejects.csv")?;
    let before = scene.generation()?;
    let done = scene.ask(&import(&file, &["--skip-bad", "--rejects", &rejects]))?;
    scene.report.case(
        "import with a map, bad lines skipped",
        "added 2, duplicates 1, bad 2",
        numbers(&done, COUNTS),
    );
    scene.report.case(
        "an import is one generation",
        &(before + 1).to_string(),
        scene.generation()?.to_string(),
    );
    let text = std::fs::read_to_string(&rejects).context("no file of rejects")?;
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .filter_map(|line| line.split(':').next())
        .collect();
    scene
        .report
        .case("rejects", "# line 4, # line 6", lines.join(", "));
    scene.place(
        "imported | +12065550101 | | blocked: Dropped call
         imported, other spelling | 2065550102 | | blocked: Debt
         not imported | +12065550103 | | through",
    )?;
    let undone = before + 1;
    scene.ask(&["import", "undo", &undone.to_string()])?;
    scene.place("import undone | +12065550101 | | through")?;
    scene.ask(&import(&file, &["--skip-bad"]))?;
    Ok(())
}

/// The rejects, corrected, are a file that can be imported.
fn corrected(scene: &mut Scene<'_>) -> Result<()> {
    let text = std::fs::read_to_string(scene.path("rejects.csv")?)?
        .replace("+12345678901234567890,", "206-555-0104,")
        .replace("2.0655501E+09", "206-555-0105");
    let file = scene.write("corrected.csv", text.as_bytes())?;
    let done = scene.ask(&import(&file, &[]))?;
    scene.report.case(
        "corrected rejects",
        "added 2, duplicates 0, bad 0",
        numbers(&done, COUNTS),
    );
    scene.place("corrected | +12065550105 | | blocked: Spoilt")
}

fn encodings(scene: &mut Scene<'_>) -> Result<()> {
    let text =
        "Rufnummer;Kommentar\r\n+12065550120;Gr\u{fc}\u{df}e; laut\r\n".replace("; laut", "");
    let legacy: Vec<u8> = text
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?'))
        .collect();
    let wide: Vec<u8> = [0xFEFF]
        .into_iter()
        .chain("phone\tnote\n+12065550121\tgr\u{fc}n\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let legacy = scene.write("legacy.csv", &legacy)?;
    let wide = scene.write("wide.tsv", &wide)?;
    scene.ask(&["import", &legacy, "--list", "complaints"])?;
    scene.ask(&["import", &wide, "--list", "complaints"])?;
    scene.place(
        "Windows-1252 and semicolons | +12065550120 | | blocked: Gr\u{fc}\u{df}e
         UTF-16 and tabs | +12065550121 | | blocked: gr\u{fc}n",
    )
}

/// A plain list of numbers, without a header.
fn large(scene: &mut Scene<'_>) -> Result<()> {
    let mut text = String::new();
    for number in 0..50_000 {
        writeln!(text, "+1209{number:07}")?;
    }
    let file = scene.write("large.txt", text.as_bytes())?;
    scene.ask(&["list", "add", "large"])?;
    let done = scene.ask(&["import", &file, "--list", "large"])?;
    scene.report.case(
        "50,000 numbers",
        "added 50000, duplicates 0, bad 0",
        numbers(&done, COUNTS),
    );
    scene.place(
        "the last of 50,000 | +12090049999 | | blocked:
         behind the last | +12090050000 | | through",
    )?;
    let imported = scene.generation()?;
    let again = scene.ask(&["import", &file, "--list", "large", "--dry-run"])?;
    let known = again.get("present").and_then(Value::as_u64);
    scene.report.case(
        "the same file again is known",
        "50000",
        known.unwrap_or_default().to_string(),
    );
    scene.ask(&["list", "disable", "large"])?;
    scene.place("50,000 switched off | +12090049999 | | through")?;
    scene.ask(&["import", "undo", &imported.to_string()])?;
    Ok(())
}

fn round_trip(scene: &mut Scene<'_>) -> Result<()> {
    let comment = "quotes \", commas, semicolons; \u{fc}n\u{ef}code, # and \\";
    scene.ask(&["list", "add", "odd"])?;
    scene.ask(&words(&format!(
        "rule add \\#21\\#* \\*\\** +49??1 anonymous:withheld,uri --list odd --comment '{comment}' \
         --scope number:+13125550177 --allow --until 2030-01-01 \
         --schedule 'mo-fr 08:00-18:00, sa 09:00-12:00 Europe/Berlin'"
    )))?;
    let first = scene.path("first.csv")?;
    let second = scene.path("second.csv")?;
    scene.ask(&["export", "--format", "csv", "--list", "odd", &first])?;
    let before = std::fs::read_to_string(&first)?;
    let ids: Vec<String> = rule_ids(scene, "odd")?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    scene.ask(&[&["rule", "remove"], ids.as_slice()].concat())?;
    let done = scene.ask(&["import", &first, "--list", "odd"])?;
    scene.report.case(
        "exported rules are imported",
        "added 4, duplicates 0, bad 0",
        numbers(&done, COUNTS),
    );
    scene.ask(&["export", "--format", "csv", "--list", "odd", &second])?;
    let after = std::fs::read_to_string(&second)?;
    let seen = if after == before {
        "the same bytes"
    } else {
        &after
    };
    scene
        .report
        .case("and exported again", "the same bytes", seen.to_owned());
    Ok(())
}

fn rule_ids(scene: &Scene<'_>, list: &str) -> Result<Vec<String>> {
    let rules = scene.ask(&["rule", "list", "--list", list])?;
    Ok(rules
        .get("rules")
        .and_then(Value::as_array)
        .context("`rule list` printed no rules")?
        .iter()
        .filter_map(|rule| Some(rule.get("id")?.to_string()))
        .collect())
}

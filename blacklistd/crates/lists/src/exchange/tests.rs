//! Whole files: what they contain, and that what is written reads back the same.

use std::convert::Infallible;

use blacklist_model::{
    BadLine, DefaultPolicy, LineCounts, ListSpec, RuleAction, RuleDirection, RuleKind, RuleSpec,
    ScopeSpec,
};

use super::*;

fn base() -> RuleSpec {
    RuleSpec {
        list: "spam".to_owned(),
        ..RuleSpec::of("")
    }
}

fn rule(pattern: &str) -> RuleSpec {
    RuleSpec {
        pattern: pattern.to_owned(),
        ..base()
    }
}

fn commented(pattern: &str, comment: &str) -> RuleSpec {
    RuleSpec {
        comment: comment.to_owned(),
        ..rule(pattern)
    }
}

/// The rules and the bad lines of a file.
fn read(text: &[u8], settings: &CsvSettings) -> (Vec<(u64, RuleSpec)>, Vec<BadLine>) {
    let mut reader = CsvReader::open(text, base(), settings).unwrap();
    let (mut rules, mut bad) = (Vec::new(), Vec::new());
    while let Some(line) = reader.next_line().unwrap() {
        match line.rule {
            Ok(rule) => rules.push((line.number, rule)),
            Err(reason) => bad.push(BadLine {
                line: line.number,
                reason,
                text: String::from_utf8_lossy(reader.raw()).into_owned(),
            }),
        }
    }
    (rules, bad)
}

fn utf16(text: &str, is_big: bool, has_mark: bool) -> Vec<u8> {
    let mark = has_mark.then_some(0xFEFF);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(|unit| {
            if is_big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

#[test]
fn files_of_all_encodings_say_the_same() {
    let text = "Nummer;Kommentar\n+4930123;\"Grüße; laut\"\n+4930124;über\n";
    let mut marked = b"\xEF\xBB\xBF".to_vec();
    marked.extend(text.bytes());
    let legacy: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let rows: [(&str, Vec<u8>); 7] = [
        ("UTF-8", text.into()),
        ("UTF-8", marked),
        ("UTF-16LE", utf16(text, false, true)),
        ("UTF-16BE", utf16(text, true, true)),
        ("UTF-16LE", utf16(text, false, false)),
        ("UTF-16BE", utf16(text, true, false)),
        ("windows-1252", legacy),
    ];
    let expected = [
        (2, commented("+4930123", "Grüße; laut")),
        (3, commented("+4930124", "über")),
    ];
    for (encoding, bytes) in rows {
        let mut reader = CsvReader::open(&bytes[..], base(), &CsvSettings::default()).unwrap();
        let mut found = Vec::new();
        while let Some(line) = reader.next_line().unwrap() {
            found.push((line.number, line.rule.unwrap()));
        }
        assert_eq!(found, expected, "{encoding}");
        assert_eq!(reader.encoding(), encoding);
        assert_eq!(reader.delimiter(), b';');
    }
}

#[test]
fn an_encoding_that_is_named_is_believed() {
    let settings = CsvSettings {
        encoding: TextEncoding::from_name("iso-8859-15").unwrap(),
        ..CsvSettings::default()
    };
    let (rules, _) = read(b"number,comment\n1,\xA4\n", &settings);
    assert_eq!(rules, [(2, commented("1", "€"))]);
    let settings = CsvSettings {
        encoding: TextEncoding::from_name("utf-8").unwrap(),
        ..CsvSettings::default()
    };
    let (rules, bad) = read(b"number,comment\n1,\xA4\n2,x\n", &settings);
    assert_eq!(rules, [(3, commented("2", "x"))]);
    assert_eq!(
        (bad[0].line, bad[0].reason.as_str()),
        (2, "byte 1 of the line is not UTF-8")
    );
    assert!(
        TextEncoding::from_name("klingon")
            .unwrap_err()
            .contains("klingon")
    );
}

#[test]
fn a_plain_list_needs_no_header() {
    let (rules, bad) = read(
        b"# theirs\n+4930123\n\n 030 124 \n\"#31#\"\n+4940*\n",
        &CsvSettings::default(),
    );
    let expected = [
        (2, rule("+4930123")),
        (4, rule("030 124")),
        (5, rule("#31#")),
        (6, rule("+4940*")),
    ];
    assert_eq!((rules.as_slice(), bad.len()), (&expected[..], 0));
}

#[test]
fn the_public_complaint_data_is_read_by_a_map() {
    let text = b"Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,Consumer_Area_Code,Subject,Recorded_Message_Or_Robocall\r\n\
        4155550101,2026-11-01 00:01:02,2026-10-31 12:00:00,\"San Jose, South\",California,408,Dropped call or no message,Y\r\n\
        ,2026-11-01,,,,,Other,N\r\n";
    let settings = CsvSettings {
        map: Some(ColumnMap::parse("number=Company_Phone_Number,comment=Subject").unwrap()),
        ..CsvSettings::default()
    };
    let (rules, bad) = read(text, &settings);
    assert_eq!(
        rules,
        [(2, commented("4155550101", "Dropped call or no message"))]
    );
    assert_eq!(
        (bad[0].line, bad[0].reason.as_str()),
        (3, "the cell of the number is empty")
    );
    assert_eq!(bad[0].text, ",2026-11-01,,,,,Other,N");
}

#[test]
fn every_field_has_a_column() {
    let text = "number,list,kind,scope,direction,action,mandatory,enabled,valid_from,expires,schedule,dial_plan,comment\n\
        030 12*,fraud,Allow,account:acme;number:+4930,both,monitor,yes,off,2026-01-01,2027-01-01T00:00:00Z,\"mo-fr 08:00-18:00, sa 09:00-12:00\",de,\"why, oh\"\n";
    let (rules, bad) = read(text.as_bytes(), &CsvSettings::default());
    let expected = RuleSpec {
        pattern: "030 12*".to_owned(),
        list: "fraud".to_owned(),
        kind: Some(RuleKind::Allow),
        scopes: vec!["account:acme".to_owned(), "number:+4930".to_owned()],
        direction: Some(RuleDirection::Both),
        action: Some(RuleAction::Monitor),
        mandatory: Some(true),
        enabled: false,
        valid_from: Some("2026-01-01".to_owned()),
        valid_until: Some("2027-01-01T00:00:00Z".to_owned()),
        schedule: Some("mo-fr 08:00-18:00, sa 09:00-12:00".to_owned()),
        dial_plan: Some("de".to_owned()),
        comment: "why, oh".to_owned(),
    };
    assert_eq!((rules.as_slice(), bad.len()), (&[(2, expected)][..], 0));
}

#[test]
fn bad_lines_are_named_with_their_reason() {
    let rows = [
        (
            "number,kind\n1,maybe\n",
            2,
            "kind \"maybe\" is none of block, allow",
        ),
        (
            "number,enabled\n1,perhaps\n",
            2,
            "enabled \"perhaps\" is neither yes nor no",
        ),
        (
            "comment,number\nx\n",
            2,
            "the line has 1 cells, and the number is expected in cell 2",
        ),
        (
            "number,direction\n1,up\n",
            2,
            "direction \"up\" is none of inbound, outbound or both",
        ),
        ("number,comment\n4.91E+11,x\n", 2, "its digits are lost"),
    ];
    for (text, line, expected) in rows {
        let (rules, bad) = read(text.as_bytes(), &CsvSettings::default());
        assert!(rules.is_empty(), "{text}");
        assert_eq!(bad[0].line, line);
        assert!(bad[0].reason.contains(expected), "{}", bad[0].reason);
    }
}

#[test]
fn files_that_are_no_lists_are_refused() {
    let rows: [(&[u8], &str); 4] = [
        (b"PK\x03\x04abc", "save the sheet as CSV"),
        (b"\x1F\x8B\x08", "unpack it first"),
        (b"name,street\nx,y\n", "name the columns"),
        (b"%PDF-1.4", "a list of numbers is wanted"),
    ];
    for (bytes, expected) in rows {
        let error = CsvReader::open(bytes, base(), &CsvSettings::default())
            .err()
            .unwrap();
        assert!(error.to_string().contains(expected), "{error}");
    }
    let mut empty = CsvReader::open(&b""[..], base(), &CsvSettings::default()).unwrap();
    assert!(empty.next_line().unwrap().is_none());
}

#[test]
fn duplicates_are_merged_and_bad_lines_can_be_read_again() {
    let text = "number,comment\n+49 30 1,first\n+49301,again\nbad,\"x\n2\"\n+49302,second\n";
    let mut reader = CsvReader::open(text.as_bytes(), base(), &CsvSettings::default()).unwrap();
    let mut file = Vec::new();
    let header = reader.header().to_vec();
    let mut rejects = Rejects::new(&header, Some(&mut file));
    let canonical = |rule: RuleSpec| {
        if rule.pattern.starts_with('+') {
            Ok((rule.pattern.replace(' ', ""), rule))
        } else {
            Err(format!("\"{}\" is not a number", rule.pattern))
        }
    };
    let mut taken = Vec::new();
    let counts = read_all(&mut reader, &mut rejects, canonical, |line, rule| {
        taken.push((line, rule.comment));
        Ok::<(), Infallible>(())
    })
    .unwrap();
    let expected = LineCounts {
        lines: 4,
        rules: 2,
        duplicates: 1,
        bad: 1,
    };
    assert_eq!(counts, expected);
    assert_eq!(taken, [(2, "first".to_owned()), (6, "second".to_owned())]);
    assert_eq!(rejects.count(), 1);
    let shown = rejects.into_shown();
    assert_eq!((shown[0].line, shown[0].text.as_str()), (4, "bad,\"x\n2\""));
    assert_eq!(
        String::from_utf8(file.clone()).unwrap(),
        "number,comment\n# line 4: \"bad\" is not a number\nbad,\"x\n2\"\n"
    );
    let (rules, bad) = read(&file, &CsvSettings::default());
    assert_eq!((rules, bad.len()), (vec![(3, commented("bad", "x\n2"))], 0));
}

#[test]
fn only_the_first_bad_lines_are_kept() {
    let mut rejects = Rejects::new(b"", None);
    for line in 0..5000 {
        rejects.add(line, "bad", &[b'x'; 2000]).unwrap();
    }
    assert_eq!(rejects.count(), 5000);
    let shown = rejects.into_shown();
    assert_eq!((shown.len(), shown[0].text.len()), (SHOWN, 512));
}

/// Rules that are difficult to write.
fn difficult() -> Vec<RuleSpec> {
    let patterns = [
        "+4930123",
        "+4930*",
        "+49??123",
        "\\*67*",
        "\\#31\\#",
        "#31#",
        "*",
        "anonymous",
        "anonymous:withheld,uri",
        "\\anonymous",
        "sip \"quoted\"",
        "naïve",
        "a;b|c\td",
        "'+4930",
        "=1+1",
        " 030 12",
        "\\\\",
        "\"",
        "日本*",
    ];
    let mut rules: Vec<RuleSpec> = patterns
        .iter()
        .map(|pattern| rule(pattern.trim()))
        .collect();
    rules.push(RuleSpec {
        kind: Some(RuleKind::Allow),
        scopes: vec!["account:acme".to_owned(), "number:+4930123".to_owned()],
        direction: Some(RuleDirection::Both),
        action: Some(RuleAction::Monitor),
        mandatory: Some(false),
        enabled: false,
        valid_from: Some("2026-11-20T08:00:00Z".to_owned()),
        valid_until: Some("2026-12-20T08:00:00Z".to_owned()),
        schedule: Some("mo-fr 08:00-18:00, sa 09:00-12:00 Europe/Berlin".to_owned()),
        dial_plan: Some("de".to_owned()),
        ..commented("030 123", " blanks, \"quotes\", ünïcode; '#' and \\ ")
    });
    rules.push(commented("+1", "two\nlines\r\nand a tab\t"));
    rules.push(commented("+2", "#"));
    rules
}

#[test]
fn csv_comes_back_as_it_went() {
    let write = |rules: &[RuleSpec]| {
        let mut writer = CsvWriter::new(Vec::new()).unwrap();
        for rule in rules {
            writer.write(rule).unwrap();
        }
        writer.finish().unwrap()
    };
    let rules = difficult();
    let first = write(&rules);
    let (again, bad) = read(&first, &CsvSettings::default());
    assert!(bad.is_empty(), "{bad:?}");
    let again: Vec<RuleSpec> = again.into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(again, rules);
    assert_eq!(write(&again), first);
}

#[test]
fn the_rules_file_comes_back_as_it_went() {
    let list = ListSpec {
        name: "spam".to_owned(),
        kind: RuleKind::Allow,
        direction: RuleDirection::Outbound,
        action: Some(RuleAction::Monitor),
        mandatory: true,
        enabled: false,
        scopes: vec!["account:acme".to_owned(), "number:+4930123".to_owned()],
        comment: "\"quoted\"".to_owned(),
    };
    let scope = ScopeSpec {
        name: "account:acme".to_owned(),
        policy: DefaultPolicy::Block,
        members: vec!["+4930123".to_owned(), "100".to_owned()],
        dial_plan: None,
        comment: "theirs".to_owned(),
    };
    let write = |rules: &[RuleSpec]| {
        let mut writer = RulesFileWriter::new(Vec::new());
        writer.list(&list).unwrap();
        writer.scope(&scope).unwrap();
        for rule in rules {
            writer.rule(rule).unwrap();
        }
        writer.finish().unwrap()
    };
    let rules = difficult();
    let first = write(&rules);
    let file = RulesFile::read(std::str::from_utf8(&first).unwrap()).unwrap();
    assert_eq!(
        (&file.lists[0].value, &file.scopes[0].value),
        (&list, &scope)
    );
    let again: Vec<RuleSpec> = file.rules.into_iter().map(|rule| rule.value).collect();
    assert_eq!(again, rules);
    assert_eq!(write(&again), first);
}

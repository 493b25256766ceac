//! Files and the mistakes in them.

use super::RulesFile;

fn problems(text: &str) -> Vec<String> {
    RulesFile::read(text)
        .unwrap_err()
        .into_iter()
        .map(|problem| format!("{}: {}", problem.line, problem.text))
        .collect()
}

#[test]
fn a_file_says_lists_scopes_and_rules() {
    let text = r#"
# Everything that is blocked here.
[[scope]]
name = "account:acme"
policy = "block"
members = ["+1 312 555 0100", "+13125550101"]

[[list]]
name = "spam"
scopes = ["account:acme", "number:+13125550199"]

[[rule]]
pattern = "+4930*"
list = "spam"

[[rule]]
pattern = 'a\*b'
kind = "allow"
schedule = "mo-fr 08:00-18:00"
"#;
    let file = RulesFile::read(text).unwrap();
    assert_eq!(file.scopes[0].line, 3);
    assert_eq!(file.scopes[0].value.members.len(), 2);
    assert_eq!(file.lists[0].value.scopes.len(), 2);
    let rules: Vec<(usize, &str, &str)> = file
        .rules
        .iter()
        .map(|rule| {
            (
                rule.line,
                rule.value.pattern.as_str(),
                rule.value.list.as_str(),
            )
        })
        .collect();
    assert_eq!(rules, [(12, "+4930*", "spam"), (16, "a\\*b", "default")]);
    assert_eq!(RulesFile::read("").unwrap(), RulesFile::default());
}

#[test]
fn all_mistakes_are_listed_with_their_lines() {
    let text = "[[rule]]\n\
        patern = \"+4930*\"\n\
        [[rule]]\n\
        pattern = \"+1\"\n\
        kind = \"deny\"\n\
        enabled = \"yes\"\n\
        list = \"span\"\n\
        [[list]]\n\
        name = \"spam\"\n\
        colour = \"red\"\n\
        [[rul]]\n\
        x = 1\n";
    let found = problems(text);
    let expected = [
        "2: unknown key \"patern\"; did you mean \"pattern\"?",
        "5: unknown value \"deny\"",
        "6: the wrong kind of value",
        "10: unknown key \"colour\"",
        "11: unknown key \"rul\"; did you mean [[rule]]?",
    ];
    for one in expected {
        assert!(
            found.iter().any(|problem| problem.starts_with(one)),
            "{one}: {found:#?}"
        );
    }
}

#[test]
fn names_that_stand_twice_are_mistakes() {
    let text = "[[list]]\nname = \"spam\"\n[[list]]\nname = \"spam\"\n\
        [[scope]]\nname = \"group:sales\"\n[[scope]]\nname = \"group:sale\"\n\
        [[scope]]\nname = \"group:sales\"\n[[rule]]\npattern = \"1\"\nlist = \"elsewhere\"\n";
    assert_eq!(
        problems(text),
        [
            "3: the list \"spam\" is already on line 1; write it once",
            "9: the scope \"group:sales\" is already on line 5; write it once",
        ]
    );
}

#[test]
fn what_is_no_toml_is_named_with_its_line() {
    let found = problems("[[rule]]\npattern = \"+1\"\n\n[[rule]]\npattern = +49\n");
    assert!(found[0].starts_with("5: "), "{found:?}");
    let found = problems("rule = 5\n");
    assert_eq!(
        found,
        ["1: write each rule as a table of its own: [[rule]]"]
    );
}

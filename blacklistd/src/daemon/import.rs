//! Files of rules: read a line at a time, merged with each other and with what is
//! there, written as they come, and made one generation; or nothing, with every bad line named.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::change::{Author, Change, ChangeError, ChangeOptions, Changes};
use blacklist_engine::{Finding, Severity};
use blacklist_lists::exchange::{
    ColumnMap, CsvReader, CsvSettings, ReadError, Rejects, TextEncoding, delimiter_from_name,
};
use blacklist_model::{
    DEFAULT_LIST, Draft, Repetition, RuleId, RuleSpec, ScopeName, SeenRules, count,
};
use blacklist_store::rules::ChangeKind;
use blacklist_system::files;
use blacklist_wire::{ImportReport, ImportRequest};

/// Rules that are written at once.
const WRITTEN_AT_ONCE: usize = 4096;

impl From<ReadError> for ChangeError {
    fn from(error: ReadError) -> Self {
        Self::Input(error.to_string())
    }
}

/// Makes the rules of a staged file one generation. All bad lines go to `rejects`.
///
/// # Errors
/// The file cannot be read at all, or store or kernel refused. Bad lines are in the
/// report.
pub(crate) fn import(
    changes: &Changes,
    staged: &Path,
    request: &ImportRequest,
    rejects: Option<&Path>,
    author: &Author,
) -> Result<ImportReport, ChangeError> {
    let cannot =
        |error: std::io::Error| ChangeError::Input(format!("cannot write the bad lines: {error}"));
    let mut file = match rejects {
        Some(path) => Some(BufWriter::new(files::create_new(path).map_err(cannot)?)),
        None => None,
    };
    let options = ChangeOptions {
        force: request.force,
        dry_run: request.dry_run,
    };
    let mut report = ImportReport {
        file: request.file.clone(),
        dry_run: request.dry_run,
        ..ImportReport::default()
    };
    let changed = changes.make(ChangeKind::Import, author, options, |change| {
        let mut import = Import {
            changes,
            request,
            staged,
            report: &mut report,
            pending: Vec::new(),
            lines: Vec::new(),
            first: None,
            seen: SeenRules::default(),
        };
        let writer = file.as_mut().map(|file| file as &mut dyn Write);
        import.run(change, writer)?;
        let summary = format!(
            "imported {} of {}",
            count(report.added, "rule"),
            request.file
        );
        Ok(((), summary))
    });
    if let Some(mut file) = file {
        file.flush().map_err(cannot)?;
    }
    match changed {
        Ok(changed) => {
            report.warnings = changed.warnings();
            report.generation = changed.generation.map(|generation| generation.number);
        }
        Err(ChangeError::Input(sentence)) if report.bad > 0 => report.refused = Some(sentence),
        Err(error) => return Err(error),
    }
    Ok(report)
}

/// A file that is being read.
struct Import<'i> {
    changes: &'i Changes,
    request: &'i ImportRequest,
    staged: &'i Path,
    report: &'i mut ImportReport,
    /// Rules that wait to be written.
    pending: Vec<Draft>,
    /// The line of each rule that is new; their ids follow each other from `first` on.
    lines: Vec<u64>,
    first: Option<RuleId>,
    /// What was read.
    seen: SeenRules,
}

impl Import<'_> {
    fn open(&self) -> Result<CsvReader<File>, ChangeError> {
        let file = files::open(self.staged)
            .map_err(|error| ChangeError::Input(format!("cannot read the upload: {error}")))?;
        Ok(CsvReader::open(
            file,
            base(self.request),
            &settings(self.request).map_err(ChangeError::Input)?,
        )?)
    }

    fn run(
        &mut self,
        change: &mut Change<'_>,
        file: Option<&mut dyn Write>,
    ) -> Result<(), ChangeError> {
        self.require_names(change)?;
        let mut reader = self.open()?;
        self.report.columns = reader
            .columns()
            .iter()
            .map(|(field, place)| format!("{field}={}", place + 1))
            .collect();
        self.report.delimiter = match reader.delimiter() {
            b'\t' => "tab".to_owned(),
            byte => char::from(byte).to_string(),
        };
        let header = reader.header().to_vec();
        let mut rejects = Rejects::new(&header, file);
        let configuration = change.configuration();
        while let Some(line) = reader.next_line()? {
            self.report.lines += 1;
            let draft = match line.rule {
                Ok(spec) => {
                    let draft = Draft::from_spec(&spec, configuration.dial_plans(), change);
                    match change.read(draft) {
                        Ok(draft) => Ok(draft),
                        Err(ChangeError::Refused(refusal)) => Err(refusal.to_string()),
                        Err(error) => return Err(error),
                    }
                }
                Err(reason) => Err(reason),
            };
            let wrong = match draft {
                Ok(draft) => self.receive(line.number, draft, change)?,
                Err(reason) => Some(reason),
            };
            if let Some(reason) = wrong {
                rejects
                    .add(line.number, &reason, reader.raw())
                    .map_err(ReadError::Rejects)?;
            }
        }
        self.write(change)?;
        self.report.encoding = reader.encoding().to_owned();
        self.lint(change, &mut rejects)?;
        self.report.bad = rejects.count();
        self.report.bad_lines = rejects.into_shown();
        if self.report.bad > 0 && !self.request.skip_bad {
            return Err(ChangeError::Input(format!(
                "no rules on {} of {}: correct them, or add --skip-bad to import the others; nothing was changed",
                self.report.bad,
                count(self.report.lines, "line")
            )));
        }
        Ok(())
    }

    /// Refuses what no line could be read with, once instead of for every line.
    fn require_names(&self, change: &mut Change<'_>) -> Result<(), ChangeError> {
        let base = base(self.request);
        change.list_row(&base.list)?;
        let configuration = change.configuration();
        let (_, plan) = configuration.dial_plans().find(base.dial_plan.as_deref())?;
        for scope in &base.scopes {
            if !matches!(ScopeName::parse(scope, &plan)?, ScopeName::Number { .. }) {
                change.scope_row(scope)?;
            }
        }
        Ok(())
    }

    /// Takes a rule that neither the file nor the store has said before. Returns what is wrong with
    /// its line, if it says only in part what was said before.
    fn receive(
        &mut self,
        line: u64,
        draft: Draft,
        change: &mut Change<'_>,
    ) -> Result<Option<String>, ChangeError> {
        let place = u32::try_from(line).unwrap_or(u32::MAX);
        match change.repetition(&mut self.seen, &draft, place)? {
            Repetition::New => {}
            Repetition::Covered(_) => {
                self.report.duplicates += 1;
                return Ok(None);
            }
            Repetition::Overlaps(first) => {
                return Ok(Some(format!(
                    "overlaps line {first}, which says the same for calls of one direction: write one line for both"
                )));
            }
        }
        {
            let rules = self.changes.rules.in_force.read();
            match rules.repeated(&draft.rule) {
                None => {}
                Some((_, true)) => {
                    self.report.present += 1;
                    return Ok(None);
                }
                Some((other, false)) => return Ok(Some(rules.twin_sentence(other))),
            }
        }
        self.lines.push(line);
        self.pending.push(draft);
        if self.pending.len() >= WRITTEN_AT_ONCE {
            self.write(change)?;
        }
        Ok(None)
    }

    /// Writes what waits.
    fn write(&mut self, change: &mut Change<'_>) -> Result<(), ChangeError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let drafts = std::mem::take(&mut self.pending);
        let origin = format!("import:{}", change.number());
        let rows = change.add_rules(drafts, &origin)?;
        self.report.added += rows.len() as u64;
        self.first = self.first.or(rows.first().map(|row| row.id));
        Ok(())
    }

    /// Takes back rules that must not be, and counts their lines among the bad ones.
    fn lint(
        &mut self,
        change: &mut Change<'_>,
        rejects: &mut Rejects<'_>,
    ) -> Result<(), ChangeError> {
        let findings = change.lint(self.changes);
        let (refusals, warnings): (Vec<Finding>, Vec<Finding>) = findings
            .into_iter()
            .partition(|finding| finding.severity == Severity::Refuse);
        let first = self.first.map_or(0, |id| id.0);
        let mut refused: Vec<(u64, &Finding)> = Vec::new();
        for finding in &refusals {
            let line = finding
                .rule
                .and_then(|id| self.lines.get(id.0.checked_sub(first)? as usize));
            match line {
                Some(line) => refused.push((*line, finding)),
                None => return Err(ChangeError::Findings(refusals)),
            }
        }
        refused.sort_by_key(|(line, _)| *line);
        refused.dedup_by_key(|(line, _)| *line);
        if !refused.is_empty() {
            let ids: HashSet<RuleId> = refused
                .iter()
                .filter_map(|(_, finding)| finding.rule)
                .collect();
            change.withdraw(&ids)?;
            self.report.added -= ids.len() as u64;
            self.reject(&refused, rejects)?;
        }
        change.set_findings(warnings);
        Ok(())
    }

    /// Finds lines in the file again, so that they are reported as they are.
    fn reject(
        &self,
        refused: &[(u64, &Finding)],
        rejects: &mut Rejects<'_>,
    ) -> Result<(), ChangeError> {
        let mut refused = refused.iter().peekable();
        let mut reader = self.open()?;
        while let Some((wanted, finding)) = refused.peek() {
            let Some(line) = reader.next_line()? else {
                break;
            };
            if line.number == *wanted {
                rejects
                    .add(line.number, &finding.sentence, reader.raw())
                    .map_err(ReadError::Rejects)?;
                refused.next();
            }
        }
        Ok(())
    }
}

/// What a rule has whose line says nothing else.
fn base(request: &ImportRequest) -> RuleSpec {
    RuleSpec {
        list: request.list.clone().unwrap_or(DEFAULT_LIST.to_owned()),
        scopes: request.scopes.clone(),
        kind: request.kind,
        dial_plan: request.dial_plan.clone(),
        comment: request.comment.clone(),
        ..RuleSpec::of("")
    }
}

/// How its lines are read; a sentence for a word that says nothing.
fn settings(request: &ImportRequest) -> Result<CsvSettings, String> {
    let delimiter = request.delimiter.as_deref().map(delimiter_from_name);
    let encoding = request.encoding.as_deref().map(TextEncoding::from_name);
    let map = request.map.as_deref().map(ColumnMap::parse);
    Ok(CsvSettings {
        delimiter: delimiter.transpose()?,
        encoding: encoding.transpose()?.unwrap_or_default(),
        has_header: request.has_header,
        map: map.transpose()?,
    })
}

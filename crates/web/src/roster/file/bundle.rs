//! OneRoster 1.2 bundles (1EdTech, "OneRoster CSV Tables", bulk files): a manifest and a table for each kind of thing, tied by
//! `sourcedId`.

use std::collections::HashMap;

use jiayin_domain::roster::{Entry, Part};

use super::unpack::Files;
use super::{FileError, List, Rows, text};

/// A table with named columns.
struct Table {
    columns: HashMap<String, usize>,
    rows: Rows,
}

impl Table {
    fn of(files: &Files, name: &str) -> Result<Self, FileError> {
        // All files may lie in one folder.
        let found = files.iter().find(|(path, _)| path.rsplit('/').next() == Some(name));
        let (_, bytes) = found.ok_or(FileError::Unreadable)?;
        let mut rows = text::rows(&text::decoded(bytes)?)?;
        if rows.is_empty() {
            return Err(FileError::Unreadable);
        }
        let (_, header) = rows.remove(0);
        Ok(Self { columns: header.into_iter().enumerate().map(|(at, name)| (name, at)).collect(), rows })
    }

    fn get<'a>(&self, cells: &'a [String], column: &str) -> &'a str {
        self.columns.get(column).and_then(|at| cells.get(*at)).map_or("", String::as_str)
    }

    /// Rows that stand, by their `sourcedId`. In a bulk file nothing has a status, or all are active.
    fn by_id(&self) -> HashMap<&str, &[String]> {
        let active = |cells: &&(u32, Vec<String>)| self.get(&cells.1, "status") != "tobedeleted";
        self.rows.iter().filter(active).map(|(_, cells)| (self.get(cells, "sourcedId"), cells.as_slice())).collect()
    }
}

/// Reads a bundle: an enrolment is a row of the list; its line is that of `enrollments.csv`.
pub(super) fn read(files: &Files) -> Result<List, FileError> {
    manifest(&Table::of(files, "manifest.csv")?)?;
    let [orgs, terms, classes, users, enrolments] =
        ["orgs.csv", "academicSessions.csv", "classes.csv", "users.csv", "enrollments.csv"]
            .map(|name| Table::of(files, name));
    let (orgs, terms, classes, users, enrolments) = (orgs?, terms?, classes?, users?, enrolments?);
    let (org_rows, term_rows) = (orgs.by_id(), terms.by_id());
    let (class_rows, user_rows) = (classes.by_id(), users.by_id());
    let mut list = List::default();
    for (line, row) in &enrolments.rows {
        let role = enrolments.get(row, "role");
        let part = match role {
            "student" => Part::Learner,
            "teacher" => Part::Teacher,
            // Proctors and administrators are in no class of ours.
            _ => continue,
        };
        if enrolments.get(row, "status") == "tobedeleted" {
            continue;
        }
        let mut entry = Entry { line: *line, part, ..Entry::default() };
        if let Some(user) = user_rows.get(enrolments.get(row, "userSourcedId")) {
            entry.name = name(users.get(user, "givenName"), users.get(user, "familyName"));
            if part == Part::Learner {
                let (given, id) = (users.get(user, "identifier"), users.get(user, "sourcedId"));
                entry.number = if given.is_empty() { id } else { given }.to_owned();
            } else {
                entry.contact = users.get(user, "email").to_owned();
            }
        }
        if let Some(class) = class_rows.get(enrolments.get(row, "classSourcedId")) {
            entry.class = classes.get(class, "title").to_owned();
            let school = org_rows.get(classes.get(class, "schoolSourcedId"));
            entry.campus = school.map_or("", |school| orgs.get(school, "name")).to_owned();
            // A class may run for several terms; the first is the one it belongs to.
            let first = classes.get(class, "termSourcedIds").split(',').next().unwrap_or_default().trim();
            if let Some(term) = term_rows.get(first) {
                entry.term = terms.get(term, "title").to_owned();
                entry.first = terms.get(term, "startDate").to_owned();
                entry.last = terms.get(term, "endDate").to_owned();
            }
        }
        list.entries.push(entry);
    }
    Ok(list)
}

/// A bundle is read if it is of version 1.2 and holds everything, not changes.
fn manifest(table: &Table) -> Result<(), FileError> {
    let said = |property: &str| {
        let row = table.rows.iter().find(|(_, cells)| table.get(cells, "propertyName") == property);
        row.map_or("", |(_, cells)| table.get(cells, "value"))
    };
    let files = ["file.orgs", "file.academicSessions", "file.classes", "file.users", "file.enrollments"];
    if said("oneroster.version") == "1.2" && files.iter().all(|file| said(file) == "bulk") {
        Ok(())
    } else {
        Err(FileError::NotBulk)
    }
}

/// A name as it is said: of Chinese characters the family name first and without a blank.
fn name(given: &str, family: &str) -> String {
    if [given, family].iter().any(|part| part.chars().any(|letter| ('\u{3400}'..='\u{9fff}').contains(&letter))) {
        format!("{family}{given}")
    } else {
        format!("{given} {family}").trim().to_owned()
    }
}

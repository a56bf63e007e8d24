//! The plan: what each row of a list would do to a campus. Making it twice of the same gives the same; making it again after
//! it was carried out leaves every row alone.

use std::collections::{HashMap, HashSet};

use super::choose::{Chooser, known};
use super::entry::{Entry, NAME_MAX, NUMBER_MAX, Part, fold};
use super::ground::{Ground, Hint, KnownPerson, TicketHint};
use super::outcome::{ClassRef, Outcome, Plan, Reason, Remark, RowPlan};
use crate::id::{ClassId, PersonId};

/// What becomes of a learner who is in another class than the list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Elsewhere {
    /// They go from one to the other.
    Move,
    /// They are in both.
    Join,
}

/// Makes the plan. `hints` has one for each entry, in the same order; what is missing leads nowhere.
pub fn plan(entries: &[Entry], hints: &[Hint], ground: &Ground, elsewhere: Elsewhere) -> Plan {
    let mut planner = Planner::new(ground, elsewhere);
    let mut plan = Plan::default();
    let rows: Vec<Result<Row, Outcome>> = entries
        .iter()
        .enumerate()
        .map(|(at, entry)| planner.place(entry, hints.get(at).copied().unwrap_or_default(), &mut plan))
        .collect();
    for (at, row) in rows.iter().enumerate() {
        if let (Ok(row), Some(entry)) = (row, entries.get(at)) {
            planner.note(row, entry);
        }
    }
    for (entry, row) in entries.iter().zip(rows) {
        let made = match row {
            Ok(row) => planner.decide(&row, entry),
            Err(outcome) => RowPlan { outcome, remarks: Vec::new() },
        };
        plan.rows.push(made);
    }
    planner.seats(&mut plan);
    plan
}

/// A row whose class is known, and perhaps whose person is.
#[derive(Clone, Copy)]
struct Row {
    class: ClassRef,
    person: Option<usize>,
    ticket: Option<TicketHint>,
}

struct Planner<'a> {
    ground: &'a Ground,
    chooser: Chooser<'a>,
    elsewhere: Elsewhere,
    by_id: HashMap<(PersonId, Part), usize>,
    by_name: HashMap<(ClassId, Part, String), Vec<usize>>,
    namesakes: HashMap<String, usize>,
    /// The first line in which the same stood.
    seen: HashMap<(Part, ClassRef, String), u32>,
    /// The first line of each number, and whose it was.
    numbers: HashMap<String, (u32, String)>,
    /// The classes in which the list names each person.
    named: HashMap<usize, HashSet<ClassRef>>,
    /// People with a line: who was found twice in a class is named twice.
    found: HashMap<(usize, ClassRef), u32>,
    /// Learners who leave a class by this plan.
    moved: HashSet<usize>,
    /// Learners whose number is noted by this plan.
    numbered: HashSet<usize>,
    /// Invitations that rows name.
    claimed: HashMap<(ClassId, Part), usize>,
}

impl<'a> Planner<'a> {
    fn new(ground: &'a Ground, elsewhere: Elsewhere) -> Self {
        let mut by_name: HashMap<_, Vec<usize>> = HashMap::new();
        let mut namesakes = HashMap::new();
        for (at, person) in ground.people.iter().enumerate() {
            let Some(name) = person.name.as_deref().map(fold) else { continue };
            for class in &person.classes {
                by_name.entry((*class, person.part, name.clone())).or_default().push(at);
            }
            if person.part == Part::Learner {
                *namesakes.entry(name).or_default() += 1;
            }
        }
        Self {
            ground,
            chooser: Chooser::new(ground),
            elsewhere,
            by_id: ground.people.iter().enumerate().map(|(at, it)| ((it.id, it.part), at)).collect(),
            by_name,
            namesakes,
            seen: HashMap::new(),
            numbers: HashMap::new(),
            named: HashMap::new(),
            found: HashMap::new(),
            moved: HashSet::new(),
            numbered: HashSet::new(),
            claimed: HashMap::new(),
        }
    }

    fn person(&self, at: usize) -> Option<&'a KnownPerson> {
        self.ground.people.get(at)
    }

    /// Looks at a row by itself: is it whole, which class does it mean, and whom.
    fn place(&mut self, entry: &Entry, hint: Hint, plan: &mut Plan) -> Result<Row, Outcome> {
        let wrong = |reason| Err(Outcome::Wrong(reason));
        let name = fold(&entry.name);
        if name.is_empty() || entry.name.chars().count() > NAME_MAX {
            return wrong(Reason::Name);
        }
        if entry.number.chars().count() > NUMBER_MAX {
            return wrong(Reason::Number);
        }
        if entry.part == Part::Other {
            return wrong(Reason::Role);
        }
        let number = fold(&entry.number);
        if !number.is_empty() {
            let (line, other) = self.numbers.entry(number.clone()).or_insert((entry.line, name.clone()));
            if *other != name {
                return wrong(Reason::NumberOf(*line));
            }
        }
        let class = self.chooser.class(entry, plan).map_err(Outcome::Wrong)?;
        // Two of one name in a class are two if their numbers say so.
        let same = (entry.part, class, if number.is_empty() { name } else { format!("#{number}") });
        if let Some(line) = self.seen.get(&same) {
            return wrong(Reason::Twice(*line));
        }
        self.seen.insert(same, entry.line);
        let person = match hint.person.and_then(|id| self.by_id.get(&(id, entry.part))) {
            Some(at) => Some(*at),
            None => self.by_name(entry, class)?,
        };
        if let Some(at) = person
            && let Some(line) = self.found.insert((at, class), entry.line)
        {
            return wrong(Reason::Twice(line));
        }
        Ok(Row { class, person, ticket: hint.ticket })
    }

    /// The one person of the name in the class whose number is not another.
    fn by_name(&self, entry: &Entry, class: ClassRef) -> Result<Option<usize>, Outcome> {
        let Some(id) = known(class) else { return Ok(None) };
        let Some(people) = self.by_name.get(&(id, entry.part, fold(&entry.name))) else { return Ok(None) };
        let free = |at: &&usize| entry.number.is_empty() || self.person(**at).is_some_and(|it| !it.has_number);
        let mut found = people.iter().filter(free);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(Outcome::Wrong(Reason::SameName)),
            (one, _) => Ok(one.copied()),
        }
    }

    /// Notes what the whole list says of a person, and which invitations are spoken for.
    fn note(&mut self, row: &Row, entry: &Entry) {
        if let Some(at) = row.person {
            self.named.entry(at).or_default().insert(row.class);
        } else if let Some(TicketHint::Open(class)) = row.ticket {
            *self.claimed.entry((class, entry.part)).or_default() += 1;
        }
    }

    fn decide(&mut self, row: &Row, entry: &Entry) -> RowPlan {
        let mut remarks = Vec::new();
        let outcome = match row.person.and_then(|at| Some((at, self.person(at)?))) {
            Some((at, person)) => {
                if person.name.as_deref().is_some_and(|name| fold(name) != fold(&entry.name)) {
                    remarks.push(Remark::OtherName);
                }
                self.of_known(at, person, row.class, entry)
            }
            None if row.ticket.is_some() => Outcome::Invited,
            None => {
                if entry.part == Part::Learner && self.namesakes.contains_key(&fold(&entry.name)) {
                    remarks.push(Remark::Namesake);
                }
                Outcome::Invite(entry.part, row.class)
            }
        };
        RowPlan { outcome, remarks }
    }

    fn of_known(&mut self, at: usize, person: &KnownPerson, class: ClassRef, entry: &Entry) -> Outcome {
        if person.name.is_none() {
            return Outcome::Paused;
        }
        let learner = entry.part == Part::Learner;
        let noted = learner && !entry.number.is_empty() && !person.has_number && self.numbered.insert(at);
        if known(class).is_some_and(|id| person.classes.contains(&id)) {
            return if noted { Outcome::Number(person.id) } else { Outcome::Same };
        }
        if !learner || self.elsewhere == Elsewhere::Join || self.moved.contains(&at) {
            return Outcome::Join(person.id, entry.part, class, noted);
        }
        let named = |id: &&ClassId| self.named.get(&at).is_some_and(|all| all.contains(&ClassRef::Known(**id)));
        let others: Vec<ClassId> = person.classes.iter().filter(|id| !named(id)).copied().collect();
        match others[..] {
            [] => Outcome::Join(person.id, entry.part, class, noted),
            [from] => {
                self.moved.insert(at);
                Outcome::Move(person.id, from, class, noted)
            }
            _ => Outcome::Wrong(Reason::ManyPlaces),
        }
    }

    /// Of whom an open invitation is, nobody knows. Where as many wait as a class still needs, none is added; where there are
    /// fewer, everyone gets one, and the older ones stay good.
    fn seats(&self, plan: &mut Plan) {
        let mut needed: HashMap<(ClassId, Part), usize> = HashMap::new();
        for row in &plan.rows {
            if let Outcome::Invite(part, ClassRef::Known(class)) = row.outcome {
                *needed.entry((class, part)).or_default() += 1;
            }
        }
        for class in &self.ground.classes {
            for (part, open) in [(Part::Learner, class.learners_invited), (Part::Teacher, class.teachers_invited)] {
                let key = (class.id, part);
                let free = open.saturating_sub(self.claimed.get(&key).copied().unwrap_or(0));
                let Some(needed) = needed.get(&key) else { continue };
                if free == 0 {
                    continue;
                }
                let theirs = Outcome::Invite(part, ClassRef::Known(class.id));
                for row in plan.rows.iter_mut().filter(|row| row.outcome == theirs) {
                    if *needed <= free {
                        row.outcome = Outcome::Invited;
                        row.remarks.clear();
                    } else {
                        row.remarks.push(Remark::Older);
                    }
                }
            }
        }
    }
}

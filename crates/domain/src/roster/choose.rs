//! Which term and which class a row means, and which of them have to be made for it.

use std::collections::HashMap;

use super::entry::{CLASS_MAX, Entry, date, fold};
use super::ground::Ground;
use super::outcome::{ClassRef, NewClass, NewTerm, Plan, Reason, TermRef};
use crate::id::{ClassId, TermId};

/// Longest term that makes sense, in days.
const TERM_DAYS: i32 = 400;

/// Finds terms and classes by their names, and notes in the plan those that have to be made.
pub(super) struct Chooser<'a> {
    terms: HashMap<String, TermRef>,
    classes: HashMap<String, Vec<ClassRef>>,
    over: Vec<TermId>,
    term_of: HashMap<ClassRef, Option<TermRef>>,
    ground: &'a Ground,
}

impl<'a> Chooser<'a> {
    pub(super) fn new(ground: &'a Ground) -> Self {
        let mut classes: HashMap<String, Vec<ClassRef>> = HashMap::new();
        for class in &ground.classes {
            classes.entry(fold(&class.name)).or_default().push(ClassRef::Known(class.id));
        }
        Self {
            terms: ground.terms.iter().map(|term| (fold(&term.name), TermRef::Known(term.id))).collect(),
            over: ground.terms.iter().filter(|term| term.last < ground.today).map(|term| term.id).collect(),
            term_of: ground
                .classes
                .iter()
                .map(|class| (ClassRef::Known(class.id), class.term.map(TermRef::Known)))
                .collect(),
            classes,
            ground,
        }
    }

    /// The class that a row means; made if there is none of the name in its term.
    pub(super) fn class(&mut self, entry: &Entry, plan: &mut Plan) -> Result<ClassRef, Reason> {
        let campus = fold(&entry.campus);
        if !campus.is_empty() && campus != fold(&self.ground.campus) {
            return Err(Reason::Campus);
        }
        let name = fold(&entry.class);
        if name.is_empty() || entry.class.chars().count() > CLASS_MAX {
            return Err(Reason::Class);
        }
        let term = self.term(entry, plan)?;
        let named = self.classes.get(&name).cloned().unwrap_or_default();
        let of = |class: &ClassRef| self.term_of.get(class).copied().flatten();
        let Some(term) = term else {
            // A class of a term that is over is not the one of today's list.
            let over = |class: &ClassRef| matches!(of(class), Some(TermRef::Known(id)) if self.over.contains(&id));
            let standing: Vec<ClassRef> = named.into_iter().filter(|class| !over(class)).collect();
            return match standing[..] {
                [class] => Ok(class),
                [] => Ok(self.open(entry, None, plan)),
                _ => Err(Reason::ManyClasses),
            };
        };
        if let Some(class) = named.iter().find(|class| of(class) == Some(term)) {
            return Ok(*class);
        }
        match named.iter().find(|class| of(class).is_none()).copied() {
            Some(class) => {
                self.put(class, term, plan);
                Ok(class)
            }
            None => Ok(self.open(entry, Some(term), plan)),
        }
    }

    fn term(&mut self, entry: &Entry, plan: &mut Plan) -> Result<Option<TermRef>, Reason> {
        let name = fold(&entry.term);
        if name.is_empty() {
            return Ok(None);
        }
        if let Some(term) = self.terms.get(&name) {
            return Ok(Some(*term));
        }
        let (Some(first), Some(last)) = (date(&entry.first), date(&entry.last)) else { return Err(Reason::Term) };
        let days = first.until(last).map_or(-1, |span| span.get_days());
        if !(0..=TERM_DAYS).contains(&days) || entry.term.chars().count() > CLASS_MAX {
            return Err(Reason::Term);
        }
        let made = TermRef::New(plan.terms.len());
        plan.terms.push(NewTerm { name: tidy(&entry.term), first, last });
        self.terms.insert(name, made);
        Ok(Some(made))
    }

    fn open(&mut self, entry: &Entry, term: Option<TermRef>, plan: &mut Plan) -> ClassRef {
        let made = ClassRef::New(plan.classes.len());
        plan.classes.push(NewClass { name: tidy(&entry.class), term });
        self.classes.entry(fold(&entry.class)).or_default().push(made);
        self.term_of.insert(made, term);
        made
    }

    /// Puts a class that has no term into one.
    fn put(&mut self, class: ClassRef, term: TermRef, plan: &mut Plan) {
        self.term_of.insert(class, Some(term));
        match class {
            ClassRef::Known(id) => plan.into_term.push((id, term)),
            ClassRef::New(place) => {
                if let Some(new) = plan.classes.get_mut(place) {
                    new.term = Some(term);
                }
            }
        }
    }
}

/// A name with single blanks.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The id of a class that there is.
pub(super) fn known(class: ClassRef) -> Option<ClassId> {
    match class {
        ClassRef::Known(id) => Some(id),
        ClassRef::New(_) => None,
    }
}

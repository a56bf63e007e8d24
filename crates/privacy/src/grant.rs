//! Grants: who may open what, of whom, what for. A request is decided, the audit entry is written, and only then the grant
//! exists; there is no other way to one.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use jiayin_domain::id::{PersonId, SchoolId};
use uuid::Uuid;

use crate::category::Category;
use crate::purpose::{self, Allows, Basis, Purpose};

/// What the actor is to the people in the scope. That it is so, the query establishes that made the scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The subject themselves.
    Own,
    /// Answers for the subject.
    Guardian,
    /// Teaches the subject.
    Teacher,
    /// Belongs to the same school, and uses what the subject, a teacher, has made for it.
    Member,
    /// Runs the subject's campus.
    Manager,
    /// Answers for the policy, and is asked by the subject.
    Officer,
    /// The program itself, at nobody's request.
    System,
}

impl Relation {
    /// The word in the audit log and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Guardian => "guardian",
            Self::Teacher => "teacher",
            Self::Member => "member",
            Self::Manager => "manager",
            Self::Officer => "officer",
            Self::System => "system",
        }
    }
}

/// Whose data.
#[derive(Clone, PartialEq, Eq)]
pub enum Scope {
    /// One person's.
    One(PersonId),
    /// Several people's, sorted; [`Scope::many`] sorts. What is not sorted may be refused, never opened.
    Many(Vec<PersonId>),
}

impl Scope {
    /// These people, in any order.
    pub fn many(people: impl IntoIterator<Item = PersonId>) -> Self {
        let mut people: Vec<PersonId> = people.into_iter().collect();
        people.sort_unstable();
        people.dedup();
        match people[..] {
            [one] => Self::One(one),
            _ => Self::Many(people),
        }
    }

    /// Whether the person is among them.
    pub fn contains(&self, person: PersonId) -> bool {
        match self {
            Self::One(one) => *one == person,
            Self::Many(people) => people.binary_search(&person).is_ok(),
        }
    }

    /// All of them.
    pub fn people(&self) -> &[PersonId] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(people) => people,
        }
    }

    /// How many people these are.
    pub fn subjects(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(people) => people.len(),
        }
    }
}

/// Where consent to the purpose stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Consent {
    /// Nobody has been asked, or has answered.
    #[default]
    NotAsked,
    /// Yes.
    Given,
    /// No.
    Refused,
    /// Once yes, now no.
    Withdrawn,
    /// Yes, but to a policy that has since changed in what matters for the purpose.
    Outdated,
    /// Nobody in the scope has to be asked.
    NotNeeded,
}

/// A request to open personal data.
#[derive(Clone)]
pub struct AccessRequest {
    /// Who asks; `None` is the program itself.
    pub actor: Option<PersonId>,
    /// In which school.
    pub school: SchoolId,
    /// What the actor is to the people in the scope.
    pub relation: Relation,
    /// Whose data.
    pub scope: Scope,
    /// Where consent to the purpose stands; looked at where it is asked for ([`asks`]). For several people, the least of
    /// theirs.
    pub consent: Consent,
    /// Whether anyone in the scope has had processing restricted.
    pub restricted: bool,
    /// What the people in the scope have in common, for the audit log: `("class", id)`.
    pub group: Option<(&'static str, Uuid)>,
    /// What is opened, for the audit log: `("recording", id)`.
    pub object: Option<(&'static str, Uuid)>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.key())]
pub enum Refusal {
    /// The data map does not open the purpose to this relation.
    Relation,
    /// "Own", but the scope is not exactly the actor.
    NotOneself,
    /// Nobody asks, though only the program itself may do so.
    Nobody,
    /// The purpose needs consent, and nobody was asked.
    ConsentMissing,
    /// The purpose needs consent, and it was refused.
    ConsentRefused,
    /// The purpose needs consent, and it was taken back.
    ConsentWithdrawn,
    /// The purpose needs consent, and what was given was to an older policy.
    ConsentOutdated,
    /// Processing is restricted, and the purpose does not go on under that.
    Restricted,
    /// A legal hold keeps the data: nothing of it may be deleted before its end.
    Held,
}

impl Refusal {
    /// Whether it is for want of somebody's consent, so that they can do something about it.
    pub fn is_about_consent(self) -> bool {
        matches!(self, Self::ConsentMissing | Self::ConsentRefused | Self::ConsentWithdrawn | Self::ConsentOutdated)
    }

    /// Key of the text that tells it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Relation => "refusal-relation",
            Self::NotOneself => "refusal-not-oneself",
            Self::Nobody => "refusal-nobody",
            Self::ConsentMissing => "refusal-consent-missing",
            Self::ConsentRefused => "refusal-consent-refused",
            Self::ConsentWithdrawn => "refusal-consent-withdrawn",
            Self::ConsentOutdated => "refusal-consent-outdated",
            Self::Restricted => "refusal-restricted",
            Self::Held => "refusal-held",
        }
    }
}

/// What goes into the audit log: who, of whom, what for; no value. It has no Debug: ids point to people.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who; `None` is the program itself.
    pub actor: Option<PersonId>,
    /// In which school.
    pub school: SchoolId,
    /// What the actor is to the people in the scope.
    pub relation: Relation,
    /// Id of the purpose.
    pub purpose: &'static str,
    /// Ids of the categories that the grant opens.
    pub categories: &'static [&'static str],
    /// What the scope id points to: "person", the kind of the group, or "people" without an id.
    pub scope_kind: &'static str,
    /// The person or the group.
    pub scope_id: Option<Uuid>,
    /// Number of people in the scope.
    pub subjects: usize,
    /// What is opened, if it is one thing.
    pub object: Option<(&'static str, Uuid)>,
}

/// Where audit entries are written.
pub trait AuditLog {
    /// Why an entry could not be written.
    type Error;

    /// Writes an entry for good. Not before it is safe may this return.
    fn append(&self, entry: &AuditEntry) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// A request that was found right, before its audit entry is written.
pub struct Pending<P> {
    entry: AuditEntry,
    scope: Scope,
    purpose: PhantomData<fn() -> P>,
}

impl<P: Purpose> Pending<P> {
    /// What will be written into the audit log.
    pub fn entry(&self) -> &AuditEntry {
        &self.entry
    }

    /// Narrows the request to the categories that are really needed: one, or several as a tuple. The audit log then says so,
    /// and the grant opens no others.
    #[must_use]
    pub fn only<S: Asked<P>>(mut self) -> Self {
        self.entry.categories = S::IDS;
        self
    }

    /// Writes the audit entry, and then gives the grant.
    ///
    /// # Errors
    /// The log's own: without an entry there is no grant.
    pub async fn write<L: AuditLog>(self, log: &L) -> Result<Grant<P>, L::Error> {
        log.append(&self.entry).await?;
        Ok(Grant { scope: self.scope, categories: self.entry.categories, purpose: PhantomData })
    }
}

/// Categories that can be asked for together: one, or a tuple, each of which the purpose may open.
pub trait Asked<P: Purpose> {
    /// Their ids.
    const IDS: &'static [&'static str];
}

impl<P: Purpose + Allows<C>, C: Category> Asked<P> for C {
    const IDS: &'static [&'static str] = &[C::ID];
}

macro_rules! asked {
    ($($name:ident)+) => {
        impl<P: Purpose $(+ Allows<$name>)+, $($name: Category),+> Asked<P> for ($($name,)+) {
            const IDS: &'static [&'static str] = &[$($name::ID),+];
        }
    };
}

asked!(A B);
asked!(A B C);
asked!(A B C D);
asked!(A B C D E);

/// Leave to open personal data for purpose `P`, for as long as a request takes. It cannot be copied, kept or made up: only
/// [`grant`] and [`Pending::write`] give one, after the audit entry is written.
pub struct Grant<P> {
    scope: Scope,
    categories: &'static [&'static str],
    purpose: PhantomData<fn() -> P>,
}

impl<P: Purpose> fmt::Debug for Grant<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({})", P::ID)
    }
}

/// What a grant does not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutOfScope {
    /// Another person's data.
    #[error("the grant is for other people")]
    Subject,
    /// A category to which the grant was not narrowed.
    #[error("the grant is for other categories")]
    Category,
}

impl<P: Purpose> Grant<P> {
    /// Whether it reaches category `C` of the person.
    ///
    /// # Errors
    /// [`OutOfScope`] if not.
    pub fn covers<C: Category>(&self, subject: PersonId) -> Result<(), OutOfScope> {
        self.covers_named(C::ID, subject)
    }

    /// The same, for a category that only the map names.
    pub(crate) fn covers_named(&self, category: &str, subject: PersonId) -> Result<(), OutOfScope> {
        if !self.scope.contains(subject) {
            Err(OutOfScope::Subject)
        } else if !self.categories.contains(&category) {
            Err(OutOfScope::Category)
        } else {
            Ok(())
        }
    }
}

/// Whether anyone is asked before this purpose is followed, so that a request must say where consent stands.
pub fn asks<P: Purpose>() -> bool {
    P::BASIS == Basis::Consent || P::ASKED_OF_CHILD == purpose::Asked::Required
}

/// Decides a request. What is decided is not granted before the audit entry is written: [`Pending::write`].
///
/// # Errors
/// [`Refusal`].
pub fn decide<P: Purpose>(request: AccessRequest) -> Result<Pending<P>, Refusal> {
    let scope = match request.scope {
        Scope::Many(people) => Scope::many(people),
        one @ Scope::One(_) => one,
    };
    if !P::relations().contains(&request.relation) {
        return Err(Refusal::Relation);
    }
    match (request.relation, request.actor, &scope) {
        (Relation::System, ..) => {}
        (_, None, _) => return Err(Refusal::Nobody),
        (Relation::Own, Some(actor), Scope::One(subject)) if actor == *subject => {}
        (Relation::Own, ..) => return Err(Refusal::NotOneself),
        _ => {}
    }
    if asks::<P>() {
        match request.consent {
            Consent::Given => {}
            // What rests on consent alone is never free of it.
            Consent::NotNeeded if P::BASIS != Basis::Consent => {}
            Consent::NotNeeded => return Err(Refusal::ConsentMissing),
            Consent::Outdated => return Err(Refusal::ConsentOutdated),
            Consent::NotAsked => return Err(Refusal::ConsentMissing),
            Consent::Refused => return Err(Refusal::ConsentRefused),
            Consent::Withdrawn => return Err(Refusal::ConsentWithdrawn),
        }
    }
    if request.restricted && !P::DESPITE_RESTRICTION {
        return Err(Refusal::Restricted);
    }
    let (scope_kind, scope_id) = match (&scope, request.group) {
        (Scope::One(person), _) => ("person", Some(person.0)),
        (Scope::Many(_), Some((kind, id))) => (kind, Some(id)),
        (Scope::Many(_), None) => ("people", None),
    };
    let entry = AuditEntry {
        actor: request.actor,
        school: request.school,
        relation: request.relation,
        purpose: P::ID,
        categories: P::CATEGORIES,
        scope_kind,
        scope_id,
        subjects: scope.subjects(),
        object: request.object,
    };
    Ok(Pending { entry, scope, purpose: PhantomData })
}

/// Why there is no grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantError<E> {
    /// The request is refused.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The audit entry could not be written.
    #[error("the audit log cannot be written")]
    Log(E),
}

/// Decides a request, writes its audit entry, and gives the grant. To narrow it: [`decide`], [`Pending::only`],
/// [`Pending::write`].
///
/// # Errors
/// [`GrantError`].
pub async fn grant<P: Purpose, L: AuditLog>(log: &L, request: AccessRequest) -> Result<Grant<P>, GrantError<L::Error>> {
    decide::<P>(request)?.write(log).await.map_err(GrantError::Log)
}

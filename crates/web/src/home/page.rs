//! `GET /home`: one big next thing, and below it quietly the rest.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use futures_util::{TryFutureExt, try_join};
use jiayin_domain::exercise::Kind;
use jiayin_domain::homework::{ExerciseResult, SubmissionState, stars};
use jiayin_store::class_progress::Home;
use jiayin_store::courses::Sentence;
use jiayin_store::homework::{Said, Task, Tasks};
use jiff::Timestamp;

use crate::app::AppState;
use crate::error::{AppError, html};
use crate::faces::{FaceView, teacher};
use crate::homework::step::{Step, next_open, steps};
use crate::homework::words::{CommentView, DueView, spoken};
use crate::locale::Localizer;
use crate::practice::page::day_of;
use crate::practice::round::Round;
use crate::school_time::{Moment, days_after, wall, week_of, weekday};
use crate::session::Person;
use crate::surveys::cards::{SurveyCard, waiting};
use crate::visitor::{Layout, Visitor};

/// The learner's home.
#[derive(Template)]
#[template(path = "home/page.html")]
pub struct HomePage {
    /// Frame; a learner is signed in.
    pub layout: Layout,
    /// The learner's name.
    pub name: String,
    /// The one big thing.
    pub now: Now,
    /// Homework besides, the most urgent first.
    pub others: Vec<OtherHomework>,
    /// Stars earned since Monday.
    pub stars: usize,
    /// The latest that the teacher said.
    pub comment: Option<CommentView>,
    /// Sentences that wait to be practised today.
    pub practice: usize,
    /// Sounds that are mastered.
    pub mastered: usize,
    /// The days of this week, Monday first: which of them had a recording. What is missing is nobody's business.
    pub days: Vec<PractisedDay>,
    /// Surveys that wait for an answer.
    pub surveys: Vec<SurveyCard>,
}

/// A day of this week.
pub struct PractisedDay {
    /// Name of the day.
    pub name: String,
    /// Something was recorded on it.
    pub practised: bool,
}

/// The one thing to do now.
pub enum Now {
    /// An exercise.
    Next(Box<NextThing>),
    /// Everything is done.
    AllDone,
    /// There is a class, and no homework yet.
    NothingYet,
    /// The learner is in no class.
    NoClass,
}

impl Now {
    /// End of the keys of the texts of the empty states.
    pub fn tag(&self) -> &'static str {
        match self {
            Self::Next(_) => "next",
            Self::AllDone => "all-done",
            Self::NothingYet => "nothing-yet",
            Self::NoClass => "no-class",
        }
    }
}

/// The next exercise of the most urgent homework.
pub struct NextThing {
    /// Title of the homework.
    pub title: String,
    /// When it is due.
    pub due: DueView,
    /// Its exercises in their order.
    pub steps: Vec<Step>,
    /// The sentence that comes next.
    pub text: String,
    /// Address of the exercise.
    pub href: String,
    /// The teacher asks for another try of it.
    pub returned: bool,
    /// How it can be taken along.
    pub along: Option<AlongView>,
}

/// So long after it is due may a homework be kept on a device, in seconds.
const GRACE_S: i64 = 7 * 24 * 3600;

/// A homework that can be kept on the device, to be done without a network.
pub struct AlongView {
    /// Its id.
    pub assignment: String,
    /// Its title.
    pub title: String,
    /// How long it may be kept from now, in seconds; by the device's own clock, which may be wrong, only lengths can be told.
    pub keep_s: i64,
    /// Addresses of its exercises that can be done without a network, with blanks between.
    pub pages: String,
}

impl AlongView {
    /// What is spoken can be done without a network; what is chosen is answered by the server. Nothing if it is long due.
    fn of(task: &Task, now: Timestamp) -> Option<Self> {
        let keep_s = task.due_at.as_second() - now.as_second() + GRACE_S;
        let spoken = task.sentences.iter().filter(|sentence| sentence.content.kind().spoken());
        let pages: Vec<String> =
            spoken.map(|sentence| format!("/homework/{}/exercises/{}", task.assignment, sentence.exercise)).collect();
        (!pages.is_empty() && keep_s > 0).then(|| Self {
            assignment: task.assignment.to_string(),
            title: task.title.clone(),
            keep_s,
            pages: pages.join(" "),
        })
    }
}

impl NextThing {
    /// Whether something of the homework is done already.
    pub fn begun(&self) -> bool {
        self.steps.iter().any(|step| step.stars > 0)
    }

    /// Exercises that are done.
    pub fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.stars > 0 && !step.returned).count()
    }
}

/// A homework in the quiet list.
pub struct OtherHomework {
    /// Title.
    pub title: String,
    /// When it is due.
    pub due: DueView,
    /// Address of its next exercise, or of its end if all are done.
    pub href: String,
    /// Exercises done.
    pub done: usize,
    /// Exercises in all.
    pub count: usize,
    /// State of the learner's work: `open`, `done`, `reviewed`, `returned`.
    pub state: &'static str,
    /// How it can be taken along, if it is still to be done.
    pub along: Option<AlongView>,
}

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
) -> Result<Html<String>, AppError> {
    let now = app.clock.now();
    let home = app.store.home(&viewer, week_of(now), day_of(now)).map_err(AppError::from);
    let (Home { homework: all, practised }, surveys) = try_join!(home, waiting(&app, &viewer))?;
    let results = opened(&all)?;
    let mut open: Vec<usize> = (0..all.tasks.len()).filter(|index| is_open(&all.tasks[*index])).collect();
    open.sort_by_key(|index| urgency(&all.tasks[*index], now));
    let first = open.first().copied();
    let comment = match &all.said {
        Some(said) => {
            let by = teacher(&app, &viewer, said.review.teacher).await?;
            Some(comment_view(&visitor.l, said, by, now, |value| value.read(&all.grant).cloned())?)
        }
        None => None,
    };
    let mut earned = 0;
    for heard in &all.heard {
        if let Some(total) = &heard.total {
            earned += total.read(&all.grant)?.map_or(0, |total| stars(f32::from(total)));
        }
    }
    let round = Round::of(&all.grant, &all.tasks, &practised, now)?;
    html(&HomePage {
        practice: round.next.len(),
        mastered: round.mastered,
        days: days(&visitor.l, &all, now),
        name: visitor.person.as_ref().map(|person| person.name.clone()).unwrap_or_default(),
        now: match first {
            Some(index) => Now::Next(Box::new(next_thing(&visitor.l, &all.tasks[index], &results[index], now))),
            None if !all.in_class => Now::NoClass,
            None if all.tasks.is_empty() => Now::NothingYet,
            None => Now::AllDone,
        },
        others: others(&visitor.l, &all, &results, first, now),
        stars: earned,
        comment,
        surveys,
        layout: Layout::new(&visitor, &app),
    })
}

/// The days of this week and what was recorded on them.
fn days(l: &Localizer, all: &Tasks, now: Timestamp) -> Vec<PractisedDay> {
    let monday = wall(week_of(now)).date();
    let day = |number| {
        let date = days_after(monday, number);
        let practised = all.heard.iter().any(|heard| wall(heard.at).date() == date);
        PractisedDay { name: l.t(weekday(date)), practised }
    };
    (0..7).map(day).collect()
}

/// The results of each task, opened.
fn opened(all: &Tasks) -> Result<Vec<Vec<ExerciseResult>>, AppError> {
    let of = |task: &Task| match &task.results {
        Some(results) => Ok(results.read(&all.grant)?.clone()),
        None => Ok(Vec::new()),
    };
    all.tasks.iter().map(of).collect()
}

fn is_open(task: &Task) -> bool {
    matches!(task.state, SubmissionState::Open | SubmissionState::Returned) && !task.sentences.is_empty()
}

/// What the teacher asks again comes first, then what is due nearest to now, before or after.
fn urgency(task: &Task, now: Timestamp) -> (bool, i64) {
    (task.state != SubmissionState::Returned, (task.due_at.as_second() - now.as_second()).abs())
}

fn next_thing(l: &Localizer, task: &Task, results: &[ExerciseResult], now: Timestamp) -> NextThing {
    let all = steps(task, results, None);
    let next = all.iter().position(|step| step.tag() == "returned");
    let next = next.or_else(|| all.iter().position(|step| step.tag() == "open")).unwrap_or(0);
    NextThing {
        title: task.title.clone(),
        due: DueView::new(l, task.due_at, now, false),
        text: task.sentences.get(next).map(shown).unwrap_or_default(),
        href: all.get(next).map(|step| step.href.clone()).unwrap_or_default(),
        returned: task.state == SubmissionState::Returned,
        along: AlongView::of(task, now),
        steps: all,
    }
}

/// The other assignments: those still open, and what was done of the others in the last fortnight.
fn others(
    l: &Localizer,
    all: &Tasks,
    results: &[Vec<ExerciseResult>],
    first: Option<usize>,
    now: Timestamp,
) -> Vec<OtherHomework> {
    let recent = now.as_second() - 14 * 24 * 3600;
    let mut views = Vec::new();
    for (index, task) in all.tasks.iter().enumerate().rev() {
        if first == Some(index) || (!is_open(task) && task.due_at.as_second() < recent) {
            continue;
        }
        let all_steps = steps(task, &results[index], None);
        let done = !is_open(task);
        let href = next_open(&all_steps, all_steps.len()).or(all_steps.first()).map(|step| step.href.clone());
        views.push(OtherHomework {
            title: task.title.clone(),
            due: DueView::new(l, task.due_at, now, done),
            href: if done { format!("/homework/{}/finished", task.assignment) } else { href.unwrap_or_default() },
            done: all_steps.iter().filter(|step| step.stars > 0 && !step.returned).count(),
            count: all_steps.len(),
            state: task.state.tag(),
            along: if done { None } else { AlongView::of(task, now) },
        });
    }
    views
}

/// What a teacher said, as the pages show it; `open` opens the words under the grant of the page.
pub(crate) fn comment_view<E>(
    l: &Localizer,
    said: &Said,
    (teacher, face): (String, FaceView),
    now: Timestamp,
    open: impl FnOnce(&jiayin_privacy::Personal<String, jiayin_privacy::category::Comment>) -> Result<String, E>,
) -> Result<CommentView, AppError>
where
    AppError: From<E>,
{
    let text = match &said.review.comment {
        Some(comment) => open(comment)?,
        None => String::new(),
    };
    let href = said.place.map(|(assignment, exercise)| format!("/homework/{assignment}/exercises/{exercise}"));
    Ok(CommentView {
        teacher,
        face,
        text,
        voice: said.review.voice.map(|gain| spoken(said.recording, gain)),
        sentence: said.text.clone(),
        href: href.unwrap_or_default(),
        returned: said.review.decision == jiayin_domain::homework::Decision::Returned,
        when: Moment::new(l, said.review.at, now),
    })
}

/// What an exercise says of itself beforehand: nothing of what is to be found out.
fn shown(sentence: &Sentence) -> String {
    match sentence.content.kind() {
        Kind::Choose | Kind::Picture => String::new(),
        _ => sentence.text.clone(),
    }
}

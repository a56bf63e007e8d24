//! `GET /classes/{class}/assign`, `POST /classes/{class}/assign`: a lesson becomes a class's homework.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::id::{ClassId, CourseId, LessonId};
use jiayin_store::Viewer;
use jiayin_store::assignments::Receiving;
use jiayin_store::courses::{Course, LessonCard};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use uuid::Uuid;

use crate::app::AppState;
use crate::classes::list::count;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::school_time::{Moment, days_after, moment, wall};
use crate::session::{Person, see_other};
use crate::visitor::{Layout, Visitor};

/// Hour of the day at which homework is usually due.
const HOUR: i8 = 20;
/// Value of `due` when date and time are typed.
pub const OTHER: &str = "other";
/// Furthest that homework may lie ahead.
const FURTHEST_DAYS: i64 = 366;

/// The form.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AssignForm {
    /// Id of the lesson.
    #[serde(default)]
    pub lesson: String,
    /// A wall-clock time of the school, `2026-03-03T20:00`, or [`OTHER`].
    #[serde(default)]
    pub due: String,
    /// `2026-03-03`, if `due` is [`OTHER`].
    #[serde(default)]
    pub due_date: String,
    /// `20:00`, if `due` is [`OTHER`].
    #[serde(default)]
    pub due_time: String,
}

/// What the form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assign {
    /// The lesson; whether it may be given, the query asks.
    pub lesson: LessonId,
    /// When it is due.
    pub due_at: Timestamp,
}

/// What is wrong with the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssignError {
    /// No lesson was chosen, or one that is not there (any more).
    #[error("no lesson")]
    Lesson,
    /// The lesson has no sentences.
    #[error("empty lesson")]
    Empty,
    /// Not a date and time.
    #[error("no due time")]
    Due,
    /// In the past.
    #[error("due in the past")]
    Past,
    /// More than a year ahead.
    #[error("due too far ahead")]
    Far,
}

impl AssignError {
    /// Key of the message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Lesson => "assign-error-lesson",
            Self::Empty => "assign-error-empty",
            Self::Due => "assign-error-due",
            Self::Past => "assign-error-past",
            Self::Far => "assign-error-far",
        }
    }

    /// Whether it is about the due time.
    pub fn about_due(self) -> bool {
        matches!(self, Self::Due | Self::Past | Self::Far)
    }
}

impl AssignForm {
    /// Checks the form.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self, now: Timestamp) -> Result<Assign, Vec<AssignError>> {
        let lesson = self.lesson.parse().map_err(|_| AssignError::Lesson);
        match (lesson, self.due_at(now)) {
            (Ok(lesson), Ok(due_at)) => Ok(Assign { lesson, due_at }),
            (lesson, due) => Err([lesson.err(), due.err()].into_iter().flatten().collect()),
        }
    }

    fn due_at(&self, now: Timestamp) -> Result<Timestamp, AssignError> {
        let typed = if self.due == OTHER { format!("{}T{}", self.due_date, self.due_time) } else { self.due.clone() };
        let at = typed.parse().ok().and_then(moment).ok_or(AssignError::Due)?;
        if at <= now {
            Err(AssignError::Past)
        } else if wall(at).date() > days_after(wall(now).date(), FURTHEST_DAYS) {
            Err(AssignError::Far)
        } else {
            Ok(at)
        }
    }
}

/// A due time to pick.
pub struct Pick {
    /// Value of `due`.
    pub value: String,
    /// When it is.
    pub moment: Moment,
    /// Picked now.
    pub checked: bool,
}

/// The due times on offer: the next two evenings, Sunday evening, this day of next week.
fn picks(l: &Localizer, now: Timestamp, chosen: &str) -> Vec<Pick> {
    let today = wall(now).date();
    let to_sunday = 7 - i64::from(today.weekday().to_monday_one_offset()).rem_euclid(7);
    let mut days: Vec<Date> = [1, 2, to_sunday, 7].map(|days| days_after(today, days)).to_vec();
    days.sort_unstable();
    days.dedup();
    let pick = |date: Date| {
        let at = date.to_datetime(Time::constant(HOUR, 0, 0, 0));
        let value = at.strftime("%Y-%m-%dT%H:%M").to_string();
        let moment = Moment::new(l, moment(at)?, now);
        Some(Pick { checked: value == chosen, value, moment })
    };
    days.into_iter().filter_map(pick).collect()
}

/// A lesson to choose.
pub struct LessonChoice {
    /// The lesson.
    pub id: LessonId,
    /// Title.
    pub title: String,
    /// Its sentences.
    pub sentences: Vec<String>,
    /// How many of them have audio.
    pub with_audio: usize,
    /// When this class last had it.
    pub given: Option<Moment>,
}

/// A course with its lessons.
pub struct CourseChoice {
    /// The course.
    pub id: CourseId,
    /// Title.
    pub title: String,
    /// Its lessons, in order.
    pub lessons: Vec<LessonChoice>,
}

/// What is in the page.
#[derive(Template)]
#[template(path = "homework/assign_part.html")]
pub struct AssignPart {
    /// Texts.
    pub l: Localizer,
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// Learners in it.
    pub learners: u32,
    /// What can be given.
    pub courses: Vec<CourseChoice>,
    /// Due times on offer.
    pub picks: Vec<Pick>,
    /// Date and time are typed.
    pub other: bool,
    /// What is in the form.
    pub form: AssignForm,
    /// First and last date that may be typed.
    pub range: [String; 2],
    /// What was wrong.
    pub errors: Vec<AssignError>,
}

impl AssignPart {
    /// The form as it comes first (tomorrow evening), or as it was sent, with what was wrong.
    pub fn new(
        l: &Localizer,
        now: Timestamp,
        class: (ClassId, String, u32),
        courses: Vec<CourseChoice>,
        sent: Option<(AssignForm, Vec<AssignError>)>,
    ) -> Self {
        let today = wall(now).date();
        let (mut form, errors) = sent.unwrap_or_default();
        let evening = days_after(today, 1).to_datetime(Time::constant(HOUR, 0, 0, 0));
        if form.due.is_empty() {
            form.due = evening.strftime("%Y-%m-%dT%H:%M").to_string();
        }
        if form.due_date.is_empty() {
            form.due_date = evening.date().to_string();
        }
        if form.due_time.is_empty() {
            form.due_time = evening.strftime("%H:%M").to_string();
        }
        let picks = picks(l, now, &form.due);
        let last = today.checked_add(FURTHEST_DAYS.days()).unwrap_or(today);
        Self {
            l: l.clone(),
            class: class.0,
            name: class.1,
            learners: class.2,
            courses,
            other: form.due == OTHER || picks.iter().all(|pick| !pick.checked),
            picks,
            form,
            range: [today.to_string(), last.to_string()],
            errors,
        }
    }

    /// Whether a lesson is chosen.
    pub fn chosen(&self, lesson: &LessonId) -> bool {
        self.form.lesson == lesson.to_string()
    }

    /// Whether a course is shown open: it has the chosen lesson, or it is the first and nothing is chosen.
    pub fn open(&self, course: &CourseChoice) -> bool {
        let has = |course: &CourseChoice| course.lessons.iter().any(|lesson| self.chosen(&lesson.id));
        has(course)
            || (!self.courses.iter().any(has) && self.courses.first().is_some_and(|first| first.id == course.id))
    }

    /// The message about the lesson.
    pub fn lesson_error(&self) -> Option<AssignError> {
        self.errors.iter().copied().find(|error| !error.about_due())
    }

    /// The message about the due time.
    pub fn due_error(&self) -> Option<AssignError> {
        self.errors.iter().copied().find(|error| error.about_due())
    }
}

/// The whole page.
#[derive(Template)]
#[template(path = "homework/assign.html")]
pub struct AssignPage {
    /// Frame.
    pub layout: Layout,
    /// The part inside.
    pub part: AssignPart,
}

/// `GET /classes/{class}/assign`.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<Uuid>,
) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, ClassId(class), None).await
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    class: ClassId,
    sent: Option<(AssignForm, Vec<AssignError>)>,
) -> Result<Response, AppError> {
    let receiving = app.store.receiving(viewer, class).await?.ok_or(AppError::NotFound)?;
    let now = app.clock.now();
    let courses = app.store.courses(viewer).await?;
    let courses = courses.iter().map(|course| choice(&visitor.l, course, &receiving, now)).collect();
    let status = if sent.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let named = (class, receiving.name.clone(), count(receiving.learners));
    let part = AssignPart::new(&visitor.l, now, named, courses, sent);
    Ok((status, html(&AssignPage { layout: Layout::new(visitor, app), part })?).into_response())
}

fn choice(l: &Localizer, course: &Course, receiving: &Receiving, now: Timestamp) -> CourseChoice {
    let lesson = |lesson: &LessonCard| LessonChoice {
        id: lesson.lesson,
        title: lesson.title.clone(),
        sentences: lesson.sentences.iter().map(|sentence| sentence.text.clone()).collect(),
        with_audio: lesson.recorded(),
        given: receiving.given.get(&lesson.lesson).map(|at| Moment::new(l, *at, now)),
    };
    CourseChoice {
        id: course.course,
        title: course.title.clone(),
        // Drafts are nobody's homework.
        lessons: course.lessons.iter().filter(|lesson| lesson.published).map(lesson).collect(),
    }
}

/// `POST /classes/{class}/assign`.
///
/// # Errors
/// [`AppError`]; what is wrong with the form is shown on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<Uuid>,
    form: Result<Form<AssignForm>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(form) = form.map_err(|_| AppError::BadRequest("assign form"))?;
    let class = ClassId(class);
    let wrong = match form.check(app.clock.now()) {
        Ok(assign) => match app.store.lesson(&viewer, assign.lesson).await? {
            None => vec![AssignError::Lesson],
            Some(lesson) if !lesson.published => vec![AssignError::Lesson],
            Some(lesson) if lesson.sentences.is_empty() => vec![AssignError::Empty],
            Some(_) => {
                let given = app.store.assign(&viewer, class, assign.lesson, assign.due_at).await?;
                let given = given.ok_or(AppError::NotFound)?;
                return Ok(see_other(&format!("/classes/{class}?assignment={given}")));
            }
        },
        Err(wrong) => wrong,
    };
    page(&app, &visitor, &viewer, class, Some((form, wrong))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::{Catalogs, Locale};

    fn form(due: &str, date: &str, time: &str) -> AssignForm {
        let lesson = "0192b7a0-0000-7000-8000-000000000001".to_owned();
        AssignForm { lesson, due: due.to_owned(), due_date: date.to_owned(), due_time: time.to_owned() }
    }

    #[test]
    fn the_due_time_is_on_the_schools_clock() {
        let now: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let at = |form: AssignForm| form.check(now).map(|assign| assign.due_at.to_string());
        assert_eq!(at(form("2026-03-03T20:00", "", "")), Ok("2026-03-03T12:00:00Z".to_owned()));
        assert_eq!(at(form("other", "2026-03-08", "07:30")), Ok("2026-03-07T23:30:00Z".to_owned()));
        assert_eq!(at(form("other", "2026-02-30", "07:30")), Err(vec![AssignError::Due]));
        assert_eq!(at(form("2026-03-02T15:59", "", "")), Err(vec![AssignError::Past]));
        assert_eq!(at(form("2028-03-02T15:59", "", "")), Err(vec![AssignError::Far]));
        assert_eq!(AssignForm::default().check(now), Err(vec![AssignError::Lesson, AssignError::Due]));
    }

    #[test]
    fn tomorrow_evening_is_picked_and_no_day_comes_twice() {
        let l = Catalogs::load().unwrap().get(Locale::En);
        for day in 2..9 {
            let now = format!("2026-03-0{day}T08:00:00Z").parse().unwrap();
            let class = (ClassId(uuid::Uuid::nil()), String::new(), 0);
            let part = AssignPart::new(&l, now, class, Vec::new(), None);
            assert!(part.picks[0].checked && part.picks[0].moment.text == "tomorrow 20:00");
            assert!(part.picks.is_sorted_by(|a, b| a.value < b.value) && !part.other);
        }
    }
}

//! `GET /family/{learner}`: one child's week.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use jiayin_domain::homework::{Decision, ExerciseResult, stars};
use jiayin_domain::id::PersonId;
use jiayin_domain::progress::{Item, Sound};
use jiayin_privacy::Refusal;
use jiayin_speech::Evaluation;
use jiayin_store::StoreError;
use jiayin_store::courses::Sentence;
use jiayin_store::family::ChildPage;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use uuid::Uuid;

use super::page::{HomeworkRow, earned, is_of_week, results, row};
use crate::app::AppState;
use crate::error::{AppError, html};
use crate::faces::{self, FaceView};
use crate::homework::words::{CommentView, score_word, spoken};
use crate::locale::Localizer;
use crate::practice::round::Focus;
use crate::school_time::{Moment, days_after, wall, week_of, weekday};
use crate::session::{Person, see_other};
use crate::tryout::view::whole;
use crate::visitor::{Layout, Visitor};

/// One child's week.
#[derive(Template)]
#[template(path = "family/learner.html")]
pub struct LearnerPage {
    /// Frame; a guardian is signed in.
    pub layout: Layout,
    /// The child.
    pub learner: PersonId,
    /// When their sign-in card was made, if they have one.
    pub card: Option<Moment>,
    /// The child's name.
    pub name: String,
    /// Class; empty if there is none yet.
    pub class: String,
    /// The week that is shown.
    pub week: WeekView,
    /// Stars earned in it.
    pub stars: usize,
    /// Recordings made in it.
    pub recordings: usize,
    /// The homework of the week.
    pub homework: Vec<HomeworkView>,
    /// The best recording of the week; none if nothing was understood.
    pub best: Option<BestOfWeek>,
    /// Sounds to practise at home, the weakest first; few, so that each gets its minute.
    pub weak: Vec<HomeSound>,
    /// Address of the page of everything that is kept of the child.
    pub data: String,
}

/// The best recording of a week.
pub struct BestOfWeek {
    /// Address of the sound.
    pub audio: String,
    /// The sentence.
    pub text: String,
    /// 1–5.
    pub stars: usize,
}

/// A sound to practise at home.
pub struct HomeSound {
    /// In IPA.
    pub ipa: &'static str,
    /// How to make it.
    pub hint: String,
    /// Words that the child has read with it, or one that everybody knows.
    pub words: String,
}

/// A week.
pub struct WeekView {
    /// "1 June – 7 June".
    pub name: String,
    /// Address of the week before; empty if there is nothing.
    pub previous: String,
    /// Address of the week after; empty if this is the present one.
    pub next: String,
    /// The days, Monday first.
    pub days: Vec<DayView>,
}

/// A day of the week.
pub struct DayView {
    /// Name of the day.
    pub name: String,
    /// Recordings made on it.
    pub recordings: usize,
    /// Today.
    pub today: bool,
}

impl DayView {
    /// Height of its bar in a drawing 40 high, full from eight recordings on.
    pub fn height(&self) -> usize {
        self.recordings.min(8) * 5
    }
}

/// A homework with what the child made of it.
pub struct HomeworkView {
    /// Title, due time, state.
    pub row: HomeworkRow,
    /// Its exercises.
    pub exercises: Vec<ExerciseView>,
}

/// An exercise with the recording that counts.
pub struct ExerciseView {
    /// From 1.
    pub number: usize,
    /// The sentence.
    pub text: String,
    /// Its meaning; may be empty.
    pub gloss: String,
    /// Recordings made of it.
    pub attempts: usize,
    /// The best one that was understood.
    pub best: Option<BestView>,
    /// What the teacher said.
    pub comment: Option<CommentView>,
}

/// The recording that counts.
pub struct BestView {
    /// Address of the sound.
    pub audio: String,
    /// 1–5.
    pub stars: usize,
    /// Scores in words.
    pub scores: Vec<ScoreWord>,
}

/// A score in a word.
pub struct ScoreWord {
    /// Name of the score.
    pub name: String,
    /// How good.
    pub word: String,
    /// 0–100.
    pub value: u8,
}

/// Accuracy, fluency, melody and completeness, 0–100 each, in words.
pub fn score_words(l: &Localizer, scores: [u8; 4]) -> Vec<ScoreWord> {
    [l.t("score-accuracy"), l.t("score-fluency"), l.t("score-prosody"), l.t("score-completeness")]
        .into_iter()
        .zip(scores)
        .map(|(name, value)| ScoreWord { name, word: score_word(l, value), value })
        .collect()
}

/// Which week is shown: so many weeks ago.
#[derive(Deserialize, Default)]
pub struct Shown {
    #[serde(default)]
    ago: u32,
}

/// Sounds to practise at home at once.
const HOME_SOUNDS: usize = 2;

/// Furthest week that can be looked at.
const WEEKS: u32 = 26;

/// See the module.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(learner): Path<Uuid>,
    Query(Shown { ago }): Query<Shown>,
) -> Result<Response, AppError> {
    let now = app.clock.now();
    let ago = ago.min(WEEKS);
    let monday = days_after(wall(week_of(now)).date(), -7 * i64::from(ago));
    let at = |date: Date| crate::school_time::moment(date.to_datetime(jiff::civil::Time::midnight())).unwrap_or(now);
    let (since, until) = (at(monday), at(days_after(monday, 7)));
    let learner = PersonId(learner);
    let found = match app.store.child_page::<Evaluation>(&viewer, learner, since).await {
        // Nothing may be opened here; where the restriction can be lifted, it may.
        Err(StoreError::Refused(Refusal::Restricted)) => return Ok(see_other(&format!("/family/{learner}/data"))),
        found => found?,
    };
    let mut page = found.ok_or(AppError::NotFound)?;
    page.child.heard.retain(|heard| heard.at < until);
    page.child.tasks.retain(|task| task.due_at < until && is_of_week(task, since));
    let teachers: Vec<PersonId> = page.reviews.iter().map(|(_, review)| review.teacher).collect();
    let known = faces::teachers(&app, &viewer, &teachers).await?;
    let named = |teacher: PersonId| known.get(&teacher).cloned().unwrap_or_else(faces::nobody);
    let l = &visitor.l;
    let mut homework = Vec::new();
    for task in &page.child.tasks {
        let found = results(task, &page.grant)?;
        let mut exercises = Vec::with_capacity(task.sentences.len());
        for (place, sentence) in task.sentences.iter().enumerate() {
            let own = found.iter().find(|result| result.exercise == sentence.exercise);
            exercises.push(exercise(l, &page, (place, sentence), own, now, &named)?);
        }
        homework.push(HomeworkView { row: row(l, task, &found, now), exercises });
    }
    let view = LearnerPage {
        layout: Layout::new(&visitor, &app),
        learner,
        card: app.store.card_of(&viewer, learner).await?.map(|(made, _)| Moment::new(l, made, now)),
        name: page.child.name.read(&page.grant)?.clone(),
        class: page.child.class.clone(),
        week: week(l, &page, learner, monday, ago, now),
        stars: earned(&page.child, &page.grant)?,
        recordings: page.child.heard.len(),
        homework,
        best: best_of_week(&page)?,
        weak: to_practise(l, &page)?,
        data: format!("/family/{learner}/data"),
    };
    Ok(html(&view)?.into_response())
}

/// The recording of the week with the highest total, the latest of several.
fn best_of_week(page: &ChildPage<Evaluation>) -> Result<Option<BestOfWeek>, AppError> {
    let mut best: Option<(u8, BestOfWeek)> = None;
    for heard in &page.child.heard {
        let total = match &heard.total {
            Some(total) => *total.read(&page.grant)?,
            None => None,
        };
        if let Some(total) = total.filter(|total| best.as_ref().is_none_or(|(most, _)| total >= most)) {
            let audio = format!("/recordings/{}/audio", heard.recording);
            best = Some((total, BestOfWeek { audio, text: heard.text.clone(), stars: stars(f32::from(total)) }));
        }
    }
    Ok(best.map(|(_, best)| best))
}

/// The weakest sounds with words in which the child has read them.
fn to_practise(l: &Localizer, page: &ChildPage<Evaluation>) -> Result<Vec<HomeSound>, AppError> {
    let Some(skills) = &page.skills else { return Ok(Vec::new()) };
    let sound = |(symbol, sound): (&str, &Sound)| {
        let focus = Focus::of(Item::Sound(symbol))?;
        let words = if sound.examples.is_empty() { focus.word().to_owned() } else { sound.examples.join(", ") };
        Some(HomeSound { ipa: focus.ipa(), hint: l.t(&focus.hint()), words })
    };
    Ok(skills.read(&page.grant)?.weak_sounds().into_iter().filter_map(sound).take(HOME_SOUNDS).collect())
}

fn detail<'a>(page: &'a ChildPage<Evaluation>, own: &ExerciseResult) -> Result<Option<&'a Evaluation>, AppError> {
    let found = page.details.iter().find(|(recording, _)| Some(*recording) == own.recording);
    Ok(found.map(|(_, detail)| detail.read(&page.grant)).transpose()?)
}

fn exercise(
    l: &Localizer,
    page: &ChildPage<Evaluation>,
    (place, sentence): (usize, &Sentence),
    own: Option<&ExerciseResult>,
    now: Timestamp,
    named: &impl Fn(PersonId) -> (String, FaceView),
) -> Result<ExerciseView, AppError> {
    let review = own.and_then(|own| page.reviews.iter().find(|(recording, _)| Some(*recording) == own.recording));
    let comment = match review {
        Some((recording, review)) if review.comment.is_some() || review.voice.is_some() => {
            let (teacher, face) = named(review.teacher);
            Some(CommentView {
                teacher,
                face,
                text: match &review.comment {
                    Some(comment) => comment.read(&page.grant)?.clone(),
                    None => String::new(),
                },
                voice: review.voice.map(|gain| spoken(*recording, gain)),
                sentence: String::new(),
                href: String::new(),
                returned: review.decision == Decision::Returned,
                when: Moment::new(l, review.at, now),
            })
        }
        _ => None,
    };
    let best = match own.and_then(|own| Some((own, own.best?))) {
        Some((own, best)) => Some(BestView {
            audio: own.recording.map(|recording| format!("/recordings/{recording}/audio")).unwrap_or_default(),
            stars: stars(f32::from(best)),
            scores: detail(page, own)?.map_or_else(Vec::new, |evaluation| {
                let scores = &evaluation.scores;
                score_words(l, [scores.accuracy, scores.fluency, scores.prosody, scores.completeness].map(whole))
            }),
        }),
        None => None,
    };
    Ok(ExerciseView {
        number: place + 1,
        text: sentence.text.clone(),
        gloss: String::new(),
        attempts: own.map_or(0, |own| own.attempts as usize),
        best,
        comment,
    })
}

fn week(
    l: &Localizer,
    page: &ChildPage<Evaluation>,
    learner: PersonId,
    monday: Date,
    ago: u32,
    now: Timestamp,
) -> WeekView {
    let today = wall(now).date();
    let day = |date: Date| {
        let key = format!("month-{}", date.month());
        l.tn("day-of-month", &[("day", date.day().to_string()), ("month", l.t(&key))])
    };
    let href = |ago: u32| format!("/family/{learner}?ago={ago}");
    WeekView {
        name: format!("{} – {}", day(monday), day(days_after(monday, 6))),
        previous: if ago < WEEKS { href(ago + 1) } else { String::new() },
        next: ago.checked_sub(1).map(href).unwrap_or_default(),
        days: (0..7)
            .map(|number| {
                let date = days_after(monday, number);
                DayView {
                    name: l.t(weekday(date)),
                    recordings: page.child.heard.iter().filter(|heard| wall(heard.at).date() == date).count(),
                    today: date == today,
                }
            })
            .collect(),
    }
}

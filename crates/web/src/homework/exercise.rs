//! `GET` and `POST /homework/{assignment}/exercises/{exercise}`: hear it, say it, see how it went.

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiayin_domain::exercise::{Content, Kind, Line};
use jiayin_domain::homework::{ExerciseResult, stars};
use jiayin_domain::id::{AssignmentId, ExerciseId};
use jiayin_speech::Evaluation;
use jiayin_store::Viewer;
use jiayin_store::homework::{AttemptCard, ExercisePage as Kept};
use jiayin_store::uploads::Target;
use uuid::Uuid;

use super::attempt::AttemptPart;
use super::choose::{ChoiceView, choices};
use super::step::{Step, next_open, steps};
use super::words::{CommentView, DueView, spoken};
use crate::app::AppState;
use crate::courses::lesson::{PictureView, SoundView, picture};
use crate::ear::HearError;
use crate::error::{AppError, html};
use crate::faces::teacher;
use crate::locale::Localizer;
use crate::recordings::result;
use crate::school_time::Moment;
use crate::session::{Person, see_other};
use crate::tryout::stage::{RefusedPart, WayOn, ways_on};
use crate::tryout::upload;
use crate::uploads::keep_whole;
use crate::visitor::{Layout, Visitor};

/// The page of one exercise.
#[derive(Template)]
#[template(path = "homework/exercise.html", whitespace = "minimize")]
pub struct ExercisePage {
    /// Frame; a learner is signed in.
    pub layout: Layout,
    /// Sentence, recorder, upload.
    pub stage: ExerciseStage,
    /// The exercises of the homework, this one among them.
    pub steps: Vec<Step>,
    /// The latest attempt, or the one that was just sent without our script.
    pub latest: Option<AttemptPart>,
    /// What the teacher said of this exercise.
    pub comment: Option<CommentView>,
    /// One's own attempts, the latest first.
    pub history: Vec<AttemptRow>,
}

/// Sentence, recorder and upload.
pub struct ExerciseStage {
    /// Texts.
    pub l: Localizer,
    /// Id of the homework.
    pub assignment: String,
    /// Id of the exercise.
    pub exercise: String,
    /// Title of the homework.
    pub title: String,
    /// When it is due.
    pub due: DueView,
    /// What is to be done.
    pub kind: Kind,
    /// What is to be said, or heard.
    pub text: String,
    /// The picture.
    pub picture: Option<PictureView>,
    /// Of a dialogue, the learner's role.
    pub role: String,
    /// Of a dialogue, the lines before.
    pub before: Vec<Line>,
    /// Of a pair, the sounds in which the words differ.
    pub sounds: Vec<String>,
    /// What there is to choose from.
    pub choices: Vec<ChoiceView>,
    /// Stars for the right answer; 0 before it was found.
    pub stars: usize,
    /// Its meaning; may be empty.
    pub gloss: String,
    /// Address of what comes after it: the next exercise, or the end of the homework.
    pub next: String,
    /// Course audio of the sentence.
    pub model: Option<ModelAudio>,
    /// Largest upload.
    pub max_mb: u32,
    /// What was wrong with a file sent without our script.
    pub error: Option<RefusedPart>,
    /// What is recorded here is for practice, and counts for no homework.
    pub practice: bool,
}

impl ExerciseStage {
    /// Title of the page: what is to be said, but not what is to be found out.
    pub fn heading(&self) -> &str {
        match self.kind {
            Kind::Choose | Kind::Picture => &self.title,
            _ => &self.text,
        }
    }

    /// Key of what the learner is asked to do.
    pub fn task(&self) -> String {
        format!("exercise-task-{}", self.kind.tag())
    }

    /// Whether a wrong answer has been chosen, and not yet the right one.
    pub fn wrong(&self) -> bool {
        self.stars == 0 && self.choices.iter().any(|choice| !choice.state.is_empty())
    }

    /// What the page says when there is no microphone, by reason.
    pub fn ways_on(&self) -> Vec<WayOn> {
        ways_on(&self.l)
    }

    /// Address of the exercise.
    pub fn path(&self) -> String {
        if self.practice {
            return format!("/practice/{}/{}", self.assignment, self.exercise);
        }
        format!("/homework/{}/exercises/{}", self.assignment, self.exercise)
    }

    /// Where the words are in the course audio, for our script.
    pub fn model_words(&self) -> String {
        let words = self.model.as_ref().map_or(&[][..], |model| &model.words);
        words.iter().map(|(start, end)| format!("{start}-{end}")).collect::<Vec<_>>().join(",")
    }
}

/// The teacher's recording of a sentence.
pub struct ModelAudio {
    /// The sound.
    pub sound: SoundView,
    /// Start and end of each word in milliseconds, as the ear found them; none if it has not heard it. For the word
    /// numbers of the result to fit, one for each word of the sentence.
    pub words: Vec<(u32, u32)>,
}

/// One of one's own attempts.
pub struct AttemptRow {
    /// Address of the recording.
    pub audio: String,
    /// When it was made.
    pub when: Moment,
    /// `waiting`, `evaluated`, `unreadable`.
    pub state: &'static str,
    /// 1–5 if it has scores, else 0.
    pub stars: usize,
    /// The one that counts.
    pub best: bool,
}

/// `GET /homework/{assignment}/exercises/{exercise}`.
///
/// # Errors
/// [`AppError`].
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((assignment, exercise)): Path<(Uuid, Uuid)>,
) -> Result<Response, AppError> {
    page(&app, &visitor, &viewer, (AssignmentId(assignment), ExerciseId(exercise)), None).await
}

/// Where a learner goes after an exercise: the next open one, or the end.
///
/// # Errors
/// [`AppError`].
pub async fn next_after(
    app: &AppState,
    viewer: &Viewer,
    assignment: AssignmentId,
    exercise: ExerciseId,
) -> Result<String, AppError> {
    let Some(kept) = app.store.exercise_page(viewer, assignment, exercise).await? else { return Ok(String::new()) };
    let results = kept.task.results.as_ref().map(|results| results.read(&kept.grant)).transpose()?;
    let all = steps(&kept.task, results.map_or(&[][..], Vec::as_slice), Some(exercise));
    Ok(next_open(&all, kept.place).map_or_else(|| format!("/homework/{assignment}/finished"), |step| step.href.clone()))
}

async fn page(
    app: &AppState,
    visitor: &Visitor,
    viewer: &Viewer,
    (assignment, exercise): (AssignmentId, ExerciseId),
    error: Option<RefusedPart>,
) -> Result<Response, AppError> {
    let Some(kept) = app.store.exercise_page(viewer, assignment, exercise).await? else {
        // The teacher has changed it since: what stands in its place is to be done.
        let successor = app.store.successor(viewer, exercise).await?.ok_or(AppError::NotFound)?;
        return Ok(see_other(&format!("/homework/{assignment}/exercises/{successor}")));
    };
    let now = app.clock.now();
    let results: Vec<ExerciseResult> = match &kept.task.results {
        Some(results) if !visitor.along => results.read(&kept.grant)?.clone(),
        _ => Vec::new(),
    };
    let all = steps(&kept.task, &results, Some(exercise));
    let next = match next_open(&all, kept.place) {
        Some(step) => step.href.clone(),
        None => format!("/homework/{assignment}/finished"),
    };
    let latest = match kept.attempts.last() {
        Some(last) if !visitor.along => match app.store.recorded::<Evaluation>(viewer, last.recording).await? {
            Some(seen) => Some(result::part(&visitor.l, &seen, next.clone())?),
            None => None,
        },
        _ => None,
    };
    let own = results.iter().find(|result| result.exercise == exercise);
    let Some(sentence) = kept.task.sentences.get(kept.place) else { return Err(AppError::NotFound) };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (role, before, sounds) = around(&sentence.content);
    let stage = ExerciseStage {
        l: visitor.l.clone(),
        assignment: assignment.to_string(),
        exercise: exercise.to_string(),
        title: kept.task.title.clone(),
        due: DueView::new(&visitor.l, kept.task.due_at, now, own.is_some_and(|own| own.best.is_some())),
        kind: sentence.content.kind(),
        text: sentence.text.clone(),
        picture: picture(sentence),
        role,
        before,
        sounds,
        choices: choices(&kept)?,
        stars: own.and_then(|own| own.best).map_or(0, |best| stars(f32::from(best))),
        gloss: String::new(),
        next,
        model: sentence.audio.as_ref().map(|audio| ModelAudio { sound: SoundView::new(audio), words: Vec::new() }),
        max_mb: app.config.upload_max_mb,
        error,
        practice: false,
    };
    let (comment, history) = if visitor.along {
        (None, Vec::new())
    } else {
        (comment(app, viewer, &visitor.l, &kept).await?, history(&visitor.l, &kept, own, now)?)
    };
    let page = ExercisePage { layout: Layout::new(visitor, app), stage, steps: all, latest, comment, history };
    Ok((status, html(&page)?).into_response())
}

/// What stands around the text: of a dialogue the learner's role and the lines before, of a pair the sounds.
pub(crate) fn around(content: &Content) -> (String, Vec<Line>, Vec<String>) {
    match content {
        Content::Dialogue { role, before } => (role.clone(), before.clone(), Vec::new()),
        Content::Pair { sounds } => (String::new(), Vec::new(), sounds.to_vec()),
        _ => (String::new(), Vec::new(), Vec::new()),
    }
}

fn history(
    l: &Localizer,
    kept: &Kept,
    own: Option<&ExerciseResult>,
    now: jiff::Timestamp,
) -> Result<Vec<AttemptRow>, AppError> {
    let row = |card: &AttemptCard| {
        let machine = match &card.total {
            Some(total) => *total.read(&kept.grant)?,
            None => None,
        };
        let teacher = match card.review.as_ref().and_then(|review| review.score.as_ref()) {
            Some(score) => Some(*score.read(&kept.grant)?),
            None => None,
        };
        Ok(AttemptRow {
            audio: format!("/recordings/{}/audio", card.recording),
            when: Moment::new(l, card.at, now),
            state: card.state.tag(),
            stars: teacher.or(machine).map_or(0, |total| stars(f32::from(total))),
            best: own.is_some_and(|own| own.recording == Some(card.recording) && own.attempts > 1),
        })
    };
    kept.attempts.iter().rev().map(row).collect()
}

/// The last word of the teacher on this exercise.
async fn comment(app: &AppState, viewer: &Viewer, l: &Localizer, kept: &Kept) -> Result<Option<CommentView>, AppError> {
    for card in kept.attempts.iter().rev() {
        let Some(review) = &card.review else { continue };
        let returned = review.decision == jiayin_domain::homework::Decision::Returned;
        let text = match &review.comment {
            Some(comment) => comment.read(&kept.grant)?.clone(),
            None if returned || review.voice.is_some() => String::new(),
            None => continue,
        };
        let (teacher, face) = teacher(app, viewer, review.teacher).await?;
        return Ok(Some(CommentView {
            teacher,
            face,
            text,
            voice: review.voice.map(|gain| spoken(card.recording, gain)),
            sentence: String::new(),
            href: String::new(),
            returned,
            when: Moment::new(l, review.at, app.clock.now()),
        }));
    }
    Ok(None)
}

/// `POST` of the same address: a recording as a file, from a page without our script.
///
/// # Errors
/// [`AppError`]; a missing file is told on the page instead.
pub async fn post(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path((assignment, exercise)): Path<(Uuid, Uuid)>,
    request: Request,
) -> Result<Response, AppError> {
    let (assignment, exercise) = (AssignmentId(assignment), ExerciseId(exercise));
    match keep_sent(&app, &visitor.l, &viewer, Target::Recording { assignment, exercise }, request).await? {
        Some(refused) => page(&app, &visitor, &viewer, (assignment, exercise), Some(refused)).await,
        None => Ok(see_other(&format!("/homework/{assignment}/exercises/{exercise}"))),
    }
}

/// Keeps the recording that a form without a script has sent; what is shown if there is none in it.
///
/// # Errors
/// [`AppError`].
pub(crate) async fn keep_sent(
    app: &AppState,
    l: &Localizer,
    viewer: &Viewer,
    target: Target,
    request: Request,
) -> Result<Option<RefusedPart>, AppError> {
    let form = upload::read(app, request).await?;
    let Some(recording) = form.recording.filter(|bytes| !bytes.is_empty()) else {
        let missing = HearError::Recording { code: "missing", reason: "no recording was sent".to_owned() };
        return Ok(Some(RefusedPart::new(l, &missing)));
    };
    keep_whole(app, viewer, target, &form.mime, &recording).await?;
    Ok(None)
}

//! `GET /classes/{class}/progress`: a class over time — who needs help and why, homework by homework, sound by sound; and
//! `GET /classes/{class}/progress.csv`, the same as a file.
//!
//! The coloured tables are the charts: what a colour says stands in its cell as a number or a sign.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use jiayin_domain::homework::{ExerciseResult, stars};
use jiayin_domain::id::{ClassId, PersonId};
use jiayin_domain::progress::{Progress, Standing};
use jiayin_speech::phone::ARPABET;
use jiayin_store::class_progress::{ClassProgress, Homework, LearnerProgress};
use jiff::Timestamp;
use uuid::Uuid;

use super::help::{Known, Reason, mean};
use crate::app::AppState;
use crate::csv::Csv;
use crate::error::{AppError, html};
use crate::locale::Localizer;
use crate::practice::round::ipa;
use crate::school_time::{Moment, wall};
use crate::session::Person;
use crate::visitor::{Layout, Visitor};

/// Sounds that have a column: those that most learners find hard.
const SOUNDS: usize = 12;
const DAY_S: i64 = 24 * 3600;

/// A homework of the class.
pub struct Column {
    /// The lesson's title.
    pub title: String,
    /// When it is due.
    pub due: Moment,
    /// Mean of those who have begun it.
    pub mean: Option<u8>,
}

/// How a learner did one homework.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Mean of the sentences that were read, 0–100; `None` if none was.
    pub mean: Option<u8>,
    /// Sentences that were read.
    pub read: usize,
    /// Sentences that are asked for.
    pub of: usize,
}

impl Cell {
    /// Class name: `heat-1` to `heat-5`, as many as there would be stars.
    pub fn heat(&self) -> &'static str {
        const HEAT: [&str; 6] = ["heat-0", "heat-1", "heat-2", "heat-3", "heat-4", "heat-5"];
        HEAT[self.mean.map_or(0, |mean| stars(f32::from(mean))).min(5)]
    }
}

/// A sound that some find hard.
pub struct SoundColumn {
    /// Its place in [`ARPABET`].
    pub index: usize,
    /// Learners who find it hard.
    pub weak: usize,
}

impl SoundColumn {
    /// In IPA.
    pub fn ipa(&self) -> &'static str {
        ipa(self.index)
    }
}

/// How a learner says one sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoundCell {
    /// Where it stands; `None` if it was not heard.
    pub standing: Option<Standing>,
    /// Recent mean, 0–100.
    pub mean: u8,
}

impl SoundCell {
    /// Class name.
    pub fn tag(&self) -> &'static str {
        self.standing.map_or("unheard", Standing::tag)
    }
}

/// One learner.
pub struct Row {
    /// The learner.
    pub learner: PersonId,
    /// Name.
    pub name: String,
    /// A cell for each homework.
    pub cells: Vec<Cell>,
    /// A cell for each sound.
    pub sounds: Vec<SoundCell>,
    /// Why this learner needs help; empty if not.
    pub help: Vec<String>,
    /// Weak sounds, the weakest first, in IPA.
    pub weak: Vec<&'static str>,
    /// Sounds that are mastered.
    pub mastered: usize,
    /// Day of the last recording; empty if there is none.
    pub last: String,
}

/// What is in the page.
#[derive(Template)]
#[template(path = "classes/progress_part.html")]
pub struct ProgressPart {
    /// Texts.
    pub l: Localizer,
    /// The class.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// Homework, the oldest first.
    pub columns: Vec<Column>,
    /// Sounds that some find hard, those that most do first.
    pub sounds: Vec<SoundColumn>,
    /// The learners.
    pub rows: Vec<Row>,
    /// Learners who are not shown, since processing is restricted.
    pub left_out: usize,
}

impl ProgressPart {
    /// Those who need help, those with most reasons first.
    pub fn helped(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| !row.help.is_empty()).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.help.len()));
        rows
    }

    /// The steps of the legend: class name and the least mean.
    pub fn heats(&self) -> [(&'static str, &'static str); 5] {
        [("heat-1", "0–44"), ("heat-2", "45–61"), ("heat-3", "62–77"), ("heat-4", "78–89"), ("heat-5", "90–100")]
    }

    /// What may be said of a sound.
    pub fn standings(&self) -> [Standing; 3] {
        Standing::ALL
    }

    fn of(l: &Localizer, kept: &ClassProgress, now: Timestamp) -> Result<Self, AppError> {
        let empty = Progress::default();
        let mut opened = Vec::with_capacity(kept.learners.len());
        for learner in &kept.learners {
            let skills = learner.skills.as_ref().map(|skills| skills.read(&kept.grant)).transpose()?;
            opened.push((learner, skills.unwrap_or(&empty)));
        }
        let sounds = hard(&opened);
        let mut rows = Vec::with_capacity(opened.len());
        for (learner, skills) in opened {
            rows.push(row(l, kept, (learner, skills), &sounds, now)?);
        }
        let column = |(place, homework): (usize, &Homework)| {
            let means: Vec<u8> = rows.iter().filter_map(|row| row.cells.get(place)?.mean).collect();
            Column { title: homework.title.clone(), due: Moment::new(l, homework.due_at, now), mean: mean(&means) }
        };
        let columns = kept.homework.iter().enumerate().map(column).collect();
        let (name, left_out) = (kept.name.clone(), kept.left_out);
        Ok(Self { l: l.clone(), class: kept.class, name, columns, sounds, rows, left_out })
    }
}

/// The sounds that somebody finds hard, those that most do first.
fn hard(learners: &[(&LearnerProgress, &Progress)]) -> Vec<SoundColumn> {
    let weak = |symbol: &str| {
        let of = |skills: &Progress| skills.sounds.get(symbol).map(|sound| sound.skill.standing());
        learners.iter().filter(|(_, skills)| of(skills) == Some(Standing::Weak)).count()
    };
    let all = ARPABET.iter().enumerate().map(|(index, symbol)| SoundColumn { index, weak: weak(symbol) });
    let mut hard: Vec<SoundColumn> = all.filter(|column| column.weak > 0).collect();
    hard.sort_by_key(|column| std::cmp::Reverse(column.weak));
    hard.truncate(SOUNDS);
    hard
}

fn row(
    l: &Localizer,
    kept: &ClassProgress,
    (learner, skills): (&LearnerProgress, &Progress),
    sounds: &[SoundColumn],
    now: Timestamp,
) -> Result<Row, AppError> {
    let mut cells = Vec::with_capacity(kept.homework.len());
    for (homework, results) in kept.homework.iter().zip(&learner.results) {
        let results = results.as_ref().map(|results| results.read(&kept.grant)).transpose()?;
        cells.push(cell(homework, results.map_or(&[][..], Vec::as_slice)));
    }
    let due = |homework: &&Homework| homework.due_at < now && !homework.exercises.is_empty();
    let behind =
        kept.homework.iter().zip(&cells).filter(|(homework, cell)| due(homework) && cell.read < cell.of).count();
    let weak: Vec<&'static str> =
        skills.weak_sounds().iter().filter_map(|(symbol, _)| place(symbol)).map(ipa).collect();
    let known = Known {
        means: cells.iter().filter_map(|cell| cell.mean).collect(),
        behind,
        given: kept.homework.iter().filter(due).count(),
        away: learner.last.map(|last| (now.as_second() - last.as_second()) / DAY_S),
        weak: weak.clone(),
    };
    let sound = |column: &SoundColumn| match ARPABET.get(column.index).and_then(|symbol| skills.sounds.get(*symbol)) {
        Some(sound) => SoundCell { standing: Some(sound.skill.standing()), mean: whole(sound.skill.mean) },
        None => SoundCell { standing: None, mean: 0 },
    };
    Ok(Row {
        learner: learner.learner,
        name: learner.name.read(&kept.grant)?.clone(),
        cells,
        sounds: sounds.iter().map(sound).collect(),
        help: Reason::all(&known).iter().map(|reason| reason.text(l)).collect(),
        weak,
        mastered: skills.mastered(),
        last: learner.last.map(|last| wall(last).date().to_string()).unwrap_or_default(),
    })
}

fn cell(homework: &Homework, results: &[ExerciseResult]) -> Cell {
    let asked = results.iter().filter(|result| homework.exercises.contains(&result.exercise));
    let totals: Vec<u8> = asked.filter_map(|result| result.best).collect();
    Cell { mean: mean(&totals), read: totals.len(), of: homework.exercises.len() }
}

fn place(symbol: &str) -> Option<usize> {
    ARPABET.iter().position(|known| *known == symbol)
}

fn whole(mean: f32) -> u8 {
    mean.clamp(0.0, 100.0).round() as u8
}

/// The whole page.
#[derive(Template)]
#[template(path = "classes/progress.html")]
pub struct ProgressPage {
    /// Frame; a teacher is signed in.
    pub layout: Layout,
    /// The part inside.
    pub part: ProgressPart,
}

/// See the module.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class.
pub async fn get(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<Uuid>,
) -> Result<Html<String>, AppError> {
    let kept = app.store.class_progress(&viewer, ClassId(class)).await?.ok_or(AppError::NotFound)?;
    let part = ProgressPart::of(&visitor.l, &kept, app.clock.now())?;
    html(&ProgressPage { layout: Layout::new(&visitor, &app), part })
}

/// The same as a file.
///
/// # Errors
/// [`AppError::NotFound`] if the viewer does not teach the class.
pub async fn table(
    State(app): State<AppState>,
    visitor: Visitor,
    Person(viewer): Person,
    Path(class): Path<Uuid>,
) -> Result<Response, AppError> {
    let kept = app.store.class_progress(&viewer, ClassId(class)).await?.ok_or(AppError::NotFound)?;
    let part = ProgressPart::of(&visitor.l, &kept, app.clock.now())?;
    let l = &visitor.l;
    let mut head =
        vec![l.t("learner"), l.t("last-recorded"), l.t("class-progress-mastered"), l.t("class-progress-weak")];
    head.extend(part.columns.iter().map(|column| column.title.clone()));
    let mut csv = Csv::new(&head)?;
    for row in &part.rows {
        let mut cells = vec![row.name.clone(), row.last.clone(), row.mastered.to_string(), row.weak.join(" ")];
        cells.extend(row.cells.iter().map(|cell| cell.mean.map(|mean| mean.to_string()).unwrap_or_default()));
        csv.row(&cells)?;
    }
    csv.answer("progress.csv")
}

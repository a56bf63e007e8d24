//! Sample data for the pages of the staff: a class on a Sunday night.

use axum::http::HeaderMap;
use jiayin::campus::page::{CampusClass, CampusPart, DAYS, PastTerm};
use jiayin::classes::list::{ClassCard, ClassesPart, OpenAssignment};
use jiayin::classes::page::{AssignmentTab, Cell, CellState, ClassPart, Row};
use jiayin::courses::kinds::ExerciseForm;
use jiayin::courses::lesson::{LessonPart, PictureView, SentNew, SentenceRow, SoundView};
use jiayin::courses::list::{CourseCard, CoursesPart};
use jiayin::courses::page::{CoursePart, LessonRow};
use jiayin::courses::title::{SentTitle, TitleError, TitleForm};
use jiayin::faces::FaceView;
use jiayin::homework::assign::{AssignError, AssignForm, AssignPart, CourseChoice, LessonChoice, OTHER};
use jiayin::homework::assignment::{AssignmentPart, LearnerRow, Progress};
use jiayin::locale::Localizer;
use jiayin::review::form::{ReviewError, ReviewForm};
use jiayin::review::page::{Attempt, Heard, ReviewPart};
use jiayin::review::phrases::Phrases;
use jiayin::review::queue::Place;
use jiayin::school_time::{Moment, wall};
use jiayin::visitor::{Layout, Visitor};
use jiayin_domain::exercise::Kind;
use jiayin_domain::homework::{Due, RecordingState, SubmissionState};
use jiayin_domain::id::{AssignmentId, ClassId, CourseId, ExerciseId, LessonId, PersonId, RecordingId};
use jiayin_domain::sound::Fault;
use jiff::Timestamp;
use uuid::Uuid;

use crate::common::{TestApp, samples};

pub const SENTENCES: [&str; 10] = [
    "We went to the zoo and saw two pandas.",
    "The little monkey was very fast.",
    "Three birds sat in a tall tree.",
    "My sister likes the red fish.",
    "Can you see the elephant over there?",
    "It is eating grass and leaves.",
    "I thought the lion was asleep.",
    "Let's buy some water first.",
    "The snake is longer than my arm.",
    "What a wonderful day it was!",
];
const LEARNERS: [&str; 12] = [
    "陈思远",
    "李子涵",
    "王雨桐",
    "张浩然",
    "刘一诺",
    "赵梓萱",
    "黄俊杰",
    "周可欣",
    "吴宇轩",
    "徐佳怡",
    "孙博文",
    "欧阳若曦",
];

/// The n-th id.
pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0192_b7a0_4c3e_7000_8000_0000_0000_0000 + n)
}

pub fn layout(app: &TestApp, language: &str, path: &str) -> Layout {
    let mut headers = HeaderMap::new();
    headers.insert("accept-language", language.parse().unwrap());
    Layout::new(&Visitor::read(&headers, path, &app.state), &app.state)
}

pub fn now() -> Timestamp {
    "2026-03-01T12:30:00Z".parse().unwrap()
}

fn at(l: &Localizer, time: &str) -> Moment {
    Moment::new(l, time.parse().unwrap(), now())
}

pub fn classes(l: &Localizer) -> ClassesPart {
    let open = |n, lesson: &str, due, due_state, done, of| OpenAssignment {
        id: AssignmentId(id(n)),
        lesson: lesson.to_owned(),
        due: at(l, due),
        due_state,
        done,
        of,
    };
    let card = |n, name: &str, learners, to_hear, assignments, overdue: &[&str]| ClassCard {
        id: ClassId(id(n)),
        name: name.to_owned(),
        learners,
        to_hear,
        assignments,
        overdue: overdue.iter().map(|name| (*name).to_owned()).collect(),
    };
    ClassesPart::new(
        l,
        vec![
            card(1, "周六 2 班", 8, 0, vec![], &[]),
            card(
                2,
                "三年级 A 班",
                12,
                31,
                vec![
                    open(3, "At the Zoo", "2026-03-01T12:00:00Z", Due::Overdue, 7, 12),
                    open(4, "My Family", "2026-03-04T12:00:00Z", Due::Later, 1, 12),
                ],
                &LEARNERS[..8],
            ),
            card(
                5,
                "四年级 B 班",
                11,
                9,
                vec![open(6, "A Rainy Day", "2026-03-02T12:00:00Z", Due::Soon, 4, 11)],
                &["何沐晨"],
            ),
        ],
    )
}

pub fn class(l: &Localizer, learners: usize) -> ClassPart {
    let tab = |n, lesson: &str, due, due_state, to_hear, current| AssignmentTab {
        id: AssignmentId(id(n)),
        lesson: lesson.to_owned(),
        due: at(l, due),
        due_state,
        to_hear,
        current,
    };
    let row = |index: usize| {
        let cell = |column: usize| {
            let state = match (index * 7 + column * 3 + index * column) % 13 {
                0 => CellState::Late,
                1 if index > 4 => CellState::Missing,
                2 => CellState::Returned,
                3 if index == 3 => CellState::Unread,
                4 if index > 6 => CellState::Waiting,
                5..=8 => CellState::Heard,
                _ => CellState::New,
            };
            let scored = matches!(state, CellState::New | CellState::Heard | CellState::Returned);
            let made = !matches!(state, CellState::Late | CellState::Missing);
            let score = 38 + (index * 17 + column * 29) % 61;
            Cell {
                state,
                score: scored.then_some(u8::try_from(score).unwrap()),
                recording: made.then_some(RecordingId(id((index * 10 + column) as u128))),
            }
        };
        Row {
            learner: PersonId(id(index as u128)),
            name: LEARNERS[index % LEARNERS.len()].to_owned(),
            face: FaceView::letter(LEARNERS[index % LEARNERS.len()]),
            state: SubmissionState::Open,
            cells: (0..SENTENCES.len()).map(cell).collect(),
        }
    };
    ClassPart::new(
        l,
        ClassId(id(2)),
        "三年级 A 班".to_owned(),
        vec![
            tab(4, "My Family", "2026-03-04T12:00:00Z", Due::Later, 3, false),
            tab(3, "At the Zoo", "2026-03-01T12:00:00Z", Due::Overdue, 28, true),
            tab(7, "Numbers and Colours Everywhere", "2026-02-25T12:00:00Z", Due::Overdue, 0, false),
        ],
        SENTENCES.map(str::to_owned).to_vec(),
        (0..learners).map(row).collect(),
    )
}

pub fn assign(l: &Localizer, wrong: bool) -> AssignPart {
    let lesson = |n, title: &str, count: usize, with_audio, given: Option<&str>| LessonChoice {
        id: LessonId(id(n)),
        title: title.to_owned(),
        sentences: SENTENCES[..count].iter().map(|text| (*text).to_owned()).collect(),
        with_audio,
        given: given.map(|time| at(l, time)),
    };
    let courses = vec![
        CourseChoice {
            id: CourseId(id(1)),
            title: "First Steps 3".to_owned(),
            lessons: vec![
                lesson(11, "At the Zoo", 10, 10, Some("2026-02-20T12:00:00Z")),
                lesson(12, "A Rainy Day", 6, 4, None),
                lesson(13, "My Grandmother's Kitchen", 8, 8, None),
                lesson(14, "Not written yet", 0, 0, None),
            ],
        },
        CourseChoice {
            id: CourseId(id(2)),
            title: "Sounds and Songs".to_owned(),
            lessons: vec![lesson(15, "th", 5, 5, None)],
        },
    ];
    let form = AssignForm {
        lesson: if wrong { String::new() } else { id(12).to_string() },
        due: if wrong { OTHER.to_owned() } else { String::new() },
        due_date: if wrong { "2026-02-01".to_owned() } else { String::new() },
        due_time: String::new(),
    };
    let errors = if wrong { vec![AssignError::Lesson, AssignError::Past] } else { Vec::new() };
    AssignPart::new(l, now(), (ClassId(id(2)), "三年级 A 班".to_owned(), 12), courses, Some((form, errors)))
}

pub fn assignment(l: &Localizer) -> AssignmentPart {
    let row = |(index, name): (usize, &&str)| {
        let read = [10, 10, 6, 0, 10, 9, 10, 0, 3, 10, 10, 10][index];
        let state = match read {
            10 if index == 4 => SubmissionState::Returned,
            10 => SubmissionState::Done,
            _ => SubmissionState::Open,
        };
        LearnerRow {
            learner: PersonId(id(index as u128)),
            name: (*name).to_owned(),
            progress: Progress::of(state, read),
            read,
            average: (read > 0).then_some(61 + 3 * u8::try_from(index).unwrap()),
            to_hear: if index.is_multiple_of(2) { read / 2 } else { 0 },
            recording: (read > 0).then(|| RecordingId(id(index as u128))),
            last: (read > 0).then(|| at(l, "2026-03-01T11:12:00Z")),
        }
    };
    AssignmentPart {
        l: l.clone(),
        id: AssignmentId(id(3)),
        lesson: "At the Zoo".to_owned(),
        sentences: SENTENCES.map(str::to_owned).to_vec(),
        class: ClassId(id(2)),
        class_name: "三年级 A 班".to_owned(),
        due: at(l, "2026-03-01T12:00:00Z"),
        due_state: Due::Overdue,
        given: at(l, "2026-02-26T10:00:00Z"),
        rows: LEARNERS.iter().enumerate().map(row).collect(),
        withdrawn: false,
    }
    .in_order()
}

pub fn courses(l: &Localizer) -> CoursesPart {
    let card = |n, title: &str, lessons, sentences, without_audio| CourseCard {
        id: CourseId(id(n)),
        title: title.to_owned(),
        lessons,
        sentences,
        without_audio,
    };
    CoursesPart {
        l: l.clone(),
        courses: vec![
            card(1, "First Steps 3", 4, 24, 2),
            card(2, "Sounds and Songs", 12, 96, 0),
            card(3, "Empty so far", 0, 0, 0),
        ],
        sent: SentTitle::refused(TitleForm { title: " ".to_owned() }, TitleError::Empty),
    }
}

pub fn course(l: &Localizer) -> CoursePart {
    let row = |n, title: &str, sentences, without_audio, in_use| LessonRow {
        id: LessonId(id(n)),
        title: title.to_owned(),
        unit: if n == 11 { "Unit 1: Animals".to_owned() } else { String::new() },
        draft: n == 14,
        sentences,
        without_audio,
        in_use,
    };
    CoursePart {
        l: l.clone(),
        id: CourseId(id(1)),
        title: "First Steps 3".to_owned(),
        lessons: vec![
            row(11, "At the Zoo", 10, 0, 2),
            row(12, "A Rainy Day", 6, 2, 0),
            row(13, "My Grandmother's Kitchen", 8, 0, 0),
            row(14, "Not written yet", 0, 0, 0),
        ],
        new_lesson: SentTitle::default(),
        rename: SentTitle::default(),
    }
}

pub fn lesson(l: &Localizer) -> LessonPart {
    let row = |index: usize| SentenceRow {
        id: ExerciseId(id(index as u128)),
        kind: Kind::ALL[index % Kind::ALL.len()],
        text: SENTENCES[index].to_owned(),
        form: ExerciseForm {
            kind: Kind::ALL[index % Kind::ALL.len()].tag().to_owned(),
            text: SENTENCES[index].to_owned(),
            ..ExerciseForm::default()
        },
        sounds: if index == 4 { vec!["ɪ".to_owned(), "i".to_owned()] } else { Vec::new() },
        picture: (index == 1).then(|| PictureView { src: "/media/p1".to_owned(), alt: "A bear".to_owned() }),
        audio: (index < 3).then(|| SoundView {
            src: "/media/sample.wav".to_owned(),
            gain: "4.5".to_owned(),
            faults: if index == 2 { Fault::ALL.map(Fault::tag).to_vec() } else { Vec::new() },
        }),
        error: if index == 4 { "sentence-error-not-english" } else { "" },
    };
    LessonPart {
        l: l.clone(),
        course: CourseId(id(1)),
        course_title: "First Steps 3".to_owned(),
        id: LessonId(id(11)),
        title: "At the Zoo".to_owned(),
        unit: "Unit 1: Animals".to_owned(),
        published: false,
        sentences: (0..6).map(row).collect(),
        in_use: 2,
        max_mb: 20,
        sent: SentNew {
            form: ExerciseForm { lines: "A new one.\n我们去了动物园。".to_owned(), ..ExerciseForm::default() },
            alt: String::new(),
            line: 2,
            error: "sentence-error-not-english",
        },
        rename: SentTitle::default(),
    }
}

/// `wrong`: what was sent was refused, and the ear has not heard the recording yet.
pub fn review(app: &TestApp, l: &Localizer, wrong: bool) -> ReviewPart {
    let sentence = "I put my elbows on the table";
    let prompt = app.state.ear.prompt(sentence, None).unwrap();
    let mut evaluation = samples::evaluation(&prompt);
    evaluation.audio.duration_ms = 3200;
    let recording = |n| RecordingId(id(n));
    let attempt = |number: u32, score, current| Attempt { id: recording(number.into()), number, score, current };
    let place = Place {
        position: Some(3),
        count: 17,
        previous: Some(recording(50)),
        next: (!wrong).then(|| recording(52)),
        query: format!("?assignment={}", id(3)),
    };
    let heard = Heard {
        id: recording(51),
        learner: "欧阳若曦".to_owned(),
        face: FaceView::letter("欧阳若曦"),
        class: "三年级 A 班".to_owned(),
        lesson: "At the Zoo".to_owned(),
        assignment: AssignmentId(id(3)),
        sentence: sentence.to_owned(),
        audio: "/media/sample.wav".to_owned(),
        model_audio: Some(SoundView { src: "/media/sample.wav".to_owned(), gain: "-2".to_owned(), faults: Vec::new() }),
        at: at(l, "2026-03-01T11:12:00Z"),
        duration_ms: 3200,
        state: if wrong { RecordingState::Waiting } else { RecordingState::Evaluated },
        attempts: vec![attempt(49, Some(58), false), attempt(51, Some(74), true)],
        decision: wrong.then_some(jiayin_domain::homework::Decision::Returned),
        voice: (!wrong).then(|| SoundView {
            src: "/media/sample.wav".to_owned(),
            gain: "1".to_owned(),
            faults: Vec::new(),
        }),
    };
    let form = ReviewForm { score: if wrong { "120" } else { "" }.to_owned(), ..ReviewForm::default() };
    let errors = if wrong { vec![ReviewError::Score, ReviewError::Decision] } else { Vec::new() };
    let phrases = Phrases::new(&app.state.catalogs, l, vec!["你的 R 好听多了！".to_owned()]);
    ReviewPart::new(l, place, heard, (!wrong).then_some(&evaluation), (form, errors), phrases)
}

pub fn campus(l: &Localizer) -> CampusPart {
    let class = |n, name: &str, teachers: &str, learners, active, done, seed: u32| {
        let mut days = [0; DAYS];
        for (day, count) in days.iter_mut().enumerate() {
            *count = (seed * 7 + u32::try_from(day).unwrap() * 5) % 23 * active / 8;
        }
        let recordings = days[DAYS / 2..].iter().sum();
        let (name, teachers) = (name.to_owned(), teachers.to_owned());
        let term = if n == 3 { String::new() } else { "2026年春季".to_owned() };
        CampusClass { id: ClassId(id(n)), name, term, teachers, learners, active, recordings, done, days }
    };
    CampusPart {
        l: l.clone(),
        name: "城西校区".to_owned(),
        classes: vec![
            class(1, "三年级 A 班", "林老师", 12, 10, Some(83), 1),
            class(2, "四年级 B 班", "林老师、Ms. Carter", 11, 7, Some(64), 4),
            class(3, "周六 2 班", "何老师", 8, 0, None, 2),
        ],
        past: vec![PastTerm {
            name: "2025年秋季".to_owned(),
            classes: vec![(ClassId(id(8)), "二年级 A 班".to_owned())],
        }],
        today: wall(now()).date(),
    }
}

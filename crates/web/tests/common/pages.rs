//! Sample data for the pages of learners and guardians, as a school's Tuesday evening would have it.

use jiayin::accounts::sign_in::{SignInError, SignInPage};
use jiayin::app::AppState;
use jiayin::courses::lesson::SoundView;
use jiayin::faces::FaceView;
use jiayin::family::learner::{
    BestOfWeek, BestView, DayView, ExerciseView, HomeSound, HomeworkView, LearnerPage, WeekView, score_words,
};
use jiayin::family::page::{ChildView, FamilyPage, HomeworkRow, LatestRecording};
use jiayin::home::page::{AlongView, HomePage, NextThing, Now, OtherHomework, PractisedDay};
use jiayin::homework::attempt::{AttemptPart, AttemptState};
use jiayin::homework::exercise::{AttemptRow, ExercisePage, ExerciseStage, ModelAudio};
use jiayin::homework::finished::FinishedPage;
use jiayin::homework::step::Step;
use jiayin::homework::words::{CommentView, DueView};
use jiayin::locale::{Locale, Localizer};
use jiayin::policy::frame::PolicyFrame;
use jiayin::preferences::look::Look;
use jiayin::school_time::{Moment, weekday};
use jiayin::start::page::{DemoAccount, DemoGroup, StartPage};
use jiayin::tryout::view::ResultPart;
use jiayin::visitor::{Layout, SignedIn, Theme, Visitor};
use jiayin_domain::exercise::Kind;
use jiayin_domain::id::PersonId;
use jiayin_domain::role::Role;
use jiff::Timestamp;
use jiff::civil::date;

use super::samples;

/// Where all sample pages are rendered.
pub struct Samples<'a> {
    pub app: &'a AppState,
    pub locale: Locale,
    pub theme: Theme,
}

const ASSIGNMENT: &str = "018fe4a0-0000-7000-8000-0000000000a1";

fn now() -> Timestamp {
    "2026-06-02T10:30:00Z".parse().unwrap()
}

fn step(number: usize, stars: usize) -> Step {
    let href = format!("/homework/{ASSIGNMENT}/exercises/{number}");
    Step { number, href, stars, waiting: false, returned: false, current: false }
}

fn along(title: &str) -> AlongView {
    AlongView {
        assignment: ASSIGNMENT.to_owned(),
        title: title.to_owned(),
        keep_s: 700_000,
        pages: format!("/homework/{ASSIGNMENT}/exercises/3"),
    }
}

fn steps() -> Vec<Step> {
    let mut steps: Vec<_> = [5, 3, 0, 0, 0].into_iter().enumerate().map(|(at, stars)| step(at + 1, stars)).collect();
    steps[2].current = true;
    steps[3].waiting = true;
    steps
}

impl Samples<'_> {
    pub fn l(&self) -> Localizer {
        self.app.catalogs.get(self.locale)
    }

    pub fn layout(&self, path: &str, person: Option<(&str, Role)>) -> Layout {
        let person = person.map(|(name, role)| SignedIn {
            id: "p1".to_owned(),
            face: FaceView::letter(name),
            name: name.to_owned(),
            role,
            notice: false,
            unread: 3,
            waiting: if role == Role::CampusManager { 2 } else { 0 },
        });
        let visitor = Visitor {
            l: self.l(),
            theme: self.theme,
            look: Look::default(),
            partial: false,
            along: false,
            path: path.to_owned(),
            person,
            policy: PolicyFrame { number: Some(1), ..PolicyFrame::default() },
        };
        Layout::new(&visitor, self.app)
    }

    fn zh<'t>(&self, zh: &'t str, en: &'t str) -> String {
        if self.locale == Locale::ZhCn { zh } else { en }.to_owned()
    }

    pub fn when(&self, at: &str) -> Moment {
        Moment::new(&self.l(), at.parse().unwrap(), now())
    }

    fn due(&self, at: &str, state: &str) -> DueView {
        DueView::new(&self.l(), at.parse().unwrap(), now(), matches!(state, "done" | "reviewed"))
    }

    fn comment(&self, returned: bool, href: &str) -> CommentView {
        CommentView {
            teacher: self.zh("周老师", "Ms Zhou"),
            face: FaceView::letter(&self.zh("周老师", "Ms Zhou")),
            text: self.zh(
                "读得很清楚！very 的 v 再咬一下嘴唇。",
                "Very clear! For the v in “very”, touch your lip with your teeth.",
            ),
            voice: Some(SoundView { src: "/media/m1".to_owned(), gain: "3".to_owned(), faults: Vec::new() }),
            sentence: "The rabbit runs very fast.".to_owned(),
            href: href.to_owned(),
            returned,
            when: self.when("2026-06-01T12:05:00Z"),
        }
    }

    pub fn start(&self, demo: bool) -> StartPage {
        let account = |name: &str, note: &str| DemoAccount {
            person: name.to_owned(),
            name: name.to_owned(),
            note: note.to_owned(),
        };
        let class = self.zh("三年级一班", "Class 3-1");
        let learners = [
            "王小明",
            "李可欣",
            "陈子轩",
            "刘雨桐",
            "赵一诺",
            "孙浩然",
            "周梓涵",
            "吴思远",
            "郑佳怡",
            "冯天宇",
            "何语晨",
            "林安琪",
        ];
        let groups = vec![
            DemoGroup { role: Role::Teacher, accounts: vec![account("周敏", &self.zh("两个班", "two classes"))] },
            DemoGroup { role: Role::Learner, accounts: learners.iter().map(|name| account(name, &class)).collect() },
            DemoGroup {
                role: Role::Guardian,
                accounts: vec![
                    account("王建国", "王小明"),
                    account("李梅", "李可欣、李可乐"),
                    account("陈芳", "陈子轩"),
                ],
            },
            DemoGroup {
                role: Role::CampusManager,
                accounts: vec![account("高远", &self.zh("城东校区", "East campus"))],
            },
        ];
        StartPage { layout: self.layout("/", None), demo: if demo { groups } else { Vec::new() } }
    }

    pub fn sign_in(&self, error: Option<SignInError>) -> SignInPage {
        SignInPage {
            layout: self.layout("/sign-in", None),
            identifier: if error.is_some() { "13800005678".to_owned() } else { String::new() },
            next: "/home".to_owned(),
            error,
            demo: true,
            passkey: error.is_some().then(Self::ceremony),
        }
    }

    pub fn home(&self, now: Now) -> HomePage {
        let other = |title: String, due: &str, done, state| OtherHomework {
            title,
            due: self.due(due, state),
            href: "/homework/x/exercises/1".to_owned(),
            done,
            along: (state == "open").then(|| along("Lesson 3")),
            count: 4,
            state,
        };
        let busy = matches!(now, Now::Next(_));
        HomePage {
            layout: self.layout("/home", Some(("王小明", Role::Learner))),
            name: self.zh("小明", "Xiaoming"),
            now,
            others: if busy {
                vec![
                    other(self.zh("第三课：早上好", "Lesson 3: Good morning"), "2026-06-06T12:00:00Z", 1, "open"),
                    other(self.zh("第一课：我的家", "Lesson 1: My family"), "2026-05-30T12:00:00Z", 4, "reviewed"),
                ]
            } else {
                Vec::new()
            },
            stars: if busy { 17 } else { 0 },
            comment: busy.then(|| self.comment(true, "/homework/x/exercises/2")),
            practice: if busy { 5 } else { 0 },
            mastered: if busy { 12 } else { 0 },
            surveys: if busy { vec![self.survey_card()] } else { Vec::new() },
            days: (0..7)
                .map(|at| PractisedDay { name: self.l().t(weekday(date(2026, 6, 1 + at))), practised: busy && at < 2 })
                .collect(),
        }
    }

    pub fn next_thing(&self) -> Now {
        Now::Next(Box::new(NextThing {
            title: self.zh("第二课：动物朋友", "Lesson 2: Animal friends"),
            due: self.due("2026-06-03T12:00:00Z", "open"),
            steps: steps(),
            text: "The rabbit runs very fast.".to_owned(),
            href: format!("/homework/{ASSIGNMENT}/exercises/3"),
            returned: false,
            along: Some(along(&self.zh("第二课：动物朋友", "Lesson 2: Animal friends"))),
        }))
    }

    pub fn result(&self) -> ResultPart {
        let words = ["The", "rabbit", "runs", "very", "fast."].map(|word| jiayin_speech::prompt::PromptWord {
            text: word.to_owned(),
            pronunciations: vec![samples::phones(word)],
        });
        let prompt = jiayin_speech::Prompt::new(words.into()).unwrap();
        ResultPart::of(&self.l(), &samples::evaluation(&prompt), "/homework/x/exercises/4".to_owned(), true)
    }

    pub fn attempt(&self, state: AttemptState) -> AttemptPart {
        AttemptPart {
            l: self.l(),
            recording: "r1".to_owned(),
            exercise: format!("/homework/{ASSIGNMENT}/exercises/3"),
            audio: "/recordings/r1/audio".to_owned(),
            state,
        }
    }

    pub fn exercise(&self, latest: Option<AttemptState>, model: bool) -> ExercisePage {
        let row = |at: &str, state, stars, best| AttemptRow {
            audio: "/recordings/r1/audio".to_owned(),
            when: self.when(at),
            state,
            stars,
            best,
        };
        ExercisePage {
            layout: self.layout(&format!("/homework/{ASSIGNMENT}/exercises/3"), Some(("王小明", Role::Learner))),
            stage: ExerciseStage {
                l: self.l(),
                assignment: ASSIGNMENT.to_owned(),
                exercise: "3".to_owned(),
                title: self.zh("第二课：动物朋友", "Lesson 2: Animal friends"),
                due: self.due("2026-06-03T12:00:00Z", "open"),
                kind: Kind::Repeat,
                text: "The rabbit runs very fast.".to_owned(),
                picture: None,
                role: String::new(),
                before: Vec::new(),
                sounds: Vec::new(),
                choices: Vec::new(),
                stars: 0,
                gloss: "兔子跑得很快。".to_owned(),
                next: format!("/homework/{ASSIGNMENT}/exercises/4"),
                model: model.then(|| ModelAudio {
                    sound: SoundView { src: "/media/m1".to_owned(), gain: "3".to_owned(), faults: Vec::new() },
                    words: vec![(100, 300), (300, 800), (800, 1200), (1200, 1600), (1600, 2100)],
                }),
                max_mb: 20,
                error: None,
                practice: false,
            },
            steps: steps(),
            comment: latest.is_some().then(|| self.comment(true, "")),
            history: if latest.is_some() {
                vec![
                    row("2026-06-02T10:20:00Z", "waiting", 0, false),
                    row("2026-06-01T10:20:00Z", "evaluated", 3, true),
                    row("2026-06-01T10:18:00Z", "unreadable", 0, false),
                ]
            } else {
                Vec::new()
            },
            latest: latest.map(|state| self.attempt(state)),
        }
    }

    pub fn finished(&self, next: &str) -> FinishedPage {
        FinishedPage {
            layout: self.layout("/homework/x/finished", Some(("王小明", Role::Learner))),
            title: self.zh("第二课：动物朋友", "Lesson 2: Animal friends"),
            steps: [5, 3, 4, 5, 4].into_iter().enumerate().map(|(at, stars)| step(at + 1, stars)).collect(),
            next: next.to_owned(),
        }
    }

    fn row(&self, title: String, due: &str, done: usize, state: &'static str) -> HomeworkRow {
        HomeworkRow { title, due: self.due(due, state), done, count: 5, state }
    }

    pub fn family(&self, children: bool) -> FamilyPage {
        let child = |name: &str, full: bool| ChildView {
            name: name.to_owned(),
            class: if full { self.zh("三年级一班", "Class 3-1") } else { String::new() },
            href: "/family/p1".to_owned(),
            homework: if full {
                vec![
                    self.row(
                        self.zh("第二课：动物朋友", "Lesson 2: Animal friends"),
                        "2026-06-03T12:00:00Z",
                        2,
                        "open",
                    ),
                    self.row(self.zh("第一课：我的家", "Lesson 1: My family"), "2026-05-30T12:00:00Z", 5, "returned"),
                ]
            } else {
                Vec::new()
            },
            stars: if full { 17 } else { 0 },
            recordings: if full { 9 } else { 0 },
            latest: full.then(|| LatestRecording {
                text: "The rabbit runs very fast.".to_owned(),
                audio: "/recordings/r1/audio".to_owned(),
                stars: 3,
                when: self.when("2026-06-02T10:20:00Z"),
            }),
            comment: full.then(|| self.comment(false, "")),
        };
        FamilyPage {
            layout: self.layout("/family", Some(("王建国", Role::Guardian))),
            children: if children { vec![child("王小明", true), child("王小美", false)] } else { Vec::new() },
            restricted: Vec::new(),
        }
    }

    pub fn learner(&self) -> LearnerPage {
        let l = self.l();
        let day = |(at, recordings): (i8, usize)| DayView {
            name: l.t(weekday(date(2026, 6, 1 + at))),
            recordings,
            today: at == 1,
        };
        let best = |stars, scores| BestView {
            audio: "/recordings/r1/audio".to_owned(),
            stars,
            scores: score_words(&l, scores),
        };
        let exercise = |number, text: &str, gloss: &str, best: Option<BestView>, attempts| ExerciseView {
            number,
            text: text.to_owned(),
            gloss: gloss.to_owned(),
            attempts,
            best,
            comment: None,
        };
        let mut first =
            exercise(1, "The rabbit runs very fast.", "兔子跑得很快。", Some(best(3, [72, 85, 60, 100])), 2);
        first.comment = Some(self.comment(true, ""));
        LearnerPage {
            layout: self.layout("/family/p1", Some(("王建国", Role::Guardian))),
            learner: PersonId(uuid::Uuid::from_u128(1)),
            card: None,
            name: "王小明".to_owned(),
            data: "/family/p1/data".to_owned(),
            class: self.zh("三年级一班", "Class 3-1"),
            week: WeekView {
                name: self.zh("6月1日—7日", "1–7 Jun"),
                previous: "/family/p1?week=2026-05-25".to_owned(),
                next: String::new(),
                days: [(0, 5), (1, 4), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0)].map(day).into(),
            },
            stars: 17,
            recordings: 9,
            best: Some(BestOfWeek {
                audio: "/recordings/r1/audio".to_owned(),
                text: "The rabbit runs very fast.".to_owned(),
                stars: 4,
            }),
            homework: vec![HomeworkView {
                row: self.row(
                    self.zh("第二课：动物朋友", "Lesson 2: Animal friends"),
                    "2026-06-03T12:00:00Z",
                    2,
                    "open",
                ),
                exercises: vec![
                    first,
                    exercise(2, "I see a red bird.", "我看见一只红色的鸟。", Some(best(5, [95, 92, 90, 100])), 1),
                    exercise(3, "This is my cat.", "这是我的猫。", None, 1),
                    exercise(4, "We like milk.", "我们喜欢牛奶。", None, 0),
                ],
            }],
            weak: vec![HomeSound { ipa: "r", hint: self.l().t("sound-R"), words: "rabbit, runs".to_owned() }],
        }
    }
}

//! Sample data for the pages of surveys.

use std::collections::BTreeMap;

use jiayin::surveys::answer::{AnswerPage, Done, DonePage, OwnAnswer};
use jiayin::surveys::asked::{AskedPage, AskedRow};
use jiayin::surveys::builder::{BuilderPage, PreviewPage, QuestionRow};
use jiayin::surveys::cards::SurveyCard;
use jiayin::surveys::list::{ListPage, SurveyRow};
use jiayin::surveys::publication::{PublicationPage, PublishError, PublishForm};
use jiayin::surveys::question::{Fields, QuestionForm};
use jiayin::surveys::questions::{QuestionView, SpokenView, message};
use jiayin::surveys::results::{Bar, PersonRow, QuestionResult, ResultsPage, VoiceRow};
use jiayin::surveys::withdrawal::WithdrawalPage;
use jiayin_domain::id::{MediaId, SurveyId};
use jiayin_domain::role::Role;
use jiayin_domain::sound::Gain;
use jiayin_domain::survey::{AnswerError, Kind, Question, Spoken, Typed};
use jiayin_store::surveys::Stage;
use uuid::Uuid;

use super::pages::Samples;

const TITLE: &str = "上学期的英语课 / Last term's lessons";
const LONG: &str = "Which of all the many things that we have done together since September did you like best?";

/// A question of each kind.
pub fn questions() -> Vec<Question> {
    let typed = Typed {
        text: LONG,
        required: true,
        options: "Songs\nGames\nReading stories aloud to each other",
        faces: true,
        low: "not at all",
        high: "very much",
    };
    let question = |(id, kind)| Question { id, ..Question::read(kind, &typed).unwrap() };
    (1..).zip(Kind::ALL).map(question).collect()
}

fn spoken() -> SpokenView {
    SpokenView::new("/surveys/s1/answer", Spoken { media: MediaId(Uuid::nil()), gain: Gain(600), duration_ms: 12_000 })
}

fn own(question: &str, says: &str) -> OwnAnswer {
    let spoken = says.starts_with('♪').then(spoken);
    OwnAnswer { question: question.to_owned(), says: says.to_owned(), spoken }
}

impl Samples<'_> {
    pub fn survey_card(&self) -> SurveyCard {
        SurveyCard { id: SurveyId(Uuid::nil()), title: TITLE.to_owned(), questions: 4, anonymous: true }
    }

    fn question_views(&self, wrong: bool) -> Vec<QuestionView> {
        let errors =
            [(1, AnswerError::Missing), (4, AnswerError::Long)].map(|(id, error)| (id, message(&self.l(), error)));
        let errors = if wrong { BTreeMap::from(errors) } else { BTreeMap::new() };
        let filled = |id| vec![if id == 4 { "Songs." } else { "1" }.to_owned()];
        let spoken = |_| (!wrong).then(spoken);
        let questions = questions();
        // What is anonymous has no voice.
        let asked = if wrong { &questions[..4] } else { &questions };
        QuestionView::all(asked, filled, spoken, &errors)
    }

    pub fn survey_answer(&self, wrong: bool) -> AnswerPage {
        let role = if wrong { Role::Learner } else { Role::Guardian };
        AnswerPage {
            layout: self.layout("/surveys/s1/answer", Some(("王小明", role))),
            survey: SurveyId(Uuid::nil()),
            title: TITLE.to_owned(),
            intro: vec!["It takes two minutes.".to_owned(), "Thank you!".to_owned()],
            anonymous: wrong,
            questions: self.question_views(wrong),
            code: if wrong { "ABCD EFGH JKLM".to_owned() } else { String::new() },
            closes: Some(self.when("2026-06-09T12:00:00Z")),
            agrees: !wrong,
            wrong: if wrong { 2 } else { 0 },
        }
    }

    pub fn survey_done(&self, done: Done, anonymous: bool) -> DonePage {
        let said = vec![own(LONG, "Songs; Games"), own("And why?", "They\nsing."), own("Say it aloud.", "♪ 0:12")];
        DonePage {
            layout: self.layout("/surveys/s1/answer", Some(("王建华", Role::Guardian))),
            survey: SurveyId(Uuid::nil()),
            title: TITLE.to_owned(),
            done,
            anonymous,
            open: done != Done::Closed,
            code: if anonymous && done == Done::Thanks { "ABCD EFGH JKLM".to_owned() } else { String::new() },
            said: if anonymous { Vec::new() } else { said },
        }
    }

    pub fn survey_withdrawal(&self, anonymous: bool) -> WithdrawalPage {
        WithdrawalPage {
            layout: self.layout("/surveys/s1/withdrawal", Some(("王建华", Role::Guardian))),
            survey: SurveyId(Uuid::nil()),
            title: TITLE.to_owned(),
            anonymous,
            code: if anonymous { "ABCD".to_owned() } else { String::new() },
            unknown: anonymous,
        }
    }

    pub fn surveys_asked(&self, empty: bool) -> AskedPage {
        let row = |anonymous, open, answered| AskedRow {
            id: SurveyId(Uuid::nil()),
            title: TITLE.to_owned(),
            anonymous,
            open,
            answered,
            closes: Some(self.when("2026-06-09T12:00:00Z")),
        };
        AskedPage {
            layout: self.layout("/surveys/asked", Some(("王建华", Role::Guardian))),
            rows: if empty { Vec::new() } else { vec![row(true, true, false), row(false, false, true)] },
            back: empty,
        }
    }

    pub fn surveys(&self, empty: bool) -> ListPage {
        let row = |stage, asks: &str, anonymous| SurveyRow {
            id: SurveyId(Uuid::nil()),
            title: TITLE.to_owned(),
            stage,
            asks: asks.to_owned(),
            anonymous,
            invited: 214,
            answers: 87,
            closes: (stage != Stage::Draft).then(|| self.when("2026-06-09T12:00:00Z")),
        };
        let surveys = vec![
            row(Stage::Draft, "", false),
            row(Stage::Open, "三年级 1 班 · guardians", false),
            row(Stage::Closed, "花园路校区", true),
        ];
        ListPage {
            layout: self.layout("/surveys", Some(("周老师", Role::Teacher))),
            surveys: if empty { Vec::new() } else { surveys },
            title: String::new(),
            error: empty.then(|| self.l().t1("survey-error-title", "max", 80)),
            removed: !empty,
        }
    }

    pub fn survey_builder(&self, wrong: bool) -> BuilderPage {
        let row = |question: Question| QuestionRow {
            id: question.id,
            text: question.text.clone(),
            kind: question.choice.kind(),
            required: question.required,
            options: question.choice.options().to_vec(),
            fields: Fields::new(question.choice.kind(), Some(&question), None),
        };
        let typed = |kind| {
            let form = QuestionForm { text: LONG.to_owned(), options: "Yes".to_owned(), ..QuestionForm::default() };
            let error = self.l().tn("survey-error-options", &[("min", "2".to_owned()), ("max", "12".to_owned())]);
            (wrong && kind == Kind::Single).then_some((form, error))
        };
        BuilderPage {
            layout: self.layout("/surveys/s1", Some(("周老师", Role::Teacher))),
            survey: SurveyId(Uuid::nil()),
            name: TITLE.to_owned(),
            title: TITLE.to_owned(),
            intro: "It takes two minutes.".to_owned(),
            error: None,
            questions: if wrong { Vec::new() } else { questions().into_iter().map(row).collect() },
            new: Kind::ALL.into_iter().map(|kind| Fields::new(kind, None, typed(kind))).collect(),
        }
    }

    pub fn survey_preview(&self) -> PreviewPage {
        PreviewPage {
            layout: self.layout("/surveys/s1/preview", Some(("周老师", Role::Teacher))),
            survey: SurveyId(Uuid::nil()),
            title: TITLE.to_owned(),
            intro: vec!["It takes two minutes.".to_owned()],
            questions: self.question_views(false),
        }
    }

    pub fn survey_publication(&self, error: Option<PublishError>) -> PublicationPage {
        PublicationPage {
            layout: self.layout("/surveys/s1/publication", Some(("何敏", Role::CampusManager))),
            survey: SurveyId(Uuid::nil()),
            title: TITLE.to_owned(),
            questions: 4,
            spoken: error == Some(PublishError::Spoken),
            audiences: vec![
                ("campus:1".to_owned(), "校区：花园路校区".to_owned()),
                ("class:1".to_owned(), "班级：三年级 1 班".to_owned()),
            ],
            roles: vec!["everyone", "learner", "guardian", "teacher"],
            form: PublishForm {
                audience: "class:1".to_owned(),
                role: "guardian".to_owned(),
                names: if error.is_some() { String::new() } else { "anonymous".to_owned() },
                closes_date: "2026-06-09".to_owned(),
                closes_time: "20:00".to_owned(),
            },
            range: ["2026-06-02".to_owned(), "2027-06-02".to_owned()],
            shown_from: 5,
            error,
        }
    }

    pub fn survey_results(&self, hidden: bool) -> ResultsPage {
        let bar = |label: &str, count, percent| Bar { label: label.to_owned(), count, percent };
        let question = |number, bars, texts: &[&str]| QuestionResult {
            number,
            text: LONG.to_owned(),
            answered: 40,
            bars,
            mean: if number == 2 { "3.9".to_owned() } else { String::new() },
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
            voices: if number == 4 {
                vec![VoiceRow { name: "王建华".to_owned(), spoken: spoken() }]
            } else {
                Vec::new()
            },
        };
        let steps = vec![bar("1 (not at all)", 0, 0), bar("2", 4, 10), bar("5 (very much)", 36, 90)];
        let options = vec![bar("Songs", 30, 75), bar("Reading stories aloud to each other", 10, 25)];
        let questions = vec![
            question(1, options, &[]),
            question(2, steps, &[]),
            question(3, Vec::new(), &["All of it.", "The songs,\nand the zoo."]),
            question(4, Vec::new(), &[]),
        ];
        let says = ["Songs", "5/5", "", "♪ 0:12"].map(|says| own(LONG, says)).into();
        let people = vec![PersonRow { name: "王建华".to_owned(), says }];
        ResultsPage {
            layout: self.layout("/surveys/s1/results", Some(("周老师", Role::Teacher))),
            survey: SurveyId(Uuid::nil()),
            title: TITLE.to_owned(),
            stage: if hidden { Stage::Open } else { Stage::Closed },
            asks: "三年级 1 班".to_owned(),
            anonymous: hidden,
            closes: Some(self.when("2026-06-09T12:00:00Z")),
            invited: 48,
            answers: 40,
            hidden,
            shown_from: 5,
            questions: if hidden { Vec::new() } else { questions },
            people: if hidden { Vec::new() } else { people },
        }
    }
}

//! Founds the school of `make bench` in the store that the configuration names: a class of 40 learners who have read 10
//! sentences each, and more classes for those who record at once. All goes through the store's own functions. One recording
//! is really heard; its evaluation stands for all, with totals of its own.
//!
//! `bench_school RECORDING TEXT` says on standard output, a line each: `class ID`, `teacher TOKEN`, and for those who record
//! `learner TOKEN ASSIGNMENT EXERCISE`.
#![allow(clippy::print_stdout, reason = "whoever runs it reads its output")]

use std::error::Error;
use std::sync::Arc;

use jiayin::config::Config;
use jiayin::ear::Ear;
use jiayin::providers::{Clock, Entropy, SystemClock, SystemEntropy};
use jiayin_domain::consent;
use jiayin_domain::homework::Decision;
use jiayin_domain::id::{AssignmentId, CampusId, ClassId, ExerciseId, LessonId, PersonId, SchoolId, UploadId};
use jiayin_domain::role::Role;
use jiayin_privacy::{Purpose, purpose};
use jiayin_speech::Evaluation;
use jiayin_store::accounts::NewPerson;
use jiayin_store::consent::{Choice, Shown};
use jiayin_store::jobs::Outcome;
use jiayin_store::uploads::{Announced, Target};
use jiayin_store::{Store, Viewer};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Learners of each class.
const LEARNERS: usize = 40;
/// Classes of learners who record; the class that is looked at is another.
const RECORDING_CLASSES: usize = 14;
/// Sentences after the one of the recording.
const MORE: [&str; 9] = [
    "The rabbit runs very fast.",
    "We went to the zoo on Sunday.",
    "My mother makes good soup.",
    "There is a bird in the tree.",
    "Can you open the window?",
    "He likes to play with the ball.",
    "I have two brothers.",
    "It is cold in winter.",
    "Please give me the blue book.",
];

type Done<T> = Result<T, Box<dyn Error>>;

struct Founder {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    school: SchoolId,
    campus: CampusId,
    teacher: Viewer,
    lesson: LessonId,
    exercises: Vec<ExerciseId>,
}

#[tokio::main]
async fn main() -> Done<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(text)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bench_school RECORDING TEXT".into());
    };
    let recording = std::fs::read(file)?;
    let ear = jiayin::model::load()?;
    let evaluation = ear.hear(&recording, &ear.prompt(&text, None)?)?;
    let founder = Founder::begin(&text).await?;
    let (class, learners, assignment) = founder.class("3A", LEARNERS).await?;
    println!("class {class}");
    for (number, learner) in learners.iter().enumerate() {
        let viewer = founder.viewer(*learner).await?.0;
        for (place, exercise) in founder.exercises.iter().enumerate() {
            let target = Target::Recording { assignment, exercise: *exercise };
            let total = 40 + u8::try_from((number * 7 + place * 13) % 60)?;
            founder.read(&viewer, target, &recording, (total, &evaluation, ear.model_version())).await?;
        }
    }
    println!("teacher {}", founder.viewer(founder.teacher.person).await?.1);
    for number in 0..RECORDING_CLASSES {
        let (_, learners, assignment) = founder.class(&format!("4.{number}"), LEARNERS).await?;
        for learner in learners {
            println!("learner {} {assignment} {}", founder.viewer(learner).await?.1, founder.exercises[0]);
        }
    }
    Ok(())
}

impl Founder {
    async fn begin(text: &str) -> Done<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let store = jiayin::storage::open(&Config::read(None)?, Arc::clone(&clock), Arc::clone(&entropy)).await?;
        let school = store.create_school("Bench").await?;
        let campus = store.create_campus(school, "North").await?;
        let teacher = person(&store, school, Role::Teacher, "Teacher").await?;
        let teacher = viewer(&store, teacher).await?.0;
        let course = store.create_course(&teacher, "Course").await?;
        let lesson = store.create_lesson(&teacher, course, "Lesson").await?.ok_or("no course")?;
        let texts: Vec<String> = std::iter::once(text).chain(MORE).map(str::to_owned).collect();
        let exercises = store.add_sentences(&teacher, lesson, &texts).await?.ok_or("no lesson")?;
        store.publish_lesson(&teacher, lesson).await?;
        Ok(Self { store, clock, entropy, school, campus, teacher, lesson, exercises })
    }

    /// A class of the teacher with learners, and its homework.
    async fn class(&self, name: &str, learners: usize) -> Done<(ClassId, Vec<PersonId>, AssignmentId)> {
        let class = self.store.create_class(self.school, self.campus, name).await?;
        self.store.join_class(self.school, class, self.teacher.person, Role::Teacher).await?;
        let mut people = Vec::with_capacity(learners);
        for number in 1..=learners {
            let learner = person(&self.store, self.school, Role::Learner, &format!("Learner {number}")).await?;
            self.store.join_class(self.school, class, learner, Role::Learner).await?;
            people.push(learner);
        }
        self.agree(&people).await?;
        let due = Timestamp::from_second(self.clock.now().as_second() + 3 * 86_400)?;
        let assignment = self.store.assign(&self.teacher, class, self.lesson, due).await?.ok_or("no class")?;
        Ok((class, people, assignment))
    }

    /// A guardian of all of them agrees to their lessons.
    async fn agree(&self, learners: &[PersonId]) -> Done<()> {
        let guardian = person(&self.store, self.school, Role::Guardian, "Guardian").await?;
        for learner in learners {
            self.store.tie_guardian(self.school, guardian, *learner).await?;
        }
        let choice = |learner: &PersonId| Choice {
            subject: *learner,
            purpose: <purpose::Teaching as Purpose>::ID,
            decision: consent::Decision::Given,
        };
        let choices: Vec<Choice> = learners.iter().map(choice).collect();
        let shown = Shown { version: 1, digest: [0; 32], language: "en", surface: consent::Surface::Settings };
        let agreed = self.store.decide(&self.viewer(guardian).await?.0, &choices, &shown).await?;
        if agreed { Ok(()) } else { Err("the guardian may not decide".into()) }
    }

    async fn viewer(&self, person: PersonId) -> Done<(Viewer, String)> {
        viewer(&self.store, person).await
    }

    /// A recording arrives and is heard; every other one is looked at by the teacher.
    async fn read(
        &self,
        learner: &Viewer,
        target: Target,
        recording: &[u8],
        (total, evaluation, model): (u8, &Evaluation, &str),
    ) -> Done<()> {
        let id = UploadId::new(&*self.clock, &*self.entropy);
        let sha256 = Sha256::digest(recording).into();
        let new = Announced { id, target, mime: "audio/wav".to_owned(), size: recording.len() as u64, sha256 };
        self.store.announce(learner, &new).await?;
        self.store.append(learner, id, 0, recording).await?;
        let job = self.store.take_job().await?.ok_or("no job")?;
        let outcome = Outcome::Heard { model, total: Some(total), detail: evaluation };
        self.store.finish_evaluation(&job, outcome).await?;
        if total.is_multiple_of(2) {
            self.store.save_review(&self.teacher, id.0.into(), None, None, Decision::Accepted).await?;
        }
        Ok(())
    }
}

async fn person(store: &Store, school: SchoolId, role: Role, name: &str) -> Done<PersonId> {
    let new = NewPerson { school, campus: None, role, name, identifiers: Vec::new(), password: None };
    Ok(store.create_person(new).await?.ok_or("the person is there")?)
}

/// A person who is signed in, and the token of the session.
async fn viewer(store: &Store, person: PersonId) -> Done<(Viewer, String)> {
    let token = store.start_session(person).await?.ok_or("nobody")?;
    let viewer = store.viewer(&token).await?.ok_or("nobody")?;
    Ok((viewer, token.to_text()))
}

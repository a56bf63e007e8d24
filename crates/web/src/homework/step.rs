//! The exercises of a homework as steps on a path.

use jiayin_domain::homework::{ExerciseResult, stars};
use jiayin_domain::id::ExerciseId;
use jiayin_store::courses::Sentence;
use jiayin_store::homework::Task;

/// One exercise of a homework.
#[derive(Clone)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// Its address.
    pub href: String,
    /// 1–5 if it was understood, else 0.
    pub stars: usize,
    /// A recording of it has not been heard yet.
    pub waiting: bool,
    /// The teacher asks for another try.
    pub returned: bool,
    /// Shown now.
    pub current: bool,
}

impl Step {
    /// Class name, and end of the key of its text.
    pub fn tag(&self) -> &'static str {
        match self {
            Self { returned: true, .. } => "returned",
            Self { stars: 1.., .. } => "done",
            Self { waiting: true, .. } => "waiting",
            _ => "open",
        }
    }
}

/// The steps of a homework. `results` are those of the exercises that were tried.
pub fn steps(task: &Task, results: &[ExerciseResult], current: Option<ExerciseId>) -> Vec<Step> {
    let step = |(place, sentence): (usize, &Sentence)| {
        let result = results.iter().find(|result| result.exercise == sentence.exercise);
        Step {
            number: place + 1,
            href: format!("/homework/{}/exercises/{}", task.assignment, sentence.exercise),
            stars: result.and_then(|result| result.best).map_or(0, |best| stars(f32::from(best))),
            waiting: result.is_some_and(|result| result.waiting),
            returned: result.is_some_and(|result| result.returned),
            current: current == Some(sentence.exercise),
        }
    };
    task.sentences.iter().enumerate().map(step).collect()
}

/// Address of the exercise to do after `current` (an index): the next open one, going round; none if all are done.
pub fn next_open(steps: &[Step], current: usize) -> Option<&Step> {
    let open = |step: &&Step| matches!(step.tag(), "open" | "returned");
    steps.iter().skip(current + 1).find(open).or_else(|| steps.iter().take(current).find(open))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(number: usize, stars: usize, returned: bool) -> Step {
        Step { number, href: String::new(), stars, waiting: false, returned, current: false }
    }

    #[test]
    fn the_next_step_is_the_next_open_one_going_round() {
        let steps = [step(1, 0, false), step(2, 3, false), step(3, 4, true), step(4, 5, false)];
        assert_eq!(next_open(&steps, 0).map(|step| step.number), Some(3));
        assert_eq!(next_open(&steps, 2).map(|step| step.number), Some(1));
        assert_eq!(next_open(&steps[1..2], 0).map(|step| step.number), None);
    }
}

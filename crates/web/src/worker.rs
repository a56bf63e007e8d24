//! The workers: take jobs from the store, let the ear hear recordings on the scoring pool, keep what it heard.

use std::sync::Arc;
use std::time::Duration;

use jiayin_domain::message::Channel;
use jiayin_speech::Evaluation;
use jiayin_speech::evaluation::Verdict;
use jiayin_store::StoreError;
use jiayin_store::jobs::{ERASE, EVALUATE, EXPORT, Leased, Outcome, SWEEP};
use jiayin_store::messages::{
    MAIL, PUSH, TELL_ANNOUNCED, TELL_ANSWERED, TELL_ASSIGNED, TELL_DUE, TELL_HELPED, TELL_REVIEWED, TELL_SURVEY, TEXT,
};
use jiayin_store::surveys::CLOSE_SURVEY;
use jiff::Timestamp;
use jiff::civil::Time;

use crate::app::AppState;
use crate::ear::{HearError, guarded};
use crate::messages;
use crate::privacy::work;
use crate::school_time::{days_after, moment, wall};
use crate::tryout::view::verdict_code;

/// When nobody calls, the table is looked at so often: for jobs whose time has come, and those of other processes.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often a place in the queue is asked for; well within a lease.
const PATIENCE: u32 = 30;

/// When what has expired is deleted every night: the hour on the school's clock.
const SWEEP_AT: Time = Time::constant(3, 10, 0, 0);

/// Starts as many workers as there are scoring threads. They end with the process; what they had not finished is taken
/// up again when its lease ends.
pub fn start(app: &AppState) {
    tokio::spawn({
        let app = app.clone();
        async move {
            if let Err(error) = schedule(&app).await {
                tracing::error!(%error, "the nightly sweep could not be planned");
            }
        }
    });
    for _ in 0..app.pool.threads() {
        tokio::spawn(work(app.clone()));
    }
}

/// Sees to it that the sweep is done in the coming night, if none is on its way.
///
/// # Errors
/// If the store does not answer.
pub async fn schedule(app: &AppState) -> Result<(), StoreError> {
    app.store.schedule_sweep(next_night(app.clock.now())).await
}

/// The next time that the school's clock shows [`SWEEP_AT`].
fn next_night(now: Timestamp) -> Timestamp {
    let today = wall(now).date();
    let nights = [today, days_after(today, 1)].map(|date| moment(date.to_datetime(SWEEP_AT)));
    nights.into_iter().flatten().find(|night| *night > now).unwrap_or(now)
}

async fn work(app: AppState) {
    let mut call = app.work.subscribe();
    loop {
        match step(&app).await {
            Ok(true) => {}
            Ok(false) => {
                // Called or not: the table knows whether there is something to do.
                let _ = tokio::time::timeout(LOOK_EVERY, call.changed()).await;
            }
            Err(error) => {
                tracing::error!(%error, "a worker cannot go on");
                tokio::time::sleep(LOOK_EVERY * 4).await;
            }
        }
    }
}

/// Does one job. False if there is none.
///
/// # Errors
/// If the store does not answer.
pub async fn step(app: &AppState) -> Result<bool, StoreError> {
    let Some(leased) = app.store.take_job().await? else { return Ok(false) };
    let done = match leased.kind.as_str() {
        EVALUATE => evaluate(app, &leased).await,
        EXPORT => work::copy(app, &leased).await,
        ERASE => work::erase(app, &leased).await,
        SWEEP => work::sweep(app, &leased, next_night(app.clock.now())).await,
        MAIL => messages::work::send_out(app, &leased, Channel::Mail).await,
        PUSH => messages::work::send_out(app, &leased, Channel::Push).await,
        TEXT => messages::work::send_out(app, &leased, Channel::Text).await,
        TELL_ASSIGNED | TELL_DUE | TELL_REVIEWED | TELL_ANSWERED | TELL_HELPED | TELL_ANNOUNCED | TELL_SURVEY => {
            messages::work::tell(app, &leased).await
        }
        CLOSE_SURVEY => close_survey(app, &leased).await,
        _ => Err("unknown kind"),
    };
    if let Err(reason) = done {
        let again = app.store.fail_job(&leased, reason).await?;
        tracing::warn!(job = %leased.job, reason, again, "a job failed");
        match leased.kind.as_str() {
            EXPORT if !again => app.store.give_up_copy(&leased).await?,
            // Nothing would be deleted any more until the next start.
            SWEEP if !again => schedule(app).await?,
            _ => {}
        }
    }
    app.heard.send_modify(|count| *count = count.wrapping_add(1));
    Ok(true)
}

async fn close_survey(app: &AppState, leased: &Leased) -> Result<(), &'static str> {
    app.store.close_survey_in_time(leased).await.map_err(|error| {
        tracing::error!(%error, "a survey could not be closed");
        "the survey could not be closed"
    })
}

async fn evaluate(app: &AppState, leased: &Leased) -> Result<(), &'static str> {
    let waiting = match app.store.waiting_recording(leased).await {
        Ok(Some(waiting)) => waiting,
        Ok(None) => return finish(app, leased, Outcome::Unreadable).await,
        Err(StoreError::Lost) => return Err("the file is missing"),
        Err(StoreError::Refused(_)) => return hold(app, leased).await,
        Err(error) => {
            tracing::error!(%error, "a recording could not be opened");
            return Err("the recording could not be opened");
        }
    };
    let waiting = Arc::new(waiting);
    let mut tries = 0;
    let (outcome, took) = loop {
        let (ear, clock, waiting) = (Arc::clone(&app.ear), Arc::clone(&app.clock), Arc::clone(&waiting));
        let work = move || {
            let began = clock.monotonic();
            let outcome = guarded(|| ear.hear(&waiting.audio, &ear.prompt(&waiting.text, None)?));
            (outcome, clock.monotonic().saturating_sub(began))
        };
        match app.pool.run(work).await {
            Ok(heard) => break heard,
            // The visitors of the try-it page have filled the queue; they are sent away, homework waits its turn.
            Err(_) if tries < PATIENCE => {
                tries += 1;
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Err(_) => return Err("no thread was free"),
        }
    };
    let code = outcome.as_ref().map_or_else(HearError::code, |evaluation| verdict_code(evaluation.verdict));
    app.metrics.scoring(code, took);
    match outcome {
        Ok(evaluation) => {
            let model = app.ear.model_version();
            finish(app, leased, Outcome::Heard { model, total: total(&evaluation), detail: &evaluation }).await
        }
        Err(HearError::Internal(_)) => Err("the ear broke off"),
        Err(_) => finish(app, leased, Outcome::Unreadable).await,
    }
}

fn total(evaluation: &Evaluation) -> Option<u8> {
    let total = evaluation.scores.total.clamp(0.0, 100.0).round() as u8;
    (evaluation.verdict == Verdict::Scored).then_some(total)
}

/// Without consent nothing is heard; the recording waits until there is.
async fn hold(app: &AppState, leased: &Leased) -> Result<(), &'static str> {
    app.store.hold_job(leased).await.map_err(|error| {
        tracing::error!(%error, "a job could not be put aside");
        "the job could not be put aside"
    })
}

async fn finish(app: &AppState, leased: &Leased, outcome: Outcome<'_, Evaluation>) -> Result<(), &'static str> {
    match app.store.finish_evaluation(leased, outcome).await {
        Ok(_) => Ok(()),
        Err(StoreError::Refused(_)) => hold(app, leased).await,
        Err(error) => {
            tracing::error!(%error, "a result could not be kept");
            Err("the result could not be kept")
        }
    }
}

//! The audio of exercises.

use jiayin_domain::id::MediaId;
use jiayin_domain::sound::{Fault, Gain, Heard};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::StoreError;
use crate::entity::{exercise, upload};

/// The recorded audio of an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseAudio {
    /// The file.
    pub media: MediaId,
    /// How it is played; `None` if it was never listened to, as it was before this was done.
    pub gain: Option<Gain>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// The audio of a row, if it has any.
pub(crate) fn of(row: &exercise::Model) -> Option<CourseAudio> {
    Some(CourseAudio {
        media: MediaId(row.audio_id?),
        gain: row.audio_gain.map(Gain),
        faults: Fault::read(row.audio_faults.as_deref().unwrap_or_default()),
    })
}

/// The row with no audio.
pub(crate) fn without(row: exercise::Model) -> exercise::Model {
    exercise::Model { audio_id: None, audio_gain: None, audio_faults: None, ..row }
}

/// Within the transaction of its arrival: a file becomes the audio of its exercise.
pub(crate) async fn give<D: ConnectionTrait>(db: &D, row: &upload::Model, heard: &Heard) -> Result<(), StoreError> {
    exercise::Entity::update_many()
        .col_expr(exercise::Column::AudioId, Expr::value(row.id))
        .col_expr(exercise::Column::AudioGain, Expr::value(heard.gain.0))
        .col_expr(exercise::Column::AudioFaults, Expr::value(Fault::written(&heard.faults)))
        .filter(exercise::Column::Id.eq(row.target_id))
        .exec(db)
        .await?;
    Ok(())
}

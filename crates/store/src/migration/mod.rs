//! Migrations of the two databases: the school's data, and the key ring apart from it.
//!
//! They expand, then contract: what runs on a live system keeps the last version's queries working. A migration that has
//! been released is never edited.

mod m0001_first_homework;
mod m0001_key_ring;
mod m0002_rotation;
mod m0003_rights;
mod m0004_accounts;
mod m0005_consent;
mod m0006_policy;
mod m0007_cards;
mod m0008_retention;
mod m0009_requests;
mod m0010_passkeys;
mod m0011_pictures;
mod m0012_roster;
mod m0013_exercises;
mod m0014_messages;
mod m0015_progress;
mod m0016_support;
mod m0017_surveys;
mod m0018_api;
mod m0019_profile;
mod m0020_course_audio;
mod m0021_voice_comment;
mod m0022_push;
mod m0023_survey_voice;
mod m0024_audit_chain;
mod table;

use sea_orm_migration::prelude::*;

/// Migrations of the school's data.
pub(crate) struct Data;

impl MigratorTrait for Data {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first_homework::Migration),
            Box::new(m0003_rights::Migration),
            Box::new(m0004_accounts::Migration),
            Box::new(m0005_consent::Migration),
            Box::new(m0006_policy::Migration),
            Box::new(m0007_cards::Migration),
            Box::new(m0008_retention::Migration),
            Box::new(m0009_requests::Migration),
            Box::new(m0010_passkeys::Migration),
            Box::new(m0011_pictures::Migration),
            Box::new(m0012_roster::Migration),
            Box::new(m0013_exercises::Migration),
            Box::new(m0014_messages::Migration),
            Box::new(m0015_progress::Migration),
            Box::new(m0016_support::Migration),
            Box::new(m0017_surveys::Migration),
            Box::new(m0018_api::Migration),
            Box::new(m0019_profile::Migration),
            Box::new(m0020_course_audio::Migration),
            Box::new(m0021_voice_comment::Migration),
            Box::new(m0022_push::Migration),
            Box::new(m0023_survey_voice::Migration),
            Box::new(m0024_audit_chain::Migration),
        ]
    }
}

/// Migrations of the key ring, which lives in a database of its own so that no backup holds data and keys together.
pub(crate) struct Keys;

impl MigratorTrait for Keys {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_key_ring::Migration), Box::new(m0002_rotation::Migration)]
    }
}

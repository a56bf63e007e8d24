//! People, classes, courses, homework, media, uploads, jobs, audit.

use sea_orm_migration::prelude::*;

use super::table::{bare, index, table};

/// See the module.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        schools(manager).await?;
        people(manager).await?;
        courses(manager).await?;
        homework(manager).await?;
        machinery(manager).await?;
        for (table, columns, unique) in INDEXES {
            index(manager, table, columns, *unique).await?;
        }
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("recordings are not thrown away by going back".to_owned()))
    }
}

/// Table, columns, unique.
const INDEXES: &[(&str, &[&str], bool)] = &[
    ("campus", &["school_id"], false),
    ("class", &["campus_id"], false),
    ("person", &["school_id", "role"], false),
    ("identifier", &["lookup"], true),
    ("identifier", &["person_id"], false),
    ("session", &["token_hash"], true),
    ("session", &["person_id"], false),
    ("session", &["expires_at"], false),
    ("sign_in_attempt", &["lookup"], true),
    ("membership", &["class_id", "person_id"], true),
    ("membership", &["person_id"], false),
    ("guardianship", &["guardian_id", "learner_id"], true),
    ("guardianship", &["learner_id"], false),
    ("course", &["school_id"], false),
    ("lesson", &["course_id"], false),
    ("exercise", &["lesson_id"], false),
    ("assignment", &["class_id", "due_at"], false),
    ("submission", &["assignment_id", "learner_id"], true),
    ("submission", &["learner_id"], false),
    ("recording", &["submission_id", "exercise_id"], false),
    ("recording", &["learner_id", "created_at"], false),
    ("evaluation", &["recording_id"], true),
    ("review", &["recording_id"], true),
    ("media", &["subject_id"], false),
    ("upload", &["person_id"], false),
    ("job", &["state", "run_at"], false),
    ("job", &["kind", "target_id"], true),
    ("audit", &["school_id", "at"], false),
    ("audit", &["scope_id", "at"], false),
];

async fn schools(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    table("school").texts(&["name"]).numbers(&["created_at"]).create(manager).await?;
    table("campus").ids(&["school_id"]).texts(&["name"]).numbers(&["created_at"]).create(manager).await?;
    table("class").ids(&["school_id", "campus_id"]).texts(&["name"]).numbers(&["created_at"]).create(manager).await
}

async fn people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    table("person")
        .ids(&["school_id"])
        .maybe_id("campus_id")
        .texts(&["role"])
        .bytes(&["name"])
        .maybe_text("language")
        .maybe_text("theme")
        .numbers(&["created_at"])
        .maybe_numbers(&["closed_at"])
        .create(manager)
        .await?;
    table("identifier")
        .ids(&["school_id", "person_id"])
        .texts(&["kind"])
        .bytes(&["lookup", "value"])
        .numbers(&["created_at"])
        .create(manager)
        .await?;
    bare("password")
        .key("person_id")
        .ids(&["school_id"])
        .texts(&["hash"])
        .numbers(&["changed_at"])
        .create(manager)
        .await?;
    table("session")
        .ids(&["school_id", "person_id"])
        .bytes(&["token_hash"])
        .numbers(&["created_at", "seen_at", "expires_at"])
        .create(manager)
        .await?;
    table("sign_in_attempt").bytes(&["lookup"]).numbers(&["at", "count"]).create(manager).await?;
    table("membership")
        .ids(&["school_id", "class_id", "person_id"])
        .texts(&["role"])
        .numbers(&["since"])
        .create(manager)
        .await?;
    table("guardianship").ids(&["school_id", "guardian_id", "learner_id"]).numbers(&["since"]).create(manager).await
}

async fn courses(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    table("course")
        .ids(&["school_id", "created_by"])
        .texts(&["title"])
        .numbers(&["created_at"])
        .maybe_numbers(&["withdrawn_at"])
        .create(manager)
        .await?;
    table("lesson")
        .ids(&["school_id", "course_id", "created_by"])
        .texts(&["title"])
        .numbers(&["position", "created_at"])
        .maybe_numbers(&["withdrawn_at"])
        .create(manager)
        .await?;
    table("exercise")
        .ids(&["school_id", "lesson_id"])
        .maybe_id("audio_id")
        .texts(&["text"])
        .numbers(&["position", "created_at"])
        .maybe_numbers(&["withdrawn_at"])
        .create(manager)
        .await
}

async fn homework(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    table("assignment")
        .ids(&["school_id", "class_id", "lesson_id", "created_by"])
        .numbers(&["due_at", "created_at"])
        .maybe_numbers(&["withdrawn_at"])
        .create(manager)
        .await?;
    table("submission")
        .ids(&["school_id", "assignment_id", "learner_id"])
        .texts(&["state"])
        .maybe_bytes(&["results"])
        .numbers(&["created_at", "updated_at"])
        .create(manager)
        .await?;
    table("recording")
        .ids(&["school_id", "submission_id", "exercise_id", "learner_id", "media_id"])
        .texts(&["state"])
        .numbers(&["attempt", "created_at"])
        .create(manager)
        .await?;
    table("evaluation")
        .ids(&["school_id", "recording_id", "learner_id"])
        .texts(&["model"])
        .bytes(&["total", "detail"])
        .numbers(&["created_at"])
        .create(manager)
        .await?;
    table("review")
        .ids(&["school_id", "recording_id", "learner_id", "teacher_id"])
        .texts(&["decision"])
        .maybe_bytes(&["score", "comment"])
        .numbers(&["created_at"])
        .create(manager)
        .await
}

async fn machinery(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    table("media")
        .ids(&["school_id", "subject_id"])
        .texts(&["kind", "mime"])
        .bytes(&["sha256"])
        .numbers(&["bytes", "created_at"])
        .maybe_numbers(&["duration_ms"])
        .create(manager)
        .await?;
    table("upload")
        .ids(&["school_id", "person_id", "target_id"])
        .maybe_id("target2_id")
        .maybe_id("media_id")
        .texts(&["kind", "mime"])
        .bytes(&["sha256"])
        .numbers(&["size", "received", "created_at", "updated_at"])
        .create(manager)
        .await?;
    table("job")
        .ids(&["school_id", "target_id"])
        .texts(&["kind", "state"])
        .numbers(&["attempts", "run_at", "created_at"])
        .maybe_id("lease_id")
        .maybe_numbers(&["leased_until"])
        .maybe_text("error")
        .create(manager)
        .await?;
    table("audit")
        .ids(&["school_id"])
        .maybe_id("scope_id")
        .maybe_id("actor_id")
        .maybe_id("object_id")
        .maybe_text("object_kind")
        .texts(&["relation", "purpose", "category", "scope_kind"])
        .numbers(&["at", "subjects"])
        .create(manager)
        .await
}

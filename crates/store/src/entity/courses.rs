//! Courses, lessons, sentences.

pub(crate) mod course {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "course")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub created_by: Uuid,
        pub title: String,
        pub created_at: i64,
        pub withdrawn_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod lesson {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "lesson")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub course_id: Uuid,
        pub created_by: Uuid,
        pub title: String,
        pub unit: Option<String>,
        pub position: i64,
        pub created_at: i64,
        pub published_at: Option<i64>,
        pub withdrawn_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod exercise {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "exercise")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub lesson_id: Uuid,
        pub audio_id: Option<Uuid>,
        pub audio_gain: Option<i64>,
        pub audio_faults: Option<String>,
        pub picture_id: Option<Uuid>,
        pub successor_id: Option<Uuid>,
        pub kind: String,
        pub text: String,
        pub content: Option<String>,
        pub alt: Option<String>,
        pub position: i64,
        pub created_at: i64,
        pub withdrawn_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

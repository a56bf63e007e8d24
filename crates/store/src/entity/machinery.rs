//! Files, jobs, the audit log.

pub(crate) mod media {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "media")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub subject_id: Uuid,
        pub kind: String,
        pub mime: String,
        pub sha256: Vec<u8>,
        pub bytes: i64,
        pub duration_ms: Option<i64>,
        pub created_at: i64,
        pub reply_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod upload {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "upload")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub person_id: Uuid,
        pub target_id: Uuid,
        pub target2_id: Option<Uuid>,
        pub media_id: Option<Uuid>,
        pub kind: String,
        pub mime: String,
        pub sha256: Vec<u8>,
        pub size: i64,
        pub received: i64,
        pub created_at: i64,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod job {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "job")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub target_id: Uuid,
        pub kind: String,
        pub state: String,
        pub attempts: i64,
        pub run_at: i64,
        pub lease_id: Option<Uuid>,
        pub leased_until: Option<i64>,
        pub error: Option<String>,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod audit {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub scope_id: Option<Uuid>,
        pub actor_id: Option<Uuid>,
        pub object_id: Option<Uuid>,
        pub object_kind: Option<String>,
        pub relation: String,
        pub purpose: String,
        pub category: String,
        pub scope_kind: String,
        pub at: i64,
        pub subjects: i64,
        /// Its place in the chain, from 1; entries that are older than the chain have none.
        pub number: Option<i64>,
        /// Keyed digest of the entry before it.
        pub previous: Option<Vec<u8>>,
        /// Keyed digest of the entry.
        pub hash: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

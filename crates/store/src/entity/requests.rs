//! Requests that a person must decide, and their history, which is only ever appended to.

pub(crate) mod rights_request {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "rights_request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub person_id: Uuid,
        pub subject_id: Uuid,
        pub owner_id: Option<Uuid>,
        pub kind: String,
        pub state: String,
        pub received_at: i64,
        pub due_at: i64,
        pub extended_at: Option<i64>,
        pub closed_at: Option<i64>,
        pub seen_at: Option<i64>,
        pub text: Vec<u8>,
        pub extension: Option<Vec<u8>>,
        pub outcome: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod rights_step {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "rights_step")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub request_id: Uuid,
        pub person_id: Uuid,
        pub actor_id: Uuid,
        pub deed: String,
        pub before: Option<String>,
        pub after: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

//! Conversations with the help desk, their lines, and the answers that a desk keeps ready.

pub(crate) mod ticket {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub person_id: Uuid,
        pub campus_id: Option<Uuid>,
        pub owner_id: Option<Uuid>,
        pub topic: String,
        pub state: String,
        pub desk: String,
        pub version: i64,
        pub opened_at: i64,
        pub since: i64,
        pub due_at: i64,
        pub updated_at: i64,
        pub closed_at: Option<i64>,
        pub rating: Option<String>,
        pub remark: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod ticket_entry {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub ticket_id: Uuid,
        pub person_id: Uuid,
        pub staff_id: Option<Uuid>,
        pub media_id: Option<Uuid>,
        pub deed: String,
        pub text: Option<Vec<u8>>,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod canned_answer {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "canned_answer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub author_id: Uuid,
        pub campus_id: Option<Uuid>,
        pub title: String,
        pub text: String,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

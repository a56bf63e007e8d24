//! Picture passwords, and the codes of classes.

pub(crate) mod class_code {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "class_code")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub class_id: Uuid,
        pub school_id: Uuid,
        pub code: String,
        pub created_at: i64,
        pub tries: i64,
        pub tries_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod picture_password {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "picture_password")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub school_id: Uuid,
        pub class_id: Uuid,
        pub learner_id: Uuid,
        pub number: i64,
        pub hash: String,
        pub tries: i64,
        pub tries_at: i64,
        pub created_at: i64,
        pub used_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

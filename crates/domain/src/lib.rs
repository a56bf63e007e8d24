//! What the school is made of, and its rules: ids, roles, who may do what, homework. No input or output; time and
//! randomness come in as parameters.

pub mod consent;
pub mod exercise;
pub mod homework;
pub mod id;
pub mod message;
pub mod operator;
pub mod policy;
pub mod progress;
pub mod provide;
pub mod request;
pub mod revision;
pub mod role;
pub mod roster;
pub mod service;
pub mod skill;
pub mod sound;
pub mod support;
pub mod survey;
pub mod token;
pub mod workdays;

mod words;

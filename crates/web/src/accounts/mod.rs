//! Who one is: signing in, one's own profile.

pub mod profile;
pub mod sign_in;

//! Who one is: signing in, one's own profile, password and devices.

pub mod agent;
pub mod avatar;
pub mod card;
pub mod device;
pub mod devices;
pub mod doubt;
pub mod forgot;
pub mod new_password;
pub mod notices;
pub mod passkey_sign_in;
pub mod passkeys;
pub mod password;
pub mod pictures;
pub mod profile;
pub mod second_sign_in;
pub mod second_step;
pub mod sign_in;
pub mod tokens;
pub mod webauthn;

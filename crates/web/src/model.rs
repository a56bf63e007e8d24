//! The one place where the speech model comes into the binary.

use crate::ear::SpeechEar;

/// The model file, made by `training/` and described by its card in `models/`.
static MODEL: &[u8] = &[];

/// Loads the built-in model.
///
/// # Errors
/// If the file in the binary is not a model that this code knows, which is a fault of the build.
pub fn load() -> Result<SpeechEar, String> {
    SpeechEar::load(MODEL).map_err(|error| error.to_string())
}

//! The one place where the speech model comes into the binary.

use std::path::Path;

use crate::ear::SpeechEar;

/// The model file, made by `training/` and described by its card in `models/`.
static MODEL: &[u8] = include_bytes!("../../../models/ear.jym");

/// Loads the built-in model.
///
/// # Errors
/// If the file in the binary is not a model that this code knows, which is a fault of the build.
pub fn load() -> Result<SpeechEar, String> {
    SpeechEar::load(MODEL).map_err(|error| format!("the built-in model: {error}"))
}

/// Loads the model in `file`, or the built-in one.
///
/// # Errors
/// If the file cannot be read or is not a model that this code knows.
pub fn load_or_built_in(file: Option<&Path>) -> Result<SpeechEar, String> {
    let Some(file) = file else { return load() };
    let in_file = |error: String| format!("{}: {error}", file.display());
    let bytes = std::fs::read(file).map_err(|error| in_file(error.to_string()))?;
    // A process loads one model and keeps it to its end.
    SpeechEar::load(bytes.leak()).map_err(|error| in_file(error.to_string()))
}

//! What stands beside a name on the pages: one of our drawings, a picture, or the first letter.

use std::collections::HashMap;

use jiayin_domain::id::PersonId;
use jiayin_store::Viewer;
use jiayin_store::faces::Face;

use crate::app::AppState;
use crate::error::AppError;

/// The drawings, by the names of their files (`static/faces/`).
pub const DRAWINGS: [&str; 12] =
    ["cat", "dog", "rabbit", "panda", "bear", "fox", "tiger", "frog", "penguin", "owl", "monkey", "elephant"];

/// What is shown beside a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaceView {
    /// The first letter of the name.
    Letter(String),
    /// Address of a drawing or a picture.
    Picture(String),
}

impl FaceView {
    /// What a person has chosen; a drawing that there is no more is the letter again.
    pub fn of(app: &AppState, face: &Face, name: &str) -> Self {
        match face {
            Face::Drawing(drawing) if DRAWINGS.contains(&drawing.as_str()) => Self::Picture(address(app, drawing)),
            Face::Portrait(media) => Self::Picture(format!("/portraits/{media}")),
            Face::Drawing(_) | Face::Letter => Self::letter(name),
        }
    }

    /// Address of what is seen; `None` for a letter.
    pub fn src(&self) -> Option<&str> {
        match self {
            Self::Picture(src) => Some(src),
            Self::Letter(_) => None,
        }
    }

    /// The letter; empty for a picture.
    pub fn initial(&self) -> &str {
        match self {
            Self::Picture(_) => "",
            Self::Letter(letter) => letter,
        }
    }

    /// The first letter of a name.
    pub fn letter(name: &str) -> Self {
        Self::Letter(name.chars().next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default())
    }
}

/// A teacher whom a learner or a guardian may know: name, and what stands beside it.
///
/// # Errors
/// If it cannot be read.
pub async fn teacher(app: &AppState, viewer: &Viewer, id: PersonId) -> Result<(String, FaceView), AppError> {
    Ok(teachers(app, viewer, &[id]).await?.remove(&id).unwrap_or_else(nobody))
}

/// Several of them.
///
/// # Errors
/// If they cannot be read.
pub async fn teachers(
    app: &AppState,
    viewer: &Viewer,
    ids: &[PersonId],
) -> Result<HashMap<PersonId, (String, FaceView)>, AppError> {
    let known = app.store.teachers_known(viewer, ids).await?;
    let view = |(id, (name, face)): (PersonId, (String, Face))| {
        let face = FaceView::of(app, &face, &name);
        (id, (name, face))
    };
    Ok(known.into_iter().map(view).collect())
}

/// What stands for a teacher who is not there any more.
pub fn nobody() -> (String, FaceView) {
    (String::new(), FaceView::letter(""))
}

/// Address of a drawing.
pub fn address(app: &AppState, drawing: &str) -> String {
    app.assets.url(&format!("{drawing}.svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_is_the_first_of_the_name_in_any_script() {
        assert_eq!(FaceView::letter("王小明"), FaceView::Letter("王".to_owned()));
        assert_eq!(FaceView::letter("anna"), FaceView::Letter("A".to_owned()));
        assert_eq!(FaceView::letter(""), FaceView::Letter(String::new()));
    }
}

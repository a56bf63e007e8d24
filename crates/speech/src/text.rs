//! stub
use crate::model::ModelError;
use crate::prompt::{PromptError, PromptWord};
pub(crate) struct TextReader;
impl TextReader {
    pub(crate) fn new(_g2p: Option<&'static [u8]>) -> Result<Self, ModelError> {
        Ok(Self)
    }
    pub(crate) fn read(&self, _text: &str) -> Result<Vec<PromptWord>, PromptError> {
        Err(PromptError::Empty)
    }
}

//! Who runs the service and answers for the data (PIPL 17): one configuration, and one type wherever the name appears.

use serde::{Deserialize, Serialize};

/// The organisation behind the service, as people may know and reach it. The defaults are those of the operator for whom
/// the first policy was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Operator {
    /// The name in the register of companies.
    pub legal_name: String,
    /// The name by which people know it.
    pub short_name: String,
    /// The service's name in Chinese.
    pub service_zh: String,
    /// The service's name in English.
    pub service_en: String,
    /// Phone number of the customer service, as it is dialled.
    pub phone: String,
    /// Mailbox of the customer service.
    pub mailbox: String,
    /// Mailbox of the person who answers for personal data (PIPL 52), and for that of children.
    pub officer_mailbox: String,
}

impl Default for Operator {
    fn default() -> Self {
        Self {
            legal_name: "北京帮你说互联网教育科技有限公司".to_owned(),
            short_name: "帮你说".to_owned(),
            service_zh: "佳音英语 E-learning".to_owned(),
            service_en: "Jiayin English E-learning".to_owned(),
            phone: "010-86394488".to_owned(),
            mailbox: "service@helputalk.com".to_owned(),
            officer_mailbox: "service@helputalk.com".to_owned(),
        }
    }
}

impl Operator {
    /// The first key that is empty or would break a page, with what would do.
    ///
    /// # Errors
    /// The key and the expectation.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let line =
            |text: &str| !text.trim().is_empty() && text.chars().count() <= 200 && !text.contains(char::is_control);
        let mailbox = |text: &str| {
            line(text) && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        };
        let expected = [
            (line(&self.legal_name), "operator.legal_name", "a name on one line"),
            (line(&self.short_name), "operator.short_name", "a name on one line"),
            (line(&self.service_zh), "operator.service_zh", "a name on one line"),
            (line(&self.service_en), "operator.service_en", "a name on one line"),
            (line(&self.phone), "operator.phone", "a phone number"),
            (mailbox(&self.mailbox), "operator.mailbox", "an e-mail address"),
            (mailbox(&self.officer_mailbox), "operator.officer_mailbox", "an e-mail address"),
        ];
        match expected.into_iter().find(|(fits, _, _)| !fits) {
            Some((_, key, wanted)) => Err((key, wanted)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(Operator::default().check(), Ok(()));
        let without = Operator { phone: " ".to_owned(), ..Operator::default() };
        assert_eq!(without.check().unwrap_err().0, "operator.phone");
        let wrong = Operator { officer_mailbox: "officer".to_owned(), ..Operator::default() };
        assert_eq!(wrong.check().unwrap_err().0, "operator.officer_mailbox");
    }
}

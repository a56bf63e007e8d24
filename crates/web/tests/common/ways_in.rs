//! Sample data for the pages of passkeys and picture passwords.

use jiayin::accounts::passkeys::{NewPasskeyPage, PasskeyError, PasskeyView, PasskeysPage};
use jiayin::accounts::pictures::{EnterError, EnterPage, PICTURES};
use jiayin::accounts::webauthn::Ceremony;
use jiayin::classes::pictures::{LearnerView, PictureSheetPage, PicturesPage, Slip};
use jiayin_domain::id::{ClassId, PasskeyId, PersonId};
use jiayin_domain::role::Role;
use uuid::Uuid;

use super::pages::Samples;

impl Samples<'_> {
    pub fn ceremony() -> Ceremony {
        Ceremony { token: "a1b2c3".to_owned(), options: "{\"rpId\":\"localhost\",\"challenge\":\"AA\"}".to_owned() }
    }

    pub fn passkeys(&self, error: Option<PasskeyError>) -> PasskeysPage {
        let passkey = |name: &str, used: Option<&str>| PasskeyView {
            id: PasskeyId(Uuid::nil()),
            name: name.to_owned(),
            added: self.when("2026-05-02T10:29:00Z"),
            used: used.map(|used| self.when(used)),
        };
        PasskeysPage {
            layout: self.layout("/profile/passkeys", Some(("周敏", Role::Teacher))),
            possible: true,
            second_step: error.is_some(),
            passkeys: vec![passkey("我的手机", Some("2026-06-02T10:29:00Z")), passkey("YubiKey", None)],
            saved: error.is_none(),
            error,
        }
    }

    pub fn no_passkeys(&self) -> PasskeysPage {
        PasskeysPage { possible: false, passkeys: Vec::new(), saved: false, ..self.passkeys(None) }
    }

    pub fn new_passkey(&self) -> NewPasskeyPage {
        let layout = self.layout("/profile/passkeys", Some(("周敏", Role::Teacher)));
        NewPasskeyPage { layout, ceremony: Self::ceremony(), name: "我的手机".to_owned() }
    }

    pub fn enter(&self, error: Option<EnterError>) -> EnterPage {
        let typed = |text: &str| if error.is_some() { text.to_owned() } else { String::new() };
        EnterPage { layout: self.layout("/enter", None), code: typed("BCD 347"), number: typed("7"), error }
    }

    pub fn pictures(&self, code: &str) -> PicturesPage {
        let learner = |name: &str, number, used: Option<&str>| LearnerView {
            learner: PersonId(Uuid::nil()),
            name: name.to_owned(),
            number,
            used: used.map(|used| self.when(used)),
        };
        PicturesPage {
            layout: self.layout("/classes/c1/pictures", Some(("周敏", Role::Teacher))),
            class: ClassId(Uuid::nil()),
            code: code.to_owned(),
            address: "https://school.example/enter".to_owned(),
            learners: vec![
                learner("王小明", Some(1), Some("2026-06-02T10:29:00Z")),
                learner("欧阳若曦", Some(2), None),
                learner("李雷", None, None),
            ],
        }
    }

    pub fn picture_sheet(&self) -> PictureSheetPage {
        let slip = |name: &str, number, from: usize| Slip {
            name: name.to_owned(),
            number,
            pictures: PICTURES[from..from + 4].to_vec(),
        };
        PictureSheetPage {
            layout: self.layout("/classes/c1/pictures", Some(("周敏", Role::Teacher))),
            class: ClassId(Uuid::nil()),
            code: "BCD 347".to_owned(),
            address: "https://school.example/enter".to_owned(),
            slips: (0..4).map(|row| slip("王小明", row as i64 + 1, row * 4)).collect(),
        }
    }
}

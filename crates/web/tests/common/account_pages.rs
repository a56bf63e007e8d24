//! Sample data for the pages of passwords, devices and the second step.

use jiayin::accounts::avatar::{AvatarPage, DrawingView};
use jiayin::accounts::devices::{DeviceView, DevicesPage};
use jiayin::accounts::forgot::{ForgotCodePage, ForgotPage};
use jiayin::accounts::new_password::PasswordError;
use jiayin::accounts::password::{OldPasswordError, PasswordPage};
use jiayin::accounts::profile::{NameError, ProfilePage};
use jiayin::accounts::second_sign_in::SecondSignInPage;
use jiayin::accounts::second_step::{SecondStepPage, Stand, StepError};
use jiayin::codes::{Challenge, CodeError};
use jiayin::faces::{DRAWINGS, FaceView, address};
use jiayin::pictures_in::PictureError;
use jiayin_domain::role::Role;

use super::pages::Samples;

impl Samples<'_> {
    pub fn devices(&self) -> DevicesPage {
        let device = |browser: &str, system: &str, at: &str, current| DeviceView {
            session: browser.to_owned(),
            name: format!("{browser} · {system}"),
            attributes: vec![("Browser", browser.to_owned()), ("Operating system", system.to_owned())],
            since: self.when("2026-05-02T10:29:00Z"),
            last: self.when(at),
            current,
        };
        DevicesPage {
            layout: self.layout("/profile/devices", Some(("王建国", Role::Guardian))),
            notice: true,
            devices: vec![
                device("Chrome 126", "Android 14", "2026-06-02T10:29:00Z", true),
                device("Safari 17", "iPadOS 17.5", "2026-05-28T11:00:00Z", false),
            ],
        }
    }

    pub fn profile(&self, error: Option<NameError>) -> ProfilePage {
        ProfilePage {
            layout: self.layout(
                "/profile",
                Some(if error.is_some() { ("周敏", Role::Teacher) } else { ("王建国", Role::Guardian) }),
            ),
            name: if error.is_some() { String::new() } else { "王建国".to_owned() },
            saved: error.is_none(),
            error,
            identifiers: vec!["138****5678".to_owned(), "w***@example.com".to_owned()],
            passkeys: true,
        }
    }

    pub fn avatar(&self, error: Option<PictureError>) -> AvatarPage {
        let child = error.is_none();
        let face = if child { FaceView::Picture(address(self.app, "panda")) } else { FaceView::letter("周敏") };
        AvatarPage {
            layout: self.layout(
                "/profile/avatar",
                Some(if child { ("王小明", Role::Learner) } else { ("周敏", Role::Teacher) }),
            ),
            letter: FaceView::letter(if child { "王小明" } else { "周敏" }),
            drawings: DRAWINGS
                .into_iter()
                .map(|name| DrawingView { name, src: address(self.app, name), chosen: child && name == "panda" })
                .collect(),
            face,
            portraits: !child,
            max_mb: 20,
            error,
        }
    }

    pub fn password(&self, old_error: Option<OldPasswordError>) -> PasswordPage {
        PasswordPage {
            layout: self.layout("/profile/password", Some(("王建国", Role::Guardian))),
            saved: old_error.is_none(),
            old_error,
            password_error: None,
        }
    }

    pub fn second_step(&self, state: Stand, error: Option<StepError>) -> SecondStepPage {
        SecondStepPage { layout: self.layout("/profile/second-step", Some(("周敏", Role::Teacher))), state, error }
    }

    pub fn second_sign_in(&self) -> SecondSignInPage {
        let error = Some(StepError::TooMany { minutes: 5 });
        SecondSignInPage { layout: self.layout("/sign-in", None), token: "a1b2c3".to_owned(), error }
    }

    pub fn forgot(&self) -> ForgotPage {
        ForgotPage { layout: self.layout("/sign-in/forgot", None), identifier: "13800005678".to_owned(), error: None }
    }

    pub fn forgot_code(&self, code_error: Option<CodeError>) -> ForgotCodePage {
        let challenge = Challenge {
            token: "a1b2c3".to_owned(),
            sent_to: "138****5678".to_owned(),
            shown: Some("012345".to_owned()),
        };
        ForgotCodePage {
            layout: self.layout("/sign-in/forgot", None),
            challenge,
            password_error: code_error.is_some().then_some(PasswordError::Common),
            code_error,
        }
    }
}

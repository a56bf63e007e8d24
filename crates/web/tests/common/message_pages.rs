//! Sample data for the pages of messages.

use jiayin::messages::announcements::{AnnouncementForm, AnnouncementsPage, SaidView};
use jiayin::messages::inbox::{AnnouncementPage, InboxPage, Line};
use jiayin::messages::settings::{ClassRow, PushHere, SettingsPage, Switch};
use jiayin::messages::unsubscribe::UnsubscribePage;
use jiayin_domain::id::{AnnouncementId, MessageId};
use jiayin_domain::message::{Channel, Class};
use jiayin_domain::role::Role;
use uuid::Uuid;

use super::pages::Samples;

impl Samples<'_> {
    pub fn inbox(&self, empty: bool) -> InboxPage {
        let l = self.l();
        let line = |class, text: String, child: &str, unread| Line {
            id: MessageId(Uuid::nil()),
            class,
            text,
            child: child.to_owned(),
            at: self.when("2026-06-02T10:29:00Z"),
            unread,
        };
        let lines = vec![
            line(Class::Learning, l.t1("message-assigned", "what", "Unit 3 · At the zoo"), "王小明", true),
            line(Class::Service, "周六凌晨系统维护 / Maintenance on Saturday night".to_owned(), "", true),
            line(Class::Learning, l.t1("message-reviewed", "what", "Unit 2 · My family"), "欧阳若曦", false),
            line(Class::Service, l.t("message-answered"), "", false),
        ];
        let layout = self.layout("/messages", Some(("王建华", Role::Guardian)));
        let surveys = if empty { Vec::new() } else { vec![self.survey_card()] };
        InboxPage { layout, surveys, lines: if empty { Vec::new() } else { lines } }
    }

    pub fn announcement(&self) -> AnnouncementPage {
        AnnouncementPage {
            layout: self.layout("/messages/m1", Some(("王建华", Role::Guardian))),
            class: Class::Service,
            title: "Maintenance on Saturday night".to_owned(),
            paragraphs: vec![
                "From 2:00 to 4:00 nothing works.".to_owned(),
                "Recordings wait\nin the browser.".to_owned(),
            ],
            at: self.when("2026-06-02T10:29:00Z"),
        }
    }

    pub fn message_settings(&self, troubled: bool) -> SettingsPage {
        let row = |class: Class| {
            let asks = class == Class::Marketing;
            let switch = |channel: Channel| Switch {
                name: format!("{}.{}", class.tag(), channel.tag()),
                channel,
                on: !asks && (channel == Channel::Inbox || class == Class::Service),
                fixed: asks || class == Class::Service,
            };
            ClassRow { class, switches: Channel::ALL.into_iter().map(switch).collect(), asks }
        };
        SettingsPage {
            layout: self.layout("/messages/settings", Some(("王建华", Role::Guardian))),
            rows: Class::ALL.into_iter().map(row).collect(),
            quiet: ("21:00".to_owned(), "08:00".to_owned()),
            sends: true,
            push: (!troubled).then(|| PushHere { key: "BK".to_owned(), on: true, others: 1 }),
            refused: troubled.then(|| self.when("2026-06-01T10:29:00Z")),
            calendar: troubled.then(|| self.when("2026-05-02T10:29:00Z")),
            link: (!troubled).then(|| format!("https://school.example/calendar/{}.ics", "5f".repeat(32))),
            calendars: true,
            saved: !troubled,
            wrong_hours: troubled,
        }
    }

    pub fn unsubscribe(&self, done: bool) -> UnsubscribePage {
        UnsubscribePage { layout: self.layout("/unsubscribe/t", None), class: Class::Learning, done }
    }

    pub fn announcements(&self, wrong: bool) -> AnnouncementsPage {
        let said = |title: &str, withdrawn| SaidView {
            id: AnnouncementId(Uuid::nil()),
            class: Class::News,
            audience: "花园路校区".to_owned(),
            title: title.to_owned(),
            body: "On Friday at three.\nParents are welcome.".to_owned(),
            at: self.when("2026-06-02T10:29:00Z"),
            withdrawn,
            reach: self.l().tn("announcement-reach", &[("told", "214".to_owned()), ("read", "87".to_owned())]),
        };
        let form = AnnouncementForm {
            audience: "class:1".to_owned(),
            class: "service".to_owned(),
            title: "System maintenance".to_owned(),
            body: "And a discount.".to_owned(),
        };
        AnnouncementsPage {
            layout: self.layout("/announcements", Some(("何敏", Role::CampusManager))),
            audiences: vec![
                ("campus:1".to_owned(), "花园路校区".to_owned()),
                ("class:1".to_owned(), "三年级 1 班".to_owned()),
            ],
            classes: vec![Class::Service, Class::Learning, Class::News],
            said: vec![said("Sports day", false), said("Open day, with a rather long title that goes on and on", true)],
            form: if wrong { form } else { AnnouncementForm::default() },
            error: wrong.then(|| self.l().t1("announcement-error-promotion", "word", "discount")),
            sent: !wrong,
            undelivered: u32::from(wrong) * 3,
        }
    }
}

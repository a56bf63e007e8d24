//! Sample data for the pages of the help desk.

use jiayin::ops::failures::{FailureLine, FailuresPage};
use jiayin::support::canned::{CannedForm, CannedPage};
use jiayin::support::desk::{DeskPage, Draft, Which};
use jiayin::support::form::{REQUESTS, Typed};
use jiayin::support::help::{HelpPage, STUCK};
use jiayin::support::queue::QueuePage;
use jiayin::support::ticket::{Rated, TicketPage};
use jiayin::support::view::{By, EntryView, TicketLine, TicketView};
use jiayin_domain::id::{CannedAnswerId, JobId, PersonId, TicketId};
use jiayin_domain::role::Role;
use jiayin_domain::support::{ANSWER_DAYS, Deed, Desk, Rating, State, Topic};
use jiayin_domain::workdays::Workdays;
use jiayin_store::support::{Canned, Counts, Ticket};
use jiff::Timestamp;
use uuid::Uuid;

use super::pages::Samples;

const ME: PersonId = PersonId(Uuid::nil());

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Samples<'_> {
    fn ticket_line(&self, topic: Topic, state: State, due: &str) -> TicketLine {
        let ticket = Ticket {
            id: TicketId(Uuid::nil()),
            writer: PersonId(Uuid::from_u128(7)),
            topic,
            state,
            desk: Desk::Campus,
            owner: (state != State::Waiting).then_some(ME),
            version: 3,
            opened_at: at("2026-05-29T02:10:00Z"),
            since: at("2026-06-01T09:20:00Z"),
            due_at: at(due),
            closed_at: None,
            rating: (state == State::Closed).then_some(Rating::Fair),
        };
        TicketLine::new(&self.l(), &Workdays::new(&[], &[]), at("2026-06-02T10:30:00Z"), ME, &ticket)
    }

    fn lines_of_help(&self) -> Vec<TicketLine> {
        vec![
            self.ticket_line(Topic::Sound, State::Waiting, "2026-06-01T15:59:59Z"),
            self.ticket_line(Topic::Homework, State::Waiting, "2026-06-03T15:59:59Z"),
        ]
    }

    pub fn help(&self, signed_in: bool, wrong: bool) -> HelpPage {
        let mut tickets = self.lines_of_help();
        tickets.push(self.ticket_line(Topic::Account, State::Answered, "2026-06-03T15:59:59Z"));
        tickets.push(self.ticket_line(Topic::Lessons, State::Closed, "2026-06-03T15:59:59Z"));
        let typed = Typed {
            topic: "sound".to_owned(),
            text: "录音键按不动。".to_owned(),
            text_error: self.l().t("help-error-topic"),
            file_error: self.l().t1("help-error-file", "limit", 20),
        };
        HelpPage {
            layout: self.layout("/help", signed_in.then_some(("王建华", Role::Guardian))),
            operator: self.app.config.operator.clone(),
            stuck: &STUCK,
            topics: Topic::ALL,
            requests: &REQUESTS,
            days: ANSWER_DAYS,
            typed: if wrong { typed } else { Typed::default() },
            tickets: if signed_in { tickets } else { Vec::new() },
        }
    }

    fn talk(&self, desk: bool) -> Vec<EntryView> {
        let entry = |deed, by, text: &str, picture: bool| EntryView {
            deed,
            by,
            text: text.to_owned(),
            picture: if picture { "/static/icon.svg".to_owned() } else { String::new() },
            picture_gone: false,
            at: self.when("2026-06-02T10:20:00Z"),
        };
        let (writer, staff) = if desk { (By::Writer, By::Colleague) } else { (By::You, By::Desk) };
        let mut talk = vec![entry(Deed::Ask, writer, "录音键按不动，\n图上是现在的样子。", true)];
        if desk {
            talk.push(entry(Deed::Take, By::You, "", false));
            talk.push(entry(Deed::Note, By::You, "The tablet is three years old.", false));
        }
        talk.push(entry(Deed::Answer, staff, "Please allow the microphone in the settings of the browser.", false));
        talk.push(EntryView { picture_gone: true, ..entry(Deed::Ask, writer, "It works, thank you!", false) });
        talk
    }

    pub fn help_ticket(&self, closed: bool) -> TicketPage {
        let state = if closed { State::Closed } else { State::Waiting };
        let line = self.ticket_line(Topic::Sound, state, "2026-06-03T15:59:59Z");
        let mut entries = self.talk(false);
        if closed {
            let last = entries.remove(0);
            entries.push(EntryView { deed: Deed::Close, text: String::new(), picture: String::new(), ..last });
        }
        TicketPage {
            layout: self.layout("/help/t1", Some(("王建华", Role::Guardian))),
            ticket: TicketView { line, entries, remark: String::new() },
            typed: Typed::default(),
            ratings: Rating::ALL,
            rated: Rated { typed: "Quick!".to_owned(), error: String::new() },
        }
    }

    pub fn desk_queue(&self, full: bool) -> QueuePage {
        QueuePage {
            layout: self.layout("/desk", Some(("何敏", Role::CampusManager))),
            counts: Counts { waiting: 2, overdue: u64::from(full), answered: 4, closed: 31 },
            show: State::Waiting,
            tickets: if full { self.lines_of_help() } else { Vec::new() },
        }
    }

    fn canned(&self) -> Vec<Canned> {
        let id = CannedAnswerId(Uuid::nil());
        let text = "Please allow the microphone in the settings of the browser.".to_owned();
        vec![Canned { id, title: "Microphone".to_owned(), text }]
    }

    pub fn desk_ticket(&self, stale: bool) -> DeskPage {
        let draft = Draft {
            which: Which::Answer,
            typed: "Please try again.".to_owned(),
            error: self.l().t("desk-error-stale"),
            to: String::new(),
        };
        DeskPage {
            layout: self.layout("/desk/t1", Some(("何敏", Role::CampusManager))),
            ticket: TicketView {
                line: self.ticket_line(Topic::Sound, State::Waiting, "2026-06-01T15:59:59Z"),
                entries: self.talk(true),
                remark: String::new(),
            },
            writer: "王建华".to_owned(),
            handing: vec![("officer".to_owned(), self.l().t("desk-of-officer"))],
            canned: self.canned(),
            draft: stale.then_some(draft),
        }
    }

    pub fn failures(&self, full: bool) -> FailuresPage {
        let line = |kind: &str, can_be_dropped| FailureLine {
            id: JobId(Uuid::nil()),
            kind: kind.to_owned(),
            since: self.when("2026-06-02T10:20:00Z"),
            attempts: 8,
            reason: "the mail provider refused".to_owned(),
            can_be_dropped,
        };
        FailuresPage {
            layout: self.layout("/failures", Some(("何敏", Role::CampusManager))),
            failures: if full { vec![line("mail", true), line("evaluate", false)] } else { Vec::new() },
        }
    }

    pub fn desk_answers(&self) -> CannedPage {
        CannedPage {
            layout: self.layout("/desk/answers", Some(("何敏", Role::CampusManager))),
            canned: self.canned(),
            form: CannedForm::default(),
            error: self.l().t("desk-error-title"),
        }
    }
}

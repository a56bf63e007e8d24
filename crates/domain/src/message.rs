//! Messages to people: their classes and channels, when one may go out, and what a service message may not say.
//!
//! A service message says what one has to know and cannot be switched off (clause 10.4); everything else can be, each class
//! on each channel (clauses 10.1, 10.2). What stands here is the rule; consent to news and marketing is asked elsewhere.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// What a message is for its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// What one has to know of the service: maintenance, answers to requests.
    Service,
    /// Homework that was given, is due, was reviewed.
    Learning,
    /// What goes on at the school.
    News,
    /// What the school offers.
    Marketing,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Service, Self::Learning, Self::News, Self::Marketing];

    /// The word in the database, in forms and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Learning => "learning",
            Self::News => "news",
            Self::Marketing => "marketing",
        }
    }

    /// The class with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.tag() == tag)
    }
}

/// A way to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The page of messages.
    Inbox,
    /// E-mail.
    Mail,
    /// What a browser shows even when the page is closed (Web Push).
    Push,
    /// A text message to a phone.
    Text,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Inbox, Self::Mail, Self::Push, Self::Text];
    /// Those that leave for somewhere else.
    pub const OUT: [Self; 3] = [Self::Mail, Self::Push, Self::Text];

    /// The word in the database, in forms and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Mail => "mail",
            Self::Push => "push",
            Self::Text => "text",
        }
    }

    /// The channel with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.tag() == tag)
    }
}

/// Whether a class reaches a person on a channel, given what they chose; `None` if they chose nothing. Nothing but service
/// messages leaves for a mailbox or phone that nobody has asked for. A browser that was asked to show messages shows those
/// about learning too.
pub fn reaches(class: Class, channel: Channel, chosen: Option<bool>) -> bool {
    match (class, channel) {
        (Class::Service, _) => true,
        (_, Channel::Inbox) => chosen.unwrap_or(true),
        (Class::Learning, Channel::Push) => chosen.unwrap_or(true),
        (_, Channel::Mail | Channel::Push | Channel::Text) => chosen.unwrap_or(false),
    }
}

/// What a message tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Homework was given.
    Assigned,
    /// Homework is due soon and not done.
    Due,
    /// The teacher has looked at homework.
    Reviewed,
    /// A request was answered.
    Answered,
    /// The help desk has answered, or closed the conversation.
    Helped,
    /// Somebody of the school says something to many.
    Announced,
    /// Somebody of the school asks something in a survey.
    Surveyed,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Assigned, Self::Due, Self::Reviewed, Self::Answered, Self::Helped, Self::Announced, Self::Surveyed];

    /// The word in the database and in text keys.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Due => "due",
            Self::Reviewed => "reviewed",
            Self::Answered => "answered",
            Self::Helped => "helped",
            Self::Announced => "announced",
            Self::Surveyed => "surveyed",
        }
    }

    /// The kind with exactly this word.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.tag() == tag)
    }
}

/// Hours of the night in which no mail goes out, on the school's clock; they may go past midnight. With both ends the same
/// there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    until: Time,
}

impl QuietHours {
    /// What holds for who has chosen nothing: 21:00 to 8:00.
    pub const DEFAULT: Self = Self { from: Time::constant(21, 0, 0, 0), until: Time::constant(8, 0, 0, 0) };

    /// Hours from one minute of the day to another; `None` for minutes that no day has.
    pub fn from_minutes(from: i64, until: i64) -> Option<Self> {
        let time = |minutes: i64| {
            let minutes = u16::try_from(minutes).ok()?;
            Time::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()
        };
        Some(Self { from: time(from)?, until: time(until)? })
    }

    /// When they begin, in minutes of the day.
    pub fn from(self) -> i64 {
        minutes(self.from)
    }

    /// When they end, in minutes of the day.
    pub fn until(self) -> i64 {
        minutes(self.until)
    }

    fn holds_at(self, time: Time) -> bool {
        if self.from <= self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }

    /// The first moment from `at` on that is not quiet, on a clock so far from UTC.
    pub fn after(self, at: Timestamp, clock: Offset) -> Timestamp {
        let wall = clock.to_datetime(at);
        if !self.holds_at(wall.time()) {
            return at;
        }
        let date = if wall.time() < self.until { wall.date() } else { tomorrow(wall.date()) };
        clock.to_timestamp(date.to_datetime(self.until)).unwrap_or(at)
    }
}

fn minutes(time: Time) -> i64 {
    i64::from(time.hour()) * 60 + i64::from(time.minute())
}

fn tomorrow(date: Date) -> Date {
    date.tomorrow().unwrap_or(date)
}

/// What has come together in a day goes out in one mail, at half past six in the evening.
const DIGEST_AT: Time = Time::constant(18, 30, 0, 0);
/// What comes within a minute is one sign on a screen.
const GATHER: SignedDuration = SignedDuration::from_secs(60);

/// When what is ready at `at` goes out. A browser is told after a minute, and neither it nor a phone in quiet hours. By mail
/// and by text a service message goes at once, all else with the day's digest, and that never in quiet hours.
pub fn leaves_at(channel: Channel, class: Class, at: Timestamp, quiet: QuietHours, clock: Offset) -> Timestamp {
    match (channel, class) {
        (Channel::Push, _) => return quiet.after(at.checked_add(GATHER).unwrap_or(at), clock),
        (Channel::Text, Class::Service) => return quiet.after(at, clock),
        (Channel::Inbox | Channel::Mail, Class::Service) => return at,
        (Channel::Inbox | Channel::Mail | Channel::Text, _) => {}
    }
    let wall = clock.to_datetime(at);
    let date = if wall.time() <= DIGEST_AT { wall.date() } else { tomorrow(wall.date()) };
    quiet.after(clock.to_timestamp(date.to_datetime(DIGEST_AT)).unwrap_or(at), clock)
}

/// Words of advertising, in lower case. A service message that contains one is refused; better one too many than that a
/// message which cannot be switched off sells something.
const PROMOTION: &[&str] = &[
    "优惠",
    "促销",
    "打折",
    "折扣",
    "特价",
    "立减",
    "满减",
    "抢购",
    "秒杀",
    "团购",
    "返现",
    "红包",
    "免费试听",
    "试听课",
    "体验课",
    "限时",
    "报名",
    "续费",
    "续班",
    "推荐好友",
    "礼品",
    "赠送",
    "抽奖",
    "discount",
    "% off",
    "coupon",
    "voucher",
    "promo",
    "special offer",
    "limited offer",
    "limited time",
    "free trial",
    "trial lesson",
    "enrol now",
    "enroll now",
    "sign up now",
    "refer a friend",
    "cashback",
    "prize draw",
    "on sale",
    "best price",
];

/// The first word of advertising in a text.
pub fn promotion_in(text: &str) -> Option<&'static str> {
    let plain: String = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    // In Chinese a word may be drawn apart by spaces.
    let closed: String = plain.chars().filter(|letter| !letter.is_whitespace()).collect();
    PROMOTION.iter().copied().find(|word| plain.contains(word) || (!word.is_ascii() && closed.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHINA: Offset = Offset::constant(8);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn clause_10_1_nothing_but_service_is_sent_unasked() {
        for class in Class::ALL {
            for channel in [Channel::Mail, Channel::Text] {
                assert_eq!(reaches(class, channel, None), class == Class::Service);
                assert!(reaches(class, channel, Some(true)));
            }
            // Where to push to is not known before somebody has asked for it.
            assert_eq!(reaches(class, Channel::Push, None), matches!(class, Class::Service | Class::Learning));
        }
    }

    #[test]
    fn clause_10_2_everything_but_service_can_be_switched_off() {
        for class in Class::ALL {
            for channel in Channel::ALL {
                assert_eq!(reaches(class, channel, Some(false)), class == Class::Service);
            }
        }
    }

    #[test]
    fn quiet_hours_go_past_midnight() {
        let quiet = QuietHours::DEFAULT;
        for (now, then) in [
            ("2026-03-02T12:00:00+08:00", "2026-03-02T12:00:00+08:00"),
            ("2026-03-02T20:59:59+08:00", "2026-03-02T20:59:59+08:00"),
            ("2026-03-02T21:00:00+08:00", "2026-03-03T08:00:00+08:00"),
            ("2026-03-03T00:30:00+08:00", "2026-03-03T08:00:00+08:00"),
            ("2026-03-03T08:00:00+08:00", "2026-03-03T08:00:00+08:00"),
        ] {
            assert_eq!(quiet.after(at(now), CHINA), at(then), "{now}");
        }
        let noon = QuietHours::from_minutes(12 * 60, 14 * 60).unwrap();
        assert_eq!(noon.after(at("2026-03-02T13:00:00+08:00"), CHINA), at("2026-03-02T14:00:00+08:00"));
        let none = QuietHours::from_minutes(0, 0).unwrap();
        assert_eq!(none.after(at("2026-03-02T00:00:00+08:00"), CHINA), at("2026-03-02T00:00:00+08:00"));
        for wrong in [(-1, 0), (0, 1440), (i64::MAX, 0)] {
            assert_eq!(QuietHours::from_minutes(wrong.0, wrong.1), None);
        }
    }

    #[test]
    fn a_day_has_one_digest_and_service_does_not_wait() {
        let evening = "2026-03-02T18:30:00+08:00";
        for (class, now, quiet, then) in [
            (Class::Learning, "2026-03-02T09:00:00+08:00", QuietHours::DEFAULT, evening),
            (Class::Learning, evening, QuietHours::DEFAULT, evening),
            (Class::News, "2026-03-02T18:31:00+08:00", QuietHours::DEFAULT, "2026-03-03T18:30:00+08:00"),
            (
                Class::Learning,
                "2026-03-02T09:00:00+08:00",
                QuietHours::from_minutes(18 * 60, 20 * 60).unwrap(),
                "2026-03-02T20:00:00+08:00",
            ),
            (Class::Service, "2026-03-02T23:00:00+08:00", QuietHours::DEFAULT, "2026-03-02T23:00:00+08:00"),
        ] {
            assert_eq!(leaves_at(Channel::Mail, class, at(now), quiet, CHINA), at(then), "{class:?} {now}");
        }
    }

    #[test]
    fn a_screen_is_told_after_a_minute_and_nobody_is_woken() {
        let (noon, night) = ("2026-03-02T12:00:00+08:00", "2026-03-02T23:00:00+08:00");
        let (minute, morning) = ("2026-03-02T12:01:00+08:00", "2026-03-03T08:00:00+08:00");
        for class in Class::ALL {
            for (now, then) in [(noon, minute), (night, morning)] {
                assert_eq!(leaves_at(Channel::Push, class, at(now), QuietHours::DEFAULT, CHINA), at(then));
            }
        }
        assert_eq!(leaves_at(Channel::Text, Class::Service, at(noon), QuietHours::DEFAULT, CHINA), at(noon));
        assert_eq!(leaves_at(Channel::Text, Class::Service, at(night), QuietHours::DEFAULT, CHINA), at(morning));
        let evening = at("2026-03-02T18:30:00+08:00");
        assert_eq!(leaves_at(Channel::Text, Class::Learning, at(noon), QuietHours::DEFAULT, CHINA), evening);
    }

    #[test]
    fn clause_10_4_advertising_is_found_however_it_is_written() {
        for text in ["暑期班优惠", "现在 报 名 还来得及", "20% OFF this week", "Enrol\n now and save", "A FREE  trial"]
        {
            assert!(promotion_in(text).is_some(), "{text}");
        }
        for text in ["周六凌晨2点到4点系统维护", "The server is down for maintenance on Saturday", "隐私政策已更新"]
        {
            assert_eq!(promotion_in(text), None, "{text}");
        }
    }
}

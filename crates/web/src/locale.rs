//! Languages: Simplified Chinese first, English second; texts are Fluent files under `locales/`, built in.

use std::borrow::Cow;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Locale {
    /// Simplified Chinese.
    ZhCn,
    /// English.
    En,
}

impl Locale {
    /// All of them, the default first.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// The BCP 47 tag, as in `<html lang>` and in the cookie.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language's name in itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::ZhCn => "中文",
            Self::En => "English",
        }
    }

    /// The locale with exactly this tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.tag() == tag)
    }

    /// The best locale for an `Accept-Language` header (RFC 9110, 12.5.4): highest weight wins, Chinese of any kind is
    /// served Simplified Chinese, and who asks for neither language gets English.
    pub fn negotiate(accept: Option<&str>) -> Self {
        let Some(accept) = accept else { return Self::ZhCn };
        let mut best: Option<(f32, Self)> = None;
        let mut asked = false;
        for range in accept.split(',').take(32) {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = parts
                .find_map(|parameter| parameter.trim().strip_prefix("q="))
                .map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
            asked |= !tag.is_empty() && tag != "*";
            let locale = match tag.split('-').next() {
                Some("zh") => Self::ZhCn,
                Some("en") => Self::En,
                _ => continue,
            };
            if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, locale));
            }
        }
        best.map_or(if asked { Self::En } else { Self::ZhCn }, |(_, locale)| locale)
    }

    /// The Fluent files of this locale: name and text.
    pub fn sources(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::ZhCn => vec![
                ("base", include_str!("../locales/zh-CN/base.ftl")),
                ("accounts", include_str!("../locales/zh-CN/accounts.ftl")),
                ("codes", include_str!("../locales/zh-CN/codes.ftl")),
                ("passkeys", include_str!("../locales/zh-CN/passkeys.ftl")),
                ("pictures", include_str!("../locales/zh-CN/pictures.ftl")),
                ("consent", include_str!("../locales/zh-CN/consent.ftl")),
                ("join", include_str!("../locales/zh-CN/join.ftl")),
                ("family", include_str!("../locales/zh-CN/family.ftl")),
                ("home", include_str!("../locales/zh-CN/home.ftl")),
                ("homework", include_str!("../locales/zh-CN/homework.ftl")),
                ("start", include_str!("../locales/zh-CN/start.ftl")),
                ("errors", include_str!("../locales/zh-CN/errors.ftl")),
                ("sounds", include_str!("../locales/zh-CN/sounds.ftl")),
                ("tryout", include_str!("../locales/zh-CN/tryout.ftl")),
                ("staff", include_str!("../locales/zh-CN/staff.ftl")),
                ("roster", include_str!("../locales/zh-CN/roster.ftl")),
                ("courses", include_str!("../locales/zh-CN/courses.ftl")),
                ("exercises", include_str!("../locales/zh-CN/exercises.ftl")),
                ("review", include_str!("../locales/zh-CN/review.ftl")),
                ("policy", include_str!("../locales/zh-CN/policy.ftl")),
                ("officer", include_str!("../locales/zh-CN/officer.ftl")),
                ("rights", include_str!("../locales/zh-CN/rights.ftl")),
                ("requests", include_str!("../locales/zh-CN/requests.ftl")),
                ("progress", include_str!("../locales/zh-CN/progress.ftl")),
                ("messages", include_str!("../locales/zh-CN/messages.ftl")),
                ("api", include_str!("../locales/zh-CN/api.ftl")),
                ("support", include_str!("../locales/zh-CN/support.ftl")),
                ("profile", include_str!("../locales/zh-CN/profile.ftl")),
                ("surveys", include_str!("../locales/zh-CN/surveys.ftl")),
            ],
            Self::En => vec![
                ("base", include_str!("../locales/en/base.ftl")),
                ("accounts", include_str!("../locales/en/accounts.ftl")),
                ("codes", include_str!("../locales/en/codes.ftl")),
                ("passkeys", include_str!("../locales/en/passkeys.ftl")),
                ("pictures", include_str!("../locales/en/pictures.ftl")),
                ("consent", include_str!("../locales/en/consent.ftl")),
                ("join", include_str!("../locales/en/join.ftl")),
                ("family", include_str!("../locales/en/family.ftl")),
                ("home", include_str!("../locales/en/home.ftl")),
                ("homework", include_str!("../locales/en/homework.ftl")),
                ("start", include_str!("../locales/en/start.ftl")),
                ("errors", include_str!("../locales/en/errors.ftl")),
                ("sounds", include_str!("../locales/en/sounds.ftl")),
                ("tryout", include_str!("../locales/en/tryout.ftl")),
                ("staff", include_str!("../locales/en/staff.ftl")),
                ("roster", include_str!("../locales/en/roster.ftl")),
                ("courses", include_str!("../locales/en/courses.ftl")),
                ("exercises", include_str!("../locales/en/exercises.ftl")),
                ("review", include_str!("../locales/en/review.ftl")),
                ("policy", include_str!("../locales/en/policy.ftl")),
                ("officer", include_str!("../locales/en/officer.ftl")),
                ("rights", include_str!("../locales/en/rights.ftl")),
                ("requests", include_str!("../locales/en/requests.ftl")),
                ("progress", include_str!("../locales/en/progress.ftl")),
                ("messages", include_str!("../locales/en/messages.ftl")),
                ("api", include_str!("../locales/en/api.ftl")),
                ("support", include_str!("../locales/en/support.ftl")),
                ("profile", include_str!("../locales/en/profile.ftl")),
                ("surveys", include_str!("../locales/en/surveys.ftl")),
            ],
        }
    }
}

/// The texts of all languages, read once.
pub struct Catalogs {
    bundles: [Arc<FluentBundle<FluentResource>>; 2],
}

impl Catalogs {
    /// Reads the built-in files.
    ///
    /// # Errors
    /// If a file is not valid Fluent or a key comes twice; a test sees to it that this build's are fine.
    pub fn load() -> Result<Self, String> {
        let [zh, en] = Locale::ALL.map(|locale| bundle(locale).map(Arc::new));
        Ok(Self { bundles: [zh?, en?] })
    }

    /// The texts in one language.
    pub fn get(&self, locale: Locale) -> Localizer {
        Localizer { locale, bundle: Arc::clone(&self.bundles[locale as usize]) }
    }
}

fn bundle(locale: Locale) -> Result<FluentBundle<FluentResource>, String> {
    let language: LanguageIdentifier = locale.tag().parse().map_err(|error| format!("{}: {error}", locale.tag()))?;
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks would be read aloud by some screen readers, and both scripts run left to right.
    bundle.set_use_isolating(false);
    for (name, source) in locale.sources() {
        let wrong = |what: String| format!("locales/{}/{name}.ftl: {what}", locale.tag());
        let resource =
            FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| wrong(format!("{:?}", errors.first())))?;
        bundle.add_resource(resource).map_err(|errors| wrong(format!("{:?}", errors.first())))?;
    }
    Ok(bundle)
}

/// Texts in one language; cheap to clone.
#[derive(Clone)]
pub struct Localizer {
    locale: Locale,
    bundle: Arc<FluentBundle<FluentResource>>,
}

impl Localizer {
    /// The language.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// The text of a key.
    pub fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text of a member of a family of keys: `of("grade", "good")` is the text of `grade-good`.
    pub fn of(&self, family: &str, member: &str) -> String {
        self.t(&format!("{family}-{member}"))
    }

    /// The text of a key with one value set in.
    pub fn t1<'a>(&self, key: &str, name: &'static str, value: impl Into<FluentValue<'a>>) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set(Cow::Borrowed(name), value);
        self.format(key, Some(&arguments))
    }

    /// The text of a key with several values set in.
    pub fn tn(&self, key: &str, values: &[(&'static str, String)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(Cow::Borrowed(*name), value.as_str());
        }
        self.format(key, Some(&arguments))
    }

    fn format(&self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, "a text is missing");
            return key.to_owned();
        };
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, arguments, &mut errors).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_weighed() {
        for (header, expected) in [
            (None, Locale::ZhCn),
            (Some(""), Locale::ZhCn),
            (Some("*"), Locale::ZhCn),
            (Some("zh-TW,en;q=0.5"), Locale::ZhCn),
            (Some("en-GB,zh;q=0.9"), Locale::En),
            (Some("fr, zh;q=0.2, en;q=0.3"), Locale::En),
            (Some("fr"), Locale::En),
            (Some("en;q=0, zh;q=0.1"), Locale::ZhCn),
            (Some("zh;q=abc"), Locale::En),
        ] {
            assert_eq!(Locale::negotiate(header), expected, "{header:?}");
        }
    }

    #[test]
    fn values_are_set_in() {
        let catalogs = Catalogs::load().unwrap();
        assert!(catalogs.get(Locale::En).t1("stars-label", "count", 3).contains('3'));
    }
}

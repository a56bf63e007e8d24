//! The first version of the policy: our words around the tables of the data map, in both languages.

use askama::Template;
use jiayin_domain::operator::Operator;
use jiayin_store::policy::PolicyTexts;

use super::tables::{self, OF_CHILDREN, TABLES};
use crate::locale::{Catalogs, Locale, Localizer};

/// What is set into the words of the policy.
struct Parts<'a> {
    o: &'a Operator,
    notice_days: u16,
    kept: String,
    purposes: String,
    browser: String,
    recipients: String,
    permissions: String,
}

impl<'a> Parts<'a> {
    fn new(l: &Localizer, o: &'a Operator, notice_days: u16) -> Self {
        let [kept, purposes, browser, recipients, permissions] = TABLES.map(|name| tables::table(l, name));
        Self { o, notice_days, kept, purposes, browser, recipients, permissions }
    }
}

macro_rules! texts {
    ($($name:ident $path:literal)+) => {$(
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        struct $name<'a>(&'a Parts<'a>);

        impl<'a> std::ops::Deref for $name<'a> {
            type Target = Parts<'a>;

            fn deref(&self) -> &Self::Target {
                self.0
            }
        }
    )+};
}

texts! {
    TextZh "policy/text_zh.md"
    TextEn "policy/text_en.md"
    ChildrenZh "policy/children_zh.md"
    ChildrenEn "policy/children_en.md"
}

/// The four texts as this program would publish them.
///
/// # Errors
/// If a template fails, which it does for no value.
pub fn built_in(catalogs: &Catalogs, operator: &Operator, notice_days: u16) -> Result<PolicyTexts, askama::Error> {
    let zh = Parts::new(&catalogs.get(Locale::ZhCn), operator, notice_days);
    let en = Parts::new(&catalogs.get(Locale::En), operator, notice_days);
    Ok(PolicyTexts {
        zh: TextZh(&zh).render()?,
        en: TextEn(&en).render()?,
        children_zh: ChildrenZh(&zh).render()?,
        children_en: ChildrenEn(&en).render()?,
    })
}

/// The texts with all their tables as the data map is now; `None` if a table has lost its marks.
pub fn renewed(catalogs: &Catalogs, texts: &PolicyTexts) -> Option<PolicyTexts> {
    let (zh, en) = (catalogs.get(Locale::ZhCn), catalogs.get(Locale::En));
    Some(PolicyTexts {
        zh: tables::renewed(&zh, &texts.zh, &TABLES)?,
        en: tables::renewed(&en, &texts.en, &TABLES)?,
        children_zh: tables::renewed(&zh, &texts.children_zh, &OF_CHILDREN)?,
        children_en: tables::renewed(&en, &texts.children_en, &OF_CHILDREN)?,
    })
}

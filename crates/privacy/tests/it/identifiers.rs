//! Phone numbers and e-mail addresses: one person, one form.

use jiayin_privacy::{Identifier, IdentifierError, IdentifierKind};
use proptest::prelude::*;

fn parsed(text: &str) -> Result<String, IdentifierError> {
    Identifier::parse(text).map(|identifier| identifier.normalised().to_owned())
}

#[test]
fn phone_numbers_come_to_one_form() {
    for typed in [
        "13800138000",
        " 138 0013 8000 ",
        "138-0013-8000",
        "+86 138 0013 8000",
        "+86（138）0013－8000",
        "8613800138000",
        "008613800138000",
        "１３８００１３８０００",
        "＋８６ １３８００１３８０００",
        "138–0013—8000",
        "138\u{a0}0013\u{3000}8000",
    ] {
        assert_eq!(parsed(typed).as_deref(), Ok("+8613800138000"), "{typed}");
        assert_eq!(Identifier::parse(typed).unwrap().kind(), IdentifierKind::Phone);
    }
    for (typed, expected) in [
        ("010-6552 9988", "+861065529988"),
        ("+86 10 6552 9988", "+861065529988"),
        ("+86 (0)10 6552 9988", "+861065529988"),
        ("0755-26771234", "+8675526771234"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("0044 20 7946 0018", "+442079460018"),
        ("+852 9123 4567", "+85291234567"),
    ] {
        assert_eq!(parsed(typed).as_deref(), Ok(expected), "{typed}");
    }
}

#[test]
fn what_is_no_phone_number_is_refused() {
    for typed in [
        "1",
        "12345",
        "1380013800",
        "138001380001",
        "12800138000",
        "+0 138 0013 8000",
        "+",
        "++8613800138000",
        "138x0013800",
        "+1234567890123456",
        "0000000000000",
        "十三亿",
        "86",
        "+86",
        "+8610",
        "1380+0138000",
    ] {
        assert_eq!(parsed(typed), Err(IdentifierError::Phone), "{typed}");
    }
    assert_eq!(parsed(""), Err(IdentifierError::Empty));
    assert_eq!(parsed(" \u{3000}\t"), Err(IdentifierError::Empty));
}

#[test]
fn addresses_come_to_one_form() {
    for (typed, expected) in [
        (" Lin.Xiaoyu@Example.COM ", "lin.xiaoyu@example.com"),
        ("ｌｉｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "lin@example.com"),
        ("lin+school@mail.example.cn", "lin+school@mail.example.cn"),
        ("林@例子.中国", "林@例子.中国"),
    ] {
        assert_eq!(parsed(typed).as_deref(), Ok(expected), "{typed}");
        assert_eq!(Identifier::parse(typed).unwrap().kind(), IdentifierKind::Email);
    }
    for typed in [
        "@", "a@", "@b.cn", "a@b", "a@@b.cn", "a b@c.cn", "a@b..cn", "a@.cn", "a@b.cn.", "a@-b.cn", "a@b@c.cn",
        "<a@b.cn>",
    ] {
        assert_eq!(parsed(typed), Err(IdentifierError::Email), "{typed}");
    }
    assert_eq!(parsed(&format!("{}@example.com", "a".repeat(65))), Err(IdentifierError::Email));
}

#[test]
fn debug_shows_the_kind_only() {
    assert_eq!(format!("{:?}", Identifier::parse("13800138000").unwrap()), "Identifier(phone)");
    for kind in [IdentifierKind::Phone, IdentifierKind::Email] {
        assert_eq!(IdentifierKind::from_tag(kind.tag()), Some(kind));
    }
}

proptest! {
    #[test]
    fn the_form_is_stable(text in "\\PC{0,40}|[ +0-9()-]{6,20}|[a-zA-ZÀ-ž0-9.]{1,12}@[a-zA-ZÀ-ž]{1,8}\\.[a-zA-Z]{2,3}") {
        if let Ok(first) = parsed(&text) {
            prop_assert_eq!(parsed(&first), Ok(first));
        }
    }

    #[test]
    fn every_mobile_number_is_read(number in "1[3-9][0-9]{9}") {
        prop_assert_eq!(parsed(&number), Ok(format!("+86{number}")));
    }
}

//! Running a campus does not need teachers' comments.

use jiayin_privacy::{Grant, Personal, category, purpose};

fn take(comment: Personal<String, category::Comment>, grant: &Grant<purpose::Administration>) {
    let _ = comment.into_inner(grant);
}

fn main() {}

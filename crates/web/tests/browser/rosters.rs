//! A list in a real browser: chosen, looked at, imported, its sheet of invitations, undone; on a telephone and on a desk.

use jiayin_domain::role::Role;

use crate::common::{ScriptedEar, TestApp};
use crate::driver::{Browser, Wish};
use crate::story::{look, sign_in};

const LIST: &str = "班级,姓名,学号,家长电话\n五年级9班,甄小云,20260001,13800000000\n五年级9班,甄小雨,20260002,\n\
                    五年级9班,甄小雨,20260002,\n,甄小雪,,\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_looked_at_imported_and_undone() {
    let app = TestApp::demo(ScriptedEar::kind()).await;
    let browser = Browser::over(app, Wish { language: "zh-CN", ..Wish::default() }).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.csv");
    std::fs::write(&file, LIST).unwrap();
    sign_in(&browser, Role::CampusManager, 0).await;
    browser.open("/campus").await;
    look(&browser, "campus-zh-CN").await;
    browser.open("/campus/terms").await;
    look(&browser, "terms-zh-CN").await;
    browser.open("/campus").await;
    browser.click("th a[href^='/campus/classes/']").await;
    browser.wait_for("#to").await;
    look(&browser, "places-zh-CN").await;

    browser.open("/campus/roster").await;
    look(&browser, "roster-zh-CN").await;
    browser.wait_for("#file").await.send_keys(&file.display().to_string()).await.unwrap();
    browser.click(".roster-form .button").await;
    browser.wait_for("[data-kind=wrong]").await;
    assert_eq!(browser.count("[data-kind=create] tbody tr").await, 2);
    look(&browser, "roster-preview-zh-CN").await;
    browser.click("form[action$='/confirmation'] button").await;
    browser.wait_for(".ticket").await;
    assert_eq!(browser.count(".ticket").await, 2);
    assert!(browser.text(".tickets").await.contains("甄小云"));
    look(&browser, "roster-sheet-zh-CN").await;
    browser.click("form[action$='/undo'] button").await;
    browser.wait_for(".note[role=status]").await;
    assert!(browser.text(".note[role=status]").await.contains("已撤销 3 项"));
    look(&browser, "roster-undone-zh-CN").await;
    browser.close().await;
}

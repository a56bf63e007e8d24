//! What a browser says of itself in `User-Agent`: browser, system, device. A small table of what is used in schools and homes in
//! China; what it does not know stays empty rather than guessed.

use jiayin_store::devices::About;

/// Longest text that is kept of each, in characters.
const LONGEST: usize = 40;

/// Mark in the text, and the browser's name. Those that carry others' marks stand before them.
const BROWSERS: [(&str, &str); 16] = [
    ("MicroMessenger/", "WeChat"),
    ("DingTalk/", "DingTalk"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Mi Browser"),
    ("VivoBrowser/", "vivo Browser"),
    ("HeyTapBrowser/", "OPPO Browser"),
    ("MQQBrowser/", "QQ Browser"),
    ("QQBrowser/", "QQ Browser"),
    ("UCBrowser/", "UC Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
];

/// What the browser says of itself.
pub fn about(user_agent: &str) -> About {
    let (system, model) = system_and_model(user_agent);
    About { browser: short(&browser(user_agent)), system: short(&system), model: short(&model) }
}

fn browser(text: &str) -> String {
    let named = BROWSERS.iter().find_map(|(mark, name)| Some(format!("{name} {}", major(after(text, mark)?))));
    // Nearly all call themselves Chrome or Safari too: these are asked last.
    let chrome = || after(text, "Chrome/").map(|rest| format!("Chrome {}", major(rest)));
    let safari = || {
        let version = after(text, "Version/").filter(|_| text.contains("Safari/"))?;
        Some(format!("Safari {}", major(version)))
    };
    named.or_else(chrome).or_else(safari).map(|name| name.trim_end().to_owned()).unwrap_or_default()
}

fn system_and_model(text: &str) -> (String, String) {
    let details = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inside, _)| inside);
    let parts: Vec<&str> = details.split(';').map(str::trim).collect();
    let apple = |name: &str| {
        let version = after(details, "OS ").map(|rest| number(&rest.replace('_', "."))).unwrap_or_default();
        format!("{name} {version}").trim_end().to_owned()
    };
    if details.contains("iPhone") {
        return (apple("iOS"), "iPhone".to_owned());
    }
    if details.contains("iPad") {
        return (apple("iPadOS"), "iPad".to_owned());
    }
    for (mark, name) in [("OpenHarmony", "HarmonyOS"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android")] {
        let Some(rest) = after(details, mark) else { continue };
        let version = number(rest.trim_start());
        let place = parts.iter().position(|part| part.starts_with(mark));
        let model = place.and_then(|place| parts[place + 1..].iter().find(|part| is_model(part))).copied();
        let model = model.map(|model| model.split(" Build").next().unwrap_or_default()).unwrap_or_default();
        return (format!("{name} {version}").trim_end().to_owned(), model.trim().to_owned());
    }
    // Browsers no longer tell Windows 10 from 11, nor which macOS it is.
    for (mark, name) in [("Windows", "Windows"), ("Macintosh", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")] {
        if details.contains(mark) {
            return (name.to_owned(), String::new());
        }
    }
    (String::new(), String::new())
}

/// Neither the language nor the mark of a view, nor the one letter that Chrome gives in place of a model.
fn is_model(part: &str) -> bool {
    let language = part.len() == 5 && part.as_bytes()[2] == b'-';
    !(part.len() < 2 || language || part == "wv" || part.starts_with("rv:"))
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

fn number(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect()
}

fn major(text: &str) -> String {
    text.chars().take_while(char::is_ascii_digit).collect()
}

fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        for (agent, browser, system, model) in [
            (
                "Mozilla/5.0 (Linux; Android 14; 23049RAD8C Build/UKQ1.230804.001; wv) AppleWebKit/537.36 (KHTML, like \
                 Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MicroMessenger/8.0.47.2560",
                "WeChat 8",
                "Android 14",
                "23049RAD8C",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile \
                 Safari/537.36",
                "Chrome 126",
                "Android 10",
                "",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 \
                 Mobile/15E148 Safari/604.1",
                "Safari 17",
                "iPadOS 17.5",
                "iPad",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 \
                 Safari/537.36 Edg/126.0.2592.87",
                "Edge 126",
                "Windows",
                "",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox 127", "Linux", ""),
            (
                "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 \
                 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300",
                "Huawei Browser 5",
                "HarmonyOS 5.0",
                "",
            ),
            ("", "", "", ""),
            ("curl/8.1", "", "", ""),
            ("(((;;;Android", "", "", ""),
        ] {
            let expected = About { browser: browser.to_owned(), system: system.to_owned(), model: model.to_owned() };
            assert_eq!(about(agent), expected, "{agent}");
        }
    }

    #[test]
    fn nothing_long_is_kept() {
        let agent = format!("Mozilla/5.0 (Linux; Android 9; {}) Chrome/1", "x".repeat(5000));
        assert_eq!(about(&agent).model.len(), LONGEST);
    }
}

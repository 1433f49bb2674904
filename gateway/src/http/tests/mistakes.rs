//! What was done wrongly is told on a page in the language of whoever reads it; to programs in English.

use super::door::OWN;
use super::*;

const CHINESE: &str = "accept-language: zh-CN\r\n";

/// Method, path and form, with a word of what the page says in Chinese.
const MISTAKES: [(&str, &str, &str, &str); 17] = [
    ("GET", "/alert/none", "", "32位十六进制数字"),
    (
        "GET",
        "/alert/00000000000000000000000000000009",
        "",
        "没有此编号的警报",
    ),
    ("GET", "/zone/quai", "", "是否为“quay”"),
    ("GET", "/rules/none", "", "城市中没有规则"),
    ("GET", "/node/quay-l", "", "没有登记节点“quay-l”"),
    (
        "GET",
        "/history?known_at=tomorrow",
        "",
        "必须是带时差的时间",
    ),
    (
        "GET",
        "/history?known_at=2026-11-22T00:00:00Z",
        "",
        "没有可查询的历史",
    ),
    (
        "GET",
        "/compare?from=2026-11-22T00:00:00Z",
        "",
        "请同时填写开始与结束时间",
    ),
    ("GET", "/playback?at=tomorrow", "", "不是时刻"),
    (
        "POST",
        "/alert/ALERT/comment",
        "text=",
        "1至500个可显示字符",
    ),
    ("POST", "/alert/ALERT/assign", "to=", "“to”必须是"),
    ("POST", "/alert/ALERT/settle", "verdict=ended", "无需裁定"),
    ("POST", "/alert/ALERT/dance", "", "没有此项操作"),
    ("POST", "/silence/new", "text=x&for=never", "必须是时长"),
    (
        "POST",
        "/silence/new",
        "text=x&for=1h&zone=quai",
        "没有区域“quai”",
    ),
    ("POST", "/silence/end", "zone=quay", "范围与此完全相同"),
    (
        "POST",
        "/node/quay-1/quarantine",
        "from=2099-01-01T00:00",
        "在将来",
    ),
];

#[tokio::test]
async fn mistakes_are_told_in_the_language_of_the_reader() {
    let server = server().await;
    let alert = AlertId(1).to_string();
    for (method, path, form, told) in MISTAKES {
        let path = path.replace("ALERT", &alert);
        let ask = async |fields: &str| {
            let fields = format!("{}{OWN}{fields}", server.cookie);
            let (status, _, page) = server.as_browser(method, &path, &fields, form).await;
            assert!((400..600).contains(&status), "{path} {form}: {status}");
            page
        };
        let chinese = ask(CHINESE).await;
        assert!(chinese.contains(told), "{path} {form}: {chinese}");
        let english = ask("").await;
        assert!(!english.contains(told), "{path} {form}: {english}");
    }

    // Who may not act is told so likewise.
    let fields = format!("{CHINESE}{OWN}");
    let path = format!("/alert/{alert}/acknowledge");
    let (status, _, page) = server.as_browser("POST", &path, &fields, "").await;
    assert!(status == 401 && page.contains("操作需要登录"), "{page}");

    // Programs read English whatever they accept.
    let json = format!("{}{CHINESE}", server.cookie);
    let path = "/api/v1/alerts/none";
    let (_, _, said) = server.as_browser("GET", path, &json, "").await;
    assert!(said.contains("must be 32 hexadecimal digits"), "{said}");
    server.stop().await;
}

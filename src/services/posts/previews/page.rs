//! The description that a page gives of itself: OpenGraph first, then older elements.

use std::cell::RefCell;

use encoding_rs::{Encoding, UTF_8};
use lol_html::{HtmlRewriter, MemorySettings, Settings, element, text};
use reqwest::Url;

/// The most characters of a text that are kept.
const MOST: usize = 300;

/// The bytes of a page in which it may declare its encoding.
const HEAD: usize = 1024;

/// The most bytes of a character reference's name.
const LONGEST_NAME: usize = 8;

/// The bytes of memory for parsing a page, beside the page.
const MEMORY: usize = 1 << 20;

/// The description of a page; empty fields where it has none.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) site: String,
    pub(super) locale: String,
    /// The address of its picture.
    pub(super) image: String,
}

/// Parses the beginning of a page that was fetched from `url`.
pub(super) fn read(url: &Url, content_type: &str, body: &[u8]) -> Page {
    let (html, _, _) = encoding(content_type, body).decode(body);
    let said = said(&html);
    let pick = |names: &[&str]| {
        let found = names.iter().find_map(|name| said.iter().find(|(n, v)| n == name && !v.is_empty()));
        found.map(|(_, value)| short(value)).unwrap_or_default()
    };
    let image = said.iter().find(|(name, _)| PICTURES.contains(&name.as_str()));
    Page {
        kind: pick(&["og:type"]),
        title: pick(&["og:title", "twitter:title", "title"]),
        description: pick(&["og:description", "twitter:description", "description"]),
        site: pick(&["og:site_name"]),
        locale: pick(&["og:locale"]),
        image: image.and_then(|(_, to)| absolute(url, to)).unwrap_or_default(),
    }
}

/// The names of the properties that contain a page's picture.
const PICTURES: [&str; 4] = ["og:image:secure_url", "og:image", "og:image:url", "twitter:image"];

/// The names and values of the properties, in the order of the page. Parsing ends where the memory limit is reached.
fn said(html: &str) -> Vec<(String, String)> {
    let said = RefCell::new(Vec::new());
    let title = RefCell::new((String::new(), false));
    let meta = element!("meta[content]", |meta| {
        let name = meta.get_attribute("property").or_else(|| meta.get_attribute("name"));
        if let (Some(name), Some(value)) = (name, meta.get_attribute("content")) {
            said.borrow_mut().push((name.trim().to_ascii_lowercase(), unescaped(&value)));
        }
        Ok(())
    });
    // The first title is the page's; pictures in it have titles too.
    let words = text!("title", |words| {
        let (title, is_whole) = &mut *title.borrow_mut();
        if !*is_whole {
            title.push_str(words.as_str());
            *is_whole = words.last_in_text_node();
        }
        Ok(())
    });
    let settings = Settings::new()
        .append_element_content_handler(meta)
        .append_element_content_handler(words)
        .with_strict(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MEMORY));
    let mut reader = HtmlRewriter::new(settings, |_: &[u8]| {});
    // Of a page that cannot be parsed to its end, the properties so far are used.
    if reader.write(html.as_bytes()).is_ok() {
        drop(reader.end());
    }
    let mut said = said.take();
    said.push(("title".to_owned(), unescaped(&title.take().0)));
    said
}

/// The encoding that the header declares, or the page itself, or UTF-8.
fn encoding(content_type: &str, body: &[u8]) -> &'static Encoding {
    let head = body.get(..HEAD).unwrap_or(body).to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let label = |text: &str| {
        let (_, label) = text.split_once("charset=")?;
        let label = label.trim_start_matches(['"', '\'']);
        let end = label.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c));
        Encoding::for_label(label.get(..end.unwrap_or(label.len()))?.as_bytes())
    };
    label(&content_type.to_ascii_lowercase()).or_else(|| label(&head)).unwrap_or(UTF_8)
}

/// The text on one line, shortened.
fn short(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= MOST {
        return words;
    }
    let cut: String = words.chars().take(MOST - 1).collect();
    cut + "…"
}

fn absolute(url: &Url, to: &str) -> Option<String> {
    let to = url.join(to.trim()).ok()?;
    matches!(to.scheme(), "http" | "https").then(|| to.into())
}

/// Replaces HTML's character references by the characters.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        plain.push_str(before);
        // A name is short: looking further for its end would read the rest of the page for each sign.
        let end = behind.bytes().take(LONGEST_NAME + 1).position(|b| b == b';');
        let named = end.and_then(|end| Some((behind.get(..end)?, behind.get(end + 1..)?)));
        match named.and_then(|(name, rest)| Some((character(name)?, rest))) {
            Some((character, behind)) => {
                plain.push(character);
                rest = behind;
            }
            None => {
                plain.push('&');
                rest = behind;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn character(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').and_then(|n| match n.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => n.parse().ok(),
    });
    match (number, name) {
        (Some(number), _) => char::from_u32(number).filter(|c| *c != '\0'),
        (None, "amp") => Some('&'),
        (None, "lt") => Some('<'),
        (None, "gt") => Some('>'),
        (None, "quot") => Some('"'),
        (None, "apos") => Some('\''),
        (None, "nbsp") => Some(' '),
        (None, "hellip") => Some('…'),
        (None, "ndash") => Some('–'),
        (None, "mdash") => Some('—'),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::platform::texts::growth;

    fn page(content_type: &str, body: &[u8]) -> Page {
        read(&Url::parse("https://a.example/b/c").expect("an address"), content_type, body)
    }

    #[test]
    fn a_page_tells_of_itself() {
        let html = br#"<html><head><title>Old</title>
            <meta property="og:title" content="Tom &amp; Jerry&#39;s">
            <meta property='og:description' content='two   lines
                                                     of text'>
            <meta property="og:site_name" content="Example"><meta property="og:image" content="/i.png">
            </head><body><meta property="og:title" content="later"></body>"#;
        let page = page("text/html", html);
        assert_eq!((page.title.as_str(), page.description.as_str()), ("Tom & Jerry's", "two lines of text"));
        assert_eq!((page.site.as_str(), page.image.as_str()), ("Example", "https://a.example/i.png"));
    }

    #[test]
    fn an_old_page_has_a_title_all_the_same() {
        let page = page("", b"<head><title>\n Plain &lt;b&gt; </title><meta name=Description content=Words>");
        assert_eq!((page.title.as_str(), page.description.as_str()), ("Plain <b>", "Words"));
    }

    #[test]
    fn encodings_are_told_by_the_header_or_the_page() {
        let latin = b"<title>caf\xe9</title>";
        assert_eq!(page("text/html; charset=ISO-8859-1", latin).title, "café");
        let told = [b"<meta charset=\"windows-1252\">".as_slice(), latin].concat();
        assert_eq!(page("text/html", &[b"<head>".as_slice(), &told].concat()).title, "café");
        assert_eq!(page("text/html", "<head><title>café</title>".as_bytes()).title, "café");
    }

    #[test]
    fn pages_take_time_in_proportion_to_their_length() {
        for repeated in [
            "&",
            "&amp;",
            "&#",
            "<meta name=a content='&&&'>",
            "<div>",
            "<title>",
            "<",
            "<!--",
            "</",
            "charset=",
        ] {
            let html = |bytes: usize| {
                let body = repeated.repeat(bytes / repeated.len());
                format!("<title>{body}</title><meta name=description content=\"{body}\">{body}")
            };
            growth::assert_linear(repeated, |html| drop(page("text/html", html.as_bytes())), html);
        }
        let title = page("", b"<title>a & b &amp; c &nosuchname; &#x41; &</title>").title;
        assert_eq!(title, "a & b & c &nosuchname; A &");
    }

    #[test]
    fn pages_that_are_none_say_nothing_and_hurt_nobody() {
        let deep = "<div>".repeat(100_000);
        let long = format!("<head><title>{}</title>", "x".repeat(500_000));
        for body in ["", "<", "<meta", "<meta content", "\0\0\0", &deep] {
            assert_eq!(page("text/html", body.as_bytes()).title, "", "{}", body.len());
        }
        assert!(page("text/html", long.as_bytes()).title.chars().count() <= MOST);
        let bad = page("", b"<meta property=og:image content='javascript:alert(1)'>");
        assert_eq!(bad.image, "");
    }
}

//! The links in a message's text, found as readers see them: not in code, without the punctuation behind them.

/// Pictures of one message that are looked at.
const MOST_PICTURES: usize = 5;

/// The longest address that is looked at, in bytes.
const LONGEST: usize = 2048;

/// The links of one message that are looked at.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Links {
    /// The first one, which gets a preview.
    pub(super) first: Option<String>,
    /// Those that are shown as pictures: `![…](…)`.
    pub(super) pictures: Vec<String>,
}

/// Finds them.
pub(super) fn links(text: &str) -> Links {
    let mut found = Links::default();
    if !text.contains("://") {
        return found;
    }
    let text = without_code(text);
    let mut at = 0;
    while let Some(begin) = next(&text, at) {
        let link = whole(text.get(begin..).unwrap_or_default());
        at = begin + link.len().max(1);
        if link.len() > LONGEST || link.ends_with("//") {
            continue;
        }
        if !is_picture(text.get(..begin).unwrap_or_default()) {
            found.first.get_or_insert_with(|| link.to_owned());
        } else if found.pictures.len() < MOST_PICTURES && !found.pictures.iter().any(|p| p == link) {
            found.pictures.push(link.to_owned());
        }
    }
    found
}

/// The place of the next address that begins a word.
fn next(text: &str, from: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let rest = text.get(from..)?;
        let found = [rest.find("http://"), rest.find("https://")].into_iter().flatten().min()?;
        let begin = from + found;
        let before = text.get(..begin)?.chars().next_back();
        if before.is_none_or(|c| !c.is_alphanumeric()) {
            return Some(begin);
        }
        from = begin + 1;
    }
}

/// The address at the beginning of `rest`: up to a character that is in none, or to a bracket that was not opened in
/// it; without punctuation at its end.
fn whole(rest: &str) -> &str {
    let mut open = 0_u32;
    let end = rest.char_indices().find(|(_, c)| match c {
        '(' => {
            open += 1;
            false
        }
        ')' => open.checked_sub(1).map(|fewer| open = fewer).is_none(),
        '<' | '>' | '"' | '`' | '[' | ']' | '{' | '}' | '|' | '\\' | '^' => true,
        c => c.is_whitespace() || c.is_control(),
    });
    let link = rest.get(..end.map_or(rest.len(), |(at, _)| at)).unwrap_or_default();
    link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~'])
}

/// Whether what stands before an address makes it a picture.
fn is_picture(before: &str) -> bool {
    let Some(words) = before.strip_suffix("](") else { return false };
    words.rfind('[').is_some_and(|open| words.get(..open).is_some_and(|b| b.ends_with('!')))
}

/// The text with spaces in place of code: fenced blocks and spans. A fence that is not closed reaches to the end.
fn without_code(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('`') {
        let (before, code) = rest.split_at(open);
        plain.push_str(before);
        plain.push(' ');
        let ticks = code.len() - code.trim_start_matches('`').len();
        let (fence, inside) = code.split_at(ticks);
        rest = match inside.find(fence) {
            Some(close) => inside.get(close..).unwrap_or_default().trim_start_matches('`'),
            None if ticks >= 3 => "",
            None => inside,
        };
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<String> {
        links(text).first
    }

    #[test]
    fn the_first_link_is_found_as_it_is_read() {
        for (text, link) in [
            ("see https://a.example/b?c=d#e.", "https://a.example/b?c=d#e"),
            ("(http://a.example)", "http://a.example"),
            ("[words](https://a.example/x_(y)) more", "https://a.example/x_(y)"),
            ("<https://a.example>", "https://a.example"),
            ("**https://a.example/**", "https://a.example/"),
            ("![x](https://p.example/1.png) https://a.example", "https://a.example"),
            ("`https://no.example` https://a.example, https://b.example", "https://a.example"),
            ("höre: https://ä.example/ö", "https://ä.example/ö"),
        ] {
            assert_eq!(first(text).as_deref(), Some(link), "{text}");
        }
    }

    #[test]
    fn what_is_no_link_is_none() {
        let long = format!("https://a.example/{}", "x".repeat(3000));
        for text in [
            "nothing",
            "ftp://a.example",
            "javascript://a",
            "xhttp://a.example",
            "```\nhttps://a.example\n```",
            "```\nhttps://a.example",
            "https://",
            &long,
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn pictures_are_found_apart_and_counted() {
        let text = (0..9).map(|n| format!("![p](http://p.example/{n}.png)\n")).collect::<String>();
        let found = links(&text);
        assert_eq!((found.first, found.pictures.len()), (None, MOST_PICTURES));
        assert_eq!(found.pictures.first().map(String::as_str), Some("http://p.example/0.png"));
    }
}

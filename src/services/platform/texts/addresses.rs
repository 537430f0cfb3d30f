//! Addresses that are written out in a text: `https://…`, `www.…`.

/// The schemes whose addresses are recognised without angle brackets.
const SCHEMES: [&str; 4] = ["http", "https", "ftp", "ssh"];

/// The longest of [`SCHEMES`], in bytes.
const LONGEST_SCHEME: usize = 5;

/// An address in a text, in bytes from the text's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) begin: usize,
    pub(super) end: usize,
}

/// The address that begins at or before `at`, where the text has `://` or `www.`, and not before `from`.
pub(super) fn at(text: &str, from: usize, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let rest = bytes.get(at..)?;
    let begin = if rest.starts_with(b"://") {
        scheme(bytes, from, at)?
    } else if rest.get(..4).is_some_and(|w| w.eq_ignore_ascii_case(b"www."))
        && rest.get(4).is_some_and(u8::is_ascii_alphanumeric)
        && !ends_alphanumeric(bytes, from, at)
    {
        at
    } else {
        return None;
    };
    let host = if begin == at { at } else { at + 3 };
    let end = host + length(text.get(host..)?);
    (end > host).then_some(Found { begin, end })
}

/// The beginning of the scheme that ends at `end`, if it is a known one that begins a word.
fn scheme(bytes: &[u8], from: usize, end: usize) -> Option<usize> {
    let earliest = from.max(end.saturating_sub(LONGEST_SCHEME));
    let letters = bytes.get(earliest..end)?.iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
    let begin = end - letters;
    let name = bytes.get(begin..end)?;
    let known = SCHEMES.iter().any(|scheme| scheme.as_bytes().eq_ignore_ascii_case(name));
    (known && !ends_alphanumeric(bytes, from, begin)).then_some(begin)
}

fn ends_alphanumeric(bytes: &[u8], from: usize, end: usize) -> bool {
    end > from && bytes.get(end - 1).is_some_and(u8::is_ascii_alphanumeric)
}

/// The length of an address from its host on, in bytes: up to a character that cannot be in one, or to a bracket that
/// was not opened in it; without punctuation at its end.
fn length(rest: &str) -> usize {
    let literal = if rest.starts_with('[') { ipv6(rest) } else { 0 };
    let mut open = 0_u32;
    let path = rest.get(literal..).unwrap_or_default();
    let end = path.char_indices().find(|(_, c)| match c {
        '(' => {
            open += 1;
            false
        }
        ')' => open.checked_sub(1).map(|fewer| open = fewer).is_none(),
        c => ends_address(*c),
    });
    let whole = rest.get(..end.map_or(rest.len(), |(at, _)| literal + at)).unwrap_or_default();
    whole.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~']).len()
}

/// The length of an IPv6 address with its brackets, in bytes; 0 if there is none.
fn ipv6(rest: &str) -> usize {
    let end = rest.find(']').filter(|end| *end < 48).unwrap_or(0);
    let is_one = rest
        .get(1..end)
        .is_some_and(|inner| inner.bytes().all(|b| b.is_ascii_hexdigit() || b":.".contains(&b)));
    if end > 1 && is_one { end + 1 } else { 0 }
}

/// Whether a character ends an address: space, brackets, and full-width punctuation, which ends a sentence.
fn ends_address(c: char) -> bool {
    match c {
        '<' | '>' | '"' | '`' | '[' | ']' | '{' | '}' | '|' | '\\' | '^' | '“' | '”' => true,
        '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff65}' => !c.is_alphanumeric(),
        c => c.is_whitespace() || c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> &str {
        let starts = text.char_indices().map(|(place, _)| place);
        let found = starts.into_iter().find_map(|place| at(text, 0, place));
        found.and_then(|found| text.get(found.begin..found.end)).unwrap_or_default()
    }

    #[test]
    fn addresses_end_where_readers_end_them() {
        for (text, address) in [
            ("see https://a.example/b?c=d#e.", "https://a.example/b?c=d#e"),
            ("(http://a.example)", "http://a.example"),
            ("https://a.example/x_(y)_(z) more", "https://a.example/x_(y)_(z)"),
            ("(https://a.example/(x(y)))", "https://a.example/(x(y))"),
            ("https://a.example/甲，乙", "https://a.example/甲"),
            ("https://a.example/佐々木。", "https://a.example/佐々木"),
            ("höre: https://ä.example/ö", "https://ä.example/ö"),
            ("看https://例え.example/x「y」", "https://例え.example/x"),
            ("http://[2001:db8::1]:8080/x]", "http://[2001:db8::1]:8080/x"),
            ("WWW.a.example/x, FTP://b.example", "WWW.a.example/x"),
            ("xhttp://a.example www. https:// javascript://x", ""),
        ] {
            assert_eq!(first(text), address, "{text}");
        }
    }
}

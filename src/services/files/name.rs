//! File names: as the owner chose, without parts that would harm readers or storage. The name is shown and sent, never
//! used as a path here.

/// The most bytes of a name.
const MAX_NAME: usize = 255;

/// The most bytes of an extension that is kept when a name is shortened.
const MAX_EXTENSION: usize = 16;

/// The name `said` without folders, control characters, bidirectional controls and invisible characters; not longer
/// than file systems allow. Never empty.
pub(super) fn cleaned(said: &str) -> String {
    let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|c| is_harmless(*c)).collect();
    let name = seen.trim().trim_end_matches(['.', ' ']);
    if name.trim_matches('.').is_empty() { "file".to_owned() } else { cut(name) }
}

/// The part of a name after its last dot, in lowercase; empty if there is none or it is no simple word.
pub(super) fn extension(name: &str) -> String {
    let Some((_, end)) = name.rsplit_once('.') else { return String::new() };
    let simple = !end.is_empty() && end.len() <= MAX_EXTENSION && end.chars().all(char::is_alphanumeric);
    if simple { end.to_lowercase() } else { String::new() }
}

fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Shortens a name that is too long, between two characters, and keeps the extension.
fn cut(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let end = match name.rsplit_once('.') {
        Some((_, end)) if end.len() <= MAX_EXTENSION => format!(".{end}"),
        _ => String::new(),
    };
    let stem = name.get(..name.floor_char_boundary(MAX_NAME - end.len())).unwrap_or_default();
    format!("{}{end}", stem.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_time_in_proportion_to_their_length() {
        crate::services::platform::texts::growth::assert_linear_for_all(|text| {
            drop((cleaned(text), extension(text)))
        });
    }

    #[test]
    fn harmless_names_stay_as_they_are() {
        for name in [
            "notes.txt",
            "Grüße aus Köln.pdf",
            "日本語.png",
            "a b.tar.gz",
            ".bashrc",
            "naïve 🙂.md",
            "a'b\"c.txt",
        ] {
            assert_eq!(cleaned(name), name);
        }
    }

    #[test]
    fn hostile_names_lose_what_is_hostile() {
        for (said, name) in [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\windows\\system.ini", "system.ini"),
            ("/etc/shadow", "shadow"),
            ("C:\\autoexec.bat", "autoexec.bat"),
            ("..", "file"),
            ("....", "file"),
            (".", "file"),
            ("", "file"),
            ("   ", "file"),
            ("a/", "file"),
            ("a\0b.txt", "ab.txt"),
            ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("a\u{2066}b\u{2069}.txt", "ab.txt"),
            ("a\u{200b}b\u{feff}.txt", "ab.txt"),
            ("tab\tname.txt", "tabname.txt"),
            ("esc\u{1b}[31m.txt", "esc[31m.txt"),
            ("trailing. . .", "trailing"),
            ("\u{e0041}tag.txt", "tag.txt"),
        ] {
            assert_eq!(cleaned(said), name, "{said:?}");
        }
    }

    #[test]
    fn long_names_are_cut_between_characters_and_keep_their_extension() {
        let long = cleaned(&format!("{}.jpeg", "ü".repeat(300)));
        assert!(long.len() <= 255 && long.ends_with("ü.jpeg"), "{long}");
        assert_eq!(cleaned(&"x".repeat(1000)).len(), 255);
        let odd = cleaned(&format!("a.{}", "🙂".repeat(200)));
        assert!(odd.len() <= 255 && odd.len() > 250, "{}", odd.len());
    }

    #[test]
    fn an_extension_is_a_simple_word() {
        for (name, end) in
            [("a.TXT", "txt"), ("a.tar.gz", "gz"), ("a", ""), ("a.", ""), ("a.b c", ""), ("a.x<y", "")]
        {
            assert_eq!(extension(name), end, "{name}");
        }
    }
}

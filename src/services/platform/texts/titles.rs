//! Display names of people, teams and channels: one visible line that does not reorder the text beside it.

/// Whether a character is invisible: spaces of all kinds, joiners, fillers.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        || matches!(c, '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character is a line break, another control character, or a bidirectional control.
fn is_misleading(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a text may be a display name: empty, or one line with a visible character.
pub fn is_title(text: &str) -> bool {
    !text.contains(is_misleading) && (text.is_empty() || !text.chars().all(is_invisible))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_and_misleads_nobody_is_a_name() {
        for good in ["", "Ann", "Zoë Ångström", "Иван", "محمد", "上海", "👩‍👩‍👧", "❤️", "a\u{200d}b", "x  y"]
        {
            assert!(is_title(good), "{good:?}");
        }
        for bad in [
            " ",
            "\u{200b}",
            "\u{3164}\u{feff}",
            "a\nb",
            "a\u{202e}nna",
            "a\u{2066}b",
            "\u{2800}",
            "x\u{7}",
            "\u{2028}",
        ] {
            assert!(!is_title(bad), "{bad:?}");
        }
    }
}

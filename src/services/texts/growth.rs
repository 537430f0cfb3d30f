//! Reading a text takes time in proportion to its length, whatever somebody wrote to prevent that. Other parsers of what
//! strangers wrote are held to the same by [`assert_linear`], beside their own tests.

use std::time::{Duration, Instant};

use super::{Keywords, links, read_for};
use crate::wire::UserId;

/// Texts that parsers are known to choke on, by what they repeat.
pub(crate) const HOSTILE: &[&str] = &[
    "http:// ",
    "https://x",
    "http://x ",
    "www.",
    "://",
    "@",
    "@a",
    "@a.",
    "a@",
    "@a.b@c.d ",
    "＠",
    "#a",
    "#",
    "`",
    "`` ",
    "`a``",
    "``\n",
    "~~~\n",
    "```\n\n",
    "\\",
    "\\@",
    "&",
    "&amp;",
    "&#64;",
    "*",
    "**a",
    "*a_",
    "_",
    "~",
    "~~a",
    "[",
    "[a](",
    "![",
    "![a](http://b ",
    "](",
    "[a]: b\n",
    "[a][",
    "<",
    "<a ",
    "<a@",
    "<!--",
    "<?",
    "<![CDATA[",
    "<http://",
    "a\n",
    "> ",
    ">\n",
    "- ",
    "-\n\n",
    "1. a\n",
    "    a\n\n",
    "|a",
    "|a|\n|-|\n",
    "# ",
    "a\n=\n",
    "(",
    "http://x(",
    "你",
    "，",
    "a,",
    "\t",
    " ",
    "\n",
    "  \n",
    "\r\n",
    "\u{0}",
    "\"",
    "-",
    ":",
    "a:",
    "from:",
    "/",
    ".",
    "Mattermost/",
];

/// Bytes of the shorter text.
const SHORT: usize = 16_000;

/// What is quicker cannot be measured well, and may grow as it likes.
const UNMEASURED: Duration = Duration::from_millis(8);

/// Four times the text must not take more than ten times as long; the best of several times counts, since machines have
/// other things to do.
pub(crate) fn assert_linear(what: &str, parse: impl Fn(&str), text: impl Fn(usize) -> String) {
    let (short, long) = (text(SHORT), text(4 * SHORT));
    for _ in 0..4 {
        let quick = best(|| parse(&short)).max(UNMEASURED);
        let slow = best(|| parse(&long));
        if slow < quick * 10 {
            return;
        }
    }
    panic!("{what}: four times the text takes more than ten times as long");
}

fn best(work: impl Fn()) -> Duration {
    let once = |_| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    (0..3).map(once).min().unwrap_or_default()
}

/// Holds a parser to that for every hostile text.
pub(crate) fn assert_linear_for_all(parse: impl Fn(&str)) {
    for repeated in HOSTILE {
        assert_linear(repeated, &parse, |bytes| repeated.repeat(bytes / repeated.len()));
    }
}

#[test]
fn messages_take_time_in_proportion_to_their_length() {
    let mut keywords = Keywords::default();
    keywords.add(UserId::new(), "a, aa, 你, 你你, deploy");
    for repeated in HOSTILE {
        let text = |bytes: usize| format!("@a ://{}", repeated.repeat(bytes / repeated.len()));
        assert_linear(repeated, |text| drop((links(text), read_for([text], &keywords))), text);
    }
    let nested = |bytes: usize| format!("{}a{}", "- ".repeat(bytes / 4), "\n".repeat(bytes / 2));
    assert_linear("lists within lists", |text| drop(read_for([text], &keywords)), nested);
    let deep = |bytes: usize| format!("{}@a\n{}", "- ".repeat(90), "\n".repeat(bytes));
    assert_linear("empty lines in lists", |text| drop(read_for([text], &keywords)), deep);
    let wide = |bytes: usize| format!("{}@a\n{}", "> ".repeat(90), "> > >\n".repeat(bytes / 6));
    assert_linear("quotations", |text| drop(read_for([text], &keywords)), wide);
}

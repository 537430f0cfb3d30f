//! Tests that parsing takes time in proportion to a text's length, even for hostile texts. Other parsers of untrusted
//! text are tested by [`assert_linear`] too, beside their own tests.

use std::time::Duration;

use super::{Keywords, links, read_for};
use crate::wire::UserId;

/// Repeated texts that are known to make parsers slow.
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

/// The bytes of the shorter text.
const SHORT: usize = 16_000;

/// A time below which a measurement is not precise: growth from less is not checked.
const UNMEASURED: Duration = Duration::from_millis(4);

/// Asserts that four times the text takes less than ten times as long. Measured in this thread's processor time, since
/// the machine runs other programs too, and by the best of some tries.
pub(crate) fn assert_linear(what: &str, parse: impl Fn(&str), text: impl Fn(usize) -> String) {
    let (short, long) = (text(SHORT), text(4 * SHORT));
    let is_linear = || {
        let quick = taken(|| parse(&short)).max(UNMEASURED);
        taken(|| parse(&long)) < quick * 10
    };
    assert!((0..5).any(|_| is_linear()), "{what}: four times the text takes more than ten times as long");
}

fn taken(work: impl Fn()) -> Duration {
    let begun = processor_time();
    work();
    processor_time().saturating_sub(begun)
}

/// The processor time that this thread has used.
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel tells of threads");
    let nanoseconds = told.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.expect("nanoseconds"))
}

/// Asserts that a parser is linear for every hostile text.
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

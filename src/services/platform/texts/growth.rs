//! Tests that parsing takes time in proportion to a text's length, even for hostile texts. Other parsers of untrusted
//! text are tested by [`assert_linear`] too, beside their own tests.

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

/// Asserts that four times the text takes less than ten times as long.
pub(crate) fn assert_linear(what: &str, parse: impl Fn(&str), text: impl Fn(usize) -> String) {
    linear_growth::assert_linear(what, |text: &String| parse(text), text);
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

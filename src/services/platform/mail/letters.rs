//! The texts of mails: short, plain, in English, with the name and the address of the organisation. Nothing in them
//! comes from the headers of a request: a forged host must not end up in a link.

/// The organisation that sends a letter.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The organisation's name.
    pub name: String,
    /// Its address, without a trailing slash.
    pub url: String,
}

/// A letter: a subject and a body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named in the type's own line")]
pub struct Letter {
    pub subject: String,
    pub body: String,
}

impl Sender {
    /// The letter with a link to set a new password.
    pub fn reset(&self, username: &str, token: &str) -> Letter {
        let link = format!("{}/reset_password_complete?token={token}", self.url);
        self.letter(
            "Set a new password",
            &format!(
                "Somebody, hopefully you, asked for a new password for your account {username}. Set it here, within \
                 one hour:\n\n{link}\n\nIf it was not you, nothing needs to be done: your password stays as it is."
            ),
        )
    }

    /// The letter that tells an account without a password why there is no such link.
    pub fn no_reset(&self, username: &str) -> Letter {
        self.letter(
            "Your account has no password",
            &format!(
                "Somebody, hopefully you, asked for a new password for your account {username}. It has none: you log \
                 in with single sign-on, on the page {}/login.",
                self.url
            ),
        )
    }

    /// The letter with a link to verify the address.
    pub fn verify(&self, username: &str, email: &str, token: &str) -> Letter {
        let email = email.replace('%', "%25").replace('+', "%2B").replace('&', "%26").replace('#', "%23");
        let link = format!("{}/do_verify_email?token={token}&email={email}", self.url);
        self.letter(
            "Confirm your address",
            &format!(
                "Please confirm that this is the address of your account {username}, within one day:\n\n{link}\n\nIf \
                 you have no such account, please ignore this mail."
            ),
        )
    }

    /// The letter with an invitation to a team. `words` are the inviter's message; they may be empty.
    pub fn invitation(&self, by: &str, team: &str, link: &str, words: &str) -> Letter {
        let (team, words) = (line(team), words.trim());
        let said =
            if words.is_empty() { String::new() } else { format!("\n\n{by} writes:\n\n{}", quoted(words)) };
        self.letter(
            &format!("{by} invites you to {team}"),
            &format!(
                "{by} invites you to the team {team}. Make an account with this address, or log in if you have one, \
                 within two days:\n\n{link}{said}\n\nIf you do not want to, nothing needs to be done."
            ),
        )
    }

    /// The letter about a change of an account, so that its owner notices one that is not theirs.
    pub fn notice(&self, username: &str, subject: &str, happened: &str) -> Letter {
        self.letter(
            subject,
            &format!(
                "{happened}\n\nThis concerns your account {username}. If it was not you, set a new password on the \
                 page {}/reset_password, and tell your administrator.",
                self.url
            ),
        )
    }

    fn letter(&self, subject: &str, body: &str) -> Letter {
        let name = line(&self.name);
        Letter {
            subject: format!("[{name}] {subject}"),
            body: format!("{body}\n\n--\n{name}\n{}\n", self.url),
        }
    }
}

/// Replaces control characters in a name: it must not begin a line of its own.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Quotes a text of somebody else, so that it is not mistaken for the server's.
fn quoted(text: &str) -> String {
    text.lines().map(|text| format!("> {}", line(text))).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_names_its_sender_and_carries_its_link() {
        let sender = Sender { name: "Acme\r\nBcc: x".to_owned(), url: "https://chat.example.org".to_owned() };
        let letter = sender.reset("ann", "abc");
        assert_eq!(letter.subject, "[Acme  Bcc: x] Set a new password");
        assert!(letter.body.contains("\nhttps://chat.example.org/reset_password_complete?token=abc\n"));
        assert!(letter.body.ends_with("--\nAcme  Bcc: x\nhttps://chat.example.org\n"));
        let letter = sender.verify("ann", "ann+x&y@example.org", "abc");
        assert!(letter.body.contains("/do_verify_email?token=abc&email=ann%2Bx%26y@example.org\n"));
        let letter =
            sender.invitation("ann", "The\nHouse", "https://x/y", "Come in!\r\nhttps://evil.example");
        assert_eq!(letter.subject, "[Acme  Bcc: x] ann invites you to The House");
        assert!(
            letter.body.contains("\n\nhttps://x/y\n\nann writes:\n\n> Come in!\n> https://evil.example\n\n")
        );
        assert!(!sender.invitation("ann", "The House", "https://x/y", " ").body.contains("writes"));
    }
}

//! Who lives in the bench: a founder, one team, and as many members as a part needs. The founder comes by the API; the
//! crowd is written into the tables, because each sign-up and each login by the API costs what a password should.

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use rustchat::services::auth::credentials::Tokens;
use rustchat::wire::{ChannelId, SessionId, TeamId, UserId};
use uuid::Uuid;

use super::Outcome;
use super::cluster::Cluster;
use super::http::{Http, header};
use super::server::{SECRET, Server};
use super::stream::text_after;

const FOUNDER: &str =
    r#""email":"founder@example.com","username":"founder","password":"correct horse battery""#;
const LOGIN: &str = r#"{"login_id":"founder","password":"correct horse battery"}"#;

pub(super) struct House {
    founder: Person,
    team: TeamId,
    tokens: Tokens,
}

/// An account with a session.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) id: UserId,
    pub(super) token: String,
}

#[derive(QueryableByName)]
struct Login {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = BigInt)]
    expires_at: i64,
}

impl House {
    pub(super) async fn found(server: &Server, cluster: &Cluster) -> Outcome<Self> {
        let mut http = Http::open(server.address(), "").await?;
        http.expect(201, "POST", "/users", &format!("{{{FOUNDER}}}")).await?;
        let login = http.expect(200, "POST", "/users/login", LOGIN).await?;
        let id = text_after(login.body, r#""id":""#).ok_or("an account without id")?.parse()?;
        let token = header(login.head, "token").ok_or("a login without token")?.to_owned();
        let founder = Person { id, token };
        let mut http = Http::open(server.address(), &founder.token).await?;
        let team = r#"{"name":"bench","display_name":"Bench","type":"O"}"#;
        let team = http.expect(201, "POST", "/teams", team).await?;
        let team = text_after(team.body, r#""id":""#).ok_or("a team without id")?.parse()?;
        cluster.execute("analyze").await?;
        Ok(Self { founder, team, tokens: Tokens::new(SECRET.as_bytes()) })
    }

    /// The token of the founder, who is operator.
    pub(super) fn founder(&self) -> &str {
        &self.founder.token
    }

    /// A new public channel, of which the founder is a member.
    pub(super) async fn channel(&self, server: &Server, name: &str) -> Outcome<ChannelId> {
        let mut http = Http::open(server.address(), &self.founder.token).await?;
        let team = self.team;
        let new = format!(r#"{{"team_id":"{team}","name":"{name}","display_name":"{name}","type":"O"}}"#);
        let channel = http.expect(201, "POST", "/channels", &new).await?;
        Ok(text_after(channel.body, r#""id":""#).ok_or("a channel without id")?.parse()?)
    }

    /// `count` new accounts, each with a session, in the team and in `channel`.
    pub(super) async fn members(
        &self,
        cluster: &Cluster,
        channel: ChannelId,
        count: usize,
    ) -> Outcome<Vec<Person>> {
        let mut conn = cluster.connect().await?;
        let logins: Vec<Login> = diesel::sql_query(
            "with crowd as (
               insert into users (id, org_id, username, email, password_hash, notify_props, timezone)
               select gen_random_uuid(), f.org_id, 'member-' || a.n + m, 'member-' || a.n + m || '@example.com', '!',
                 f.notify_props, f.timezone
               from users f, (select count(*) as n from users) a, generate_series(1, $1) m where f.id = $2
               returning id),
             in_team as (insert into team_members (team_id, user_id) select $3, id from crowd)
             insert into sessions (id, user_id, csrf, expires_at)
             select gen_random_uuid(), id, 'none', now_ms() + 30 * 86400000::bigint from crowd returning id, user_id, expires_at",
        )
        .bind::<BigInt, _>(i64::try_from(count)?)
        .bind::<SqlUuid, _>(self.founder.id.0)
        .bind::<SqlUuid, _>(self.team.0)
        .load(&mut conn)
        .await?;
        diesel::sql_query(
            "insert into channel_members (channel_id, user_id, notify_props)
             select f.channel_id, m.id, f.notify_props from channel_members f, unnest($3) as m (id)
             where f.channel_id = $1 and f.user_id = $2",
        )
        .bind::<SqlUuid, _>(channel.0)
        .bind::<SqlUuid, _>(self.founder.id.0)
        .bind::<Array<SqlUuid>, _>(logins.iter().map(|login| login.user_id).collect::<Vec<_>>())
        .execute(&mut conn)
        .await?;
        cluster.execute("analyze users, sessions, team_members, channel_members").await?;
        logins.iter().map(|login| self.person(login)).collect()
    }

    fn person(&self, login: &Login) -> Outcome<Person> {
        let token = self.tokens.issue(SessionId(login.id), login.expires_at).map_err(|e| e.to_string())?;
        Ok(Person { id: UserId(login.user_id), token })
    }
}

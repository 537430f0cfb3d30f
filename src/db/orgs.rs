//! Organisations, and their host names.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::fragment::fragment;
use super::functions::now_ms;
use super::statement::prepared;
use super::{
    Conn, Query,
    schema::{founders, org_domains, orgs},
};
use crate::wire::{Millis, OrgId, UserId};

/// An organisation's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = orgs)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct Org {
    pub id: OrgId,
    pub slug: String,
    pub name: String,
    pub create_at: Millis,
    pub update_at: Millis,
    pub sign_up: Option<String>,
    pub email_domains: Vec<String>,
    pub max_users: i64,
    pub max_bytes: i64,
    pub retention_days: i32,
    pub suspended_at: Millis,
    pub delete_at: Millis,
    pub enforce_second_factor: bool,
    pub max_file_bytes: i64,
}

/// An organisation, and its host names in their order.
pub type Housed = (Org, Vec<String>);

/// The organisation with the slug `slug`, made without a name if it does not exist; safe when many nodes start at once.
pub async fn ensure(conn: &mut Conn, slug: &str) -> Query<OrgId> {
    diesel::insert_into(orgs::table)
        .values((orgs::id.eq(OrgId::new()), orgs::slug.eq(slug), orgs::name.eq("")))
        .on_conflict(orgs::slug)
        .do_nothing()
        .execute(conn)
        .await?;
    orgs::table.filter(orgs::slug.eq(slug)).select(orgs::id).first(conn).await
}

/// The organisation `id`.
pub async fn find(conn: &mut Conn, id: OrgId) -> Query<Option<Housed>> {
    orgs::table
        .filter(orgs::id.eq(id).and(orgs::delete_at.eq(0)))
        .select((Org::as_select(), fragment::<Array<Text>>(DOMAINS)))
        .first(conn)
        .await
        .optional()
}

/// The organisation with the slug `slug`.
pub async fn by_slug(conn: &mut Conn, slug: &str) -> Query<Option<Housed>> {
    orgs::table
        .filter(orgs::slug.eq(slug).and(orgs::delete_at.eq(0)))
        .select((Org::as_select(), fragment::<Array<Text>>(DOMAINS)))
        .first(conn)
        .await
        .optional()
}

/// The organisation with the host name `host`, or else `default`.
pub async fn by_host(conn: &mut Conn, host: &str, default: OrgId) -> Query<Option<Housed>> {
    let named = org_domains::table.filter(org_domains::domain.eq(host)).select(org_domains::org_id);
    orgs::table
        .filter(orgs::id.eq_any(named).or(orgs::id.eq(default)).and(orgs::delete_at.eq(0)))
        // False sorts before true: the default comes last.
        .order(fragment::<Bool>("id = ").bind::<SqlUuid, _>(default))
        .select((Org::as_select(), fragment::<Array<Text>>(DOMAINS)))
        .first(conn)
        .await
        .optional()
}

/// A page of all organisations, in the order of their slugs.
pub async fn page(conn: &mut Conn, offset: i64, limit: i64) -> Query<Vec<Housed>> {
    orgs::table
        .filter(orgs::delete_at.eq(0))
        .order(orgs::slug)
        .offset(offset)
        .limit(limit)
        .select((Org::as_select(), fragment::<Array<Text>>(DOMAINS)))
        .load(conn)
        .await
}

/// Counts the organisations.
pub async fn count(conn: &mut Conn) -> Query<i64> {
    orgs::table.filter(orgs::delete_at.eq(0)).count().get_result(conn).await
}

/// The size of an organisation.
#[derive(Debug, QueryableByName)]
#[expect(missing_docs, reason = "each counts what it is called")]
pub struct Counts {
    #[diesel(sql_type = SqlUuid)]
    pub id: OrgId,
    #[diesel(sql_type = BigInt)]
    pub users: i64,
    #[diesel(sql_type = BigInt)]
    pub teams: i64,
    #[diesel(sql_type = BigInt)]
    pub channels: i64,
}

/// The sizes of `ids`: active accounts, and teams and channels that are not archived.
pub async fn counts(conn: &mut Conn, ids: &[OrgId]) -> Query<Vec<Counts>> {
    prepared(
        "select o.id,
           (select count(*) from users u where u.org_id = o.id and u.delete_at = 0) as users,
           (select count(*) from teams t where t.org_id = o.id and t.delete_at = 0) as teams,
           (select count(*) from channels c where c.org_id = o.id and c.delete_at = 0) as channels
         from unnest($1) as o (id)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .load(conn)
    .await
}

/// The contents of an organisation.
#[derive(Debug, QueryableByName)]
#[expect(missing_docs, reason = "each counts what it is called")]
pub struct Contents {
    #[diesel(sql_type = BigInt)]
    pub posts: i64,
    #[diesel(sql_type = BigInt)]
    pub files: i64,
    #[diesel(sql_type = BigInt)]
    pub bytes: i64,
}

/// Counts the posts and files that are not deleted, and the bytes of all files.
pub async fn contents(conn: &mut Conn, org: OrgId) -> Query<Contents> {
    prepared(
        "select
           (select count(*) from posts p join channels c on c.id = p.channel_id
            where c.org_id = $1 and p.delete_at = 0) as posts,
           (select count(*) from files f where f.org_id = $1 and f.delete_at = 0 and f.is_ready) as files,
           coalesce((select bytes from file_usage where org_id = $1), 0) as bytes",
    )
    .bind::<SqlUuid, _>(org)
    .get_result(conn)
    .await
}

/// The columns that a change of an organisation replaces; `None` leaves a column as it is.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = orgs)]
#[expect(missing_docs, reason = "columns are described in the migration")]
pub struct OrgChanges {
    pub slug: Option<String>,
    pub name: Option<String>,
    pub sign_up: Option<&'static str>,
    pub email_domains: Option<Vec<String>>,
    pub max_users: Option<i64>,
    pub max_bytes: Option<i64>,
    pub max_file_bytes: Option<i64>,
    pub retention_days: Option<i32>,
    pub enforce_second_factor: Option<bool>,
}

/// Inserts an organisation without a name.
pub async fn insert(conn: &mut Conn, id: OrgId, slug: &str) -> Query<usize> {
    let new = (orgs::id.eq(id), orgs::slug.eq(slug), orgs::name.eq(""));
    diesel::insert_into(orgs::table).values(new).execute(conn).await
}

/// Replaces columns of an organisation.
pub async fn update(conn: &mut Conn, id: OrgId, changes: &OrgChanges) -> Query<usize> {
    diesel::update(orgs::table.find(id)).set((changes, orgs::update_at.eq(now_ms()))).execute(conn).await
}

/// Replaces the host names of `org`.
pub async fn set_domains(conn: &mut Conn, org: OrgId, domains: &[String]) -> Query<usize> {
    diesel::delete(org_domains::table.filter(org_domains::org_id.eq(org))).execute(conn).await?;
    let rows: Vec<_> =
        domains.iter().map(|d| (org_domains::domain.eq(d), org_domains::org_id.eq(org))).collect();
    diesel::insert_into(org_domains::table).values(rows).execute(conn).await
}

/// Suspends an organisation, or resumes it. False if that is its state already.
pub async fn set_suspended(conn: &mut Conn, id: OrgId, suspended: bool) -> Query<bool> {
    let time = fragment::<BigInt>("case when ").bind::<Bool, _>(suspended).sql(" then now_ms() else 0 end");
    let rows = diesel::update(orgs::table.filter(orgs::id.eq(id).and(orgs::delete_at.eq(0))))
        .filter(fragment::<Bool>("(suspended_at > 0) <> ").bind::<Bool, _>(suspended))
        .set((orgs::suspended_at.eq(time), orgs::update_at.eq(now_ms())))
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

/// Marks an organisation for removal, and frees its slug. False if there is none.
pub async fn give_up(conn: &mut Conn, id: OrgId) -> Query<bool> {
    let rows = diesel::update(orgs::table.filter(orgs::id.eq(id).and(orgs::delete_at.eq(0))))
        .set((orgs::delete_at.eq(now_ms()), orgs::slug.eq(fragment::<Text>("'gone-' || id::text"))))
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

/// The policy and the limits of `org`, locked until the transaction ends: accounts of one organisation are made one
/// after the other, so that the last free place is given once.
pub async fn lock(conn: &mut Conn, id: OrgId) -> Query<Option<Org>> {
    orgs::table
        .filter(orgs::id.eq(id).and(orgs::delete_at.eq(0)))
        .select(Org::as_select())
        .for_no_key_update()
        .first(conn)
        .await
        .optional()
}

/// Takes an organisation that is marked for removal, if there is one.
pub async fn lock_given_up(conn: &mut Conn) -> Query<Option<OrgId>> {
    orgs::table
        .filter(orgs::delete_at.gt(0))
        .order(orgs::delete_at)
        .select(orgs::id)
        .for_update()
        .skip_locked()
        .first(conn)
        .await
        .optional()
}

/// Removes posts of `org`, at most `limit`, and their replies; answers their number.
pub async fn remove_posts(conn: &mut Conn, org: OrgId, limit: i64) -> Query<usize> {
    prepared(
        "delete from posts where id in (select p.id from posts p join channels c on c.id = p.channel_id
         where c.org_id = $1 order by p.root_id nulls last limit $2)",
    )
    .bind::<SqlUuid, _>(org)
    .bind::<BigInt, _>(limit)
    .execute(conn)
    .await
}

/// The parts of an organisation that have a log, which is removed with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logged {
    /// Its channels.
    Channels,
    /// Its teams.
    Teams,
    /// Its accounts, with all that belongs to them.
    Users,
}

macro_rules! remove_from {
    ($table:literal) => {
        concat!(
            "with gone as (delete from ", $table, " where id in
               (select id from ", $table, " where org_id = $1 limit $2) returning id),
             log as (delete from events where topic in (select id from gone)),
             heads as (delete from topics where id in (select id from gone)) select count(*) as n from gone"
        )
    };
}

/// Removes rows of `org` with their logs, at most `limit`; answers their number.
pub async fn remove_logged(conn: &mut Conn, org: OrgId, what: Logged, limit: i64) -> Query<usize> {
    let statement = match what {
        Logged::Channels => remove_from!("channels"),
        Logged::Teams => remove_from!("teams"),
        Logged::Users => remove_from!("users"),
    };
    let removed = prepared(statement).bind::<SqlUuid, _>(org).bind::<BigInt, _>(limit).get_result(conn).await;
    removed.map(Gone::count)
}

/// Removes the row of `org`, its log, and all that still refers to it.
pub async fn remove(conn: &mut Conn, org: OrgId) -> Query<usize> {
    prepared("with log as (delete from events where topic = $1) delete from topics where id = $1")
        .bind::<SqlUuid, _>(org)
        .execute(conn)
        .await?;
    diesel::delete(orgs::table.filter(orgs::id.eq(org).and(orgs::delete_at.gt(0)))).execute(conn).await
}

#[derive(QueryableByName)]
struct Gone {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl Gone {
    fn count(self) -> usize {
        usize::try_from(self.n).unwrap_or(0)
    }
}

const DOMAINS: &str = "array(select d.domain from org_domains d where d.org_id = orgs.id order by d.domain)";

/// Makes `user` the founder of `org`, unless it has one already. True if `user` became it.
pub async fn found(conn: &mut Conn, org: OrgId, user: UserId) -> Query<bool> {
    let rows = diesel::insert_into(founders::table)
        .values((founders::org_id.eq(org), founders::user_id.eq(user)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(rows == 1)
}

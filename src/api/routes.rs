//! The URL table: one list, from which the server is built and which the tests read.

use actix_web::dev::Handler;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Responder, Route};

use super::dispatch::Dispatch;
use super::extract::{AppCore, PreMfaCaller};
use super::operation::Operation;
use super::{
    audits, bots, channels, client, emoji, files, invitations, openid, organizations, pictures, posts,
    preferences, previews, reactions, recovery, roles, schemes, second_factor, sessions, statuses, system,
    teams, tokens, uploads, users, websocket,
};
use crate::services::auth::Caller;

/// Operations and their handlers.
#[derive(Default)]
struct Table {
    rows: Vec<(Operation, Route)>,
}

impl Table {
    /// Adds a handler that takes the proof of a login: one that does not is refused by the compiler.
    fn add<F, Args>(&mut self, (method, path): (&'static str, &'static str), route: Route, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + Proven + 'static,
        F::Output: Responder + 'static,
    {
        self.rows.push((Operation { method: upper_case(method), path, open: false }, route.to(handler)));
    }

    /// Adds a handler that anybody may call. A test lists these.
    fn add_open<F, Args>(&mut self, (method, path): (&'static str, &'static str), route: Route, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.rows.push((Operation { method: upper_case(method), path, open: true }, route.to(handler)));
    }
}

/// The proof of a login. Only types that cannot be had without a login implement it.
trait Proof {}
impl Proof for Caller {}
impl Proof for PreMfaCaller {}

/// The arguments of a handler that takes such a proof: as the first, or after the core.
trait Proven {}

macro_rules! proven {
    ($($more:ident)*) => {
        impl<P: Proof, $($more),*> Proven for (P, $($more,)*) {}
        impl<P: Proof, $($more),*> Proven for (AppCore, P, $($more,)*) {}
    };
}
proven!();
proven!(A);
proven!(A B);
proven!(A B C);
proven!(A B C D);
proven!(A B C D E);

macro_rules! add {
    ($table:ident $method:ident $path:literal $handler:path) => {
        $table.add((stringify!($method), concat!("/api/v4", $path)), web::$method(), $handler)
    };
    ($table:ident $method:ident $path:literal $handler:path, open) => {
        $table.add_open((stringify!($method), concat!("/api/v4", $path)), web::$method(), $handler)
    };
}

/// Adds rows of a method, a path below `/api/v4`, and a handler; with `, open` where no proof is taken.
macro_rules! table {
    ($table:ident: $($method:ident $path:literal => $handler:path $(, $open:ident)?;)*) => {
        $(add!($table $method $path $handler $(, $open)?);)*
    };
}

/// Builds the server's paths.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.default_service(Dispatch::new(table().rows, web::to(client::serve)));
}

/// Every operation that is built.
pub fn operations() -> Vec<Operation> {
    table().rows.into_iter().map(|(operation, _)| operation).collect()
}

fn upper_case(method: &'static str) -> &'static str {
    match method {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "delete" => "DELETE",
        other => other,
    }
}

/// The table. Where a word and an identifier may stand in the same place of a path, the word takes precedence.
fn table() -> Table {
    let mut table = Table::default();
    conversation(&mut table);
    accounts(&mut table);
    logins(&mut table);
    people(&mut table);
    faces(&mut table);
    images(&mut table);
    teams_and_channels(&mut table);
    files(&mut table);
    organizations(&mut table);
    table.add_open(("get", "/oauth/openid/login"), web::get(), openid::login);
    table.add_open(("get", "/oauth/openid/signup"), web::get(), openid::login);
    table.add_open(("get", "/oauth/openid/mobile_login"), web::get(), openid::login);
    table.add_open(("get", "/login/openid"), web::get(), openid::login);
    table.add_open(("get", "/signup/openid/complete"), web::get(), openid::complete);
    table.add_open(("get", "/livez"), web::get(), system::live);
    table.add_open(("get", "/readyz"), web::get(), system::ready);
    table
}

fn images(table: &mut Table) {
    table! { table:
        get "/users/{user_id}/image" => pictures::of_user;
        post "/users/{user_id}/image" => pictures::set_of_user;
        delete "/users/{user_id}/image" => pictures::reset_of_user;
        get "/users/{user_id}/image/default" => pictures::default_of_user;

        post "/opengraph" => previews::open_graph;
        get "/image" => previews::image;

        post "/emoji" => emoji::create;
        get "/emoji" => emoji::list;
        post "/emoji/names" => emoji::by_names;
        post "/emoji/search" => emoji::search;
        get "/emoji/autocomplete" => emoji::autocomplete;
        get "/emoji/name/{emoji_name}" => emoji::by_name;
        get "/emoji/{emoji_id}" => emoji::get;
        delete "/emoji/{emoji_id}" => emoji::delete;
        get "/emoji/{emoji_id}/image" => emoji::image;
    }
}

fn organizations(table: &mut Table) {
    table! { table:
        post "/organizations" => organizations::create;
        get "/organizations" => organizations::list;
        get "/organizations/operators" => organizations::operators;
        put "/organizations/operators/{user_id}" => organizations::add_operator;
        delete "/organizations/operators/{user_id}" => organizations::remove_operator;
        get "/organizations/{org_id}" => organizations::get;
        delete "/organizations/{org_id}" => organizations::delete;
        put "/organizations/{org_id}/patch" => organizations::patch;
        post "/organizations/{org_id}/suspend" => organizations::suspend;
        post "/organizations/{org_id}/resume" => organizations::resume;
        get "/organizations/{org_id}/usage" => organizations::usage;
        get "/organizations/{org_id}/members" => organizations::members;
        get "/organizations/{org_id}/admins" => organizations::admins;
        put "/organizations/{org_id}/admins/{user_id}" => organizations::make_admin;
        delete "/organizations/{org_id}/admins/{user_id}" => organizations::unmake_admin;
    }
}

fn accounts(table: &mut Table) {
    table! { table:
        get "/system/ping" => system::ping, open;
        get "/config/client" => system::client_config, open;
        get "/license/client" => system::client_license, open;
        get "/config" => system::config;
        get "/limits/server" => system::limits;
        get "/websocket" => websocket::open, open;
        get "/plugins/webapp" => system::plugins, open;
        get "/audits" => audits::all;
        get "/roles" => roles::all;
        post "/roles/names" => roles::by_names;
        get "/roles/name/{role_name}" => roles::by_name;
        get "/roles/{role_id}" => roles::get;
        put "/roles/{role_id}/patch" => roles::patch;
        get "/schemes" => schemes::list;
        post "/schemes" => schemes::create;
        get "/schemes/{scheme_id}" => schemes::get;
        delete "/schemes/{scheme_id}" => schemes::delete;
        put "/schemes/{scheme_id}/patch" => schemes::patch;
        get "/schemes/{scheme_id}/teams" => schemes::teams;
        get "/schemes/{scheme_id}/channels" => schemes::channels;
    }
}

fn logins(table: &mut Table) {
    table! { table:
        post "/users/login" => sessions::login, open;
        post "/users/login/type" => sessions::login_type, open;
        post "/users/login/switch" => openid::switch, open;
        post "/users/logout" => sessions::logout, open;
        put "/users/sessions/device" => sessions::set_device;
        get "/users/{user_id}/sessions" => sessions::list;
        post "/users/{user_id}/sessions/revoke" => sessions::revoke;
        post "/users/{user_id}/sessions/revoke/all" => sessions::revoke_all;

        put "/users/{user_id}/mfa" => second_factor::change;
        post "/users/{user_id}/mfa/generate" => second_factor::generate;
        post "/users/{user_id}/mfa/recovery_codes" => second_factor::recovery_codes;
        post "/users/sessions/revoke/all" => sessions::revoke_everybodys;

        post "/users/password/reset/send" => recovery::send_reset, open;
        post "/users/password/reset" => recovery::reset, open;
        post "/users/email/verify/send" => recovery::send_verification, open;
        post "/users/email/verify" => recovery::verify, open;
        post "/users/{user_id}/email/verify/member" => recovery::vouch;
    }
}

fn people(table: &mut Table) {
    table! { table:
        post "/users" => users::create, open;
        get "/users" => users::list;
        post "/users/ids" => users::by_ids;
        post "/users/usernames" => users::by_usernames;
        post "/users/group_channels" => users::group_channels;
        post "/users/search" => users::search;
        get "/users/autocomplete" => users::autocomplete;
        get "/users/stats" => users::stats;
        get "/users/known" => users::known;
        get "/users/username/{username}" => users::by_username;
        get "/users/email/{email}" => users::by_email;
        post "/users/status/ids" => statuses::by_ids;
        get "/users/tokens" => tokens::all;
        get "/users/tokens/non_compliant/count" => tokens::count_non_compliant;
        post "/users/tokens/non_compliant/revoke" => tokens::revoke_non_compliant;
        post "/users/tokens/search" => tokens::search;
        post "/users/tokens/revoke" => tokens::revoke;
        post "/users/tokens/disable" => tokens::disable;
        post "/users/tokens/enable" => tokens::enable;
        post "/users/tokens/rotate" => tokens::rotate;
        get "/users/tokens/{token_id}" => tokens::get;
        post "/users/{user_id}/tokens" => tokens::create;
        get "/users/{user_id}/tokens" => tokens::list;

        post "/bots" => bots::create;
        get "/bots" => bots::list;
        get "/bots/{bot_user_id}" => bots::get;
        put "/bots/{bot_user_id}" => bots::patch;
        post "/bots/{bot_user_id}/enable" => bots::enable;
        post "/bots/{bot_user_id}/disable" => bots::disable;
        post "/bots/{bot_user_id}/assign/{user_id}" => bots::assign;
        post "/bots/{bot_user_id}/convert_to_user" => bots::to_user;
        post "/users/{user_id}/convert_to_bot" => bots::from_user;
    }
}

fn faces(table: &mut Table) {
    table! { table:
        get "/users/{user_id}" => users::get;
        put "/users/{user_id}" => users::replace;
        put "/users/{user_id}/patch" => users::patch;
        put "/users/{user_id}/password" => users::change_password;
        put "/users/{user_id}/roles" => users::set_roles;
        put "/users/{user_id}/active" => users::set_active;
        post "/users/{user_id}/demote" => users::demote;
        post "/users/{user_id}/promote" => users::promote;
        get "/users/{user_id}/audits" => users::audits;

        get "/users/{user_id}/status" => statuses::get;
        put "/users/{user_id}/status" => statuses::set;
        put "/users/{user_id}/status/custom" => statuses::set_custom;
        delete "/users/{user_id}/status/custom" => statuses::clear_custom;
        delete "/users/{user_id}/status/custom/recent" => statuses::forget_recent;
        post "/users/{user_id}/status/custom/recent/delete" => statuses::forget_recent;

        get "/users/{user_id}/preferences" => preferences::list;
        put "/users/{user_id}/preferences" => preferences::set;
        post "/users/{user_id}/preferences/delete" => preferences::delete;
        get "/users/{user_id}/preferences/{category}" => preferences::by_category;
        get "/users/{user_id}/preferences/{category}/name/{name}" => preferences::find;
    }
}

fn teams_and_channels(table: &mut Table) {
    of_teams(table);
    of_channels(table);
    of_users_in_them(table);
}

fn of_teams(table: &mut Table) {
    table! { table:
        post "/teams" => teams::create;
        get "/teams" => teams::list;
        post "/teams/search" => teams::search;
        post "/teams/members/invite" => invitations::join;
        get "/teams/invite/{invite_id}" => invitations::look_at, open;
        delete "/teams/invites/email" => invitations::withdraw;
        post "/teams/{team_id}/invite/email" => invitations::members;
        post "/teams/{team_id}/invite-guests/email" => invitations::guests;
        get "/teams/name/{team_name}" => teams::by_name;
        get "/teams/name/{team_name}/exists" => teams::exists;
        get "/teams/name/{team_name}/channels/name/{channel_name}" => channels::by_names;
        get "/teams/{team_id}" => teams::get;
        put "/teams/{team_id}" => teams::replace;
        delete "/teams/{team_id}" => teams::archive;
        put "/teams/{team_id}/patch" => teams::patch;
        put "/teams/{team_id}/privacy" => teams::set_privacy;
        put "/teams/{team_id}/scheme" => schemes::set_of_team;
        post "/teams/{team_id}/restore" => teams::restore;
        post "/teams/{team_id}/regenerate_invite_id" => teams::regenerate_invite;
        get "/teams/{team_id}/image" => pictures::of_team;
        post "/teams/{team_id}/image" => pictures::set_of_team;
        delete "/teams/{team_id}/image" => pictures::remove_of_team;
        get "/teams/{team_id}/stats" => teams::stats;
        get "/teams/{team_id}/members" => teams::members;
        post "/teams/{team_id}/members" => teams::add;
        post "/teams/{team_id}/members/ids" => teams::members_by_ids;
        post "/teams/{team_id}/members/batch" => teams::add_many;
        get "/teams/{team_id}/members/{user_id}" => teams::member;
        delete "/teams/{team_id}/members/{user_id}" => teams::remove;
        put "/teams/{team_id}/members/{user_id}/roles" => teams::set_roles;
        put "/teams/{team_id}/members/{user_id}/schemeRoles" => teams::set_scheme_roles;
        get "/teams/{team_id}/channels" => channels::public;
        get "/teams/{team_id}/channels/private" => channels::private;
        get "/teams/{team_id}/channels/deleted" => channels::archived;
        post "/teams/{team_id}/channels/ids" => channels::by_ids;
        post "/teams/{team_id}/channels/search" => channels::search;
        get "/teams/{team_id}/channels/autocomplete" => channels::autocomplete;
        get "/teams/{team_id}/channels/search_autocomplete" => channels::search_autocomplete;
        get "/teams/{team_id}/channels/name/{channel_name}" => channels::by_name;
    }
}

fn of_channels(table: &mut Table) {
    table! { table:
        post "/channels" => channels::create;
        get "/channels" => channels::all;
        post "/channels/direct" => channels::create_direct;
        post "/channels/group" => channels::create_group;
        post "/channels/group/search" => channels::search_groups;
        post "/channels/search" => channels::search_all;
        post "/channels/stats/member_count" => channels::members::counts;
        post "/channels/members/{user_id}/view" => channels::unreads::view;
        post "/channels/members/{user_id}/mark_read" => channels::unreads::read;
        put "/channels/members/{user_id}/direct/read" => channels::unreads::read_direct;
        get "/channels/{channel_id}" => channels::get;
        put "/channels/{channel_id}" => channels::replace;
        delete "/channels/{channel_id}" => channels::archive;
        put "/channels/{channel_id}/patch" => channels::patch;
        put "/channels/{channel_id}/privacy" => channels::set_privacy;
        put "/channels/{channel_id}/scheme" => schemes::set_of_channel;
        post "/channels/{channel_id}/restore" => channels::restore;
        get "/channels/{channel_id}/stats" => channels::members::stats;
        get "/channels/{channel_id}/timezones" => channels::members::timezones;
        get "/channels/{channel_id}/common_teams" => channels::members::common_teams;
        get "/channels/{channel_id}/member_counts_by_group" => channels::members::counts_by_group;
        get "/channels/{channel_id}/members" => channels::members::list;
        post "/channels/{channel_id}/members" => channels::members::add;
        post "/channels/{channel_id}/members/ids" => channels::members::by_ids;
        get "/channels/{channel_id}/members/{user_id}" => channels::members::get;
        delete "/channels/{channel_id}/members/{user_id}" => channels::members::remove;
        put "/channels/{channel_id}/members/{user_id}/roles" => channels::members::set_roles;
        put "/channels/{channel_id}/members/{user_id}/schemeRoles" => channels::members::set_scheme_roles;
        put "/channels/{channel_id}/members/{user_id}/notify_props" => channels::members::set_notify_props;
    }
}

fn of_users_in_them(table: &mut Table) {
    table! { table:
        get "/users/{user_id}/teams" => teams::of_user;
        get "/users/{user_id}/teams/members" => teams::places_of_user;
        get "/users/{user_id}/teams/unread" => channels::unreads::of_teams;
        get "/users/{user_id}/teams/{team_id}/unread" => channels::unreads::of_team;
        put "/users/{user_id}/teams/{team_id}/read" => channels::unreads::read_team;
        get "/users/{user_id}/teams/{team_id}/channels" => channels::of_user_in_team;
        get "/users/{user_id}/teams/{team_id}/channels/members" => channels::places_in_team;
        get "/users/{user_id}/channels" => channels::of_user;
        get "/users/{user_id}/channel_members" => channels::places;
        get "/users/{user_id}/channels/{channel_id}/unread" => channels::unreads::of_channel;
        post "/users/{user_id}/posts/{post_id}/set_unread" => channels::unreads::set_unread;
    }
}

fn files(table: &mut Table) {
    table! { table:
        post "/files" => files::upload;
        post "/files/search" => files::search;
        get "/files/{file_id}" => files::get;
        get "/files/{file_id}/thumbnail" => files::thumbnail;
        get "/files/{file_id}/preview" => files::preview;
        get "/files/{file_id}/info" => files::info;
        get "/files/{file_id}/link" => files::link;
        delete "/files/{file_id}/link" => files::unlink;
        get "/files/{file_id}/public" => files::public, open;
        post "/teams/{team_id}/files/search" => files::search_team;
        post "/uploads" => uploads::open;
        get "/uploads/{upload_id}" => uploads::get;
        post "/uploads/{upload_id}" => uploads::send;
        get "/users/{user_id}/uploads" => uploads::list;
    }
}

fn conversation(table: &mut Table) {
    table! { table:
        post "/posts" => posts::create;
        post "/posts/ids" => posts::by_ids;
        post "/posts/ids/reactions" => reactions::of_posts;
        post "/posts/ephemeral" => posts::ephemeral;
        post "/posts/search" => posts::search_all;
        get "/posts/{post_id}" => posts::one;
        put "/posts/{post_id}" => posts::update;
        delete "/posts/{post_id}" => posts::delete;
        put "/posts/{post_id}/patch" => posts::patch;
        post "/posts/{post_id}/pin" => posts::pin;
        post "/posts/{post_id}/unpin" => posts::unpin;
        get "/posts/{post_id}/thread" => posts::thread;
        get "/posts/{post_id}/files/info" => posts::files;
        get "/posts/{post_id}/reactions" => reactions::of_post;
        post "/reactions" => reactions::add;
        delete "/users/{user_id}/posts/{post_id}/reactions/{emoji_name}" => reactions::remove;
        get "/channels/{channel_id}/posts" => posts::of_channel;
        get "/channels/{channel_id}/pinned" => posts::pinned;
        get "/users/{user_id}/channels/{channel_id}/posts/unread" => posts::unread_window;
        get "/users/{user_id}/posts/flagged" => posts::flagged;
        post "/teams/{team_id}/posts/search" => posts::search_team;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The operations that are answered without a login, and the reason for each.
    const OPEN: &[(&str, &str, &str)] = &[
        ("GET", "/livez", "a supervisor asks"),
        ("GET", "/readyz", "a load balancer asks"),
        ("GET", "/api/v4/system/ping", "clients ask before they log in"),
        ("GET", "/api/v4/config/client", "clients ask before they log in"),
        ("GET", "/api/v4/license/client", "clients ask before they log in"),
        ("GET", "/api/v4/websocket", "may be proven by the first message"),
        ("GET", "/api/v4/files/{file_id}/public", "the address is the proof"),
        ("GET", "/api/v4/plugins/webapp", "there are none, whoever asks"),
        ("POST", "/api/v4/users/login", "gives the proof"),
        ("POST", "/api/v4/users/login/type", "asked before the login"),
        ("POST", "/api/v4/users/login/switch", "the password is the proof, or the session is asked for"),
        ("GET", "/oauth/openid/login", "begins a login"),
        ("GET", "/oauth/openid/signup", "begins a login"),
        ("GET", "/oauth/openid/mobile_login", "begins a login"),
        ("GET", "/login/openid", "begins a login"),
        ("GET", "/signup/openid/complete", "gives the proof"),
        ("POST", "/api/v4/users/logout", "a session that is over can be left"),
        ("POST", "/api/v4/users/password/reset/send", "a password is forgotten"),
        ("POST", "/api/v4/users/password/reset", "the mailed token is the proof"),
        ("POST", "/api/v4/users/email/verify/send", "no login before the address is proven"),
        ("POST", "/api/v4/users/email/verify", "the mailed token is the proof"),
        ("POST", "/api/v4/users", "signing up"),
        ("GET", "/api/v4/teams/invite/{invite_id}", "the invitation is the proof"),
    ];

    #[test]
    fn what_is_open_is_on_a_short_list() {
        let open: BTreeSet<_> =
            operations().into_iter().filter(|o| o.open).map(|o| (o.method, o.path)).collect();
        let listed: BTreeSet<_> = OPEN.iter().map(|(method, path, _)| (*method, *path)).collect();
        assert_eq!(open, listed);
    }

    #[test]
    fn every_operation_has_one_line() {
        let all = operations();
        let shape = |o: &Operation| {
            let parts = o.path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
            (o.method, parts.collect::<Vec<_>>().join("/"))
        };
        assert_eq!(all.iter().map(shape).collect::<BTreeSet<_>>().len(), all.len());
    }
}

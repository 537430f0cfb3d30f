//! Stores the identifiers of `wire` as `uuid` in SQL.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types;

use crate::wire::{
    AuditId, ChannelId, EmojiId, FileId, NodeId, OrgId, PostId, SchemeId, SessionId, TeamId, TokenId, UserId,
};

macro_rules! ids {
    ($($proxy:ident = $id:ident),* $(,)?) => {$(
        #[derive(AsExpression, FromSqlRow)]
        #[diesel(foreign_derive)]
        #[diesel(sql_type = sql_types::Uuid)]
        #[expect(dead_code, reason = "carries the derives for a type of another module")]
        struct $proxy($id);

        impl ToSql<sql_types::Uuid, Pg> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                std::io::Write::write_all(out, self.0.as_bytes())?;
                Ok(IsNull::No)
            }
        }

        impl FromSql<sql_types::Uuid, Pg> for $id {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                uuid::Uuid::from_slice(value.as_bytes()).map(Self).map_err(Into::into)
            }
        }
    )*};
}

ids! {
    OrgIdSql = OrgId,
    UserIdSql = UserId,
    SessionIdSql = SessionId,
    TeamIdSql = TeamId,
    TokenIdSql = TokenId,
    ChannelIdSql = ChannelId,
    PostIdSql = PostId,
    AuditIdSql = AuditId,
    NodeIdSql = NodeId,
    EmojiIdSql = EmojiId,
    SchemeIdSql = SchemeId,
    FileIdSql = FileId,
}

//! Stores the enums of `wire` as `text` in SQL. A row with another word cannot be read: a constraint keeps it out.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;

use crate::wire::{ChannelKind, PresenceStatus, SchemeScope};

macro_rules! as_text {
    ($($kind:ident $carrier:ident),* $(,)?) => {$(
        #[derive(AsExpression, FromSqlRow)]
        #[diesel(foreign_derive)]
        #[diesel(sql_type = Text)]
        #[expect(dead_code, reason = "carries the derives for a type of another module")]
        struct $carrier($kind);

        impl ToSql<Text, Pg> for $kind {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                std::io::Write::write_all(out, self.as_str().as_bytes())?;
                Ok(IsNull::No)
            }
        }

        impl FromSql<Text, Pg> for $kind {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(std::str::from_utf8(value.as_bytes())?.parse()?)
            }
        }
    )*};
}

as_text! { ChannelKind ChannelKindSql, PresenceStatus PresenceStatusSql, SchemeScope SchemeScopeSql }

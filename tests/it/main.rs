//! Stories told by users, against the real server on a database of its own. One file for each resource; `support`
//! has the people, their sockets, the server and its PostgreSQL. Nothing here sleeps where it can wait for an event.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod support;

mod accounts;
mod audits;
mod authority;
mod bad_input;
mod bodies;
mod bots;
mod bounds;
mod bridge;
mod browsers;
mod channels;
mod chaos;
mod counts;
mod database;
mod deleted;
mod emoji;
mod events;
mod faults;
mod files;
mod guessing;
mod guests;
mod hostile;
mod invitations;
mod isolation;
mod jobs;
mod limits;
mod links;
mod log;
mod logins;
mod mail;
mod matrix;
mod mentions;
mod newcomers;
mod official;
mod openid;
mod organisations;
mod outage;
mod ownership;
mod passwords;
mod paths;
mod pictures;
mod posts;
mod preferences;
mod previews;
mod private_postgres;
mod reactions;
mod resume;
mod revocation;
mod roles;
mod schemes;
mod second_factor;
mod sessions;
mod settings;
mod setup;
mod shutdown;
mod statuses;
mod storage;
mod teams;
mod tls;
mod tokens;
mod unreads;
mod websocket;

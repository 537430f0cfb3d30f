# Three stages: the web client, the server that embeds it, and a small image that runs it.
# The image also runs alone: with no database configured it keeps a private PostgreSQL in /data.

FROM node:22-bookworm-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM rust:1-bookworm AS server
WORKDIR /src
COPY . .
COPY --from=web /web/dist web/dist
RUN cargo build --release --locked && strip target/release/rustchat

FROM debian:bookworm-slim
# postgresql-common first, so that no system cluster is made that nobody would use.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl postgresql-common \
    && sed -ri 's/^#?(create_main_cluster) .*$/\1 = false/' /etc/postgresql-common/createcluster.conf \
    && apt-get install -y --no-install-recommends postgresql-15 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home rustchat \
    && install -d -o rustchat -g rustchat -m 700 /data
COPY --from=server /src/target/release/rustchat /usr/local/bin/rustchat
USER rustchat
WORKDIR /data
ENV RUSTCHAT__ENVIRONMENT=production RUSTCHAT__SERVER__BIND=0.0.0.0:8065 RUSTCHAT__DATA_DIR=/data
VOLUME /data
EXPOSE 8065
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD curl -fsS -o /dev/null http://127.0.0.1:8065/api/v4/system/ping || exit 1
# A clean end: sessions are told, PostgreSQL is stopped.
STOPSIGNAL SIGTERM
ENTRYPOINT ["rustchat"]

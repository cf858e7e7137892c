# syntax=docker/dockerfile:1
# The console is built where there is room for its tools; what runs has neither those nor anybody's right to change it.

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-fund --no-audit
COPY . .
RUN npm run console:build

FROM node:24-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-fund --no-audit

FROM node:24-trixie-slim
# For backup and restore on Postgres: pg_dump must not be older than the server.
RUN apt-get update \
  && apt-get install -y --no-install-recommends postgresql-client ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATABASE_URL=sqlite:/data/muster.db
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY docker/entrypoint.sh docker/entrypoint.sh
COPY bots bots
COPY commands commands
COPY core core
COPY db db
COPY server server
COPY --from=build /app/server/console/dist server/console/dist
RUN mkdir /data /backups && chown node:node /data /backups
USER node
VOLUME ["/data"]
EXPOSE 3000
STOPSIGNAL SIGTERM
# Whether this process lives. Whether it can do its work (/readyz) depends on others too, and a restart mends none of those.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/bin/sh", "/app/docker/entrypoint.sh"]
CMD ["start"]

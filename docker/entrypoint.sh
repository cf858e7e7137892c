#!/bin/sh
# Each file in /run/secrets that is named like a setting is that setting: what is secret stands in no environment that
# `docker inspect` shows. What is set in the environment already wins.
set -eu
for file in "${SECRETS_DIRECTORY:-/run/secrets}"/*; do
  [ -f "$file" ] || continue
  name=$(basename "$file")
  case "$name" in *[!A-Z0-9_]*) continue ;; esac
  if eval "[ -z \"\${$name:-}\" ]"; then export "$name=$(cat "$file")"; fi
done
# As in package.json: docs/decisions/037-memory.md says why.
exec node --max-semi-space-size=16 --expose-gc server/cli/main.ts "$@"

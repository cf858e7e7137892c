#!/bin/sh
# Makes the secrets that compose.yaml needs, once; what is there stays. Back the folder up, apart from the database.
set -eu
umask 077
folder=${1:-secrets}
# The folder is yours alone; the files in it are read by the user of the container, who is somebody else.
mkdir -p "$folder"
make() {
  [ -e "$folder/$1" ] && return
  printf '%s' "$2" >"$folder/$1.new"
  chmod 444 "$folder/$1.new"
  mv "$folder/$1.new" "$folder/$1"
}
random() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
make POSTGRES_PASSWORD "$(random | tr -d '/+=')"
make DATABASE_URL "postgres://muster:$(cat "$folder/POSTGRES_PASSWORD")@db/muster"
make AUTH_SECRET "$(random)"
make MUSTER_KEK "$(random)"
make METRICS_TOKEN "$(random | tr -d '/+=')"

#!/bin/bash
# Entry point with the conventions of the official postgres image: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB,
# POSTGRES_INITDB_ARGS and POSTGRES_HOST_AUTH_METHOD (the first four also as VARIABLE_FILE), PGDATA, and the scripts of
# /docker-entrypoint-initdb.d, which run once, when the data directory is empty.
set -euo pipefail

fail() {
  echo "docker-entrypoint: $*" >&2
  exit 1
}

# value NAME DEFAULT: sets NAME from itself, from the file that NAME_FILE names, or to DEFAULT.
value() {
  local name=$1 file_name=$1_FILE
  local file=${!file_name:-}
  if [[ $file ]]; then
    [[ ! ${!name:-} ]] || fail "both $name and $file_name are set; set one of them"
    export "$name=$(<"$file")"
    unset "$file_name"
  else
    export "$name=${!name:-$2}"
  fi
}

prepare_folders() {
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  chmod 2775 /var/run/postgresql
  find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres:postgres {} +
}

initialise() {
  value POSTGRES_PASSWORD ''
  value POSTGRES_USER postgres
  value POSTGRES_DB "$POSTGRES_USER"
  value POSTGRES_INITDB_ARGS ''
  local method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [[ ! $POSTGRES_PASSWORD && $method != trust ]]; then
    fail "the database is new and the superuser has no password; set POSTGRES_PASSWORD (or, for a throwaway" \
      "database that anyone may enter, POSTGRES_HOST_AUTH_METHOD=trust)"
  fi
  # initdb wants its arguments as words: POSTGRES_INITDB_ARGS is split like a shell would.
  eval "set -- $POSTGRES_INITDB_ARGS"
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "$@" -D "$PGDATA"
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

psql_run() {
  PGHOST='' PGPASSWORD=$POSTGRES_PASSWORD psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password \
    --username "$POSTGRES_USER" "$@"
}

run_scripts() {
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    [[ -e $script ]] || continue
    echo "docker-entrypoint: running $script"
    case $script in
      *.sh) if [[ -x $script ]]; then "$script"; else . "$script"; fi ;;
      *.sql) psql_run --dbname "$POSTGRES_DB" -f "$script" ;;
      *.sql.gz) gunzip -c "$script" | psql_run --dbname "$POSTGRES_DB" ;;
      *.sql.xz) xz -dc "$script" | psql_run --dbname "$POSTGRES_DB" ;;
      *.sql.zst) zstd -dc "$script" | psql_run --dbname "$POSTGRES_DB" ;;
      *) echo "docker-entrypoint: ignoring $script" ;;
    esac
  done
}

# The scripts run against a server that only this container can reach, so that nobody sees a half-made database.
populate() {
  PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p ${PGPORT:-5432}" -w start
  if [[ $POSTGRES_DB != postgres ]]; then
    psql_run --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
  fi
  run_scripts
  PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -m fast -w stop
}

[[ ${1:-} != -* ]] || set -- postgres "$@"
if [[ ${1:-} == postgres ]]; then
  if ((EUID == 0)); then
    prepare_folders
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$BASH_SOURCE" "$@"
  fi
  if [[ ! -s $PGDATA/PG_VERSION ]]; then
    initialise
    populate
    unset POSTGRES_PASSWORD
    echo 'docker-entrypoint: the database is ready for its first start'
  fi
fi
exec "$@"

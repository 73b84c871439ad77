#!/bin/sh
# Entry point with the conventions of the official redis image: options or a .conf file go to redis-server, which runs
# as the user redis and, unless told otherwise, accepts clients from outside the container.
set -e

case ${1:-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis {} +
    exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
  fi
  configured=
  for argument in "$@"; do
    case $argument in
      --protected-mode) configured=1 ;;
      *.conf) ! grep -qs '^[[:space:]]*protected-mode' "$argument" || configured=1 ;;
    esac
  done
  [ "$configured" ] || set -- "$@" --protected-mode no
  [ "$(umask)" != 0022 ] || umask 0077
fi
exec "$@"

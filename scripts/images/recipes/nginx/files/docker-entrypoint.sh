#!/bin/sh
# Entry point with the conventions of the official nginx image: templates in /etc/nginx/templates are filled from the
# environment into /etc/nginx/conf.d, then the scripts of /docker-entrypoint.d run in order.
set -e

fill_templates() {
  names=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/$\1/p' | tr '\n' ' ')
  for template in /etc/nginx/templates/*.template; do
    [ -e "$template" ] || continue
    target=${template##*/}
    envsubst "$names" <"$template" >"/etc/nginx/conf.d/${target%.template}"
  done
}

if [ "${1:-}" = nginx ] || [ "${1:-}" = nginx-debug ]; then
  fill_templates
  for script in /docker-entrypoint.d/*; do
    case $script in
      *.envsh) [ ! -x "$script" ] || . "$script" ;;
      *.sh) [ ! -x "$script" ] || "$script" ;;
    esac
  done
fi
exec "$@"

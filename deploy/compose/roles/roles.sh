#!/bin/sh
# Runs roles.sql as the server's superuser, once every password is there.
set -eu
for role in owner operator intake routing notification gateway ledger; do
    grep -q "dandelion_$role:." "/run/secrets/$role-pgpass" || {
        echo "the password of dandelion_$role is missing: run docker compose run --rm secrets" >&2
        exit 78
    }
done
PGPASSWORD=$(cat /run/secrets/postgres-password)
export PGPASSWORD
exec psql -X -q -v ON_ERROR_STOP=1 -f /etc/dandelion/roles.sql

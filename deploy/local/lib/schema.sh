# deploy/schema.sql: what all migrations together make of an empty database.
# shellcheck shell=bash

# schema_roles BASE: the role that owns the schema, as on a managed server: no superuser, but it may create the group
# roles that the migrator needs.
schema_owner() {
    local base=$1
    cluster_sql "$base" postgres <<'SQL'
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dandelion_owner') THEN
        CREATE ROLE dandelion_owner LOGIN CREATEROLE;
    END IF;
END $$;
SQL
}

# schema_database BASE NAME: an empty database that belongs to dandelion_owner, unless there is one.
schema_database() {
    local base=$1 name=$2
    [[ -n $(cluster_sql "$base" postgres -c "SELECT 1 FROM pg_database WHERE datname = '$name'") ]] ||
        cluster_sql "$base" postgres -c "CREATE DATABASE $name OWNER dandelion_owner"
}

# Leaves out what depends on the version of the server or of pg_dump and says nothing about our schema.
schema_normalised() {
    sed -E \
        -e '/^-- (Dumped from|Dumped by) /d' \
        -e '/^\\(un)?restrict /d' \
        -e '/^SET (transaction_timeout|default_table_access_method|idle_in_transaction_session_timeout) = /d' \
        -e 's/[[:space:]]+$//' | cat -s
}

# schema_dump BASE NAME
schema_dump() {
    printf -- '-- What the migrations make of an empty database. Written by: ./deploy/local/test --update-schema\n\n'
    "$(cluster_bin "$1")/pg_dump" --schema-only --no-owner --dbname="$(cluster_dsn "$1" postgres "$2")" 9>&- | schema_normalised
}

# A private PostgreSQL cluster in a directory of its own:
#   <base>/data      the database files        <base>/socket  one line: the directory of its unix socket
#   <base>/server.log
# It listens on that socket only, in a directory that only its owner may enter, and so trusts whoever gets there. No other
# cluster of the machine is looked at. initdb refuses root, so for root the server runs as an unprivileged user.
# shellcheck shell=bash

# PGPORT, PGUSER, PGSERVICE and their like belong to another database of the reader's.
for variable in ${!PG@}; do unset "$variable"; done
export PGCLIENTENCODING=UTF8

database_user() {
    if ((EUID != 0)); then id -un; elif id -u postgres >/dev/null 2>&1; then printf 'postgres\n'; else printf 'nobody\n'; fi
}

# Runs a command as the owner of the cluster, in a directory that this owner can enter.
as_database_user() {
    if ((EUID != 0)); then
        (cd / && exec "$@" 9>&-)
    else
        local user
        user=$(database_user)
        (cd / && exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups \
            env -i PATH=/usr/bin:/bin HOME=/ LC_ALL=C "$@" 9>&-)
    fi
}

# cluster_place BASE: makes the directory, owned by the cluster's user. Where that user cannot enter the checkout (root's
# home, say) the directory goes to /var/lib and BASE becomes a link to it.
cluster_place() {
    local base=$1 elsewhere
    if [[ -L $base && ! -d $base ]]; then rm "$base"; fi
    [[ -d $base ]] || mkdir -p "$base"
    ((EUID == 0)) || { chmod 700 "$base"; return 0; }
    chown "$(database_user):" "$(realpath "$base")"
    chmod 700 "$(realpath "$base")"
    as_database_user test -w "$(realpath "$base")" && return 0
    elsewhere=/var/lib/dandelion-$(printf '%s' "$base" | sha256sum | cut -c 1-12)
    rmdir "$base" || fail 73 "$(database_user) can no longer enter $base, which holds data: make its parent directories enterable again"
    mkdir -p "$elsewhere"
    chown "$(database_user):" "$elsewhere"
    chmod 700 "$elsewhere"
    ln -s "$elsewhere" "$base"
    say "$(database_user) cannot enter $base, so the database lives in $elsewhere"
}

# cluster_bin BASE: the server programs for this cluster: those of its own major version once it exists.
cluster_bin() {
    local base=$1 major=""
    [[ ! -s $base/data/PG_VERSION ]] || major=$(<"$base/data/PG_VERSION")
    postgres_bin "$major" || fail 69 "the data in $base was made by PostgreSQL $major, which is no longer installed: install postgresql-$major, or start over with --fresh"
}

# cluster_create BASE [durable|throwaway]
cluster_create() {
    local base=$1 kind=${2:-durable} bin locale=C real sync=()
    cluster_place "$base"
    real=$(realpath "$base")
    [[ ! -s $real/data/PG_VERSION ]] || return 0
    bin=$(cluster_bin "$base") || exit
    [[ $(locale -a 2>/dev/null) != *[Cc].[Uu][Tt][Ff]?(-)8* ]] || locale=C.UTF-8
    [[ $kind == durable ]] || sync=(--no-sync)
    rm -rf "$real/data.new" "$real/data"
    if ! as_database_user "$bin/initdb" -D "$real/data.new" -U postgres -E UTF8 --locale="$locale" --lc-messages=C \
        --auth=trust --no-instructions "${sync[@]}" >"$real/initdb.log" 2>&1; then
        tail_of "$real/initdb.log" >&2
        fail 70 "initdb failed"
    fi
    printf "\ninclude = 'dandelion.conf'\n" | as_database_user tee -a "$real/data.new/postgresql.conf" >/dev/null
    printf '%s\n' "$kind" >"$real/kind"
    # The name says that the cluster is whole: an interrupted initdb leaves only data.new behind.
    mv "$real/data.new" "$real/data"
}

# A directory for the socket: short, since a socket's path has at most 107 bytes, and nobody else's, since it is in /tmp.
cluster_socket() {
    local base=$1 directory=""
    [[ ! -s $base/socket ]] || directory=$(<"$base/socket")
    if [[ ! -d $directory || -L $directory ||
        $(stat -c %u:%a "$directory") != "$(id -u "$(database_user)"):700" ]]; then
        directory=$(as_database_user mktemp -d /tmp/ddl-XXXXXX) || fail 70 "cannot make a directory for the socket in /tmp"
        printf '%s\n' "$directory" >"$base/socket"
    fi
    printf '%s\n' "$directory"
}

# What the cluster needs to be told. Written at every start, so that a new version of this file reaches old data.
cluster_configuration() {
    local socket=$1 kind=$2
    cat <<CONF
# Written by deploy/local at every start; changes here are lost.
listen_addresses = ''
unix_socket_directories = '$socket'
unix_socket_permissions = 0700
port = 5432
max_connections = 200
shared_buffers = 256MB
temp_file_limit = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %q%u@%d '
# The server's log may hold no personal data: neither values nor the text of statements.
log_statement = none
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
CONF
    if [[ $kind == throwaway ]]; then
        printf 'fsync = off\nfull_page_writes = off\n'
    else
        printf 'fsync = on\n'
    fi
}

# A postmaster.pid from before a reboot may name a process that is now something else; then PostgreSQL would refuse to
# start. A file that names a dead process PostgreSQL handles itself.
cluster_clear_stale_pid() {
    local data=$1 pid=""
    [[ -f $data/postmaster.pid ]] || return 0
    read -r pid <"$data/postmaster.pid" || true
    [[ -n $pid && -d /proc/$pid ]] || return 0
    [[ $(readlink "/proc/$pid/cwd") == "$data" ]] || rm -f "$data/postmaster.pid"
}

cluster_is_running() {
    local data pid
    data=$(realpath "$1")/data
    [[ -f $data/postmaster.pid ]] || return 1
    read -r pid <"$data/postmaster.pid" || return 1
    [[ -d /proc/$pid && $(readlink "/proc/$pid/cwd") == "$data" ]]
}

# cluster_start BASE: starts it and waits until it answers. A server left over from a killed run is used as it is.
cluster_start() {
    local base=$1 bin real socket
    bin=$(cluster_bin "$base") || exit
    real=$(realpath "$base")
    socket=$(cluster_socket "$base") || exit
    ! cluster_is_running "$base" || return 0
    cluster_clear_stale_pid "$real/data"
    rm -f "$socket"/.s.PGSQL.*
    cluster_configuration "$socket" "$(<"$real/kind")" | as_database_user tee "$real/data/dandelion.conf" >/dev/null
    if ! as_database_user "$bin/pg_ctl" start -s -w -t 600 -D "$real/data" </dev/null >>"$real/server.log" 2>&1; then
        tail_of "$real/server.log" >&2
        fail 70 "PostgreSQL did not start; its log is $base/server.log"
    fi
}

# cluster_standby BASE PRIMARY: a copy of a running cluster that follows it, for tests of failover. Start it like any other.
cluster_standby() {
    local base=$1 primary=$2 bin real
    cluster_place "$base"
    real=$(realpath "$base")
    bin=$(cluster_bin "$primary") || exit
    if ! as_database_user "$bin/pg_basebackup" -D "$real/data" -d "$(cluster_dsn "$primary" postgres postgres)" \
        -R -X stream -c fast --no-sync >"$real/basebackup.log" 2>&1; then
        tail_of "$real/basebackup.log" >&2
        fail 70 "pg_basebackup failed"
    fi
    printf 'throwaway\n' >"$real/kind"
}

# cluster_promote BASE: makes a standby the primary; returns when it takes writes.
cluster_promote() {
    local base=$1 bin real
    bin=$(cluster_bin "$base") || exit
    real=$(realpath "$base")
    as_database_user "$bin/pg_ctl" promote -s -w -t 60 -D "$real/data" >>"$real/server.log" 2>&1 ||
        fail 70 "the standby was not promoted; its log is $base/server.log"
}

# cluster_stop BASE [fast|immediate]: `immediate` is a crash on purpose.
cluster_stop() {
    local base=$1 mode=${2:-fast} bin real
    [[ -d $base ]] || return 0
    cluster_is_running "$base" || return 0
    bin=$(cluster_bin "$base")
    real=$(realpath "$base")
    as_database_user "$bin/pg_ctl" stop -s -w -t 60 -m "$mode" -D "$real/data" >>"$real/server.log" 2>&1 ||
        as_database_user "$bin/pg_ctl" stop -s -w -t 60 -m immediate -D "$real/data" >>"$real/server.log" 2>&1
}

# cluster_remove BASE: stops it and takes its directories away.
cluster_remove() {
    local base=$1 real socket
    [[ -d $base ]] || return 0
    cluster_stop "$base" immediate
    real=$(realpath "$base")
    [[ ! -s $base/socket ]] || socket=$(<"$base/socket")
    [[ ${socket:-} != /tmp/ddl-?????? ]] || rm -rf "$socket"
    rm -rf "$real"
    [[ ! -L $base ]] || rm -f "$base"
}

# cluster_dsn BASE USER DATABASE
cluster_dsn() { printf 'host=%s port=5432 user=%s dbname=%s\n' "$(<"$1/socket")" "$2" "$3"; }

# cluster_sql BASE DATABASE [psql arguments]: as the superuser; stops at the first error.
cluster_sql() {
    local base=$1 database=$2
    shift 2
    "$(cluster_bin "$base")/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$(cluster_dsn "$base" postgres "$database")" "$@" 9>&-
}

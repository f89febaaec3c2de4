# A Docker engine: the machine's own when there is one that answers, or else one of our own, started by hand with its data
# in a directory that is removed with it. What an engine changes about the machine's network is put back when ours ends.
# shellcheck shell=bash

# ENGINE: the directory of our own engine; empty when the machine's is used. Its path is kept in ENGINE_RECORD.
ENGINE=""
ENGINE_RECORD=.dandelion/containers/engine

no_engine() {
    fail 69 "no Docker engine is to be had on this machine: $1"
}

engine_answers() { timeout 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# Finds or starts an engine; ends the script with one line when there can be none.
engine_ensure() {
    if [[ -z ${DOCKER_HOST:-} ]] && command -v docker >/dev/null && engine_answers; then
        say "using this machine's Docker engine, $(docker version --format '{{.Server.Version}}')"
        return 0
    elif [[ -n ${DOCKER_HOST:-} ]]; then
        engine_answers || no_engine "nothing answers at DOCKER_HOST=$DOCKER_HOST"
        say "using the Docker engine at $DOCKER_HOST"
        return 0
    fi
    ((EUID == 0)) || no_engine "none answers, or this user may not use it (join the group docker), and only root can start one"
    if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
        knows_this_system || no_engine "install one (packages docker.io and docker-compose on Debian and Ubuntu)"
        engine_packages docker.io "the Docker engine" iptables "what it makes networks with"
    fi
    engine_start
}

# engine_packages PACKAGE WHY [PACKAGE WHY...]: installs what is missing, after saying what and why.
engine_packages() {
    local names=()
    say "This machine lacks the following; apt-get installs it now:"
    while (($# > 0)); do
        printf '  %-22s %s\n' "$1" "$2"
        names+=("$1")
        shift 2
    done
    install_packages "${names[@]}" >/dev/null || no_engine "apt-get could not install ${names[*]} (see its output above)"
}

engine_start() {
    local log=$LOGS/dockerd.log tries pid
    ENGINE=$(mktemp -d /var/tmp/ddc-XXXXXX) || fail 73 "cannot make a directory in /var/tmp"
    printf '%s\n' "$ENGINE" >"$ENGINE_RECORD"
    cat /proc/sys/net/ipv4/ip_forward >"$ENGINE/ip_forward"
    ip -o link show docker0 >/dev/null 2>&1 && touch "$ENGINE/had-docker0"
    firewall_remember iptables
    firewall_remember ip6tables
    export DOCKER_HOST=unix://$ENGINE/docker.sock
    say "starting a Docker engine of our own (data in $ENGINE, log in $log)"
    setsid dockerd --data-root "$ENGINE/data" --exec-root "$ENGINE/run" --pidfile "$ENGINE/dockerd.pid" \
        --host "$DOCKER_HOST" --group "$(id -gn)" >"$log" 2>&1 </dev/null 9>&- &
    pid=$!
    for ((tries = 0; tries < 300; tries++)); do
        ! engine_answers || return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.2
    done
    say "the engine did not start; the end of $log:"
    tail -n 5 "$log" | cut -c 1-300 | sed 's/^/    /'
    engine_stop
    no_engine "it does not start here (see above)"
}

# The firewall as it was, unless another engine had been at it: then it is that engine's.
firewall_remember() {
    command -v "$1-save" >/dev/null && "$1-save" >"$ENGINE/$1" 2>/dev/null || rm -f "$ENGINE/$1"
}

# Takes away the rules and chains of an engine, and gives the chain FORWARD its policy back. Rules of others stay.
firewall_restore() {
    local tool=$1 policy
    [[ -e $ENGINE/$tool ]] || return 0
    ! grep -q DOCKER "$ENGINE/$tool" || return 0
    policy=$(sed -n '/^\*filter/,/^COMMIT/s/^:FORWARD \([A-Z]*\).*/\1/p' "$ENGINE/$tool")
    "$tool-save" 2>/dev/null | grep -vE 'DOCKER|docker0|br-[0-9a-f]{12}' |
        sed "/^\*filter/,/^COMMIT/s/^:FORWARD [A-Z]*/:FORWARD ${policy:-ACCEPT}/" | "$tool-restore" 2>/dev/null
}

# Ends our own engine, if there is one, and removes what it had and changed.
engine_stop() {
    local pid tries
    [[ -n $ENGINE && -d $ENGINE ]] || return 0
    if [[ -s $ENGINE/dockerd.pid ]]; then
        pid=$(<"$ENGINE/dockerd.pid")
        if [[ $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") == *"$ENGINE"* ]]; then
            kill -TERM "$pid" 2>/dev/null
            for ((tries = 0; tries < 300; tries++)); do
                kill -0 "$pid" 2>/dev/null || break
                sleep 0.1
            done
            kill -KILL "$pid" 2>/dev/null
        fi
    fi
    awk -v at="$ENGINE/" 'index($2, at) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done
    [[ -e $ENGINE/had-docker0 ]] || ip link delete docker0 2>/dev/null
    firewall_restore iptables
    firewall_restore ip6tables
    cat "$ENGINE/ip_forward" >/proc/sys/net/ipv4/ip_forward
    rm -rf "$ENGINE"
    rm -f "$ENGINE_RECORD"
    ENGINE=""
    unset DOCKER_HOST
}

# An engine that a killed run, or --keep, left behind becomes ours again.
engine_take_over() {
    [[ -s $ENGINE_RECORD ]] || return 1
    ENGINE=$(<"$ENGINE_RECORD")
    if [[ $ENGINE != /var/tmp/ddc-?????? || ! -d $ENGINE ]]; then
        rm -f "$ENGINE_RECORD"
        ENGINE=""
        return 1
    fi
    export DOCKER_HOST=unix://$ENGINE/docker.sock
}

# Sets COMPOSE to the Compose there is: v2, or 1.29, which Debian's package is.
compose_ensure() {
    if docker compose version >/dev/null 2>&1; then
        COMPOSE=(docker compose)
        return 0
    fi
    if ! command -v docker-compose >/dev/null; then
        ((EUID == 0)) && knows_this_system || no_engine "Docker Compose is missing: install docker-compose, or the v2 plugin"
        engine_packages docker-compose "Docker Compose"
    fi
    COMPOSE=(docker-compose)
}

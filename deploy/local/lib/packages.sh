# What the machine must have, and how a Debian or Ubuntu gets it. Everything is looked for by what it does, not by the
# package's name, so that a machine set up another way is left as it is.
# shellcheck shell=bash

OLDEST_POSTGRES=15

# postgres_bin [MAJOR]: the directory of the server programs, of that major version or of the newest one that will do.
postgres_bin() {
    local directory major best="" best_major=0
    for directory in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin "$(pg_config --bindir 2>/dev/null)" \
        "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
        [[ -x $directory/initdb && -x $directory/postgres && -x $directory/pg_ctl && -x $directory/psql ]] || continue
        major=$("$directory/postgres" --version | grep -oE '[0-9]+' | head -n 1)
        if [[ -n ${1:-} ]]; then
            [[ $major == "$1" ]] || continue
        elif ((major < OLDEST_POSTGRES || major <= best_major)); then
            continue
        fi
        best=$directory
        best_major=$major
    done
    [[ -n $best ]] && printf '%s\n' "$best"
}

# The Python that Debian's python3-aiosmtpd belongs to; another python3 may come first in PATH.
MAIL_PYTHON=/usr/bin/python3

has_library() { command -v pkg-config >/dev/null && pkg-config --exists "$1" 2>/dev/null; }
has_zlib() { [[ -e /usr/include/zlib.h ]] || has_library zlib; }
has_mail_catcher() { "$MAIL_PYTHON" -c 'import aiosmtpd' 2>/dev/null; }

# Prints one line "package<TAB>why" for everything that is missing.
missing_packages() {
    command -v pkg-config >/dev/null || printf 'pkg-config\tfinds the C libraries for the Swift build\n'
    has_library libpq || printf 'libpq-dev\tthe PostgreSQL client library that PostgresClient is built on\n'
    has_library libcurl || printf 'libcurl4-openssl-dev\tsends the mail (SMTP) of the notification service\n'
    has_zlib || printf 'zlib1g-dev\tHTTP compression, needed to build the HTTP libraries\n'
    [[ -n $(postgres_bin) ]] || printf 'postgresql\tthe database server, 15 or later, for a private cluster of this checkout\n'
    command -v curl >/dev/null || printf 'curl\twhat the partner guide shows with it is tried by the tests\n'
    has_mail_catcher || printf 'python3-aiosmtpd\ta local mail catcher, so that no message leaves this machine\n'
}

# True on the systems whose packages are known to be new enough.
knows_this_system() {
    [[ -r /etc/os-release ]] && command -v apt-get >/dev/null || return 1
    local id version
    id=$(. /etc/os-release && printf '%s' "${ID:-}")
    version=$(. /etc/os-release && printf '%s' "${VERSION_ID:-0}")
    case $id in
    debian) ((${version%%.*} >= 12)) ;;
    ubuntu) ((${version%%.*} >= 24)) ;;
    *) return 1 ;;
    esac
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@" </dev/null
}

NO_CLUSTER=/etc/postgresql-common/createcluster.d/dandelion.conf
POLICY=/usr/sbin/policy-rc.d
POLICY_IS_OURS=""

# Debian's postgresql package makes and starts a cluster when it is installed. For the time of the installation a file of
# ours says no to the first and a service policy no to the second; both are taken away again. Nothing that was on the
# machine is edited, stopped or restarted.
guard_on() {
    if [[ ! -e $POLICY ]]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
        as_root chmod 755 "$POLICY"
        POLICY_IS_OURS=yes
    fi
    as_root mkdir -p "$(dirname "$NO_CLUSTER")"
    printf 'create_main_cluster = false\n' | as_root tee "$NO_CLUSTER" >/dev/null
}

guard_off() {
    as_root rm -f "$NO_CLUSTER"
    as_root rmdir "$(dirname "$NO_CLUSTER")" 2>/dev/null
    [[ -z $POLICY_IS_OURS ]] || as_root rm -f "$POLICY"
    POLICY_IS_OURS=""
}

install_packages() {
    local packages=("$@")
    guard_on
    # shellcheck disable=SC2064
    trap 'guard_off; exit 130' INT TERM HUP
    local status=0
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 update </dev/null || say "apt-get update failed; trying with the lists there are"
    if [[ " ${packages[*]} " == *" postgresql "* ]]; then
        # The common package brings the file that reads ours; only then may the server come.
        apt_install postgresql-common || status=$?
        if ((status == 0)) && [[ $(pg_conftool /etc/postgresql-common/createcluster.conf show -bs create_main_cluster) != @(off|false|no|0) ]]; then
            guard_off
            fail 1 "postgresql-common would make and start a cluster of its own; install a PostgreSQL $OLDEST_POSTGRES or later yourself, then run this again"
        fi
    fi
    ((status != 0)) || apt_install "${packages[@]}" || status=$?
    guard_off
    trap - INT TERM HUP
    return "$status"
}

# Swift first: without it nothing else is worth installing.
require_swift() {
    local version
    command -v swift >/dev/null ||
        fail 69 "swift is not in PATH: install the Swift 6.3 toolchain from https://www.swift.org/install/linux/ and run this again"
    version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+')
    local major=${version%%.*} minor=${version##*.}
    ((${major:-0} > 6 || (${major:-0} == 6 && ${minor:-0} >= 3))) ||
        fail 69 "Swift 6.3 or later is needed, this is ${version:-unknown}: see https://www.swift.org/install/linux/"
}

# Sees that everything is there; installs what is not, after saying what and why. Ends the script when it cannot.
ensure_packages() {
    require_swift
    local lines names package why
    lines=$(missing_packages)
    [[ -n $lines ]] || return 0
    names=$(cut -f 1 <<<"$lines" | paste -sd ' ')
    if ! knows_this_system; then
        fail 69 "missing on this machine: $names (the names on Debian 12 and Ubuntu 24.04; PostgreSQL must be $OLDEST_POSTGRES or later)"
    fi
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        fail 69 "missing: $names; as root: apt-get update && apt-get install $names"
    fi
    say "This machine lacks the following; apt-get installs it now$( ((EUID == 0)) || printf ' (sudo may ask for your password)'):"
    while IFS=$'\t' read -r package why; do printf '  %-22s %s\n' "$package" "$why"; done <<<"$lines"
    case " $names " in
    *" postgresql "*) say "  (no cluster of the system's own is made or started, and none that exists is touched)" ;;
    esac
    # shellcheck disable=SC2086
    install_packages $names || fail 69 "apt-get could not install: $names (see its output above)"
    lines=$(missing_packages)
    [[ -z $lines ]] || fail 69 "still missing after the installation: $(cut -f 1 <<<"$lines" | paste -sd ' ')"
}

# For one test alone, so it is no reason to stop: without it that test is left out and says so.
ensure_pooler() {
    local names=pgbouncer
    [[ ! -x /usr/sbin/pgbouncer ]] && knows_this_system && ((EUID == 0)) || return 0
    say "pgbouncer is missing, which one test works through; apt-get installs it now"
    install_packages "$names" >/dev/null 2>&1 || say "  it could not be installed: that test is left out"
}

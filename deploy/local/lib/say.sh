# What the two commands print, and how they run something long: with progress, and so that Ctrl-C can end it.
# shellcheck shell=bash

say() { printf '%s\n' "$@"; }

# fail STATUS LINE...: the cause and the remedy on standard error, then the end.
fail() {
    local status=$1
    shift
    printf '%s\n' "$@" >&2
    exit "$status"
}

# The process group that a signal to this script has to take along; see `in_group`.
GROUP=""

# start_group COMMAND...: starts the command in its own process group, which `stop_group` ends with all its children.
start_group() {
    set -m
    "$@" </dev/null 9>&- &
    GROUP=$!
    set +m
}

# in_group COMMAND...: the same, and waits for it. A signal interrupts this wait at once; bash would otherwise finish a
# foreground command first.
in_group() {
    local status=0
    start_group "$@"
    wait "$GROUP" || status=$?
    GROUP=""
    return "$status"
}

stop_group() {
    [[ -n $GROUP ]] || return 0
    kill -TERM -- "-$GROUP" 2>/dev/null
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        kill -0 -- "-$GROUP" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$GROUP" 2>/dev/null
    wait "$GROUP" 2>/dev/null
    GROUP=""
}

# progress TITLE LOG COMMAND...: runs the command with its output in LOG and shows how long it has been at it. On a
# terminal one line is rewritten every second; elsewhere (CI) a line comes every 30 seconds. Returns the command's status.
progress() {
    local title=$1 log=$2 status=0 begin=$SECONDS next=30 elapsed last
    shift 2
    start_group "$@" >"$log" 2>&1
    while kill -0 "$GROUP" 2>/dev/null; do
        elapsed=$((SECONDS - begin))
        if [[ -t 1 ]]; then
            last=$(tail -c 300 "$log" 2>/dev/null | tr '\r' '\n' | tail -n 1 | cut -c 1-70)
            printf '\r\033[K%s ... %d s  %s' "$title" "$elapsed" "$last"
        elif ((elapsed >= next)); then
            say "$title ... $elapsed s"
            next=$((elapsed + 30))
        fi
        sleep 0.5
    done
    wait "$GROUP" 2>/dev/null || status=$?
    GROUP=""
    [[ ! -t 1 ]] || printf '\r\033[K'
    elapsed=$((SECONDS - begin))
    if ((status == 0)); then say "$title: done in $elapsed s"; else say "$title: FAILED after $elapsed s"; fi
    return "$status"
}

# tail_of LOG: the end of a log, indented, for the reader of a failure.
tail_of() {
    say "  the end of $1:"
    tail -n "${2:-15}" "$1" 2>/dev/null | sed 's/^/    /'
}

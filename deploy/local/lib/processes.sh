# The processes that `up` starts: each in a session of its own (Ctrl-C at the terminal reaches only the script, which then
# stops them in order), with a log and a file that lets the next run find it should this one be killed.
# shellcheck shell=bash

LOGS=.dandelion/log
RUN=.dandelion/run
declare -A PROCESSES=() # process id -> name, in no order
STARTED=()              # process ids in the order of starting

process_name() { printf '%s\n' "${PROCESSES[$1]}"; }

# A process id can be used again, a process id with its start time cannot.
process_birth() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# start_process NAME COMMAND...: variables go in front, as in `start_process x env A=b program`.
start_process() {
    local name=$1
    shift
    setsid "$@" >"$LOGS/$name.log" 2>&1 </dev/null 9>&- &
    PROCESSES[$!]=$name
    STARTED+=("$!")
    printf '%s %s\n' "$!" "$(process_birth "$!")" >"$RUN/$name.pid"
}

# end_processes SECONDS PROCESS...: asks, waits, and after so many seconds insists.
end_processes() {
    local patience=$1 process left tries
    shift
    (($# > 0)) || return 0
    kill -TERM "$@" 2>/dev/null
    for ((tries = 0; tries < patience * 10; tries++)); do
        left=no
        for process in "$@"; do kill -0 "$process" 2>/dev/null && left=yes; done
        [[ $left == yes ]] || return 0
        sleep 0.1
    done
    for process in "$@"; do
        kill -0 "$process" 2>/dev/null || continue
        say "  ${PROCESSES[$process]:-process $process} did not stop within $patience s and is killed"
        kill -KILL "$process" 2>/dev/null
    done
}

# watch_cluster BASE: stands for the server, which is no child of ours, among the processes: it ends when the server does.
watch_cluster() {
    # shellcheck disable=SC2016
    start_process postgres bash -c 'while [[ -d /proc/$0 ]]; do sleep 1; done' "$(head -n 1 "$1/data/postmaster.pid")"
}

# What a killed run left behind still holds the ports.
end_leftovers() {
    local file process birth left=()
    for file in "$RUN"/*.pid; do
        [[ -f $file ]] || continue
        read -r process birth <"$file" || true
        [[ -z $birth || $(process_birth "$process") != "$birth" ]] || left+=("$process")
    done
    if ((${#left[@]} > 0)); then
        say "stopping ${#left[@]} processes that an earlier run left behind"
        end_processes 30 "${left[@]}"
    fi
    rm -f "$RUN"/*.pid
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# http_status PORT PATH
http_status() {
    (
        exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
        printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&3
        read -r -t 5 _ status _ <&3 && printf '%s\n' "$status"
    ) 2>/dev/null
}

# died NAME: the line and the log that explain why a process is gone.
died() {
    say "$1 ended by itself; this ends the run"
    if [[ $1 == postgres ]]; then tail_of "$base/server.log"; else tail_of "$LOGS/$1.log"; fi
}

# wait_until_ready PROCESS PORT [/path]: up to a minute; false when the process died or never got ready.
wait_until_ready() {
    local process=$1 port=$2 path=${3:-/ready} begin=$SECONDS next=5 name
    name=$(process_name "$process")
    while ((SECONDS - begin < 60)); do
        if ! kill -0 "$process" 2>/dev/null; then
            died "$name"
            return 1
        fi
        if [[ $path == tcp ]]; then
            port_is_taken "$port" && return 0
        else
            [[ $(http_status "$port" "$path") != 200 ]] || return 0
        fi
        if ((SECONDS - begin >= next)); then
            say "  waiting for $name to be ready ... $((SECONDS - begin)) s"
            next=$((next + 10))
        fi
        sleep 0.1
    done
    say "$name is not ready after 60 s (http://127.0.0.1:$port$path)"
    tail_of "$LOGS/$name.log"
    return 1
}

# The network that docker-compose.yml describes, with a project name, secrets and images of its own: what is started here
# never meets what somebody runs from the same checkout.
# shellcheck shell=bash

PROJECT=dandelion-$(printf '%s' "$top" | sha256sum | cut -c 1-8)
CASE=deploy/demo/cases/07-rejected-dongsheng.json
CASES=()        # numbers of the cases that were sent
HEALTHY_WITHIN=180
ANSWERED_WITHIN=60

compose() {
    local variable
    (
        for variable in ${!COMPOSE_@} ${!DANDELION_@}; do [[ $variable == COMPOSE_HTTP_TIMEOUT ]] || unset "$variable"; done
        export DANDELION_IMAGE=$IMAGE DANDELION_AGENCY_IMAGE=$AGENCY_IMAGE DANDELION_MAIL_CATCHER_IMAGE=$MAIL_CATCHER_IMAGE DANDELION_SECRETS=$state/secrets
        exec "${COMPOSE[@]}" --env-file "$state/no.env" -p "$PROJECT" -f "$top/docker-compose.yml" "$@" 9>&- </dev/null
    )
}

# containers SERVICE: the ids of its running containers.
containers() {
    docker ps -q --no-trunc --filter "label=com.docker.compose.project=$PROJECT" \
        --filter "label=com.docker.compose.service=$1"
}

# inside SERVICE COMMAND...: in the first container of the service.
inside() {
    local id
    id=$(containers "$1" | head -n 1)
    shift
    docker exec "$id" "$@" </dev/null
}

# door SERVICE: host and port on this machine of its first container.
door() { docker port "$(containers "$1" | head -n 1)" 8080/tcp | head -n 1; }

# standing: one line "service status health exit-code" per container that is not as it should be.
standing() {
    # shellcheck disable=SC2046
    docker inspect --format \
        '{{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}} {{.State.ExitCode}} {{.RestartCount}}' \
        $(docker ps -aq --filter "label=com.docker.compose.project=$PROJECT" \
            --filter 'label=com.docker.compose.oneoff=False') |
        grep -vE '^[a-z-]+ running healthy 0 0$|^(roles|migrate) exited [a-z-]+ 0 0$'
}

wait_until_healthy() {
    local begin=$SECONDS left
    while left=$(standing); do
        if ((SECONDS - begin >= HEALTHY_WITHIN)) || grep -qE ' (exited|restarting) | [1-9][0-9]*$' <<<"$left"; then
            say "not healthy after $((SECONDS - begin)) s (service, status, health, exit code, restarts):"
            sed 's/^/    /' <<<"$left"
            exit 1
        fi
        sleep 1
    done
    say "every container is healthy: waited $((SECONDS - begin)) s"
}

# The key is given to curl on its standard input: arguments are seen by every user of the machine.
request() {
    printf 'header = "Authorization: Bearer %s"\n' "$(<"$state/secrets/client/hotline-desk.key")" |
        curl -sS --max-time 20 --config - "$@" 9>&-
}

# send_cases COUNT: each answered 201, or the end.
send_cases() {
    local count=$1 answer number index
    CASES=()
    for ((index = 0; index < count; index++)); do
        answer=$(request -w '\n%{http_code}' -H 'Content-Type: application/json' \
            -H "Idempotency-Key: $(</proc/sys/kernel/random/uuid)" --data-binary "@$CASE" \
            "http://$(door intake)/v1/requests")
        number=$(grep -oE 'C-[0-9A-Z]{4}-[0-9A-Z]{4}' <<<"$answer" | head -n 1)
        if [[ ${answer##*$'\n'} != 201 || -z $number ]]; then
            say "intake answered POST /v1/requests with: $answer"
            exit 1
        fi
        CASES+=("$number")
    done
    say "sent $count case(s) by curl: ${CASES[*]}"
}

# One agency rejected it, the other completed it, and she is to be called back: only then is a case closed.
is_answered() {
    local view
    view=$(request "http://$(door intake)/v1/cases/$1") || return 1
    [[ $view == *'"status":"rejected"'* && $view == *'"status":"completed"'* && $view == *'"kind":"call_back"'* ]]
}

wait_until_answered() {
    local begin=$SECONDS waiting=("${CASES[@]}") left number
    while ((${#waiting[@]} > 0)); do
        left=()
        for number in "${waiting[@]}"; do is_answered "$number" || left+=("$number"); done
        waiting=(${left[@]+"${left[@]}"})
        if ((SECONDS - begin > ANSWERED_WITHIN && ${#waiting[@]} > 0)); then
            say "not answered after $ANSWERED_WITHIN s: ${waiting[*]}; the first one:"
            request "http://$(door intake)/v1/cases/${waiting[0]}"
            exit 1
        fi
        ((${#waiting[@]} == 0)) || sleep 0.5
    done
    say "${#CASES[@]} case(s) came back answered: rejected by the first agency, completed by the second, call-back due"
    request "http://$(door intake)/v1/cases/${CASES[0]}" | grep -oE '\{[^{}]*"agency"[^{}]*\}' |
        sed -E 's/.*"agency":"([^"]*)".*"outcome":"([^"]*)".*"purpose":"([^"]*)".*"status":"([^"]*)".*/    \1: \3 \4 (\2)/
            s/^\{.*"agency":"([^"]*)".*"purpose":"([^"]*)".*"reason":"([^"]*)".*"status":"([^"]*)".*/    \1: \2 \4 (\3)/'
}

expect() { # TITLE COMMAND...
    local title=$1
    shift
    if "$@" >/dev/null 2>&1; then say "  ok: $title"; else
        say "  FAILED: $title"
        exit 1
    fi
}

refuse() { # TITLE COMMAND...
    local title=$1
    shift
    if "$@" >/dev/null 2>&1; then
        say "  FAILED: $title"
        exit 1
    else say "  ok: $title"; fi
}

# Nobody is root, and nobody may become more than he is.
check_identity() {
    local service
    for service in intake routing notification gateway ledger-signer mail-catcher human-resources labour-arbitration; do
        expect "$service runs as a user without rights" test "$(inside "$service" id -u)" = 10001
    done
    refuse "a service cannot write into its image" inside intake touch /opt/dandelion/x
}

address() { # SERVICE NETWORK
    docker inspect --format "{{(index .NetworkSettings.Networks \"${PROJECT}_$2\").IPAddress}}" \
        "$(containers "$1" | head -n 1)"
}

connects() { inside "$1" timeout 3 bash -c "exec 3<>/dev/tcp/$2/$3"; }

check_walls() {
    local agency
    for agency in human-resources labour-arbitration; do
        expect "$agency reaches the gateway" inside "$agency" healthcheck gateway 8080 /health
        expect "$agency can connect to it" connects "$agency" gateway 8080
        refuse "$agency does not find the database" connects "$agency" postgres 5432
        refuse "$agency does not reach the database by its address" connects "$agency" "$(address postgres database)" 5432
        refuse "$agency does not reach intake" connects "$agency" "$(address intake intake-door)" 8080
        refuse "$agency does not reach the gateway's side of the database network" \
            connects "$agency" "$(address gateway database)" 8080
        expect "$agency holds three secrets, its own" \
            test "$(inside "$agency" ls /run/secrets | paste -sd ' ')" = "behaviour key private-key"
        expect "$agency holds no executable of ours but its worker" \
            test "$(inside "$agency" ls /opt/dandelion/bin | paste -sd ' ')" = "agency-worker healthcheck"
        refuse "$agency holds nothing of the network's data" inside "$agency" test -e /opt/dandelion/share
        refuse "$agency holds no client of the database" \
            inside "$agency" bash -c 'compgen -G "/usr/lib/*/libpq.so*" || type psql'
        refuse "$agency is told no database" inside "$agency" bash -c 'env | grep -E "DATABASE|PGPASSFILE|FIELD_KEYS|INDEX_KEYS"'
    done
    refuse "the gateway holds no field key" inside gateway test -e /run/secrets/field-keys
    refuse "routing cannot sign agencies' keys" inside routing test -e /run/secrets/onboarding-key
    expect "intake holds it" inside intake test -e /run/secrets/field-keys
}

check_scale() { # SERVICE COUNT
    expect "$2 containers of $1 run" test "$(containers "$1" | wc -l)" = "$2"
}

# stop_one SERVICE: what is in hand is finished within the grace, and the exit status says so.
stop_one() {
    local id begin=$SECONDS
    id=$(containers "$1" | tail -n 1)
    docker stop -t 30 "$id" >/dev/null
    expect "one $1 drained and ended by itself in $((SECONDS - begin)) s" \
        test "$(docker inspect --format '{{.State.ExitCode}} {{.State.OOMKilled}}' "$id")" = "0 false"
}

# kill_one SERVICE: dies without warning, and comes back by its restart policy. Only where the engine's processes are seen.
kill_one() {
    local id pid begin=$SECONDS
    id=$(containers "$1" | head -n 1)
    pid=$(docker inspect --format '{{.State.Pid}}' "$id")
    [[ $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") == "$1 " ]] && kill -KILL "$pid" 2>/dev/null || {
        say "  not tried: whether $1 comes back after SIGKILL (its process is not ours to kill)"
        return 0
    }
    until [[ $(docker inspect --format '{{.State.Health.Status}} {{.RestartCount}}' "$id") == 'healthy 1' ]]; do
        ((SECONDS - begin < 60)) || {
            say "  FAILED: $1 was killed and is not back after 60 s"
            exit 1
        }
        sleep 0.5
    done
    say "  ok: one $1 was killed, and was back and healthy after $((SECONDS - begin)) s"
}

megabytes() { awk '{ printf "%.0f MB", $1 / 1e6 }'; }

report() {
    say "sizes: image $IMAGE $(docker image inspect --format '{{.Size}}' "$IMAGE" | megabytes), of which the base image" \
        "  ($BASE_IMAGE) $(docker image inspect --format '{{.Size}}' "$BASE_IMAGE" 2>/dev/null | megabytes);" \
        "  the agencies' $(docker image inspect --format '{{.Size}}' "$AGENCY_IMAGE" | megabytes), the mail catcher's $(docker image inspect --format '{{.Size}}' "$MAIL_CATCHER_IMAGE" | megabytes)"
    say "memory in use:"
    # shellcheck disable=SC2046
    docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' \
        $(docker ps -q --filter "label=com.docker.compose.project=$PROJECT") |
        sed "s/^${PROJECT}[_-]//" | sort | awk '{ printf "    %-24s %s\n", $1, $2 }'
}

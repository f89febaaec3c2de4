#!/usr/bin/env python3
"""A client of the queue in Python, for `dandelion queues conformance`: nothing but the SQL functions, called through psql.

Usage: client.py DSN

Reads a call a line from standard input (JSON), makes it, and writes an answer a line (JSON): see ConformanceCall and
ConformanceAnswer in Shared/JobConformance. A real client holds a connection; what matters here is that there is no need of Swift.
"""
import json
import re
import subprocess
import sys

CALLS = {
    "enqueue": "SELECT json_build_object('alias', alias, 'is_new', inserted) FROM queue.enqueue(:'queue', :'kind', :'args', "
    ":'priority', CASE WHEN :'delay' <> '' THEN clock_timestamp() + make_interval(secs => nullif(:'delay', '')::float8) END, "
    ":'max_attempts', nullif(:'unique_key', ''))",
    "enqueue_many": "SELECT '{}'::json FROM (SELECT queue.enqueue_many(:'queue', :'kind', "
    "ARRAY(SELECT jsonb_array_elements(:'args'::jsonb)))) AS made",
    "claim": "SELECT json_build_object('jobs', coalesce(json_agg(json_build_object('id', id, 'epoch', lease_epoch, 'number', "
    "lease_number, 'alias', alias, 'kind', kind, 'args', args::text, 'attempt', attempt)), '[]')) "
    "FROM queue.claim(:'queue', :'limit', NULL, make_interval(secs => :'lease'), :'holder')",
    "complete": "SELECT '{}'::json FROM (SELECT queue.complete(:'id', :'epoch', :'number')) AS done",
    "fail": "SELECT json_build_object('state', queue.fail(:'id', :'epoch', :'number', :'code', "
    "make_interval(secs => coalesce(nullif(:'delay', ''), '0')::float8)))",
    "discard": "SELECT '{}'::json FROM (SELECT queue.discard(:'id', :'epoch', :'number', :'code')) AS done",
    "snooze": "SELECT '{}'::json FROM (SELECT queue.snooze(:'id', :'epoch', :'number', "
    "make_interval(secs => coalesce(nullif(:'delay', ''), '0')::float8))) AS done",
    "extend": "SELECT '{}'::json FROM (SELECT queue.extend(:'id', :'epoch', :'number', make_interval(secs => :'lease'))) AS done",
    "cancel": "SELECT json_build_object('state', queue.cancel(:'alias', :'code'))",
}


def answer(dsn, call):
    name = call["call"]
    undone = name.endswith("_undone")
    values = {
        "queue": call.get("queue", ""), "kind": call.get("kind", ""), "args": call.get("args", "{}"),
        "priority": call.get("priority", 4), "delay": call.get("delay_seconds", ""),
        "max_attempts": call.get("max_attempts", 25), "unique_key": call.get("unique_key", ""),
        "limit": call.get("limit", 1), "lease": call.get("lease_seconds", 60), "holder": call.get("holder", ""),
        "alias": call.get("alias", ""), "code": call.get("code", ""), "id": call.get("id", 0),
        "epoch": call.get("epoch", 0), "number": call.get("number", 0),
    }
    command = ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=sqlstate", "-d", dsn, "-f", "-"]
    for key, value in values.items():
        command += ["-v", f"{key}={value}"]
    sql = CALLS[name.removesuffix("_undone")] + ";"
    if undone:
        sql = f"BEGIN; {sql} ROLLBACK;"
    ran = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    if ran.returncode == 0:
        return {} if undone else json.loads(ran.stdout)
    refused = re.search(r"\bDQ\d{3}\b", ran.stderr)
    if refused is None:
        raise RuntimeError(ran.stderr)
    return {"refused": refused.group()}


def main():
    for line in sys.stdin:
        print(json.dumps(answer(sys.argv[1], json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

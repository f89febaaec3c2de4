-- The least table that can be claimed from. What is measured against it: see deploy/bench/queue --help.
drop table if exists job;
create table job(
  id bigint generated always as identity primary key,
  state smallint not null default 0,          -- 0 ready, 1 running
  payload jsonb not null default '{"n": 1}',
  claimed_at timestamptz, finished_at timestamptz);
create index job_ready on job(id) where state = 0;

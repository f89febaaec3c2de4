-- The logins and the database. Repeatable; a changed password file takes effect.
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET password_encryption = 'scram-sha-256';
SET client_min_messages = 'warning';

\set owner `sed 's/.*://' /run/secrets/owner-pgpass`
\set operator `sed 's/.*://' /run/secrets/operator-pgpass`
\set intake `sed 's/.*://' /run/secrets/intake-pgpass`
\set routing `sed 's/.*://' /run/secrets/routing-pgpass`
\set notification `sed 's/.*://' /run/secrets/notification-pgpass`
\set gateway `sed 's/.*://' /run/secrets/gateway-pgpass`
\set ledger `sed 's/.*://' /run/secrets/ledger-pgpass`

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY[
    'dandelion_owner', 'dandelion_operator', 'dandelion_intake', 'dandelion_routing', 'dandelion_notification',
    'dandelion_gateway', 'dandelion_ledger'
]) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

-- The owner migrates: it owns the schema and may create the queue's group roles, no more. Only the one-shot has it.
ALTER ROLE dandelion_owner LOGIN CREATEROLE NOSUPERUSER NOCREATEDB NOREPLICATION PASSWORD :'owner';
ALTER ROLE dandelion_operator LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'operator';
ALTER ROLE dandelion_intake LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'intake';
ALTER ROLE dandelion_routing LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'routing';
ALTER ROLE dandelion_notification LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'notification';
ALTER ROLE dandelion_gateway LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'gateway';
ALTER ROLE dandelion_ledger LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'ledger';

SELECT 'CREATE DATABASE dandelion OWNER dandelion_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'dandelion') \gexec

-- Where agencies listen for their bells.
SELECT 'CREATE DATABASE dandelion_bell OWNER dandelion_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'dandelion_bell') \gexec

-- Nobody connects anywhere without being named here.
REVOKE ALL ON DATABASE dandelion, dandelion_bell, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE dandelion TO
    dandelion_operator, dandelion_intake, dandelion_routing, dandelion_notification, dandelion_gateway,
    dandelion_ledger;
GRANT CONNECT ON DATABASE dandelion_bell TO dandelion_gateway;

-- And whoever is an agency's login is left nothing that it has no use for.
\connect dandelion
\i /etc/dandelion-server/close_public.psql
\connect dandelion_bell
\i /etc/dandelion-server/close_public.psql

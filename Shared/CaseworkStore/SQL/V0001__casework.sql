-- Cases and all that hangs on them. Personal fields are sealed by the application before they come here (bytea);
-- what is in clear is codes, ids and times.

CREATE SCHEMA casework;
REVOKE ALL ON SCHEMA casework FROM PUBLIC;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'dandelion_intake', 'dandelion_routing', 'dandelion_notification', 'dandelion_gateway', 'dandelion_operator'
    ] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- Made by a migration of another database at this very moment.
            END;
        END IF;
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA casework TO
    dandelion_intake, dandelion_routing, dandelion_notification, dandelion_gateway, dandelion_operator;
-- The gateway claims the agencies' hand-overs; intake only produces.
GRANT queue_producer TO dandelion_intake;
GRANT queue_worker TO dandelion_routing, dandelion_notification, dandelion_gateway;
GRANT queue_operator, queue_producer TO dandelion_operator;

-- MARK: the network

CREATE TABLE casework.division (
    code text PRIMARY KEY CHECK (code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),  -- GB/T 2260, below county GB/T 10114
    name text NOT NULL,
    level text NOT NULL CHECK (level IN ('region', 'league', 'county', 'township', 'village')),
    parent_code text REFERENCES casework.division,
    CHECK ((level = 'region') = (parent_code IS NULL))
);
CREATE INDEX division_parent ON casework.division (parent_code);

-- A Women's Federation unit at one level: who owns a case is always a station.
CREATE TABLE casework.station (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    division_code text NOT NULL UNIQUE REFERENCES casework.division,
    name text NOT NULL,
    email text,  -- the duty desk's, never a person's
    duty_phones text[] NOT NULL DEFAULT '{}'  -- of the duty, not of a person; in the order in which they are told
        CHECK (cardinality(duty_phones) <= 9),
    muted text[] NOT NULL DEFAULT '{}'  -- kinds of notices it does not want by message; danger and haste reach it anyway
        -- What a law or somebody's safety hangs on cannot be muted.
        CHECK (muted <@ ARRAY['new_case', 'case_closed', 'follow_up_due', 'referral_rejected'])
);

CREATE TABLE casework.agency (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    code text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,78}[a-z0-9]$'),
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]{1,63}$'),
    name text NOT NULL,
    division_code text NOT NULL REFERENCES casework.division,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    public_key bytea CHECK (length(public_key) = 32),  -- X25519: packages are sealed to it
    key_valid_from timestamptz,
    key_signature bytea CHECK (length(key_signature) = 64),  -- by the onboarding key; the sealer believes nothing else
    webhook_url text,
    webhook_secret bytea,
    webhook_secret_before bytea,  -- signs as well until then: the endpoint changes over without a pause
    webhook_secret_before_until timestamptz,
    desk_email text,  -- its duty desk's, never a person's; what is said there is a referral's number
    digest_minutes integer NOT NULL DEFAULT 60 CHECK (digest_minutes BETWEEN 0 AND 1440),  -- 0: each by itself
    muted text[] NOT NULL DEFAULT '{}' CHECK (muted <@ ARRAY['referral_due']),  -- reminders; the hand-over is not one
    services text[] NOT NULL DEFAULT '{}',  -- beside what every agency of its kind can
    hours text NOT NULL DEFAULT 'working_time' CHECK (hours IN ('always', 'working_time')),
    capacity integer CHECK (capacity >= 0),  -- referrals under way at once; NULL: nobody said
    superior_id uuid REFERENCES casework.agency,  -- 上级机关: who settles what it and another dispute about
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (superior_id <> id),
    CHECK (num_nulls(key_valid_from, key_signature) IN (0, 2) AND (key_signature IS NULL OR public_key IS NOT NULL))
);
CREATE INDEX agency_superior ON casework.agency (superior_id) WHERE superior_id IS NOT NULL;
CREATE INDEX agency_place ON casework.agency (division_code, kind) WHERE status = 'active';

CREATE TABLE casework.agency_key (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    agency_id uuid NOT NULL REFERENCES casework.agency,
    key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    label text NOT NULL,
    scopes text[] NOT NULL CHECK (scopes <@ ARRAY['read', 'hand_overs', 'reports'] AND cardinality(scopes) > 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,  -- NULL: valid until it is revoked
    revoked_at timestamptz
);

-- Who may send requests for help: a hotline desk, the online form, a grid workers' app, a partner.
CREATE TABLE casework.intake_client (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE,
    key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    channels text[] NOT NULL,
    division_scope text NOT NULL REFERENCES casework.division,  -- this division and all below it
    requests_per_minute integer NOT NULL CHECK (requests_per_minute > 0),
    may_read_cases boolean NOT NULL DEFAULT false,
    may_change_cases boolean NOT NULL DEFAULT false,  -- record what staff do on cases
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz
);

-- Grows with every change of divisions, stations and agencies, in the transaction that makes it: who keeps a copy of
-- them sees that it is out of date.
CREATE TABLE casework.network_version (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO casework.network_version (version) VALUES (1);

CREATE FUNCTION casework.network_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    UPDATE network_version SET version = version + 1;
    RETURN NULL;
END
$$;
CREATE TRIGGER division_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON casework.division
    FOR EACH STATEMENT EXECUTE FUNCTION casework.network_changed();
CREATE TRIGGER station_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON casework.station
    FOR EACH STATEMENT EXECUTE FUNCTION casework.network_changed();
CREATE TRIGGER agency_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON casework.agency
    FOR EACH STATEMENT EXECUTE FUNCTION casework.network_changed();

CREATE TABLE casework.rule_set (
    version bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    yaml text NOT NULL,
    checksum bytea NOT NULL,
    activated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    activated_by text NOT NULL DEFAULT session_user
);

-- MARK: cases

-- The tables that every case writes have no CHECK: the server prepares each anew for every statement that writes a row. Only
-- the functions of this schema write here, and they refuse (check_violation) words that are not of the list.

-- `case` is a reserved word of SQL: the one table with a plural name.
CREATE TABLE casework.cases (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,  -- random: a sequence would reveal volume
    receipt_hash bytea NOT NULL UNIQUE,  -- SHA-256
    status text NOT NULL DEFAULT 'open',  -- open, closed
    channel text NOT NULL,
    division_code text NOT NULL REFERENCES casework.division,
    owner_station_id uuid NOT NULL REFERENCES casework.station,
    risk text NOT NULL,  -- imminent, high, medium, low
    facts jsonb NOT NULL,  -- codes and flags the rules decide on; no names, no free text
    narrative bytea,
    client_id uuid REFERENCES casework.intake_client,
    outcome text,
    closing_outcome text,  -- with which the owner would close it
    version integer NOT NULL DEFAULT 1,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    routed_at timestamptz,  -- when the rules first decided on it
    closed_at timestamptz,
    anonymised_at timestamptz  -- since when nothing in it identifies anybody
);
CREATE INDEX cases_unrouted ON casework.cases (opened_at) WHERE status = 'open' AND routed_at IS NULL;
CREATE INDEX cases_over ON casework.cases (closed_at) WHERE status = 'closed' AND anonymised_at IS NULL;
CREATE INDEX cases_owner ON casework.cases (owner_station_id, opened_at) WHERE status = 'open';

CREATE TABLE casework.person (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES casework.cases,
    role text NOT NULL,
    name bytea,
    phone bytea,
    email bytea,
    birth_date bytea,
    sex text,
    capacity text NOT NULL DEFAULT 'full',
    is_minor boolean NOT NULL DEFAULT false,
    name_index bytea,
    phone_index bytea,
    email_index bytea
);
CREATE INDEX person_case ON casework.person (case_id);
CREATE INDEX person_phone ON casework.person (phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX person_email ON casework.person (email_index) WHERE email_index IS NOT NULL;

-- How a person may be reached. Authenticated by the application: a changed row is refused.
CREATE TABLE casework.contact_rule (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES casework.person,
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'phone', 'none')),
    days smallint[] NOT NULL,
    from_minute smallint NOT NULL CHECK (from_minute BETWEEN 0 AND 1440),
    to_minute smallint NOT NULL CHECK (to_minute BETWEEN 0 AND 1440),
    never_mention boolean NOT NULL DEFAULT true,
    code_word bytea,
    confirmed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tag bytea NOT NULL,
    stopped_at timestamptz
);
CREATE INDEX contact_rule_person ON casework.contact_rule (person_id);

CREATE TABLE casework.consent (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    case_id uuid NOT NULL REFERENCES casework.cases,
    agency_kinds text[] NOT NULL,
    purpose text NOT NULL,
    granted boolean NOT NULL,
    given_by text NOT NULL DEFAULT 'herself'
        CHECK (given_by IN ('herself', 'guardian', 'other_guardian', 'civil_affairs')),
    data_kinds text[],  -- NULL: what the purpose needs
    agencies uuid[],  -- NULL: any of the kinds; else these alone
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    withdrawn_at timestamptz,
    superseded_at timestamptz  -- by a later answer to the same question
);
CREATE INDEX consent_case ON casework.consent (case_id);

CREATE TABLE casework.idempotency (
    client_id uuid NOT NULL REFERENCES casework.intake_client,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    case_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (client_id, key)
);
CREATE INDEX idempotency_age ON casework.idempotency (created_at);  -- for what is to be forgotten

CREATE TABLE casework.referral (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    case_id uuid NOT NULL REFERENCES casework.cases,
    agency_id uuid NOT NULL REFERENCES casework.agency,
    purpose text NOT NULL,
    profile text NOT NULL,
    -- requested, received, accepted, rejected, objected, scheduled, in_progress, on_hold, completed, failed, no_show,
    -- closed_verified, cancel_requested, cancelled, revoked, entered_in_error
    status text NOT NULL,
    -- Nothing has come to nothing. A column of its own, so that the steps of a live referral change no index.
    is_live boolean NOT NULL GENERATED ALWAYS AS (NOT is_past AND
        status NOT IN ('rejected', 'objected', 'failed', 'no_show', 'cancelled', 'revoked', 'entered_in_error')) STORED,
    is_past boolean NOT NULL DEFAULT false,  -- it came to an end that she says does not hold: it may be asked for again
    rule_version bigint NOT NULL REFERENCES casework.rule_set,
    explanation jsonb NOT NULL,
    legal_basis text NOT NULL,
    consent_basis text NOT NULL,
    priority smallint NOT NULL,
    predecessor_id uuid REFERENCES casework.referral,  -- the referral this one replaces
    tier text NOT NULL,  -- the level of the agency
    outcome_clock text NOT NULL,  -- the clock that starts when the agency accepts
    reason_code text,
    suggested_kind text,
    outcome_code text,
    accepted_lease text,  -- the one lease that accepted: a hand-over is accepted once
    is_binding boolean NOT NULL DEFAULT false,  -- the common superior named this agency: it may not object
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    received_at timestamptz,
    answered_at timestamptz,
    settled_at timestamptz
) WITH (fillfactor = 60);  -- its steps are written in place
CREATE INDEX referral_case ON casework.referral (case_id);
CREATE INDEX referral_agency ON casework.referral (agency_id, requested_at);
-- One referral replaces another once, however often the job that does it is delivered.
CREATE UNIQUE INDEX referral_predecessor ON casework.referral (predecessor_id) WHERE predecessor_id IS NOT NULL;
-- And no two live referrals of a case ask the same agency for the same thing.
CREATE UNIQUE INDEX referral_live ON casework.referral (case_id, agency_id, purpose)
    WHERE is_live;

CREATE TABLE casework.clock (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES casework.cases,
    referral_id uuid REFERENCES casework.referral,
    kind text NOT NULL,  -- first_response, referral_answer, referral_outcome, case_action, follow_up and others
    name text NOT NULL,  -- the clock of the rule set
    basis text NOT NULL,
    state text NOT NULL DEFAULT 'running',  -- running, met, breached, cancelled
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL,
    -- When somebody has to look at it: to warn people ahead, at its due time, and again while nobody has ended it.
    look_at timestamptz NOT NULL,
    ended_at timestamptz,
    warned smallint NOT NULL DEFAULT 0,  -- how many percent of its time were over when people were last warned
    paused_at timestamptz  -- it stands still since then, on the ground its last change names
);
CREATE INDEX clock_case ON casework.clock (case_id);
CREATE INDEX clock_referral ON casework.clock (referral_id) WHERE referral_id IS NOT NULL;
CREATE INDEX clock_running ON casework.clock (look_at) WHERE state = 'running' AND paused_at IS NULL;

-- Only the functions that have just written, or hold, the case and the referral write here, and neither is ever deleted:
-- foreign keys would look both up again for each of a case's many events.
CREATE TABLE casework.event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id uuid NOT NULL,
    referral_id uuid,
    kind text NOT NULL,
    actor_kind text NOT NULL,  -- client, service, agency, operator, staff
    actor text NOT NULL,
    rule_version bigint,
    data jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    database_role text NOT NULL DEFAULT session_user,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX event_case ON casework.event (case_id, id);

-- Internal: what becomes an entry of the ledger: offers, leases and answers, consent, who read what. Inlined where it is used.
CREATE FUNCTION casework.is_ledger_entry(p_kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT starts_with(p_kind, 'referral_') OR starts_with(p_kind, 'consent_') OR p_kind IN (
        'case_opened', 'case_read', 'people_read', 'access_opened', 'disclosure_overridden', 'contact_stopped',
        'package_resealed', 'package_discarded', 'text_read')
$$;
-- By the transaction that wrote it: whoever takes entries asks for what has been committed since, which no number from a
-- sequence can tell.
CREATE INDEX event_ledger ON casework.event (transaction, id) WHERE casework.is_ledger_entry(kind);

-- What somebody is to be told: a person; the duty desk of a station, or the phones of its duty; the desk of an agency; the
-- operators. Its words are made from the template at sending and never stored. No CHECK, like all tables that every case
-- writes: insert_message() and settle_message() refuse what is not of the list. No foreign keys either: only functions that have
-- just read, or hold, what a message names write it, and none of that is ever deleted.
CREATE TABLE casework.message (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    audience text NOT NULL,  -- person, station, duty, agency, operator
    case_id uuid,
    person_id uuid,
    station_id uuid,
    agency_id uuid,
    referral_id uuid,
    template text NOT NULL,
    about text,  -- for operators: the code of what is in trouble
    step smallint NOT NULL DEFAULT 0,  -- which of the duty's phones
    lane smallint NOT NULL,  -- 0 is danger to life, 3 can wait for the morning
    -- pending, scheduled, sending, sent, delivered, failed, denied, cleared, muted
    state text NOT NULL DEFAULT 'pending',
    reason text,
    attempts integer NOT NULL DEFAULT 0,
    provider text,
    reference text,  -- the provider's own name for it, which its receipts carry
    segments integer NOT NULL DEFAULT 0,
    cost bigint NOT NULL DEFAULT 0,  -- in thousandths of a fen
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    deliver_by timestamptz NOT NULL,  -- if nobody was told by then, somebody else has to act
    late_at timestamptz,  -- when that was found out
    read_at timestamptz,  -- by somebody of the station, in its inbox
    settled_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX message_case ON casework.message (case_id);
-- What she was sent today is found without what she was sent before.
CREATE INDEX message_person ON casework.message (person_id, settled_at) WHERE person_id IS NOT NULL;
CREATE INDEX message_inbox ON casework.message (station_id, created_at)
    WHERE audience = 'station' AND read_at IS NULL;
CREATE INDEX message_agency ON casework.message (agency_id, created_at) WHERE agency_id IS NOT NULL;
CREATE INDEX message_operator ON casework.message (template, created_at) WHERE audience = 'operator';
-- Not unique: a provider that repeats itself must not undo the record of what it took.
CREATE INDEX message_reference ON casework.message (provider, reference) WHERE reference IS NOT NULL;
-- By columns that change once only: a change of state alone touches no index.
CREATE INDEX message_undelivered ON casework.message (deliver_by) WHERE settled_at IS NULL AND late_at IS NULL;
CREATE INDEX message_late ON casework.message (late_at) WHERE settled_at IS NULL AND late_at IS NOT NULL;

-- What an agency's desk is told together, at the end of the time it has chosen.
CREATE TABLE casework.digest_item (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES casework.agency,
    referral_id uuid NOT NULL REFERENCES casework.referral,
    kind text NOT NULL,
    message_id uuid REFERENCES casework.message,  -- the digest that says it
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX digest_item_waiting ON casework.digest_item (agency_id, referral_id, kind) WHERE message_id IS NULL;
CREATE INDEX digest_item_message ON casework.digest_item (message_id) WHERE message_id IS NOT NULL;

-- Every state a message was in.
CREATE TABLE casework.message_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL,  -- of a message that its writer holds; neither is ever deleted
    state text NOT NULL,
    reason text,
    attempt integer NOT NULL,
    provider text,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX message_event_message ON casework.message_event (message_id, id);

-- What a person of a station has to do because no message could: found beside the case, whether or not anybody could be
-- told of it.
CREATE TABLE casework.staff_task (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    case_id uuid NOT NULL REFERENCES casework.cases,
    station_id uuid NOT NULL REFERENCES casework.station,
    kind text NOT NULL CHECK (kind IN ('contact_person', 'look_at_case', 'call_agency')),
    message_id uuid NOT NULL REFERENCES casework.message,
    reason text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at timestamptz,
    done_by text,
    UNIQUE (message_id, case_id)
);
CREATE INDEX staff_task_open ON casework.staff_task (station_id, opened_at) WHERE done_at IS NULL;

CREATE TABLE casework.webhook_delivery (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    agency_id uuid NOT NULL REFERENCES casework.agency,
    referral_id uuid REFERENCES casework.referral,  -- none: a test of the endpoint
    event text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at timestamptz
);

-- What each attempt came to: a code, never what the endpoint said.
CREATE TABLE casework.webhook_attempt (
    delivery_id uuid NOT NULL REFERENCES casework.webhook_delivery,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    code text NOT NULL,  -- delivered, gone, http_503, timed_out, not_reached, forbidden_address, ...
    milliseconds integer NOT NULL
);
CREATE INDEX webhook_attempt_delivery ON casework.webhook_attempt (delivery_id, at);

-- MARK: what the database itself holds to

CREATE FUNCTION casework.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = casework, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'DC001';
END
$$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON casework.event
    FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON casework.event
    FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();
CREATE TRIGGER message_event_append_only BEFORE UPDATE OR DELETE ON casework.message_event
    FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();
CREATE TRIGGER message_event_no_truncate BEFORE TRUNCATE ON casework.message_event
    FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

-- Invariant 2: at commit, every open case has a running clock (the owner is NOT NULL). One that is paused does not run.
--
-- What is asked is written so that only the index on the case can answer it: a plan that was made while there were few cases
-- would else read all that are open, or all running clocks, at every commit.
CREATE FUNCTION casework.require_running_clock() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_case uuid;
    v_status text;
    v_is_running boolean;
BEGIN
    -- Each branch names columns of its own table only; the other's is never looked at.
    IF TG_TABLE_NAME = 'cases' THEN
        v_case := NEW.id;
    ELSE
        v_case := OLD.case_id;
    END IF;
    -- The lock makes two transactions that each end one of two clocks check one after the other, even those that did
    -- not go through end_clock().
    SELECT c.status INTO v_status FROM cases AS c WHERE c.id = v_case FOR NO KEY UPDATE;
    IF v_status = 'open' THEN
        SELECT bool_or(k.state = 'running' AND k.paused_at IS NULL) INTO v_is_running FROM clock AS k WHERE k.case_id = v_case;
        IF v_is_running IS NOT TRUE THEN
            RAISE EXCEPTION 'an open case has no running clock' USING ERRCODE = 'DC002';
        END IF;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER cases_has_clock AFTER INSERT OR UPDATE OF status ON casework.cases
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION casework.require_running_clock();
CREATE CONSTRAINT TRIGGER clock_leaves_one AFTER UPDATE OF state, case_id, paused_at OR DELETE ON casework.clock
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION casework.require_running_clock();

SET LOCAL ROLE quorate_owner;

ALTER TABLE auditing.log ADD COLUMN closed boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN auditing.log.closed IS 'Given up: some of what was signed is nowhere any more. Its partition goes on in a log of another name';

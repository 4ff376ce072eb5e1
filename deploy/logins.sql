-- Gives the logins that the migrations made their passwords, from the environment. May run again at any time.
\getenv scheduling QUORATE_SCHEDULING_PASSWORD
\getenv notifications QUORATE_NOTIFICATIONS_PASSWORD
\getenv reporting QUORATE_REPORTING_PASSWORD
\getenv auditing QUORATE_AUDITING_PASSWORD
\getenv analyst QUORATE_ANALYST_PASSWORD
\getenv board QUORATE_BOARD_PASSWORD

-- No statement with a password in it goes to the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
ALTER ROLE quorate_scheduling LOGIN PASSWORD :'scheduling';
ALTER ROLE quorate_notifications LOGIN PASSWORD :'notifications';
ALTER ROLE quorate_reporting LOGIN PASSWORD :'reporting';
ALTER ROLE quorate_auditing LOGIN PASSWORD :'auditing';
ALTER ROLE quorate_analyst LOGIN PASSWORD :'analyst';
-- The board is optional: without a password nobody signs in as its login.
\if :{?board}
ALTER ROLE quorate_board LOGIN PASSWORD :'board';
\endif

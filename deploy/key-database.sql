-- The database of the audit log's keys; quorate migrate fills it.
CREATE DATABASE quorate_keys;

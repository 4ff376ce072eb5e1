-- A database that is restored from a backup reads again from Kafka what it lacks, and the tree asks for the same seals.
CREATE TABLE audit_key.kept_seal (
    cluster text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    kafka_offset bigint NOT NULL,
    key_id bigint NOT NULL REFERENCES audit_key.content_key,
    sealed bytea NOT NULL,
    PRIMARY KEY (cluster, topic, partition, kafka_offset)
);
ALTER TABLE audit_key.kept_seal ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX kept_seal_by_key ON audit_key.kept_seal (key_id);
COMMENT ON TABLE audit_key.kept_seal IS 'What a key sealed that was destroyed since: nobody can open it, and nobody can make it again';
COMMENT ON COLUMN audit_key.kept_seal.sealed IS 'As in auditing.entry: nonce, ciphertext, tag';
GRANT SELECT ON audit_key.kept_seal TO quorate_auditing;

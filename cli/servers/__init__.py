"""Real NATS, Cassandra and PostgreSQL servers, started and stopped on this machine."""

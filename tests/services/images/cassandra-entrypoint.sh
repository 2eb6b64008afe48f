#!/bin/sh
# Starts the node with the settings the official image takes from the environment.
set -eu
home=/opt/cassandra
data=/var/lib/cassandra
conf=$data/conf
mkdir -p "$conf"
printf 'dc=%s\nrack=%s\n' "${CASSANDRA_DC:-dc1}" "${CASSANDRA_RACK:-rack1}" > "$conf/cassandra-rackdc.properties"
{
  cat "$home/cassandra.yaml"
  cat <<YAML
listen_address: 127.0.0.1
rpc_address: 0.0.0.0
broadcast_rpc_address: ${CASSANDRA_BROADCAST_RPC_ADDRESS:-127.0.0.1}
native_transport_port: 9042
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: "127.0.0.1"
data_file_directories: [$data/data]
commitlog_directory: $data/commitlog
saved_caches_directory: $data/saved_caches
hints_directory: $data/hints
cdc_raw_directory: $data/cdc_raw
YAML
} > "$conf/cassandra.yaml"
# Later flags win: JVM_EXTRA_OPTS may point to another configuration.
# shellcheck disable=SC2086 # several flags in one variable, as the official image has it
exec java "@$home/jvm.conf" "-Xms${HEAP_NEWSIZE:-128m}" "-Xmx${MAX_HEAP_SIZE:-512m}" -XX:+UseSerialGC \
  -Djdk.attach.allowAttachSelf=true "-Dcassandra.config=file://$conf/cassandra.yaml" \
  "-Dcassandra.storagedir=$data" -Dcassandra-foreground=yes -Dcassandra.jmx.local.port=7199 \
  "-Dlogback.configurationFile=file://$home/logback.xml" ${JVM_EXTRA_OPTS:-} \
  -cp "$conf:$home/lib/*" org.apache.cassandra.service.CassandraDaemon

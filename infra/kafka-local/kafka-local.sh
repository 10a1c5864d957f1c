#!/usr/bin/env bash
# One Apache Kafka broker of one's own, in KRaft mode, on loopback only, for tests and for trying things out.
#
#   kafka-local.sh install            fetches Kafka's jars from Maven Central, once (needs java and mvn)
#   kafka-local.sh start  DIR [PORT]  starts a broker that keeps everything in DIR, again if it ran there before; prints host:port
#   kafka-local.sh stop   DIR         asks it to stop, and waits
#   kafka-local.sh kill   DIR         ends it at once, as a power cut would
#   kafka-local.sh status DIR         prints host:port and the pid when it runs; exits with 3 when it does not
#
# Jars: $NETFOLD_KAFKA_JARS, by default ~/.cache/netfold/kafka-VERSION. Data: $NETFOLD_KAFKA_LOGS, by default DIR/data.
# A file whose lines replace those of server.properties, with @PORT@ and @CONTROLLER@: $NETFOLD_KAFKA_PROPERTIES.
# The port that clients are told to use, when there is a proxy in front: $NETFOLD_KAFKA_ADVERTISED_PORT.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/pom.xml")
jars=${NETFOLD_KAFKA_JARS:-${XDG_CACHE_HOME:-$HOME/.cache}/netfold/kafka-$version}
# A broker for tests: little memory, and no time spent on making it fast.
java_options=(-Xms96m -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto
  -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true)

fail() { echo "kafka-local: $1" >&2; exit "${2:-1}"; }
usage() { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }

install() {
  [ -f "$jars/.complete" ] && return
  command -v java >/dev/null || fail 'java is missing (Debian: apt-get install openjdk-17-jre-headless)'
  command -v mvn >/dev/null || fail 'mvn is missing (Debian: apt-get install maven)'
  mkdir -p "$jars"
  # Whoever comes second waits, and finds them there.
  exec 9>"$jars/.lock"
  flock 9
  [ -f "$jars/.complete" ] && { exec 9>&-; return; }
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$jars" >&2 \
    || fail 'the jars could not be fetched from Maven Central'
  touch "$jars/.complete"
  exec 9>&-
}

pid_of() { cat "$1/pid" 2>/dev/null || true; }
running() { local pid; pid=$(pid_of "$1"); [ -n "$pid" ] && grep -qs kafka.Kafka "/proc/$pid/cmdline"; }
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  while port=$((20000 + RANDOM % 12000)); do listens "$port" || { echo "$port"; return; }; done
}

configure() {
  local dir=$1 port=$2 controller
  controller=$(free_port)
  cat >"$dir/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:${NETFOLD_KAFKA_ADVERTISED_PORT:-$port}
controller.listener.names=CONTROLLER
log.dirs=${NETFOLD_KAFKA_LOGS:-$dir/data}
auto.create.topics.enable=false
num.partitions=2
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=2
queued.max.requests=64
PROPERTIES
  if [ -n "${NETFOLD_KAFKA_PROPERTIES:-}" ]; then
    sed "s/@PORT@/$port/g; s/@CONTROLLER@/$controller/g" "$NETFOLD_KAFKA_PROPERTIES" >>"$dir/server.properties"
  fi
  echo "$port" >"$dir/port"
  java "${java_options[@]}" -cp "$jars/*" kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c "$dir/server.properties" \
    >"$dir/format.log" 2>&1 || fail "the data folder could not be made: $(tail -n 3 "$dir/format.log")"
}

start() {
  local dir=$1 pid
  mkdir -p "$dir"
  running "$dir" && fail "a broker runs in $dir already"
  install
  [ -f "$dir/server.properties" ] || configure "$dir" "${2:-$(free_port)}"
  (cd "$dir" && exec setsid java "${java_options[@]}" -cp "$jars/*" kafka.Kafka server.properties) \
    >>"$dir/broker.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$dir/pid"
  for _ in $(seq 1 2400); do
    kill -0 "$pid" 2>/dev/null || fail "the broker ended: $(tail -n 3 "$dir/broker.log")"
    listens "$(cat "$dir/port")" && { echo "127.0.0.1:$(cat "$dir/port")"; return; }
    sleep 0.1
  done
  fail "the broker does not listen after four minutes: see $dir/broker.log"
}

end() {
  local dir=$1 signal=$2 pid
  pid=$(pid_of "$dir")
  running "$dir" || { rm -f "$dir/pid"; return; }
  kill "-$signal" "$pid"
  for _ in $(seq 1 2400); do
    running "$dir" || { rm -f "$dir/pid"; return; }
    sleep 0.1
  done
  fail "the broker (pid $pid) does not end"
}

case "${1:-} $#" in
  'install 1') install ;;
  'start 2' | 'start 3') start "$2" "${3:-}" ;;
  'stop 2') end "$2" TERM ;;
  'kill 2') end "$2" KILL ;;
  'status 2') running "$2" || fail "no broker runs in $2" 3; echo "127.0.0.1:$(cat "$2/port") pid $(pid_of "$2")" ;;
  *) usage ;;
esac

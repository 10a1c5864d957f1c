#!/bin/sh
# Makes what compose.yaml needs to be secret, in ./secrets beside it: an authority for certificates, one certificate for the
# replicas and one for the store, the secret that all replicas share, and passwords. What is there already is kept.
set -eu

fail() {
  printf 'secrets.sh: %s\n' "$1" >&2
  exit 1
}

case ${1:-} in
  -h | --help)
    cat <<'TEXT'
Usage: secrets.sh [NAME …]

NAME is what machines and people will call this server, such as netfold.example.com or 203.0.113.7; localhost always works.

Examples:
  infra/compose/secrets.sh
  infra/compose/secrets.sh netfold.example.com 203.0.113.7
TEXT
    exit 0
    ;;
esac
command -v openssl >/dev/null 2>&1 || fail 'there is no openssl here'

umask 077
cd "$(dirname -- "$0")"
mkdir -p secrets
chmod 700 secrets
cd secrets

subject_names() {
  names='DNS:localhost,IP:127.0.0.1'
  for name in "$@"; do
    case $name in
      *[!0-9.]*) names="$names,DNS:$name" ;;
      *) names="$names,IP:$name" ;;
    esac
  done
  printf '%s' "$names"
}

# certificate FILE COMMON-NAME SUBJECT-NAMES KEY-OPTIONS …
certificate() {
  [ ! -e "$1.crt" ] || return 0
  file=$1 name=$2 names=$3
  shift 3
  openssl req -new "$@" -nodes -keyout "$file.key" -subj "/CN=$name" -out "$file.csr" 2>/dev/null
  printf 'subjectAltName=%s\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n' "$names" >"$file.ext"
  openssl x509 -req -in "$file.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -extfile "$file.ext" -out "$file.crt" 2>/dev/null
  rm "$file.csr" "$file.ext"
}

if [ ! -e ca.crt ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -subj '/CN=netfold trial CA' -days 3650 \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' -out ca.crt 2>/dev/null
fi
certificate tls netfold "$(subject_names "$@"),DNS:replica-1,DNS:replica-2,DNS:balancer" \
  -newkey ec -pkeyopt ec_paramgen_curve:prime256v1
# All members of the store are known by one common name. KurrentDB reads no key but RSA's.
certificate store kurrentdb-node 'DNS:localhost,DNS:store-1,DNS:store-2,DNS:store-3' -newkey rsa:3072

[ -e server-secret ] || openssl rand -out server-secret 32
for name in store-admin store-ops grafana; do
  [ -e "$name-password" ] || openssl rand -hex 24 | tr -d '\n' >"$name-password"
done

# Only this folder's owner gets past the folder; a container, whose user is another, gets the single files. But the secret of
# the cluster is only for the user that the replicas run as: that of their image, or else whoever made this.
chmod 444 ./*
chmod 400 ca.key server-secret
if [ "$(id -u)" = 0 ]; then
  chown 65532:65532 server-secret
else
  printf 'NETFOLD_USER=%s:%s\n' "$(id -u)" "$(id -g)" >../.env
fi
printf 'secrets.sh: agents and browsers trust %s/ca.crt when you tell them to, such as with NODE_EXTRA_CA_CERTS\n' "$PWD" >&2

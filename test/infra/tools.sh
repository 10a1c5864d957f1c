#!/bin/sh
# Builds what test/infra/tools.slow.ts asks about the deployments, from Go's module proxy: helm, kubectl-validate (the
# schemas of Kubernetes are in it), docker compose, and the schemas of the resources that Prometheus' operator and
# cert-manager add. It takes minutes, and 5 GB while it builds.
#   test/infra/tools.sh [FOLDER]      default: ~/.cache/netfold-tools
set -eu
folder=${1:-${NETFOLD_TOOLS:-$HOME/.cache/netfold-tools}}
command -v go >/dev/null 2>&1 || {
  echo 'tools.sh: there is no go here' >&2
  exit 1
}
mkdir -p "$folder/crds"
folder=$(CDPATH='' cd -- "$folder" && pwd)

# Programs whose go.mod says what to exclude cannot be installed by name, so they are built from a module that needs them.
build() {
  name=$1 module=$2 package=$3
  [ ! -x "$folder/$name" ] || return 0
  work=$(mktemp -d)
  (
    cd "$work"
    go mod init tools >/dev/null 2>&1
    go get "$package@$module"
    go build -buildvcs=false -o "$folder/$name" "$package"
  )
  rm -rf "$work"
}

schema() {
  [ ! -e "$folder/crds/$(basename "$2")" ] || return 0
  at=$(cd "$folder" && go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
  cp "$at/$2" "$folder/crds/"
  chmod u+w "$folder/crds/"*
}

build helm v3.22.0 helm.sh/helm/v3/cmd/helm
build kubectl-validate v0.0.4 sigs.k8s.io/kubectl-validate
build docker-compose v2.40.3 github.com/docker/compose/v2/cmd
operator=github.com/prometheus-operator/prometheus-operator@v0.85.0
schema "$operator" example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml
schema "$operator" example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml
schema github.com/cert-manager/cert-manager@v1.18.2 deploy/crds/crd-certificates.yaml
echo "tools.sh: the tools are in $folder"

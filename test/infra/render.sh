#!/bin/sh
# Writes infra/kubernetes/netfold.yaml anew: what the chart makes of example-values.yaml, for whoever has no helm, and for
# chart.spec.ts. HELM names the program when it is not on the PATH.
set -eu
cd "$(dirname -- "$0")/../../infra/kubernetes"
{
  echo '# What the chart beside this makes of example-values.yaml: test/infra/render.sh writes it, so change the chart instead.'
  "${HELM:-helm}" template netfold netfold --namespace netfold --kube-version 1.30.0 --values example-values.yaml
} >"${1:-netfold.yaml}"

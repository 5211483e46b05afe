#!/usr/bin/env bash
# The main job of sts on whatever cluster KUBECONFIG names: create, scale, stage an update, scale down, clean
# up, give back, grow.
# `npm run demo` runs it on a sandbox that is thrown away afterwards.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

sts() {
  printf '\n\033[1m$ sts %s\033[0m\n' "$*"
  node "$here/../bin/sts.js" "$@"
}

sts create web --image=nginx:1.28 --replicas=3 --port=web:80 --storage=www=1Gi:/usr/share/nginx/html
sts scale web --replicas=5
sts set image web nginx=nginx:1.29 --stage=1
sts rollout promote web
sts set image web nginx=nginx:1.30 --steps=1,100% --soak=3s --gate="$here/smoke.sh"
sts rollout undo web
sts rollout history web
sts scale web --replicas=2
sts pvc list web
saved=$(mktemp -d)
trap 'rm -rf "$saved"' EXIT
export XDG_STATE_HOME="$saved"
sts pvc cleanup web --yes --keep-data --backup="$saved/claims"
sts pvc restore "$saved/claims"
sts pvc list web --graph
sts pvc cleanup web --yes
sts pvc resize web www=2Gi --yes
sts status web

#!/bin/sh
# Checks the deployment files as far as the tools at hand can: always by check.py; and by docker compose, kubectl and
# hadolint where they are installed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")

if python3 -c 'import yaml' 2>/dev/null; then
    python3 "$here/check.py"
else
    echo "skipped: check.py needs PyYAML (apt-get install python3-yaml)" >&2
fi
# Neither asks for a Docker engine. Debian has the older one as a package, docker-compose.
compose=
if docker compose version >/dev/null 2>&1; then
    compose="docker compose"
elif command -v docker-compose >/dev/null 2>&1; then
    compose=docker-compose
fi
if [ -n "$compose" ]; then
    $compose --project-directory "$root" --file "$root/docker-compose.yml" --env-file "$root/.env.example" config --quiet
    echo "$compose config: fine"
else
    echo "skipped: docker compose is not installed" >&2
fi
if command -v kubectl >/dev/null 2>&1; then
    kubectl kustomize "$here/kubernetes" >/dev/null
    echo "kubectl kustomize: fine"
else
    echo "skipped: kubectl is not installed" >&2
fi
# From PyPI: pip install kubernetes-validate.
if command -v kubernetes-validate >/dev/null 2>&1; then
    kubernetes-validate --strict --quiet $(ls "$here"/kubernetes/*.yaml | grep -v kustomization)
    echo "kubernetes-validate: fine"
else
    echo "skipped: kubernetes-validate is not installed" >&2
fi
if command -v hadolint >/dev/null 2>&1; then
    # DL3008: Debian's stable release pins versions better than a list here would.
    hadolint --ignore DL3008 "$here/Dockerfile"
    echo "hadolint: fine"
else
    echo "skipped: hadolint is not installed" >&2
fi
if command -v promtool >/dev/null 2>&1; then
    (cd "$here/prometheus" && promtool check rules alerts.yaml >/dev/null && promtool test rules alerts_test.yaml >/dev/null)
    # What the dashboard asks, as rules, since promtool reads no dashboard.
    rules=$(mktemp)
    python3 "$here/check.py" dashboard >"$rules"
    promtool check rules "$rules" >/dev/null || { promtool check rules "$rules" >&2; rm -f "$rules"; exit 1; }
    rm -f "$rules"
    echo "promtool: fine"
else
    echo "skipped: promtool is not installed" >&2
fi

#!/bin/sh
# image.sh [ARCHITECTURE]: taxistream:local, or taxistream:ARCHITECTURE for amd64 or arm64, from the Dockerfile. STAMP: see there.
# A machine with no image registry, where TAXI_SHARED has images/build, makes the build stage's base with it, and hands
# its own module cache over the loopback to a builder that reaches no proxy.
set -eu
cd "$(dirname "$0")/.."
host=$(go env GOHOSTARCH) arch=${1:-$(go env GOHOSTARCH)} tag=${1:-local}
set -- -t "taxistream:$tag" --build-arg "STAMP=${STAMP:-}"
if docker buildx version >/dev/null 2>&1; then
  set -- "$@" --platform "linux/$arch"
else # The builder before BuildKit says neither where it runs nor what for, and writes down every image as this machine's.
  set -- "$@" --build-arg "BUILDPLATFORM=linux/$host" --build-arg "TARGETARCH=$arch"
fi
if [ -x "${TAXI_SHARED:-}/images/build" ]; then
  "$TAXI_SHARED/images/build" golang
  go mod download
  log=$(mktemp)
  python3 -u -m http.server --bind 127.0.0.1 --directory "$(go env GOMODCACHE)/cache/download" 0 >"$log" 2>&1 &
  trap "kill $!; rm -f '$log'" EXIT
  until port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$log") && [ -n "$port" ]; do sleep 0.1; done
  set -- "$@" --network host --build-arg "GOPROXY=http://127.0.0.1:$port"
fi
docker build -q "$@" .

#!/bin/sh
# dist.sh [ARCHITECTURE...]: the programs for Linux, static, into bin/dist: an archive for each of amd64 and arm64, or for those
# that are named, a CycloneDX bill of materials and SHA256SUMS of all. VERSION and STAMP: see the Makefile. Some packages are in C,
# so the other architecture takes its compiler (Debian: gcc-aarch64-linux-gnu or gcc-x86-64-linux-gnu).
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- amd64 arm64
version=${VERSION:-unknown} out=bin/dist
case "$version" in *[!A-Za-z0-9._+-]*) echo "dist: \"$version\" cannot be in a file's name"; exit 1 ;; esac
for arch; do # all that can be missing, before minutes of work
  case "$arch" in amd64) cc=x86_64-linux-gnu-gcc ;; arm64) cc=aarch64-linux-gnu-gcc ;; *) echo "dist: no architecture \"$arch\": amd64 or arm64"; exit 1 ;; esac
  command -v "$cc" >/dev/null || { echo "dist: $cc is needed for $arch (Debian: apt-get install gcc-$(echo "${cc%-linux-gnu-gcc}" | tr _ -)-linux-gnu libc6-dev-$arch-cross)"; exit 1; }
done
rm -rf "$out" && mkdir -p "$out"
for arch; do
  case "$arch" in amd64) cc=x86_64-linux-gnu-gcc ;; arm64) cc=aarch64-linux-gnu-gcc ;; esac
  name=taxistream-$version-linux-$arch
  echo "dist: $name (minutes the first time)"
  mkdir "$out/$name"
  GOFLAGS= GOOS=linux GOARCH=$arch CGO_ENABLED=1 CC=$cc go build -trimpath -tags netgo,osusergo \
    -ldflags "-s -w -linkmode external -extldflags -static ${STAMP:-}" -o "$out/$name/" ./producer ./processor ./localstack ./data ./dashboards
  for program in "$out/$name"/*; do # readelf comes with every compiler
    ! readelf -lW "$program" | grep -q INTERP || { echo "dist: $program is not static"; exit 1; }
    [ "$arch" != "$(go env GOHOSTARCH)" ] || "$program" -version >/dev/null || { echo "dist: $program does not run"; exit 1; }
  done
  go run ./internal/sbom "$version" "$out/$name"/* >"$out/$name.cdx.json"
  cp LICENSE NOTICE README.md "$out/$name/"
  tar -C "$out" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -n >"$out/$name.tar.gz"
done
(cd "$out" && sha256sum -- *.tar.gz *.cdx.json >SHA256SUMS && cat SHA256SUMS)

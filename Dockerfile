# The programs on nothing, for amd64 or arm64 from either: the first stage runs as the machine that builds and compiles for the image's
# architecture, static, with time zones and CA roots inside. BuildKit sets BUILDPLATFORM and TARGETARCH; the older builder has to be told.
ARG BUILDPLATFORM
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
ARG TARGETARCH
# Where the modules come from, if not from Go's own proxy.
ARG GOPROXY
WORKDIR /src
# Some packages are in C: the compiler for the other architecture is Debian's.
RUN case "$TARGETARCH" in amd64) to=x86-64 ;; arm64) to=aarch64 ;; *) echo "TARGETARCH is \"$TARGETARCH\": amd64 or arm64"; exit 1 ;; esac; \
    ln -s "/usr/bin/$(echo $to | tr - _)-linux-gnu-gcc" /usr/local/bin/target-cc; \
    command -v target-cc >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "gcc-$to-linux-gnu" "libc6-dev-$TARGETARCH-cross"; }
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# What -version answers with, beyond what Go notes by itself.
ARG STAMP
RUN mkdir -p /image/tmp /image/checkpoints && CGO_ENABLED=1 GOARCH=$TARGETARCH CC=target-cc go build -trimpath -tags netgo,osusergo \
    -ldflags "-s -w -linkmode external -extldflags -static $STAMP" -o /image/usr/local/bin/ ./localstack/programs ./infra/gate && \
    for program in producer processor localstack data dashboards; do ln -s programs /image/usr/local/bin/$program; done

FROM scratch
COPY --from=build --chown=65532:65532 /image/ /
ENV PATH=/usr/local/bin
USER 65532:65532
# The root may be read-only. Behind the COPY, so that a volume is given to the owner of the folder, on Fargate too.
VOLUME /tmp
# Whoever runs the image by itself sees the demo; its programs are named by all others.
CMD ["localstack", "demo"]

# The programs on nothing: `make image` has built them static, with time zones and CA roots inside, and laid out bin/image.
FROM scratch
COPY --chown=65532:65532 bin/image/ /
ENV PATH=/usr/local/bin
USER 65532:65532

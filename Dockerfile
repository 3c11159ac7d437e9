# The programs on nothing: `make image` has built them static, with time zones and CA roots inside, and laid out bin/image.
FROM scratch
COPY --chown=65532:65532 bin/image/ /
ENV PATH=/usr/local/bin
USER 65532:65532
# The root may be read-only. Behind the COPY, so that a volume is given to the owner of the folder, on Fargate too.
VOLUME /tmp

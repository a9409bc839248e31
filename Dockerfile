# The program in an image of its own: built on Debian, run on a slim one as the user stack.
#   docker build -t stack .
#   docker run --rm stack simulate --limit 5
# scripts/image builds and checks it without a daemon and without a registry.
ARG BASE=docker.io/library/debian:12-slim

FROM ${BASE} AS build
WORKDIR /src
# ccache takes objects that were compiled under the same locale alone.
ENV LANG=C.UTF-8
# What is fetched changes less often than the source: a layer of its own.
COPY scripts/ scripts/
COPY third_party/ third_party/
RUN scripts/build --parts
COPY . .
RUN scripts/build --program && \
    cpack --config build/CPackConfig.cmake -D "CPACK_COMPONENTS_ALL=program;services" -B /packages

FROM ${BASE}
LABEL org.opencontainers.image.title="stack" \
      org.opencontainers.image.description="Stock ticks through Kafka into a data lake, exactly once, and SQL over it" \
      org.opencontainers.image.licenses="Apache-2.0"
# The user is the package's, but with a number that a volume's owner can be set to.
RUN --mount=type=bind,from=build,source=/packages,target=/packages \
    groupadd --system --gid 10001 -K SYS_GID_MAX=10001 stack && \
    useradd --system --uid 10001 -K SYS_UID_MAX=10001 --gid stack --home-dir /var/lib/stack --no-create-home \
      --shell /usr/sbin/nologin stack && \
    apt-get update && \
    apt-get install -y --no-install-recommends /packages/stack-market_*.deb && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log /var/cache/debconf/*-old
USER 10001:10001
ENV HOME=/var/lib/stack
WORKDIR /var/lib/stack
VOLUME /var/lib/stack
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/stack"]
CMD ["--help"]

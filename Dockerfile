# Headgate in a container: the service, or with `proxy` as its command the edge proxy. docs/operations/deploying.md says how it is run.

FROM node:24.21.0-slim AS build
WORKDIR /src
COPY . .
# The packages are packed as they are published, and installed from there. What others wrote has the versions of package-lock.json:
# npm keeps what fits of the modules that are there, and removes the rest; it asks the registry what it does not know of them.
RUN npm ci --ignore-scripts \
    && npx --no-install tsc -b packages/server \
    && mkdir /pack /app \
    && npm pack --pack-destination /pack -w headgate -w headgate-server \
    && rm -r node_modules/headgate node_modules/headgate-* node_modules/.package-lock.json \
    && mv node_modules /app \
    && npm install --prefix /app --prefer-offline --omit=dev --omit=peer --ignore-scripts /pack/*.tgz \
    && find /app -type d -empty -delete

FROM node:24.21.0-slim
LABEL org.opencontainers.image.title="headgate" \
      org.opencontainers.image.description="Distributed rate limiting: the service and the edge proxy" \
      org.opencontainers.image.licenses="Apache-2.0"
# The network of a container is its own: who reaches these ports is up to what publishes them. The admin listener stays on the
# loopback address of the container until the configuration has tokens and HEADGATE_ADMIN_HOST says otherwise.
ENV NODE_ENV=production \
    HEADGATE_HOST=0.0.0.0
COPY --from=build /app /app
COPY deploy/docker/probe.mjs /app/probe.mjs
RUN ln -s /app/node_modules/.bin/headgate /usr/local/bin/headgate
# Where headgate.yaml is looked for.
WORKDIR /etc/headgate
# A number, so that `runAsNonRoot` can be checked. Nobody owns a file here.
USER 65532:65532
# HTTP or the proxy, gRPC, the Redis protocol, the admin listener.
EXPOSE 8080 8081 6380 9090
STOPSIGNAL SIGTERM
# Whether the process answers; not whether its store does, since a container that is replaced for that helps nobody.
HEALTHCHECK --interval=10s --timeout=5s CMD ["node", "/app/probe.mjs", "/livez"]
ENTRYPOINT ["headgate"]
CMD ["serve"]

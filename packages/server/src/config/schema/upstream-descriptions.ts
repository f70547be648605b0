/** What editors show of fields that concern the servers behind the proxy. */
export const UPSTREAM_DESCRIPTIONS: Readonly<Record<string, string>> = {
  'proxy.upstream':
    'Where requests go: http://127.0.0.1:3000, https://app.example, unix:/run/app.sock, a list of these, or a map.',
  'routes.upstream': 'In place of that of the proxy, for this route.',
  'upstream.targets': 'Servers that do the same: each request goes to the one with the fewest on their way.',
  'upstream.timeouts': 'How long each part of a request may take; false: for ever.',
  'timeouts.connect': 'Until there is a connection, and for a free one where all are in use. Default: 3s.',
  'timeouts.firstByte': 'From a request, sent whole, to the head of its response. Default: 30s.',
  'timeouts.idle': 'Between two pieces of a body, either way, and of a WebSocket. Default: 60s.',
  'timeouts.total': 'From the first byte of a request to the last one of its response. Default: false.',
  'upstream.retries':
    'How often a request is sent once more that no target has certainly begun to do. Default: 1.',
  'upstream.health': 'When a target gets no requests for a while.',
  'health.path': 'Asked for again and again; below 400 is healthy. Default: requests alone tell.',
  'health.interval': 'How often that is. Default: 10s.',
  'health.timeout': 'How long an answer may take. Default: 2s.',
  'health.failures': 'Failures in a row after which a target gets no requests. Default: 3.',
  'health.ejection': 'How long it gets none, where no path is asked for. Default: 10s.',
  maxConnections: 'Most connections to each target from each thread; as many requests wait. Default: 256.',
  'upstream.host': 'The host that targets see: keep, as the client named it (default), or target, their own.',
  'upstream.caFile':
    'Authorities in PEM for targets of https, beside this file. Default: those of the system.',
}

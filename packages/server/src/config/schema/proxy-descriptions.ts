/** What editors show of the section `proxy` itself, its routes, and the fields of policies that only the proxy acts on. */
export const PROXY_DESCRIPTIONS: Readonly<Record<string, string>> = {
  proxy: 'The edge proxy, which headgate proxy puts in front of an application.',
  methods:
    'Methods that are let through; others get 405. Default: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.',
  maxBody: 'The most that the body of a request may have, such as 10MiB; more gets 413. Default: 1MiB.',
  webSocket: 'Whether connections may become WebSockets, which get 403 otherwise. Default: false.',
  http2: 'Whether clients of TLS may speak HTTP/2. Default: false.',
  accessLog: 'Whether a line is logged for each request. Default: true.',
  routes:
    'What holds for a path and all below it, in place of what holds for all. Of several that fit, the longest counts.',
  'routes.path': 'The beginning of paths, by whole segments: /api is /api and /api/orders, not /apis.',
  'proxy.scopes': 'All of which a credential has to have. Default: none.',
  'proxy.service':
    'Another service of Headgate that is asked as well, once it is known who it is. Default: the policies here are all there are.',
  'service.url': 'Where it is: http://headgate:8080.',
  'service.token': 'One of its tokens, as ${SERVICE_TOKEN}. Default: the variable HEADGATE_TOKEN.',
  'service.onError':
    'What becomes of requests while it does not answer: closed (default; 503), or open (all pass).',
  'service.deadline': 'Longest wait for its answer. Default: 1s.',
  count:
    'Which responses count against the limit; others give back what was spent. Only the proxy knows them.',
  'count.status': 'Statuses, such as 401, and classes of them, such as 5xx.',
}

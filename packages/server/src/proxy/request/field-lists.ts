/** Header fields of requests that are treated in a way of their own, in lower case. The reference page lists the same. */

/** Fields of the connection to us, which mean nothing on the one to the upstream. */
export const CONNECTION_FIELDS = [
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
] as const

/** Fields by which applications learn what proxies say of a request: only what we say ourselves arrives. */
export const SPOOFED_FIELDS = [
  // The client, its scheme, and the host that it named.
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-pseudo-ipv4',
  'cf-visitor',
  'client-ip',
  'fastly-client-ip',
  'forwarded',
  'front-end-https',
  'proxy-client-ip',
  'true-client-ip',
  'wl-proxy-client-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-host',
  'x-originating-ip',
  'x-real-ip',
  'x-remote-addr',
  'x-remote-ip',
  'x-scheme',
  'x-url-scheme',
  // Another method or path than the one that is judged.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  // Who it is of.
  'client-cert',
  'client-cert-chain',
  'remote-user',
  'ssl-client-cert',
  'x-auth-user',
  'x-authenticated-user',
  'x-client-cert',
  'x-remote-user',
  'x-ssl-client-cert',
  'x-webauth-user',
  // CGI makes the variable HTTP_PROXY of it (CVE-2016-5385).
  'proxy',
] as const

/** What names of such fields begin with. */
export const SPOOFED_PREFIXES = [
  'x-auth-request-',
  'x-envoy-',
  'x-forwarded-',
  'x-original-',
  'x-rewrite-',
] as const

/** Fields that may be there once, beside those of credentials: servers take the first of two, the last, or both. */
export const SINGLE_FIELDS = [
  'authorization',
  'content-length',
  'content-type',
  'expect',
  'host',
  'transfer-encoding',
] as const

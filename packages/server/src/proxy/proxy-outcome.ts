/**
 * What became of a request, and the usual status: the closed set that metrics, the access log and the table of the documentation share.
 * A status of 0 is that of somebody else, or there is none.
 */
export const OUTCOMES = {
  ok: { status: 0, says: 'It was forwarded, and the response of the upstream went back.' },
  'bad-request': { status: 400, says: 'It cannot be read in one way only.' },
  'unknown-host': { status: 421, says: 'Its host is none of `hosts`.' },
  'address-denied': { status: 403, says: 'Its client is on `clients.deny`, or not on `clients.allow`.' },
  'headers-too-large': { status: 431, says: 'Its header fields are too many or too long.' },
  'rate-limited': { status: 429, says: 'A policy denies it.' },
  denied: { status: 403, says: 'It is on the list `deny`.' },
  'store-unavailable': { status: 503, says: 'The store does not answer, and a policy is closed meanwhile.' },
  preflight: { status: 204, says: 'A browser asked whether a page of another origin may send a request.' },
  'csp-report': { status: 204, says: 'A browser reported a violation of the content security policy.' },
  unauthenticated: { status: 401, says: 'It has no credential, or one that is not valid.' },
  forbidden: { status: 403, says: 'Its credential lacks a scope.' },
  'method-not-allowed': { status: 405, says: 'Its method is none of `methods`.' },
  'upgrade-refused': { status: 403, says: 'It asks for a WebSocket where the route has none.' },
  'body-too-large': { status: 413, says: 'Its body is longer than `maxBody`.' },
  'upstream-unreachable': { status: 502, says: 'No target took it.' },
  overloaded: { status: 503, says: 'As many requests wait for targets as may.' },
  'upstream-timeout': { status: 504, says: 'The target did not answer in time.' },
  'upstream-failed': { status: 502, says: 'The response was wrong, or broke off.' },
  'client-gone': { status: 0, says: 'The client hung up before the response had ended.' },
  'internal-error': { status: 500, says: 'A defect of the proxy.' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly says: string }>>

/** The name of an outcome. */
export type Outcome = keyof typeof OUTCOMES

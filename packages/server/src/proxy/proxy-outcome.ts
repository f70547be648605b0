/** What became of a request: the closed set that metrics, the access log and the table of the documentation share. */
export const OUTCOMES = {
  ok: 'It was forwarded, and the response of the upstream went back.',
  'bad-request': 'It cannot be read in one way only.',
  'unknown-host': 'Its host is none of `hosts`.',
  'address-denied': 'Its client is on `clients.deny`, or not on `clients.allow`.',
  'headers-too-large': 'Its header fields are too many or too long.',
  'rate-limited': 'A policy denies it.',
  denied: 'The list `deny` has it, or its key is blocked.',
  'store-unavailable': 'The store does not answer, and a policy is closed meanwhile.',
  preflight: 'A browser asked whether a page of another origin may send a request.',
  'csp-report': 'A browser reported a violation of the content security policy.',
  unauthenticated: 'It has no credential, or one that is not valid.',
  forbidden: 'Its credential lacks a scope.',
  'method-not-allowed': 'Its method is none of `methods`.',
  'upgrade-refused': 'It asks for another protocol than WebSocket, or the route has none.',
  'body-too-large': 'Its body is longer than `maxBody`.',
  'upstream-unreachable': 'No target could be connected to, or it hung up before it answered.',
  'upstream-timeout': 'The target did not answer in time.',
  'upstream-failed': 'The response was wrong, or broke off.',
  'client-gone': 'The client hung up before the response had ended.',
  'internal-error': 'A defect of the proxy.',
} as const satisfies Readonly<Record<string, string>>

/** The name of an outcome. */
export type Outcome = keyof typeof OUTCOMES

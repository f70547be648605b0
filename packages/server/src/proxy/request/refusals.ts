import type { OwnAnswer } from '../answers/own-answer.ts'
import { problemAnswer } from '../answers/problem-answer.ts'
import type { Outcome } from '../proxy-outcome.ts'

/**
 * What requests are answered with that are not forwarded because of how they are written. Texts are fixed: nothing of the request
 * is repeated. Those that leave it in doubt where the request ends close the connection.
 */
export const REFUSALS = {
  version: refusal(505, 'The version of HTTP is neither 1.0 nor 1.1.', { closes: true }),
  method: refusal(400, 'The method is no name in upper case, such as GET.', { closes: true }),
  framing: refusal(400, 'It is in doubt where the body of the request ends.', { closes: true }),
  afterDoubt: refusal(400, 'It is in doubt where this request begins.', { closes: true }),
  repeated: refusal(400, 'A header field that may be there once is there twice.', { closes: true }),
  expectation: refusal(417, 'The only expectation that is met is 100-continue.', { closes: true }),
  upgrade: refusal(400, 'A WebSocket begins with a GET without a body.', { closes: true }),
  targetTooLong: refusal(414, 'The target of the request is too long.'),
  target: refusal(400, 'The target is no path, or a URL of another host than the Host field names.'),
  path: refusal(400, 'The path can be read in several ways; send it without encoded / \\ ; ? # %.'),
  query: refusal(400, 'The query has characters that have to be encoded.'),
  host: refusal(400, 'The Host field is missing, or no name of a host.', { closes: true }),
  unknownHost: refusal(421, 'This host is not served here.', { outcome: 'unknown-host' }),
  // These three come before anybody has looked where the request ends.
  client: refusal(400, 'The address of the client is not known: a trusted proxy did not tell it.', {
    closes: true,
  }),
  addressDenied: refusal(403, 'Requests from this address are not served.', {
    outcome: 'address-denied',
    closes: true,
  }),
  headersTooLarge: refusal(431, 'The header fields are too many or too long.', {
    outcome: 'headers-too-large',
    closes: true,
  }),
} as const satisfies Readonly<Record<string, OwnAnswer>>

/** The answer to methods that no configuration can allow: TRACE, TRACK and CONNECT. `allow`: what some route allows. */
export function neverAllowed(allow: readonly string[]): OwnAnswer {
  const answer = refusal(405, 'This method is not served.', { outcome: 'method-not-allowed', closes: true })
  return { ...answer, fields: [...answer.fields, 'allow', allow.join(', ')] }
}

interface RefusalOptions {
  /** @default 'bad-request' */
  readonly outcome?: Outcome
  /** @default false */
  readonly closes?: boolean
}

function refusal(status: number, detail: string, options: RefusalOptions = {}): OwnAnswer {
  const { outcome = 'bad-request', closes = false } = options
  return problemAnswer(outcome, detail, { status, closes })
}

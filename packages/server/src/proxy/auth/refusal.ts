import type { AuthMethod, AuthSettings } from '../../service/proxy-settings/auth-settings.ts'
import type { Outcome } from '../proxy-outcome.ts'

/** Why nobody is let in, as the client is told: a closed set. */
export const REFUSALS = {
  'no-credential': 'this takes a credential',
  'several-credentials': 'there are two credentials of one kind; send one',
  malformed: 'the credential cannot be read',
  'unknown-key': 'the API key is not valid',
  'expired-key': 'the API key has expired',
  'invalid-token': 'the token is not valid',
  'keys-unavailable': 'the token cannot be verified at present',
  'wrong-password': 'user or password is not right',
  'too-many-attempts': 'there were too many wrong passwords; try again later',
  busy: 'too many passwords are being verified; try again later',
  'unknown-certificate': 'the certificate is none of those that are taken',
  'lacks-scope': 'the credential lacks a scope that this takes',
} as const satisfies Readonly<Record<string, string>>

/** The name of a reason. */
export type RefusalReason = keyof typeof REFUSALS

/** What is answered to somebody who is not let in. */
export interface Refusal {
  readonly status: 401 | 403 | 429 | 503
  readonly why: RefusalReason
  /** Values of `WWW-Authenticate`, a line each. */
  readonly challenges: readonly string[]
  /** For `Retry-After`; null where waiting does not help. */
  readonly retryAfterSeconds: number | null
}

/** What logs and metrics call it. */
export function outcomeOf({ why }: Pick<Refusal, 'why'>): Outcome {
  return why === 'lacks-scope' ? 'forbidden' : 'unauthenticated'
}

/** Why a credential does not count, before it is known which challenges there are. */
export interface Rejection {
  readonly why: RefusalReason
  readonly retryAfterSeconds?: number | null
}

/** Whom to ask, and for what. */
export interface Needs {
  /** Ways to authenticate, any of which is enough. */
  readonly require: readonly AuthMethod[]
  /** All of which the credential has to have. */
  readonly scopes: readonly string[]
}

/** The refusal of a request whose credential does not count, or is missing. */
export function refusalOf(
  { why, retryAfterSeconds = null }: Rejection,
  { require, scopes }: Needs,
  { basic }: Pick<AuthSettings, 'basic'>,
): Refusal {
  const wait = { retryAfterSeconds }
  switch (why) {
    case 'too-many-attempts':
      return { status: 429, why, challenges: [], ...wait }
    case 'busy':
      return { status: 503, why, challenges: [], ...wait }
    case 'lacks-scope': {
      const challenges = require.some(isBearer)
        ? [`Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`]
        : []
      return { status: 403, why, challenges, ...wait }
    }
    default: {
      const challenges = challengesOf(why, require, basic?.realm)
      // RFC 9110, section 15.5.2: a 401 has a challenge, and for a certificate there is none.
      return { status: challenges.length === 0 ? 403 : 401, why, challenges, ...wait }
    }
  }
}

function challengesOf(
  why: RefusalReason,
  require: readonly AuthMethod[],
  realm: string | undefined,
): string[] {
  const bearer = why === 'invalid-token' ? 'Bearer error="invalid_token"' : 'Bearer'
  return [
    ...(require.some(isBearer) ? [bearer] : []),
    ...(require.includes('basic') ? [`Basic realm="${realm}", charset="UTF-8"`] : []),
  ]
}

function isBearer(method: AuthMethod): boolean {
  return method === 'apiKey' || method === 'jwt'
}

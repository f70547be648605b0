import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import type { JwtSettings } from './identity-settings.ts'
import { KeysUnavailable, remoteKeysOf, UnknownKey } from './remote-keys.ts'

/** A bearer token: there is none, or it is not valid and says nothing (in an outage: its key cannot be fetched), or its claims hold. */
export type Token =
  | { readonly state: 'none' }
  | { readonly state: 'invalid'; readonly why: string; readonly isOutage?: true }
  | { readonly state: 'valid'; readonly claims: JWTPayload }

/** Of a request that has none. */
export const NO_TOKEN: Token = { state: 'none' }

/** Longest token in characters; verifying takes time for every one of them. */
const TOKEN_LENGTH_MAX = 8192

/**
 * Verifies the token of a header field, `Bearer …` in `Authorization`, else the whole value. Several fields of that name are no
 * valid token: proxies disagree about which of them counts.
 */
export async function verifyToken(
  { algorithms, key, issuer, audience, clockToleranceSeconds, header }: JwtSettings,
  values: readonly string[],
  now: () => number = Date.now,
): Promise<Token> {
  const [value, another] = values
  if (value === undefined) return NO_TOKEN
  if (another !== undefined) return invalid('it is there twice')
  const text = header === 'authorization' ? bearerOf(value) : value
  if (text === null) return NO_TOKEN
  if (text.length > TOKEN_LENGTH_MAX) return invalid(`it is longer than ${TOKEN_LENGTH_MAX} characters`)
  const options: JWTVerifyOptions = {
    algorithms: [...algorithms],
    clockTolerance: clockToleranceSeconds,
    currentDate: new Date(now()),
    ...(issuer !== undefined && { issuer: [issuer].flat() }),
    ...(audience !== undefined && { audience: [audience].flat() }),
  }
  try {
    const { payload } =
      'jwksUrl' in key
        ? await jwtVerify(text, (of) => remoteKeysOf(key.jwksUrl).keyFor(of), options)
        : await jwtVerify(text, key, options)
    return { state: 'valid', claims: payload }
  } catch (reason) {
    if (reason instanceof KeysUnavailable) return { ...invalid('its key cannot be fetched'), isOutage: true }
    return invalid(whyOf(reason))
  }
}

/** Other schemes, such as `Basic`, are no token. */
function bearerOf(value: string): string | null {
  const [, token] = /^bearer +(\S+) *$/i.exec(value) ?? []
  if (token !== undefined) return token
  // What begins as a token and is none is told from what is none.
  return /^bearer\b/i.test(value) ? '' : null
}

function invalid(why: string): Token & { readonly state: 'invalid' } {
  return { state: 'invalid', why }
}

/** Enough for whoever sent it; what else jose says may repeat the token. */
function whyOf(reason: unknown): string {
  if (reason instanceof errors.JWTExpired) return 'it has expired'
  if (reason instanceof errors.JWTClaimValidationFailed) return `its claim ${reason.claim} does not fit`
  if (reason instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not accepted'
  if (reason instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not fit'
  if (reason instanceof UnknownKey) return 'its key is none of those of its issuer'
  return 'it is no signed token'
}

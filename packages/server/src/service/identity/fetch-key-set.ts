import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'

/** One key of a set, as its issuer publishes it (RFC 7517). */
export interface PublishedKey {
  readonly kid: string | null
  /** The only algorithm that it is for; null: any that it fits. */
  readonly alg: string | null
  readonly key: KeyObject
}

const TIMEOUT_MS = 5000
const BYTES_MAX = 256 * 1024
const KEYS_MAX = 64
/** Verifying by a longer one takes milliseconds. */
const RSA_BITS_MAX = 8192

/**
 * Fetches the public keys of an issuer: in 5 s or `timeoutMs`, up to 256 KiB and 64 keys, without following redirects. Rejects with
 * one sentence that says why.
 */
export async function fetchKeySet(
  url: string,
  timeoutMs: number = TIMEOUT_MS,
): Promise<readonly PublishedKey[]> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/jwk-set+json, application/json' },
  }).catch((reason: unknown) => {
    throw new Error(whyOf(reason), { cause: reason })
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`it answers ${response.status}`)
  }
  return keysIn(await textOf(response))
}

async function textOf({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    for await (const piece of body ?? []) {
      size += piece.length
      // Leaving the loop cancels the rest.
      if (size > BYTES_MAX) break
      pieces.push(piece)
    }
  } catch (reason) {
    throw new Error(whyOf(reason), { cause: reason })
  }
  if (size > BYTES_MAX) throw new Error('it is longer than 256 KiB')
  return Buffer.concat(pieces).toString()
}

function keysIn(text: string): readonly PublishedKey[] {
  const { keys } = parsed(text)
  if (!Array.isArray(keys)) throw new Error('it is no set of keys in JSON')
  if (keys.length > KEYS_MAX) throw new Error(`it has more than ${KEYS_MAX} keys`)
  const usable = keys.flatMap((one: unknown) => publishedKey(one) ?? [])
  if (usable.length === 0) throw new Error('it has no public key that could sign a token')
  return usable
}

function parsed(text: string): { readonly keys?: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** Null for what is for something else, or wrong: a set may have keys of kinds that are not known here. */
function publishedKey(jwk: unknown): PublishedKey | null {
  if (typeof jwk !== 'object' || jwk === null) return null
  const { kty, n, e, crv, x, y, kid, alg, use } = jwk as Readonly<Record<string, unknown>>
  if (use !== undefined && use !== 'sig') return null
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') return null
  try {
    // The public part alone, whatever else stands there.
    const key = createPublicKey({ format: 'jwk', key: { kty, n, e, crv, x, y } as JsonWebKey })
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) > RSA_BITS_MAX) return null
    return { key, kid: typeof kid === 'string' ? kid : null, alg: typeof alg === 'string' ? alg : null }
  } catch {
    return null
  }
}

function whyOf(reason: unknown): string {
  if (reason instanceof Error && reason.name === 'TimeoutError') return 'it does not answer in time'
  const { cause } = reason as { readonly cause?: NodeJS.ErrnoException }
  if (cause?.message === 'unexpected redirect') return 'it redirects elsewhere'
  return `it cannot be reached (${cause?.code ?? 'unknown error'})`
}

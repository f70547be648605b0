import { keyedHash } from '../core/keyed-hash.ts'

/** Bytes of the hash that are sent: enough that no two keys of a service share them by chance. */
const SENT_BYTES = 12
/** Keys whose parameter is kept, and how long such a key may be; a hash takes a few microseconds. */
const KEPT_MAX = 1000
const KEPT_LENGTH_MAX = 256

/** A function from a key to the parameter that stands for it, `;pk=:…:` (a Byte Sequence of RFC 9651). */
export function partitionKeys(secret: string): (key: string) => string {
  const hash = keyedHash(secret)
  const kept = new Map<string, string>()
  return (key) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const parameter = `;pk=:${btoa(String.fromCharCode(...hash(key).subarray(0, SENT_BYTES)))}:`
    if (key.length > KEPT_LENGTH_MAX) return parameter
    if (kept.size >= KEPT_MAX) kept.clear()
    kept.set(key, parameter)
    return parameter
  }
}

/**
 * Identifies the state of a rule (G12): name, algorithm and window, or for a bucket name, algorithm and rate. Rules with the same
 * identity share state, even with different limits; rules with different identities never do.
 */
export interface StateIdentity {
  /** The rule's name; {@link CALL_RATES} for unnamed rates that came with a call. */
  readonly name: string
  /** `name kind window`, as stored with the state. */
  readonly text: string
  /** A 53-bit hash of the text: among n identities of one key, two collide with a probability below n²/2^54 (birthday bound). */
  readonly id: number
}

/** The name of all unnamed rates of calls; sharing it, a key never holds more than five of them. */
export const CALL_RATES = '~'

/** Most unrecovered identities of one name under one key: a sixth rate of calls is refused, any other drops the oldest. */
export const WINDOWS_MAX = 5

/** Most identities of rules outside the deciding budget under one key; those spent from longest ago are dropped first. */
export const BESIDE_MAX = 64

/** The identity of a rule. */
export function stateIdentity(name: string, kind: string, window: string): StateIdentity {
  return identityOf(name, `${name} ${kind} ${window}`)
}

/** The identity of which only name and text are known. */
export function identityOf(name: string, text: string): StateIdentity {
  return { name, text, id: hash53(text) }
}

/**
 * A whole number below 2^53. Two multiplicative 32-bit hashes side by side, mixed at the end (constants of MurmurHash3). Not safe against chosen input,
 * which identities are not.
 */
export function hash53(text: string): number {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x85ebca6b)
    b = Math.imul(b ^ code, 0xc2b2ae35)
    a ^= a >>> 15
    b ^= b >>> 13
  }
  a = Math.imul(a ^ (b >>> 16), 0xc2b2ae35)
  b = Math.imul(b ^ (a >>> 13), 0x85ebca6b)
  return ((b >>> 0) & 0x1fffff) * 2 ** 32 + (a >>> 0)
}

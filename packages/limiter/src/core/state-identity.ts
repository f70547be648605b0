/**
 * Whose state a rule reads (G12): a name, an algorithm, and a window, of a bucket the rate. Rules of one identity share
 * their state, whatever their limit; rules of different identities never see each other's.
 */
export interface StateIdentity {
  /** The rule's name; {@link CALL_RATES} of unnamed rates that come with a call. */
  readonly name: string
  /** `name kind window`, as stored beside the state. */
  readonly text: string
  /** 53 bits of a hash of the text: two of n identities of one key meet with a probability below n²/2^54. */
  readonly id: number
}

/** Name under which all unnamed rates of calls count, so that no key ever holds more than five of them. */
export const CALL_RATES = '~'

/** Most unrecovered identities of one name under one key; what comes sixth is too much, or the oldest goes. */
export const WINDOWS_MAX = 5

/** Most identities of other rules under one key; the ones spent from longest ago go first. */
export const BESIDE_MAX = 64

/** The identity of a rule. */
export function stateIdentity(name: string, kind: string, window: string): StateIdentity {
  const text = `${name} ${kind} ${window}`
  return { name, text, id: hash53(text) }
}

/** Two multiplicative hashes of 32 bits side by side, mixed at the end (after MurmurHash3); nobody chooses what is hashed. */
function hash53(text: string): number {
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

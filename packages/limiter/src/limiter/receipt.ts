import { HeadgateError } from '../core/errors.ts'
import type { Origin } from '../core/policy.ts'
import { isWhole } from '../core/validate.ts'

/** What one budget was charged. */
export type ReceiptEntry = readonly [
  policy: string,
  override: Origin['override'],
  limit: Origin['limit'],
  key: string,
  cost: number,
  /** When the state of each rule, by name, was to be recovered, in microseconds. */
  resets: readonly (readonly [rule: string, recoveredAtUs: number])[],
  /** The stand-in it was spent in, of one process; absent: in the store. */
  place?: string,
]

/** One spend, as its receipt says it. */
export interface Receipt {
  /** A name that no other spend has, in this process or another. */
  readonly id: string
  readonly takenAtUs: number
  readonly entries: readonly ReceiptEntry[]
}

const processId = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join('')
let spends = 0

/** The number of the next spend. */
export function nextSpend(): number {
  return ++spends
}

/** Writes the receipt of a spend of this process as one opaque word. */
export function encodeReceipt(spend: number, takenAtUs: number, entries: readonly ReceiptEntry[]): string {
  // A reader that does not know of places must not take back in the store what was not spent there.
  const version = entries.some(([, , , , , , place]) => place !== undefined) ? 2 : 1
  const text = JSON.stringify([version, processId + spend.toString(36), takenAtUs, entries])
  return Buffer.from(text).toString('base64url')
}

/** Reads a receipt; anything that was not issued by `encodeReceipt` is an `invalid-receipt` error. */
export function decodeReceipt(receipt: unknown): Receipt {
  try {
    const [version, id, takenAtUs, entries] = JSON.parse(Buffer.from(String(receipt), 'base64url').toString())
    if (
      (version !== 1 && version !== 2) ||
      !isText(id) ||
      !isWhole(takenAtUs, 0) ||
      !entries.every(isEntry)
    ) {
      throw new TypeError('shape')
    }
    return { id, takenAtUs, entries }
  } catch (cause) {
    const message = 'this is not a receipt; pass the receipt field of a decision as it is'
    throw new HeadgateError('invalid-receipt', message, { cause })
  }
}

function isEntry([policy, override, limit, key, cost, resets, place]: ReceiptEntry): boolean {
  return (
    isText(policy) &&
    Number.isInteger(override) &&
    Array.isArray(limit) &&
    isText(key) &&
    isWhole(cost, 0) &&
    resets.every(([rule, at]) => isText(rule) && isWhole(at, 0)) &&
    (place === undefined || isText(place))
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

import { HeadgateError } from '../core/errors.ts'
import type { Origin } from '../core/policy.ts'
import { spendId } from '../core/spend-id.ts'
import { isWhole } from '../core/validate.ts'

/** What one budget was charged. */
export type ReceiptEntry = readonly [
  policy: string,
  override: Origin['override'],
  limit: Origin['limit'],
  key: string,
  cost: number,
  /** When it was spent, by the clock of its store. */
  takenAtUs: number,
  /** When the state of each rule, by name, was to be recovered, in microseconds. */
  resets: readonly (readonly [rule: string, recoveredAtUs: number])[],
  /** The stand-in it was spent in, of one process; absent: in the store. */
  place?: string,
]

/** One spend, as its receipt says it. */
export interface Receipt {
  /** A name that no other spend has, in this process or another. */
  readonly id: string
  readonly entries: readonly ReceiptEntry[]
}

const VERSION = 1

/** Writes the receipt of a spend of this process as one opaque word. */
export function encodeReceipt(spend: number, entries: readonly ReceiptEntry[]): string {
  const text = JSON.stringify([VERSION, spendId(spend), entries])
  return Buffer.from(text).toString('base64url')
}

/** Reads a receipt; anything that was not issued by `encodeReceipt` is an `invalid-receipt` error. */
export function decodeReceipt(receipt: unknown): Receipt {
  try {
    const [version, id, entries] = JSON.parse(Buffer.from(String(receipt), 'base64url').toString())
    if (version !== VERSION || !isText(id) || !entries.every(isEntry)) throw new TypeError('shape')
    return { id, entries }
  } catch (cause) {
    const message = 'this is not a receipt; pass the receipt field of a decision as it is'
    throw new HeadgateError('invalid-receipt', message, { cause })
  }
}

function isEntry([policy, override, limit, key, cost, takenAtUs, resets, place]: ReceiptEntry): boolean {
  return (
    isText(policy) &&
    Number.isInteger(override) &&
    Array.isArray(limit) &&
    isText(key) &&
    isWhole(cost, 0) &&
    isWhole(takenAtUs, 0) &&
    resets.every(([rule, at]) => isText(rule) && isWhole(at, 0)) &&
    (place === undefined || isText(place))
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

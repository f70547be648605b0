import { HeadgateError } from '../core/errors.ts'
import type { Origin } from '../core/policy.ts'
import { isWhole } from '../core/validate.ts'

/** What one budget was charged. */
export interface ReceiptEntry {
  readonly policy: string
  readonly origin: Origin
  readonly key: string
  readonly cost: number
  /** When the state of each rule, by name, was to be recovered, in microseconds. */
  readonly resets: readonly (readonly [string, number])[]
  /** The stand-in it was spent in, of one process; absent: in the store. */
  readonly place?: string | undefined
}

/** One spend, as a receipt says it. */
export interface Receipt {
  /** Number of the spend within this process. */
  readonly spend: number
  readonly takenAtUs: number
  readonly entries: readonly ReceiptEntry[]
}

/** A receipt read back: its spend has a name that no other process uses. */
export interface ReadReceipt extends Omit<Receipt, 'spend'> {
  readonly id: string
}

const processId = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join('')
let spends = 0

/** The number of the next spend. */
export function nextSpend(): number {
  return ++spends
}

/** Writes a receipt as one opaque word. */
export function encodeReceipt({ spend, takenAtUs, entries }: Receipt): string {
  const rows = entries.map(({ policy, origin, key, cost, resets, place }) => {
    const row = [policy, origin.override, origin.limit, key, cost, resets]
    return place === undefined ? row : [...row, place]
  })
  // A reader that does not know of places must not take back in the store what was not spent there.
  const version = entries.some(({ place }) => place !== undefined) ? 2 : 1
  const text = JSON.stringify([version, processId + spend.toString(36), takenAtUs, rows])
  return Buffer.from(text).toString('base64url')
}

/** Reads a receipt; anything that was not issued by `encodeReceipt` is an `invalid-receipt` error. */
export function decodeReceipt(receipt: unknown): ReadReceipt {
  try {
    const [version, id, takenAtUs, rows] = JSON.parse(Buffer.from(String(receipt), 'base64url').toString())
    if ((version !== 1 && version !== 2) || !isText(id) || !isWhole(takenAtUs, 0) || !Array.isArray(rows))
      throw new TypeError('shape')
    return { id, takenAtUs, entries: rows.map(decodeEntry) }
  } catch (cause) {
    const message = 'this is not a receipt; pass the receipt field of a decision as it is'
    throw new HeadgateError('invalid-receipt', message, { cause })
  }
}

function decodeEntry(row: unknown): ReceiptEntry {
  const [policy, override, limit, key, cost, resets, place] = row as unknown[]
  const valid =
    isText(policy) && Number.isInteger(override) && Array.isArray(limit) && isText(key) && isWhole(cost, 0)
  const pairs = Array.isArray(resets) && resets.every(([name, at]) => isText(name) && isWhole(at, 0))
  if (!valid || !pairs || !(place === undefined || isText(place))) throw new TypeError('entry')
  return { policy, origin: { override: override as number, limit }, key, cost, resets, place }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

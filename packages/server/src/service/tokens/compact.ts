/** Receipts and reservations as short JSON: lists in place of objects, and what several spends share once. */

import type { Receipt, ReceiptEntry, ReservationHandle } from 'headgate'

type Origin = readonly [ReceiptEntry['origin'], key: string]
type Entry = readonly [origin: number, cost: number, fallbackId: string | null, ...numbers: number[]]
type Spend = readonly [process: string, spend: number, entries: readonly Entry[]]

/** What the entries of one text share. */
class Origins {
  readonly list: Origin[]
  readonly #indices = new Map<string, number>()

  constructor(list: readonly Origin[] = []) {
    this.list = [...list]
  }

  indexOf(origin: ReceiptEntry['origin'], key: string): number {
    const id = JSON.stringify([origin, key])
    const known = this.#indices.get(id)
    if (known !== undefined) return known
    this.#indices.set(id, this.list.length)
    return this.list.push([origin, key]) - 1
  }
}

/** A receipt as a text, with the domain that alone may use it. */
export function receiptText(receipt: Receipt, domain?: string): string {
  const { process, spend, others, origin, key, cost, fallbackId, numbers } = receipt
  // Most receipts have one entry, and share nothing.
  if (others.length === 0) {
    let entry = `[0,${cost},${fallbackId === null ? 'null' : quoted(fallbackId)}`
    for (const number of numbers) entry += `,${number}`
    const written = `[${quoted(process)},${spend},[${entry}]]]`
    const end = domain === undefined ? ']' : `,${quoted(domain)}]`
    return `[[[${originText(origin)},${quoted(key)}]],${written}${end}`
  }
  const origins = new Origins()
  const written = writeSpend(receipt, origins)
  return textOf([origins.list, written], domain)
}

/** Origins are few, frozen, and live as long as what they come from: each is written once. */
const originTexts = new WeakMap<ReceiptEntry['origin'], string>()

function originText(origin: ReceiptEntry['origin']): string {
  const known = originTexts.get(origin)
  if (known !== undefined) return known
  const text = JSON.stringify(origin)
  if (Object.isFrozen(origin)) originTexts.set(origin, text)
  return text
}

/** What JSON has as it is; most names and keys are of it. */
const PLAIN = /^[ !#-[\]-~]*$/

/** A text as JSON; that of a plain one takes a third of the time so. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
}

/** The receipt of such a text, and its domain. */
export function receiptOf(text: string): { readonly receipt: Receipt; readonly domain?: string } {
  const [origins, spend, domain] = JSON.parse(text) as [Origin[], Spend, string?]
  return { receipt: readSpend(spend, origins), ...(domain !== undefined && { domain }) }
}

/** A handle as a text, with the domain that alone may use it. */
export function handleText({ spends, ...rest }: ReservationHandle, domain?: string): string {
  const origins = new Origins()
  const written = spends.map(({ receipt, units }) => [writeSpend(receipt, origins), units])
  return textOf([origins.list, written, rest], domain)
}

/** The handle of such a text, and its domain. */
export function handleOf(text: string): { readonly handle: ReservationHandle; readonly domain?: string } {
  const [origins, written, rest, domain] = JSON.parse(text) as [
    Origin[],
    [Spend, number][],
    Omit<ReservationHandle, 'spends'>,
    string?,
  ]
  const spends = written.map(([spend, units]) => ({ receipt: readSpend(spend, origins), units }))
  return { handle: { ...rest, spends }, ...(domain !== undefined && { domain }) }
}

/** A domain stands behind everything else, where there is one. */
function textOf(parts: readonly unknown[], domain: string | undefined): string {
  return JSON.stringify(domain === undefined ? parts : [...parts, domain])
}

function writeSpend({ process, spend, others, ...first }: Receipt, origins: Origins): Spend {
  const entries = [first, ...others].map(({ origin, key, cost, fallbackId, numbers }): Entry => {
    return [origins.indexOf(origin, key), cost, fallbackId, ...numbers]
  })
  return [process, spend, entries]
}

function readSpend([process, spend, entries]: Spend, origins: readonly Origin[]): Receipt {
  const [first, ...others] = entries.map(([index, cost, fallbackId, ...numbers]): ReceiptEntry => {
    const [origin, key] = origins[index] as Origin
    return { origin, key, cost, fallbackId, numbers }
  })
  return { ...(first as ReceiptEntry), process, spend, others }
}

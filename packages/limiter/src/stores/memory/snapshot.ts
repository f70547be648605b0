import { HeadgateError } from '../../core/errors.ts'
import type { Algorithms } from '../../core/rule.ts'
import { isWhole } from '../../core/validate.ts'
import type { SecretEntry } from '../local/secrets-with.ts'
import type { Seed } from '../local/siphash.ts'
import { ruleAgain, type StoredRule, storedRule } from '../local/stored-rule.ts'
import type { ClaimEntry } from './claim-ledger.ts'
import type { DocumentEntry } from './document-ledger.ts'
import { HEADER_SIZE, type RecordMemory, type Table } from './hash-table.ts'
import type { Layout } from './layout.ts'
import { Layouts } from './layouts.ts'
import type { LedgerEntry } from './refund-ledger.ts'
import { invalidSnapshot, RecordWriter, readSnapshot, type SnapshotRecord } from './snapshot-format.ts'
import { Sweeper } from './sweeper.ts'

/** What a memory store consists of. */
export interface StoreContents {
  readonly layouts: Layouts
  /** Number of the last record made. */
  readonly incarnations: number
  readonly refunds: readonly LedgerEntry[]
  readonly claims: readonly ClaimEntry[]
  readonly secrets: readonly SecretEntry[]
  readonly documents: readonly DocumentEntry[]
}

/** What was read of a snapshot. */
export interface Restored extends StoreContents {
  /** Keys with a record of their own. */
  readonly keys: number
}

interface Head extends Omit<StoreContents, 'layouts'> {
  readonly seed: Seed
  readonly layouts: readonly (readonly StoredRule[])[]
}

/** All records that have not recovered, as bytes that {@link restore} reads. */
export function snapshotOf({ layouts, ...counted }: StoreContents, now: number): Uint8Array {
  const writer = new RecordWriter()
  const numbers = new Map<Layout, number>()
  const sweeper = new Sweeper(layouts)
  const addAll = (table: Table, sign: 1 | -1): void => {
    table.forEachRecord((memory, slot, id) => {
      const layout = layouts.byId(id)
      if (sweeper.isRecovered(memory, slot, now)) return
      const number = numbers.get(layout) ?? numbers.size + 1
      numbers.set(layout, number)
      writer.add(recordAt(memory, slot, { layout, number: sign * number }))
    })
  }
  for (const { table, overflow } of layouts.tables.values()) {
    addAll(table, 1)
    addAll(overflow, -1)
  }
  const head: Head = {
    ...counted,
    seed: layouts.seed,
    layouts: [...numbers.keys()].map(({ rules }) => rules.map(storedRule)),
  }
  return writer.finish(head)
}

/**
 * Reads a snapshot; an `invalid-snapshot` error where it is none. Records whose algorithm is not known, or no longer means
 * the same, are left out.
 */
export function restore(bytes: Uint8Array, custom: Algorithms): Restored {
  try {
    const { head, records } = readSnapshot(bytes)
    // Snapshots of before documents have none.
    const { seed, incarnations, refunds, claims, secrets, documents = [], layouts: stored } = head as Head
    if (!isWhole(incarnations, 0)) throw invalidSnapshot('the snapshot has no count of its records')
    const layouts = new Layouts({ k0: seed.k0, k1: seed.k1 }, true)
    const known = stored.map((rules) => layoutOf(rules, layouts, custom))
    const counts = new Map<Table, number>()
    let keys = 0
    for (const record of records) {
      const table = tableOf(record, layoutAt(known, record))
      if (table === null) continue
      counts.set(table, (counts.get(table) ?? 0) + 1)
      if (record.layout > 0) keys++
    }
    for (const [table, count] of counts) table.reserve(count)
    for (const record of records) addRecord(record, layoutAt(known, record))
    return { layouts, keys, incarnations, refunds, claims, secrets, documents }
  } catch (cause) {
    if (HeadgateError.is(cause)) throw cause
    throw invalidSnapshot('the snapshot cannot be read', cause)
  }
}

function recordAt(
  { doubles, ints, boxes, stride }: RecordMemory,
  slot: number,
  { layout, number }: { readonly layout: Layout; readonly number: number },
): SnapshotRecord {
  const [from, header] = [slot * stride + HEADER_SIZE, slot * stride * 2]
  const state = layout.boxed
    ? (boxes?.[slot] as Float64Array)
    : withoutEndZeros(doubles.subarray(from, from + layout.width))
  return { low: ints[header] as number, high: ints[header + 1] as number, layout: number, state }
}

/** A sliding window that has few entries ends in zeros, with which a table is filled anyway. */
function withoutEndZeros(state: Float64Array): Float64Array {
  let size = state.length
  while (size > 0 && state[size - 1] === 0) size--
  return state.subarray(0, size)
}

/** Null where it is left out. */
function layoutAt(layouts: readonly (Layout | null)[], record: SnapshotRecord): Layout | null {
  const layout = layouts[Math.abs(record.layout) - 1]
  if (layout !== undefined) return layout
  throw invalidSnapshot('a record of the snapshot has a layout that is not in it')
}

function tableOf({ layout: number, state }: SnapshotRecord, layout: Layout | null): Table | null {
  if (layout === null) return null
  const { boxed, width, table, overflow } = layout
  if (!boxed && state.length > width) {
    throw invalidSnapshot('a record of the snapshot is larger than its layout')
  }
  return number < 0 ? overflow : table
}

function addRecord(record: SnapshotRecord, layout: Layout | null): void {
  const table = tableOf(record, layout)
  if (layout === null || table === null) return
  const { low, high, state } = record
  const slot = table.insert(low, high, layout.id)
  if (layout.boxed) {
    table.boxes ??= []
    table.boxes[slot] = state.slice()
  } else table.doubles.set(state, slot * table.stride + HEADER_SIZE)
}

/** Null where one of its rules cannot be had any more. */
function layoutOf(stored: readonly StoredRule[], layouts: Layouts, custom: Algorithms): Layout | null {
  const rules = stored.flatMap((one) => ruleAgain(one, custom) ?? [])
  return rules.length === stored.length ? layouts.intern(rules) : null
}

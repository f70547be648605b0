import type { RedisAddress, RedisAnswer } from 'headgate/redis'
import { type Finding, findingsOf } from './finding.ts'

const SLOTS = 16_384

/** Slots with one primary. */
export interface SlotRange {
  readonly first: number
  readonly last: number
  readonly primary: RedisAddress
}

/** Reads a reply of CLUSTER SLOTS; an empty host is that of the node which was asked. */
export function readSlots(answer: RedisAnswer, asked: string): SlotRange[] {
  if (!Array.isArray(answer)) return []
  return answer.flatMap((range: RedisAnswer) => {
    if (!Array.isArray(range)) return []
    const [first, last, primary] = range
    if (typeof first !== 'number' || typeof last !== 'number' || !Array.isArray(primary)) return []
    const address = { host: String(primary[0] || asked), port: Number(primary[1]) }
    return [{ first, last, primary: address }]
  })
}

/** Each primary once. */
export function primariesOf(ranges: readonly SlotRange[]): RedisAddress[] {
  const byName = new Map(ranges.map(({ primary }) => [`${primary.host}:${primary.port}`, primary]))
  return [...byName.values()]
}

/** Whether all slots are served. */
export function checkCoverage(ranges: readonly SlotRange[], about: string): Finding {
  const { ok, error } = findingsOf('cluster-coverage', about)
  const covered = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  if (covered >= SLOTS) return ok(`all slots are served; primaries: ${primariesOf(ranges).length}`)
  const fix = 'give all slots a primary; cluster-require-full-coverage no keeps the others answering'
  return error(`${SLOTS - covered} of ${SLOTS} slots have no primary`, fix)
}

import { wrong } from '../../core/errors.ts'
import type { BudgetKey } from '../../core/store.ts'
import { isWhole } from '../../core/validate.ts'
import { SLOTS, slotOf } from './connection/slots.ts'

/** Number of shards of a Cluster where `redisStore` is given none. */
export const SHARDS = 6
const SHARDS_MAX = 512

/** Refuses what is not a number of shards. */
export function checkShards(shards: unknown, path: string): number {
  if (isWhole(shards, 1) && shards <= SHARDS_MAX) return shards
  throw wrong(shards, `is not a number of shards; use a whole number from 1 to ${SHARDS_MAX}`, path)
}

/**
 * Hash tags of the shards, whose slots are evenly spaced, so that nodes with equal slot ranges get equal shares. The
 * number is part of each tag: another number starts with fresh budgets instead of finding some of the old ones.
 */
export function shardTags(shards: number): string[] {
  const tags = new Array<string>(shards)
  const tolerance = SLOTS / shards / 4
  for (let candidate = 0, left = shards; left > 0; candidate++) {
    const tag = `${shards}.${candidate.toString(36)}`
    const position = (slotOf(`{${tag}}`) * shards) / SLOTS
    const shard = Math.floor(position)
    const distance = Math.abs(position - shard - 0.5) * (SLOTS / shards)
    if (tags[shard] !== undefined || distance > tolerance) continue
    tags[shard] = tag
    left--
  }
  return tags
}

/** FNV-1a over policy and identity: all rules of a budget belong to one shard. */
export function shardOf({ budget: { policy }, key }: BudgetKey, shards: number): number {
  const hash = fnv1a(key, fnv1a('\n', fnv1a(policy)))
  // The last characters have not reached the high bits: without mixing, consecutive numbers as keys would share a
  // shard.
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
  return Math.floor((mixed / 2 ** 32) * shards)
}

function fnv1a(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

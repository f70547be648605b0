/** Faults of one server among several. */
import { setTimeout as sleep } from 'node:timers/promises'
import { defineFault, type Fault } from './fault.ts'
import { type ClusterSite, cluster, sentinels } from './sites.ts'

/** Of the first shard: all keys with this tag are in one slot. */
const SHARD = 'headgate:{10}'
const MOVED = [SHARD, 'headgate:{6d}', 'headgate:{25}']
const HALFWAY_MS = 100

export const failoverFaults: readonly Fault[] = [
  defineFault({
    name: 'Sentinel failover, the old primary returns',
    expected:
      'Follows the new primary, also when the old one is back. What that had not copied is forgotten.',
    forgets: 'uncopied',
    answers: 'some',
    lastsMs: 0,
    site: sentinels,
    strike: async ({ redis }) => (await redis.master()).freeze(),
    heal: ({ redis }) => redis.failover('freeze'),
    aftermath: ({ redis }) => redis.bringBack(),
  }),
  defineFault({
    name: 'Cluster failover',
    expected: 'Decides keys of the lost primary without it, and all others as ever.',
    forgets: 'uncopied',
    answers: 'most keys',
    lastsMs: 0,
    site: cluster,
    strike: async ({ redis }) => (await redis.nodeOf(SHARD)).crash(),
    heal: ({ redis }) => redis.failover(SHARD, 'kill'),
    aftermath: ({ redis }) => redis.bringBack(),
  }),
  defineFault({
    name: 'resharding under load',
    expected: 'Follows the keys; calls to keys of both sides of a move may be decided without the store.',
    answers: 'most keys',
    lastsMs: 0,
    site: cluster,
    strike: () => {},
    heal: moveThereAndBack,
  }),
]

/** Moves the slots of some shards, each with half of its keys on either side for a while. */
async function moveThereAndBack({ redis }: ClusterSite): Promise<void> {
  const from = await redis.nodeOf(SHARD)
  const to = (await redis.masters()).find((master) => master !== from)
  if (to === undefined) throw new Error('There is one primary only')
  for (const key of MOVED)
    await redis.moveSlot(await redis.slotOf(key), to, { halfway: () => sleep(HALFWAY_MS) })
  for (const key of MOVED) await redis.moveSlot(await redis.slotOf(key), from)
}

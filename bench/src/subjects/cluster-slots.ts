import { createLimiter } from 'headgate'
import { redisStore } from 'headgate/redis'
import type { Cluster } from 'ioredis'
import { keyText } from '../harness/keys.ts'
import { median } from '../harness/median.ts'
import { connectCluster, primaries, type RedisAddresses } from '../harness/redis-subject.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface ClusterSlotsParams extends RedisAddresses {
  /** Policies of a decision, each with its key on a node of its own. */
  readonly policies: 1 | 3
}

/** Identities to look among for one whose keys are spread so. */
const CANDIDATES = 64
const names = ['one', 'two', 'three']

const { policies: count, measureMs, nodePorts = [], ...more } = readParams<ClusterSlotsParams>()
const direct = await connectCluster({ nodePorts })
const key = await spreadKey(direct)
direct.disconnect()
const links = await connectCluster({ nodePorts, ...more })
const { limiter, close } = create(links, names.slice(0, count))

const times: number[] = []
// The first ones open connections to the nodes and load the script.
for (let i = 0; i < 3; i++) await decide()
for (const end = performance.now() + measureMs; performance.now() < end; ) times.push(await decide())
report(median(times))
await close()

async function decide(): Promise<number> {
  const start = performance.now()
  const { allowed, source } = await limiter.consume(key)
  const ms = performance.now() - start
  if (!allowed || source !== 'store') throw new Error(`${key}: ${source}, ${allowed}`)
  return ms
}

function create(cluster: Cluster, wanted: readonly string[]) {
  const policies = wanted.map((name) => ({ name, rules: ['1000000/min'] }))
  const made = createLimiter({ policies, store: redisStore(cluster), deadlineMs: 1000 })
  const close = async (): Promise<void> => {
    await made.close()
    cluster.disconnect()
  }
  return { limiter: made, close }
}

/** An identity whose keys under the policies lie on a node each, as the nodes themselves say. */
async function spreadKey(cluster: Cluster): Promise<string> {
  const nodes = primaries(cluster)
  await Promise.all(nodes.map((node) => node.flushall()))
  const all = createLimiter({
    policies: names.map((name) => ({ name, rules: ['1000000/min'] })),
    store: redisStore(cluster),
    deadlineMs: 1000,
  })
  const candidates = Array.from({ length: CANDIDATES }, (_, i) => keyText(i))
  await Promise.all(candidates.map((candidate) => all.consume(candidate)))
  await all.close()
  const stored = await Promise.all(nodes.map((node) => node.keys('*')))
  const isSpread = (candidate: string): boolean =>
    stored.every((own) => own.filter((text) => text.endsWith(candidate)).length === 1)
  const found = candidates.find(isSpread)
  if (found === undefined) throw new Error(`none of ${CANDIDATES} identities has its keys on all nodes`)
  return found
}

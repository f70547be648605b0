import { Cluster, Redis } from 'ioredis'
import { type AsyncSubject, type Callers, makeCalls, opsPerSecond, workOf } from './callers.ts'
import { countCommands } from './monitor.ts'
import type { Effort } from './suite.ts'

/** Decisions whose commands are counted, where no time is given. */
const COUNTED = 2000

/** What a suite starts and its subjects talk to. */
export interface RedisAddresses {
  readonly port?: number
  /** A slow link to the same server. */
  readonly linkPort?: number
  /** The nodes of a Cluster, and a slow link to each. */
  readonly nodePorts?: readonly number[]
  readonly nodeLinkPorts?: readonly number[]
}

/** What every subject that asks Redis is told. */
export interface RedisParams extends Callers, RedisAddresses {
  /** `asking/decision`: the share of calls that count, where only those count that waited for Redis. */
  readonly measure: 'ops/s' | 'ns/decision' | 'commands/decision' | 'asking/decision'
  readonly enableAutoPipelining: boolean
  /** How long calls are made whose commands or answers are counted, after as long a warm-up. */
  readonly countMs?: number
}

/** The one connection of a subject. */
export function connectRedis({ port = 0, enableAutoPipelining }: RedisParams): Redis {
  return new Redis({ port, enableAutoPipelining })
}

/** A client of the Cluster, over its slow links if wanted. */
export async function connectCluster({
  nodePorts = [],
  nodeLinkPorts = [],
}: RedisAddresses): Promise<Cluster> {
  const links = nodePorts.map((port, i) => [`127.0.0.1:${port}`, nodeLinkPorts[i]] as const)
  const natMap = Object.fromEntries(
    links.map(([address, port = 0]) => [address, { host: '127.0.0.1', port }]),
  )
  const cluster = new Cluster(
    nodePorts.map((port) => ({ host: '127.0.0.1', port })),
    nodeLinkPorts.length === 0 ? {} : { natMap },
  )
  // Until it answers, it knows no nodes.
  await cluster.ping()
  return cluster
}

/** The figure a case asks for, of a subject against servers that hold nothing but what it fills in. */
export async function figureOf<A>(
  subject: AsyncSubject<A>,
  client: Redis | Cluster,
  params: RedisParams & Effort,
): Promise<number> {
  await Promise.all(primaries(client).map((redis) => redis.flushall()))
  const { fill } = subject
  if (fill !== undefined) await makeCalls({ ask: fill, counts: () => true }, params, params.keys)
  const { measure, countMs } = params
  if (measure === 'commands/decision') return commandsPerDecision(subject, client, params)
  if (measure === 'asking/decision') {
    const work = workOf(subject, params)
    await work(countMs ?? params.warmMs)
    const { calls, counted } = await work(countMs ?? params.measureMs)
    return counted / calls
  }
  const ops = await opsPerSecond(subject, params)
  return measure === 'ops/s' ? ops : 1e9 / ops
}

/** Each server that decides. */
export function primaries(client: Redis | Cluster): Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client]
}

async function commandsPerDecision<A>(
  subject: AsyncSubject<A>,
  client: Redis | Cluster,
  params: RedisParams,
): Promise<number> {
  if (client instanceof Cluster) throw new TypeError('commands are counted on one server')
  const { countMs } = params
  if (countMs === undefined) {
    // The first calls may load the script.
    await makeCalls(subject, params, COUNTED)
    return (await countCommands(client, () => makeCalls(subject, params, COUNTED))) / COUNTED
  }
  const work = workOf(subject, params)
  await work(countMs)
  let decisions = 0
  const commands = await countCommands(client, async () => {
    decisions = (await work(countMs)).calls
  })
  return commands / decisions
}

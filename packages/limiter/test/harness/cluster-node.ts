/** Nodes of a RedisCluster: started, introduced to each other, and given their slots. */
import { RedisServer } from '../redis-server.ts'
import { viewOf } from './cluster-view.ts'
import { isRedis6 } from './redis-binary.ts'
import { freePort } from './redis-process.ts'
import type { RedisServerOptions } from './redis-setup.ts'
import { until } from './until.ts'

export interface ClusterNode {
  readonly id: string
  readonly server: RedisServer
  readonly busPort: number
}

export interface NodeOptions {
  readonly permissions: NonNullable<RedisServerOptions['permissions']>
  readonly nodeTimeoutMs: number
  readonly args: readonly string[]
}

export const SLOTS = 16_384
const ATTEMPTS = 3
// Where Redis 6 puts the second port, which it cannot be told.
const BUS_OFFSET = 10_000

export async function startNode({ nodeTimeoutMs, args, permissions }: NodeOptions): Promise<ClusterNode> {
  let cause: unknown
  // A second port, of which redis-server does not say when somebody else has it.
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const busPort = await freePort()
    const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(nodeTimeoutMs)]
    const bus = isRedis6() ? [] : ['--cluster-port', String(busPort)]
    const own = [...cluster, ...bus, '--repl-diskless-sync-delay', '0']
    try {
      const server = await RedisServer.start({ args: [...own, ...args], permissions })
      const id = String(await server.command('CLUSTER', 'MYID'))
      return { id, server, busPort: isRedis6() ? server.port + BUS_OFFSET : busPort }
    } catch (error) {
      cause = error
    }
  }
  throw new Error(`A node of a cluster did not start in ${ATTEMPTS} attempts`, { cause })
}

/** Shares the slots out among `masters` and gives each of the others one of them to follow. */
export async function formCluster(
  masters: readonly ClusterNode[],
  replicas: readonly ClusterNode[],
): Promise<void> {
  const nodes = [...masters, ...replicas]
  await Promise.all(masters.map((master, index) => assignSlots(master, index, masters.length)))
  await introduce(nodes)
  const followings = replicas.map(async ({ server }, index) => {
    const master = masters[index % masters.length]
    if (master !== undefined) await server.command('CLUSTER', 'REPLICATE', master.id)
  })
  await Promise.all(followings)
}

async function assignSlots({ server }: ClusterNode, index: number, count: number): Promise<void> {
  // Of two that claim a slot the higher epoch wins, so all are to differ.
  await server.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  const first = Math.floor((index * SLOTS) / count)
  const last = Math.floor(((index + 1) * SLOTS) / count) - 1
  if (!isRedis6()) await server.command('CLUSTER', 'ADDSLOTSRANGE', first, last)
  else
    await server.command(
      'CLUSTER',
      'ADDSLOTS',
      ...Array.from({ length: last - first + 1 }, (_, i) => first + i),
    )
}

/** Each to all, which is quicker than to wait for gossip. */
async function introduce(nodes: readonly ClusterNode[]): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    for (const { server, busPort } of nodes.slice(index + 1)) {
      await node.server.command('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort)
    }
  }
  const knowsAll = async ({ server }: ClusterNode): Promise<boolean> => {
    const known = (await viewOf(server)).filter((node) => node.isKnown)
    return nodes.every(({ id }) => known.some((node) => node.id === id))
  }
  const all = nodes.map((node) =>
    until(`the node on port ${node.server.port} knows all others`, () => knowsAll(node), {
      withinMs: 30_000,
    }),
  )
  await Promise.all(all)
}

import { FaultProxy } from '../../../packages/limiter/test/harness/fault-proxy.ts'
import { RedisCluster } from '../../../packages/limiter/test/harness/redis-cluster.ts'
import { RedisServer } from '../../../packages/limiter/test/redis-server.ts'
import { pin } from './pin.ts'
import type { RedisAddresses } from './redis-subject.ts'
import type { Surroundings } from './suite.ts'

/** Core of the servers; the subjects have another one. */
const SERVER_CORE = 1
/** Held back in each direction by the slow link to the server. */
const LINK_MS = 40
/** The same by those to the nodes of the Cluster. */
const NODE_LINK_MS = 20

/** Starts a Redis of the suite's own. */
export async function openRedis(core = SERVER_CORE): Promise<Surroundings> {
  const server = await startRedis(core)
  return { params: { port: server.port }, about: await nameOf(server), close: () => server.stop() }
}

/** Starts a Redis, a slow link to it, a Cluster of three nodes without replicas, and slow links to those. */
export async function openDistributed(): Promise<Surroundings> {
  await using started = new AsyncDisposableStack()
  const server = started.use(await startRedis())
  const link = started.use(await slowLink(server, LINK_MS))
  const { nodes } = started.use(
    await RedisCluster.start({
      replicasPerMaster: 0,
      nodeTimeoutMs: 5000,
      permissions: 'all',
    }),
  )
  for (const { pid } of nodes) pin(SERVER_CORE, pid)
  const nodeLinks: FaultProxy[] = []
  for (const node of nodes) nodeLinks.push(started.use(await slowLink(node, NODE_LINK_MS)))
  const addresses: RedisAddresses = {
    port: server.port,
    linkPort: link.port,
    nodePorts: nodes.map(({ port }) => port),
    nodeLinkPorts: nodeLinks.map(({ port }) => port),
  }
  const about = await nameOf(server)
  const all = started.move()
  return { params: { ...addresses }, about, close: () => all.disposeAsync() }
}

/** A Redis on a core of its own, or on another one. */
export async function startRedis(core = SERVER_CORE): Promise<RedisServer> {
  const server = await RedisServer.start({ permissions: 'all' })
  pin(core, server.pid)
  return server
}

async function slowLink({ port }: RedisServer, ms: number): Promise<FaultProxy> {
  const link = await FaultProxy.start(port)
  link.delay(ms)
  return link
}

async function nameOf(server: RedisServer): Promise<string> {
  return `Redis ${(await server.info('redis_version')) || 'of unknown version'}`
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisCluster } from '../harness/redis-cluster.ts'
import { RedisServer } from '../redis-server.ts'
import { blocksOf, hasOwnKeys, readDocuments } from './documents.ts'
import { Scratch } from './scratch.ts'

/** The address that documents use; blocks that name it get a server of their own for the time of these tests. */
const DOCUMENTED_URL = 'redis://localhost:6379'
/** A node of a Cluster, likewise. */
const DOCUMENTED_NODE = 'redis://localhost:7000'

const blocks = blocksOf(readDocuments(), 'ts').filter(({ flags }) => !flags.includes('no-run'))
const needsRedis = (text: string): boolean => text.includes(DOCUMENTED_URL)
const needsCluster = (text: string): boolean => text.includes(DOCUMENTED_NODE)

let scratch: Scratch
/** The address of the service over gRPC; pages that are run as scripts have one. */
const DOCUMENTED_SERVICE = '127.0.0.1:8081'
let server: RedisServer | undefined
let cluster: RedisCluster | undefined

beforeAll(async () => {
  scratch = new Scratch()
  if (blocks.some(({ source }) => needsRedis(source))) server = await RedisServer.start()
  if (blocks.some(({ source }) => needsCluster(source)))
    cluster = await RedisCluster.start({ masters: 2, replicasPerMaster: 0 })
})

afterAll(async () => {
  await server?.stop()
  await cluster?.stop()
  scratch?.[Symbol.dispose]()
})

// Servers of pages listen where nobody else does.
process.env['PORT'] = '0'

describe('the code in the documents', () => {
  it('is found', () => {
    expect(blocks.length).toBeGreaterThan(20)
  })

  it.each(blocks)('runs: $place', async (block) => {
    let { source } = block
    if (needsRedis(source) && server !== undefined) {
      await server.command('FLUSHALL')
      source = source.replaceAll(DOCUMENTED_URL, hasOwnKeys(source) ? server.adminUrl : server.url)
    }
    const [node] = cluster?.nodes ?? []
    if (node !== undefined) source = source.replaceAll(DOCUMENTED_NODE, node.url)
    // No service runs here, whatever does at that address.
    source = source.replaceAll(DOCUMENTED_SERVICE, '127.0.0.1:9')
    await import(/* @vite-ignore */ scratch.write(block, 'ts', source))
  })
})

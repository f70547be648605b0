/** Each page of the guide is a script that runs from a folder in which nothing but the packed packages is installed. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { hasOwnKeys, readDocuments } from '../../../limiter/test/docs/documents.ts'
import { RedisCluster } from '../../../limiter/test/harness/redis-cluster.ts'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { Installed } from './installed.ts'
import { PageScript } from './page-script.ts'

let installed: Installed
let redis: RedisServer
let cluster: RedisCluster
let client: Redis

beforeAll(async () => {
  installed = await Installed.create()
  redis = await RedisServer.start()
  cluster = await RedisCluster.start({ masters: 2, replicasPerMaster: 0 })
  client = new Redis(redis.adminUrl)
})

afterAll(async () => {
  client?.disconnect()
  await redis?.stop()
  await cluster?.stop()
  installed?.[Symbol.dispose]()
})

const pages = readDocuments().filter(({ path }) => path.startsWith('docs/guide/'))

describe('a page of the guide', () => {
  it.each(pages)('runs as a script: $path', { timeout: 120_000 }, async (page) => {
    const options = {
      installed: installed.folder,
      redisUrl: page.blocks.some(({ source }) => hasOwnKeys(source)) ? redis.adminUrl : redis.url,
      clusterUrl: cluster.nodes[0]?.url ?? '',
      empty: () => client.flushall(),
    }
    await using script = new PageScript(page, options)
    for (const block of page.blocks) {
      try {
        await script.run(block)
      } catch (cause) {
        throw new Error(`${block.place} failed`, { cause })
      }
    }
    await script.end()
  })
})

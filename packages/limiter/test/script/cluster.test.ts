/** A script on a Cluster, whose servers each have to know it. */
import { Redis } from 'ioredis'
import { createCluster } from 'redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ScriptCall } from '../../src/script/loaded-script.ts'
import { scriptLimiter } from '../../src/script/script-limiter.ts'
import { RedisCluster } from '../harness/redis-cluster.ts'
import { Started } from '../harness/started.ts'
import { fixedWindow, SCRIPTS_OF_USERS } from './reference-scripts.ts'

let cluster: RedisCluster
const started = new Started()

beforeAll(async () => {
  cluster = started.use(await RedisCluster.start(SCRIPTS_OF_USERS))
})

afterAll(() => started[Symbol.asyncDispose]())

const clients: Readonly<Record<string, () => Promise<ScriptCall>>> = {
  ioredis: async () => {
    const client = new Redis.Cluster([...cluster.addresses])
    started.defer(() => client.disconnect())
    return (command) => client.call(...command)
  },
  redis: async () => {
    const client = createCluster({ rootNodes: cluster.addresses.map((socket) => ({ socket })) })
    await client.connect()
    started.defer(() => client.destroy())
    return (command) => client.sendCommand(command[3], false, [...command])
  },
}

it.each(Object.keys(clients))(
  'is run by %s on the server of each key, also after SCRIPT FLUSH',
  async (name) => {
    const call = (await clients[name]?.()) as ScriptCall
    const limiter = scriptLimiter({ ...fixedWindow, call, onStoreError: 'closed', deadlineMs: 60_000 })
    const keys = Array.from({ length: 50 }, (_, i) => `${name}:${i}`)
    const seen = (): Promise<unknown[]> =>
      Promise.all(keys.map(async (key) => (await limiter.run([key], [100, 60])).extra[0]))
    expect(await seen()).toEqual(keys.map(() => 1))
    for (const node of await cluster.masters()) await node.flushScripts()
    expect(await seen()).toEqual(keys.map(() => 2))
  },
)

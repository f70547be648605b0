import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../redis-server.ts'
import { blocksOf, readDocuments } from './documents.ts'
import { Scratch } from './scratch.ts'

/** The address that documents use; blocks that name it get a server of their own for the time of these tests. */
const DOCUMENTED_URL = 'redis://localhost:6379'

const blocks = blocksOf(readDocuments(), 'ts').filter(({ flags }) => !flags.includes('no-run'))
const needsRedis = (text: string): boolean => text.includes(DOCUMENTED_URL)

let scratch: Scratch
let server: RedisServer | undefined

beforeAll(async () => {
  scratch = new Scratch()
  if (blocks.some(({ source }) => needsRedis(source))) server = await RedisServer.start()
})

afterAll(async () => {
  await server?.stop()
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
      await empty(server.url)
      source = source.replaceAll(DOCUMENTED_URL, server.url)
    }
    await import(/* @vite-ignore */ scratch.write(block, 'ts', source))
  })
})

async function empty(url: string): Promise<void> {
  const client = new Redis(url)
  await client.flushall()
  client.disconnect()
}

/** The fast path against `node:http` once more, over TLS, where pieces are records and sockets are other ones. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { judge } from './differential.ts'
import { type Servers, startServers } from './differential-servers.ts'

const CASES = 1000

let servers: Servers

beforeAll(async () => {
  servers = await startServers({ isSecure: true })
})

afterAll(() => servers?.[Symbol.asyncDispose]())

it('says every octet over TLS that node:http says', async () => {
  const seed = seedOfRun('the fast path and node:http over TLS', 1)
  for (let i = 0; i < CASES; i++) {
    const { fault } = await judge(servers, randomOf(seed + i))
    expect(fault, `HEADGATE_SEED=${seed + i}`).toBeNull()
  }
})

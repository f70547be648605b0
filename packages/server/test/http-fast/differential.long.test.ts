/** The fast path against `node:http` once more, over TLS, where pieces are records and sockets are other ones. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { judge } from './differential.ts'
import { exchange } from './differential-exchange.ts'
import { type Servers, startServers } from './differential-servers.ts'
import { post } from './fast-server.ts'

const CASES = 600

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

it('answers what came before octets that are no request, whatever follows them', async () => {
  // Both are there when the first request is answered.
  const pieces = [`${post('w3')}${post('b')}no request\r\n\r\n`, 'nor this\r\n\r\n'].map((text) => ({
    octets: Buffer.from(text),
    pause: 1,
  }))
  const { said } = await exchange(servers.fast, { pieces, endsEarly: false }, 100)
  expect(said.match(/(?<=HTTP\/1.1 )\d+/g)).toEqual(['200', '200', '400'])
})

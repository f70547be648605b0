/** C-core, grpc-go and tonic ask over one connection: many calls at once, calls that are given up, messages that are refused. */
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goCaller, pythonSite, tonicClient } from '../../../../scripts/ensure-grpc-clients.ts'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { GRPC_ENGINES } from '../../src/transports/grpc/grpc-engine.ts'
import { AskedProcess, titleOf } from './foreign-client.ts'

const CLIENTS = join(import.meta.dirname, '../fixtures/clients')
const POLICIES = `
policies: [{ name: users, match: { domain: edge, descriptor: [user] }, key: descriptor.user, rules: [1000000/min] }]
`

/** What each client prints. More calls at once than a connection may have streams wait for their turn, and none is refused. */
const TOLD = `one: Ok
many at once: 2000 Ok
long: InvalidArgument: the message has 200024 bytes; send at most 65536
wrong: InvalidArgument: domain: the domain is empty; name the one that the limits are of
afterwards: Ok
`
const GZIP = {
  native: 'gzip: Unimplemented: messages in gzip are not understood; send them as they are\n',
  'grpc-js': 'gzip: Ok\n',
} as const

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})

afterAll(() => redis?.stop())

const [python, go, tonic] = [pythonSite(), goCaller(), tonicClient()]

describe.each(GRPC_ENGINES)('on %s', (engine) => {
  describe.each([
    { name: 'while decisions wait for Redis', isTls: false },
    { name: 'over TLS', isTls: true },
  ])('$name', ({ isTls }) => {
    let asked: AskedProcess

    beforeAll(async () => {
      const how = isTls ? { tls: 'server' as const } : { args: ['--store', redis.url] }
      asked = await AskedProcess.start({ engine, config: POLICIES, ...how })
    })

    afterAll(() => asked?.[Symbol.asyncDispose]())

    const args = (): string[] => (isTls ? [asked.target, asked.authority] : [asked.target])

    it.skipIf(python === null)(titleOf('C-core is answered every call', python), async () => {
      const env = { PYTHONPATH: [String(python), '.'].join(delimiter) }
      const out = ['--python_out=.', '--grpc_python_out=.', 'rls.proto']
      await asked.run('python3', ['-m', 'grpc_tools.protoc', '-I', CLIENTS, ...out], env)
      const said = await asked.run('python3', [join(CLIENTS, 'rls_client.py'), ...args()], env)
      expect(said).toBe(TOLD + GZIP[engine])
    })

    it.skipIf(go === null)(titleOf('grpc-go is answered every call', go), async () => {
      expect(await asked.run(String(go), args())).toBe(TOLD + GZIP[engine])
    })

    // It is built without TLS, which takes a compiler of C and a minute more.
    if (isTls) return
    it.skipIf(tonic === null)(titleOf('tonic is answered every call', tonic), async () => {
      expect(await asked.run(String(tonic), args())).toBe(TOLD)
    })
  })
})

/** Programs that speak HTTP/2 and know nothing of gRPC: they send what a client of it would. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandPath } from '../../../../scripts/redis-installers.ts'
import { RateLimiter } from '../../src/gen/headgate-v1.ts'
import { GRPC_ENGINES } from '../../src/transports/grpc/grpc-engine.ts'
import { AskedProcess, titleOf } from './foreign-client.ts'
import { frameOf } from './native/fake-stream.ts'

const POLICIES = 'policies: [{ name: api, key: user, rules: [1000000/min] }]'
const { Consume } = RateLimiter
const MESSAGE = { attributes: { user: 'ada' }, descriptor: [], policy: '', limit: [] }
const FIELDS = ['-H', 'content-type: application/grpc', '-H', 'te: trailers']

const has = (name: string): string | null => commandPath(name) ?? null
const [curl, h2load] = [has('curl'), has('h2load')]

describe.each(GRPC_ENGINES)('on %s', (engine) => {
  describe.each([
    { scheme: 'http', isTls: false },
    { scheme: 'https', isTls: true },
  ])('over $scheme', ({ scheme, isTls }) => {
    let asked: AskedProcess
    let body: string

    beforeAll(async () => {
      asked = await AskedProcess.start({ engine, config: POLICIES, ...(isTls && { tls: 'server' }) })
      body = join(asked.folder, 'body')
      writeFileSync(body, frameOf(Consume.request.encode(MESSAGE)))
    })

    afterAll(() => asked?.[Symbol.asyncDispose]())

    const url = (): string => `${scheme}://${asked.target}${Consume.path}`

    it.skipIf(curl === null)(titleOf('curl is answered with trailers', curl), async () => {
      const how = isTls ? ['--cacert', asked.authority] : ['--http2-prior-knowledge']
      const answer = join(asked.folder, 'answer')
      const told = ['-sS', '-D', '-', '-o', answer, '-w', '%{http_version} %{http_code} %{size_download}\n']
      const said = await asked.run(String(curl), [
        ...told,
        ...how,
        ...FIELDS,
        '--data-binary',
        `@${body}`,
        url(),
      ])
      expect(said).toMatch(/^grpc-status: 0\r$/m)
      expect(said).toMatch(/^2 200 \d{2,}$/m)
    })

    it.skipIf(h2load === null)(titleOf('h2load is answered every request', h2load), async () => {
      const load = ['-n', '4000', '-c', '4', '-m', '64', '-d', body, ...FIELDS]
      const said = await asked.run(String(h2load), [...load, url()])
      expect(said).toContain(
        '4000 total, 4000 started, 4000 done, 4000 succeeded, 0 failed, 0 errored, 0 timeout',
      )
      expect(said).toContain('status codes: 4000 2xx, 0 3xx, 0 4xx, 0 5xx')
    })
  })
})

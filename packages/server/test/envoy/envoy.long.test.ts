/** Envoy itself in front of an app, with the configuration that the guide prints. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { GRPC_ENGINES, type GrpcEngineName } from '../../src/transports/grpc/grpc-engine.ts'
import { Envoy } from './envoy.ts'
import { addFilter, addRoute, type EnvoyConfig, exampleFile, rateLimitFilter } from './envoy-config.ts'
import { Instance } from './instance.ts'
import { type StockApp, stockApp } from './stock-app.ts'

const missing = envoyPath() === null
if (missing) console.warn('SKIPPED: the tests behind Envoy, which is not installed')

const OVER_LIMIT = 'cluster.app.ratelimit.over_limit'
const ERROR = 'cluster.app.ratelimit.error'
const ALLOWED = 'cluster.app.ratelimit.failure_mode_allowed'

const policies = (...rows: readonly string[]): string =>
  ['version: 1', 'policies:', ...rows.map((row) => `  - ${row}`), ''].join('\n')

const BY_USER =
  '{ name: users, match: { domain: edge, descriptor: [user] }, key: descriptor.user, rules: [5/min] }'

/** One entry, whose value is that of a header field. */
const byHeader = (field: string, key: string): object => ({
  actions: [{ request_headers: { header_name: field, descriptor_key: key } }],
})

let redis: RedisServer
let app: StockApp

beforeAll(async () => {
  redis = await RedisServer.start()
})

afterAll(() => redis?.stop())

beforeEach(async () => {
  await redis.command('FLUSHALL')
  app = await stockApp()
})

afterEach(async () => {
  if (redis.state === 'frozen') redis.resume()
  await app[Symbol.asyncDispose]()
})

interface Started extends AsyncDisposable {
  readonly envoy: Envoy
  readonly instance: Instance
}

type Start = (config: string, change?: (config: EnvoyConfig) => void) => Promise<Started>

function starting(engine: GrpcEngineName): Start {
  return async (config, change) => {
    await using stack = new AsyncDisposableStack()
    const args = ['--grpc-engine', engine]
    const instance = stack.use(await Instance.start({ config, redisUrl: redis.url, args }))
    const envoy = stack.use(await Envoy.start({ app: app.port, services: [instance.grpcPort] }, change))
    const owned = stack.move()
    return { envoy, instance, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  }
}

/** Statuses of this many requests of a user. */
async function statuses(envoy: Envoy, path: string, count: number, user = 'ada'): Promise<number[]> {
  const found: number[] = []
  for (let i = 0; i < count; i++) found.push((await envoy.send(path, { 'x-user': user })).status)
  return found
}

describe.skipIf(missing).each(GRPC_ENGINES)('the example behind Envoy, on %s', (engine) => {
  const start = starting(engine)

  it('lets 600 requests of a client pass, tells what is left, and denies the next', async () => {
    await using started = await start(exampleFile('headgate.yaml'))
    const { envoy } = started
    const first = await envoy.send('/')
    expect(first).toMatchObject({ status: 200, text: 'the app' })
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit': '600, 600;w=60;name="clients"',
      'x-ratelimit-remaining': '599',
      'ratelimit-remaining': '599',
    })
    for (let i = 1; i < 600; i++) expect((await envoy.send('/')).status).toBe(200)
    const denied = await envoy.send('/')
    expect(denied.status).toBe(429)
    expect(denied.headers).toMatchObject({ 'x-envoy-ratelimited': 'true', 'x-ratelimit-remaining': '0' })
    expect(app.seen).toHaveLength(600)
    expect(await envoy.stat(OVER_LIMIT)).toBe(1)
    expect(await envoy.stat(ERROR)).toBe(0)
  })

  it('lets calls of 1,500 pass while anything of 10,000 is left, by what they report at their end', async () => {
    await using started = await start(exampleFile('headgate.yaml'))
    const { envoy, instance } = started
    const descriptor = [
      { key: 'model', value: 'chat' },
      { key: 'user', value: 'ada' },
    ]
    const asked = { attributes: { domain: 'edge' }, descriptor, cost: 0 }
    const left = async (): Promise<number> =>
      (await instance.headgate.post('/v1/peek?status=200', asked)).body.remaining
    for (let call = 1; call <= 7; call++) {
      expect(await statuses(envoy, '/chat', 1)).toEqual([200])
      // Envoy reports when its client has the answer already.
      await expect.poll(left, { timeout: 30_000 }).toBe(Math.max(0, 10_000 - call * 1500))
    }
    expect(await statuses(envoy, '/chat', 1)).toEqual([429])
    expect(await statuses(envoy, '/chat', 1, 'bob')).toEqual([200])
    expect(app.seen).toHaveLength(8)
    expect(await envoy.stat(ERROR)).toBe(0)
  })
})

describe.skipIf(missing).each(GRPC_ENGINES)('the routes of the example, on %s', (engine) => {
  const start = starting(engine)

  it('are found by every spelling of a path, which the app gets as the route has it', async () => {
    await using started = await start(exampleFile('headgate.yaml'))
    const spellings = ['//chat', '/%63hat', '/./chat', '/a/../chat', '/%2e/chat', '/chat']
    for (const path of spellings) expect(await statuses(started.envoy, path, 1)).toEqual([200])
    expect(app.seen).toEqual(spellings.map(() => '/chat'))
    expect(await statuses(started.envoy, '/a%2f..%2fchat', 1)).toEqual([400])
    // Of 10,000 tokens six answers have taken 1,500 each; the seventh takes more than is left.
    await expect.poll(() => statuses(started.envoy, '//chat', 1), { timeout: 30_000 }).toEqual([429])
  })
})

describe.skipIf(missing).each(GRPC_ENGINES)('behind Envoy, on %s', (engine) => {
  const start = starting(engine)

  it('counts the hits that a request brings along', async () => {
    await using started = await start(policies(BY_USER), (config) =>
      addRoute(config, '/weighed', [
        { ...byHeader('x-user', 'user'), hits_addend: { format: '%REQ(x-weight)%' } },
      ]),
    )
    const weighing = async (weight: string): Promise<unknown> => {
      const { status, headers } = await started.envoy.send('/weighed', {
        'x-user': 'ada',
        'x-weight': weight,
      })
      return [status, headers['x-ratelimit-remaining']]
    }
    expect(await weighing('3')).toEqual([200, '2'])
    expect(await weighing('3')).toEqual([429, '0'])
    expect(await weighing('0')).toEqual([200, '2'])
    expect(await weighing('2')).toEqual([200, '0'])
  })

  it('holds a descriptor to the limit that comes with it, and each descriptor to its own', async () => {
    const paid =
      '{ name: all, match: { domain: edge, descriptor: [tenant] }, key: descriptor, rules: [4/min] }'
    await using started = await start(policies(paid, BY_USER), (config) => {
      const value = { requests_per_unit: 2, unit: 'HOUR' }
      addFilter(config, 'envoy.filters.http.set_metadata', {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.set_metadata.v3.Config',
        metadata: [{ metadata_namespace: 'plan', value: { limit: value } }],
      })
      const limit = { dynamic_metadata: { metadata_key: { key: 'plan', path: [{ key: 'limit' }] } } }
      addRoute(config, '/both', [byHeader('x-user', 'user'), byHeader('x-tenant', 'tenant')])
      addRoute(config, '/planned', [{ ...byHeader('x-user', 'user'), limit }])
    })
    const { envoy } = started
    expect(await statuses(envoy, '/planned', 3)).toEqual([200, 200, 429])
    const both = { 'x-user': 'ada', 'x-tenant': 'acme' }
    for (let i = 0; i < 4; i++) expect((await envoy.send('/both', both)).status).toBe(200)
    expect((await envoy.send('/both', both)).status).toBe(429)
    // The denied one took nothing from the user.
    expect(await statuses(envoy, '/both', 2)).toEqual([200, 429])
  })

  it('reads the limits that envoyproxy/ratelimit had, and charges what is reported late', async () => {
    const limits = `
domain: edge
descriptors:
  - { key: user, rate_limit: { unit: day, requests_per_unit: 10000 } }
`
    await using started = await start(limits, (config) =>
      addRoute(config, '/chat', [
        { ...byHeader('x-user', 'user'), hits_addend: { number: 0 } },
        {
          ...byHeader('x-user', 'user'),
          hits_addend: { format: '%RESP(x-tokens-used)%' },
          apply_on_stream_done: true,
        },
      ]),
    )
    const { envoy, instance } = started
    const left = async (): Promise<number> => {
      const looked = {
        domain: 'edge',
        descriptors: [{ entries: [{ key: 'user', value: 'ada' }], hitsAddend: 0 }],
      }
      return (await instance.headgate.post('/json', looked)).body.statuses[0].limitRemaining ?? 0
    }
    for (let call = 1; call <= 7; call++) {
      expect(await statuses(envoy, '/chat', 1)).toEqual([200])
      await expect.poll(left, { timeout: 30_000 }).toBe(Math.max(0, 10_000 - call * 1500))
    }
    expect(await statuses(envoy, '/chat', 1)).toEqual([429])
  })

  it('is asked whether requests pass where no instance answers', async () => {
    const open = (config: EnvoyConfig): void => {
      rateLimitFilter(config).failure_mode_deny = false
    }
    for (const [change, status, allowed] of [
      [undefined, 500, 0],
      [open, 200, 1],
    ] as const) {
      await using started = await start(exampleFile('headgate.yaml'), change)
      await started.instance.headgate.stop('SIGKILL')
      expect((await started.envoy.send('/')).status).toBe(status)
      expect(await started.envoy.stat(ERROR)).toBe(1)
      expect(await started.envoy.stat(ALLOWED)).toBe(allowed)
    }
  })

  it('lets the policy decide while Redis is frozen, within the 20 ms that Envoy waits where nothing is said', async () => {
    const strict = BY_USER.replace('rules', 'onStoreError: closed, rules').replace('users', 'strict')
    const other = strict.replaceAll('user]', 'account]').replaceAll('descriptor.user', 'descriptor.account')
    await using started = await start(policies(BY_USER, other), (config) => {
      delete rateLimitFilter(config).timeout
      addRoute(config, '/local', [byHeader('x-user', 'user')])
      addRoute(config, '/closed', [byHeader('x-user', 'account')])
    })
    const { envoy } = started
    redis.freeze()
    let user = 0
    // From when on the service knows of the outage is a matter of time; from then on no request is.
    await expect
      .poll(
        async () => {
          const before = await envoy.stat(ERROR)
          const answers = await statuses(envoy, '/local', 5, `user-${user++}`)
          return [(await envoy.stat(ERROR)) - before, answers]
        },
        { timeout: 50_000 },
      )
      .toEqual([0, [200, 200, 200, 200, 200]])
    // The stand-in in memory holds the limit.
    expect(await statuses(envoy, '/local', 1, `user-${user - 1}`)).toEqual([429])
    const errors = await envoy.stat(ERROR)
    expect(await statuses(envoy, '/closed', 1)).toEqual([500])
    expect(await envoy.stat(ERROR)).toBe(errors + 1)
  })
})

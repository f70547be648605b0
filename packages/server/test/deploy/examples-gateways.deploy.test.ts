/** The examples of gateways that ask about each request: by the commands of their READMEs, and as hostile clients would. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { type StockApp, stockApp } from '../envoy/stock-app.ts'
import { isInstalled } from '../gateways/gateway.ts'
import { Example, type StandIn } from './example.ts'
import { SPOOFED_FIELDS, spellingsOf, statusOf } from './hostile-clients.ts'
import { isNginxWithLua, kongStandIn } from './kong-stand-in.ts'

interface TestedGateway {
  /** Of the example. */
  readonly name: string
  readonly isThere: boolean
  /** What is answered while the service is away. */
  readonly away: number
  /**
   * How many of the spoofed headers it refuses itself.
   * @default 0
   */
  readonly refuses?: number
  readonly standIn?: StandIn
}

const HAS_ENVOY = envoyPath() !== null
const GATEWAYS: readonly TestedGateway[] = [
  { name: 'caddy-forward-auth', isThere: isInstalled('caddy'), away: 502 },
  { name: 'nginx-auth-request', isThere: isInstalled('nginx'), away: 500 },
  { name: 'envoy-ext-authz', isThere: HAS_ENVOY, away: 503, refuses: 1 },
  { name: 'kong', isThere: isNginxWithLua(), away: 503, standIn: kongStandIn() },
]
/** What the service is, of the programs. */
const SERVICE = 0

let app: StockApp

beforeAll(async () => {
  app = await stockApp()
})

beforeEach(() => {
  app.requests.length = 0
})

afterAll(() => app?.[Symbol.asyncDispose]())

for (const { name, isThere, away, refuses = 0, standIn } of GATEWAYS) {
  if (!isThere) console.warn(`SKIPPED: examples/${name}, since its gateway is not installed`)

  describe.skipIf(!isThere)(`examples/${name}`, () => {
    let example: Example
    let port: number

    beforeAll(async () => {
      example = await Example.start(name, { app: app.port, listens: [8080, 8000], standIn })
      port = example.port(8000)
    })

    afterAll(() => example?.[Symbol.asyncDispose]())

    it('answers as its README says', async () => {
      const { said, here } = await example.play()
      expect(said.length).toBeGreaterThanOrEqual(3)
      expect(here).toEqual(said)
      const denied = await fetch(`http://127.0.0.1:${port}/login`, { method: 'POST' })
      expect(denied.status).toBe(429)
      expect(Number(denied.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    })

    it('counts a client by its address, whatever it says', async () => {
      const statuses = []
      for (const fields of SPOOFED_FIELDS) statuses.push(await statusOf(port, 'POST /login', fields))
      const counted = statuses.filter((status) => status !== 400)
      expect(statuses.length - counted.length).toBe(refuses)
      expect(counted).toEqual(counted.map((_, at) => (at < 5 ? 200 : 429)))
      expect(app.requests).toHaveLength(5)
    })

    it('lets no spelling of a denied path through', async () => {
      for (const target of spellingsOf('internal')) {
        const status = await statusOf(port, `GET ${target}`)
        expect([target, status >= 400 && status < 500]).toEqual([target, true])
      }
      expect(app.requests).toEqual([])
    })

    it('lets no query speak to the service', async () => {
      for (const query of ['?deny=403', '?a&deny=403', '?a&deny=200', '?%26deny=200', '?x=/public']) {
        expect(await statusOf(port, `GET /internal${query}`)).toBeGreaterThanOrEqual(400)
      }
      expect(app.requests).toEqual([])
    })

    it('lets nothing pass while the service is away', async () => {
      expect(await statusOf(port, 'GET /')).toBe(200)
      await example.programs[SERVICE]?.kill()
      expect(await statusOf(port, 'GET /')).toBe(away)
      await example.restart(SERVICE)
      expect(await statusOf(port, 'GET /')).toBe(200)
      expect(app.requests).toHaveLength(2)
    })
  })
}

describe.skipIf(!HAS_ENVOY)(
  'examples/envoy-ext-authz, where the file lets requests pass without the service',
  () => {
    it('tells the app what is left while it is there, whatever a client says, and nothing afterwards', async () => {
      await using example = await Example.start('envoy-ext-authz', {
        app: app.port,
        listens: [8080, 8000],
        change: (text) => text.replace('failure_mode_allow: false', 'failure_mode_allow: true'),
      })
      const spoofed = ['RateLimit: "login/1m";r=99;t=1', 'RateLimit-Policy: none', 'RateLimit: twice']
      await statusOf(example.port(8000), 'POST /login', spoofed)
      await example.programs[SERVICE]?.kill()
      expect(await statusOf(example.port(8000), 'POST /login', spoofed)).toBe(200)
      expect(app.requests.map(({ headersDistinct: { ratelimit } }) => ratelimit)).toEqual([
        ['"login/1m";r=4;t=60'],
        undefined,
      ])
    })
  },
)

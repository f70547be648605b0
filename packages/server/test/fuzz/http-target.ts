/** Requests to the HTTP API, nearly right: of every route of its table, with bodies of every field. */
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { memoryStore } from 'headgate'
import { type ManualClock, manualClock } from 'headgate/testing'
import { z } from 'zod'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { parseConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import { SCHEMAS } from '../../src/transports/http/answer-schemas.ts'
import type { Answer, Route } from '../../src/transports/http/http-route.ts'
import type { JsonSchema } from '../../src/transports/http/json-schema.ts'
import { HTTP_ROUTES } from '../../src/transports/http/routes.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'
import { exchange, type Received, type Sent } from './exchange.ts'
import { garbled, type Json, mutated, oddValue } from './mutate.ts'
import type { Opened, Target } from './target.ts'

const CONFIGURATION = `version: 1
trustedProxies: [127.0.0.0/8]
attributes: { user: [header.x-user, query.user], tenant: cookie.tenant }
policies:
  - { name: dear, match: { path: /dear/** }, key: user, rules: [{ limit: 9/min }], cost: units }
  - { name: dark, match: { path: /api/** }, key: user, mode: shadow, rules: [2/min], headers: { x-dark: '1' } }
  - { name: both, match: { path: /both }, key: ip, rules: [{ name: r, limit: 9/min }], shadow: { rules: { r: { limit: 2/min } } }, response: { status: 418, body: no } }
  - { name: users, match: { path: /api/** }, key: user, rules: [{ name: s, algorithm: token-bucket, limit: 5/s, burst: 20 }, 1000/day] }
  - { name: address, match: { path: ['/login', '/*/x'] }, key: ip, rules: [{ limit: 3/m, algorithm: fixed-window, align: epoch }] }
  - { name: low, match: { path: /api/**, method: POST }, key: [user, path], choose: { group: g, priority: 1 }, rules: [50/min] }
  - { name: high, match: { path: /api/v2/**, role: admin }, key: user, choose: { group: g, priority: 2 }, rules: [90/min] }
  - { name: none, match: { domain: '*' }, key: global, rules: [{ name: zero, limit: 0/s }] }
  - { name: log, match: { tenant: [acme, 'a*'] }, key: tenant, rules: [{ algorithm: sliding-log, limit: 4/10s }], missing: skip }
  - { name: key, match: { key: '*' }, key: key, rules: [7/10s], overrides: [{ match: { key: alice }, rules: { '10s': { limit: 9/10s } } }] }
allow: { ip: [10.0.0.0/8] }
deny: { user: [mallory], path: /admin/** }
`
const WORDS = [
  'alice',
  'bob',
  'mallory',
  'admin',
  'acme',
  'abc',
  '/api/v2/x',
  '/login',
  'POST',
  '10.1.2.3',
  '2001:db8::1',
]
const NAMES = ['units', 'user', 'path', 'method', 'role', 'tenant', 'domain', 'ip', 'host', 'key']
const POLICIES = ['dear', 'dark', 'both', 'users', 'address', 'low', 'high', 'none', 'log', 'key']
/** What gateways say. */
const FIELDS = [
  'x-forwarded-for',
  'x-forwarded-uri',
  'x-original-uri',
  'x-forwarded-method',
  'x-forwarded-host',
  'x-user',
  'cookie',
  'authorization',
]
const TYPES = [
  'application/json; charset=utf-8',
  'text/plain',
  'application/x-www-form-urlencoded',
  '',
  'a/b',
]
/** Turns of the event loop after which a request that waits for the clock has time pass. */
const TURNS = 50
const TOKENS_MAX = 50

export const httpTarget: Target = {
  name: 'http',
  async open(): Promise<Opened> {
    const clock = manualClock()
    const service = createService({
      configuration: parseConfig(CONFIGURATION, 'headgate.yaml'),
      store: {
        store: memoryStore({ clock, maxKeys: 500 }),
        label: 'memory',
        resilience: {},
        ping: async () => {},
      },
    })
    const app = createHttpServer(service)
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const fuzz = new HttpFuzz(service, url, clock)
    return {
      once: (random) => fuzz.once(random),
      close: async () => {
        fuzz.close()
        await app.close()
        await service.close()
      },
    }
  },
}

class HttpFuzz {
  readonly #routes: readonly Route[]
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #clock: ManualClock
  readonly #failures: string[] = []
  /** Texts of answers that are passed on, such as receipts. */
  readonly #tokens: string[] = []
  readonly #checks = new Map<string, z.ZodType>()

  constructor(service: Service, url: string, clock: ManualClock) {
    this.#routes = HTTP_ROUTES
    this.#url = url
    this.#clock = clock
    service.on('failure', ({ failure }) => {
      if (!failure.isCallers) this.#failures.push(`${failure.error.stack}`)
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  async once(random: Random): Promise<void> {
    const isPost = random.percent(85)
    const route = random.pick(this.#routes.filter(({ method }) => (method === 'POST') === isPost))
    const request = this.#requestOf(route, random)
    const { status, headers, body } = await this.#send(request)
    const about = `${JSON.stringify(request)}\n${status} ${body.slice(0, 2000)}`
    assert.equal(this.#failures.length, 0, `${this.#failures[0]}\n${about}`)
    assert.ok(status < 500, about)
    if (request.method === 'HEAD' || status === 204) return
    const type = String(headers['content-type']).split(';')[0] as string
    const isRoute =
      request.method === route.method && new URL(`http://h${request.url}`).pathname === route.path
    const answer = isRoute ? route.responses[status] : undefined
    if (type === 'application/problem+json') this.#checkProblem(JSON.parse(body), status, about)
    else if (answer?.schema !== undefined && type === 'application/json')
      this.#checkAnswer(`${route.path} ${status}`, answer, JSON.parse(body), about)
    else assert.ok(isRoute === false || status < 300, about)
    this.#remember(body)
  }

  #requestOf(route: Route, random: Random): Sent {
    const method = random.percent(3)
      ? random.pick(['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS'])
      : route.method
    const url = random.percent(5) ? urlLike(garbled(route.path, random)) : route.path
    const query = this.#queryOf(route, random)
    const headers = {
      ...(random.percent(20) && { 'headgate-hash': '?1' }),
      ...(route.path === '/v1/authorize' && fieldsOf(random)),
    }
    if (route.body === undefined || method === 'GET' || method === 'HEAD')
      return { method, url: url + query, headers }
    const valid = this.#valueOf(route.body, '', random)
    const value = random.percent(60) ? mutated(valid, random) : valid
    const text = JSON.stringify(value)
    const type = random.percent(4) ? random.pick(TYPES) : 'application/json'
    const payload = random.percent(15) ? garbled(text, random) : text
    return {
      method,
      url: url + query,
      headers: { ...headers, 'content-type': type },
      payload,
    }
  }

  #queryOf({ query }: Route, random: Random): string {
    const names = Object.keys(query?.properties ?? {})
    if (names.length > 0 && random.percent(30)) {
      const name = random.pick(names)
      return `?${name}=${encodeURIComponent(String(this.#valueOf(query?.properties?.[name] ?? {}, name, random)))}`
    }
    return random.percent(5) ? `?${encodeURIComponent(String(oddValue(random, 0)).toWellFormed())}=1` : ''
  }

  /** A value that fits a schema; `name` says what it is for. */
  #valueOf(schema: JsonSchema, name: string, random: Random): Json {
    if (schema.const !== undefined) return schema.const
    if (schema.enum !== undefined) return random.pick(schema.enum)
    const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type
    if (schema.oneOf !== undefined && type === undefined)
      return this.#valueOf(random.pick(schema.oneOf), name, random)
    if (type === 'object') return this.#objectOf(schema, name, random)
    if (name === 'requests') return this.#requests(random)
    if (type === 'array') {
      return Array.from({ length: random.between(1, 3) }, () =>
        this.#valueOf(schema.items ?? {}, name, random),
      )
    }
    if (type === 'boolean') return random.percent(50)
    if (type === 'integer' || type === 'number')
      return random.percent(80) ? random.below(6) : random.below(2 ** 53)
    if (type === 'null') return null
    return this.#textOf(name, random)
  }

  #objectOf(
    { properties = {}, required = [], oneOf = [], additionalProperties }: JsonSchema,
    name: string,
    random: Random,
  ): Json {
    const chosen = oneOf.length > 0 ? random.pick(oneOf) : {}
    const alternatives = oneOf.flatMap((one) => (one.not === undefined ? (one.required ?? []) : []))
    const wanted = Object.keys(properties).filter((one) => {
      if (required.includes(one) || chosen.required?.includes(one)) return true
      return !alternatives.includes(one) && random.percent(35)
    })
    const entries = wanted.map((one): [string, Json] => [
      one,
      this.#valueOf(properties[one] ?? {}, one, random),
    ])
    if (typeof additionalProperties === 'object') {
      for (let i = random.between(1, 4); i > 0; i--) {
        entries.push([random.pick(NAMES), this.#valueOf(additionalProperties, name, random)])
      }
    }
    return Object.fromEntries(entries)
  }

  /** Parts of a batch: bodies of requests that are decided. */
  #requests(random: Random): Json {
    const schema = this.#routes.find(({ path }) => path === '/v1/consume')?.body ?? {}
    return Array.from({ length: random.between(1, 4) }, () => this.#valueOf(schema, '', random))
  }

  #textOf(name: string, random: Random): Json {
    if (name === 'policy') return random.pick(POLICIES)
    if (/receipt|reservation/.test(name) && this.#tokens.length > 0 && random.percent(90))
      return random.pick(this.#tokens)
    if (/limit/.test(name)) return random.pick(['5/s', '100/min', '1/day'])
    if (/duration|ttl|timeout/i.test(name)) return random.pick(['1s', '10m', '50ms'])
    return random.pick(WORDS)
  }

  /** Time passes where a request waits for it. */
  async #send(request: Sent): Promise<Received> {
    let settled = false
    const answer = exchange(this.#url, request, this.#agent).finally(() => (settled = true))
    for (let turns = 0; !settled; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (turns > TURNS) this.#clock.advance('1s')
    }
    this.#clock.advance('100ms')
    return answer
  }

  #checkProblem(problem: Record<string, unknown>, status: number, about: string): void {
    assert.equal(problem['status'], status, about)
    // Denials of a gateway are told apart by their type.
    const fields = ['type', 'title', 'detail', ...(problem['type'] === 'about:blank' ? ['code'] : [])]
    for (const field of fields) {
      assert.ok(typeof problem[field] === 'string' && problem[field] !== '', `${field} of ${about}`)
    }
    assert.ok(typeof (problem['path'] ?? '') === 'string', about)
    assert.doesNotMatch(String(problem['detail']), /\[object/, about)
  }

  #checkAnswer(name: string, { schema }: Answer, body: unknown, about: string): void {
    let check = this.#checks.get(name)
    if (check === undefined) {
      const resolve = (_: string, value: { $ref?: string } | null): unknown =>
        typeof value?.$ref === 'string' ? SCHEMAS[value.$ref.split('/').at(-1) as 'Decision'] : value
      check = z.fromJSONSchema(JSON.parse(JSON.stringify(schema, resolve)))
      this.#checks.set(name, check)
    }
    const { error } = check.safeParse(body)
    assert.equal(error?.message, undefined, about)
  }

  #remember(body: string): void {
    for (const [, token = ''] of body.matchAll(/"(?:receipt|reservation)":"([^"]+)"/g))
      this.#tokens.push(token)
    if (this.#tokens.length > TOKENS_MAX) this.#tokens.splice(0, this.#tokens.length - TOKENS_MAX)
  }
}

function fieldsOf(random: Random): Record<string, string> {
  const usual: Record<string, string> = {
    'x-forwarded-for': '192.0.2.1, 10.0.0.1',
    'x-forwarded-uri': `${random.pick(['/api/v2/x', '/dear/y', '/both', '/login'])}?user=bob`,
    'x-forwarded-method': random.pick(['GET', 'POST', 'post']),
    'x-user': random.pick(WORDS),
  }
  if (random.percent(60))
    usual[random.pick(FIELDS)] = fieldLike(garbled(random.pick(Object.values(usual)), random))
  if (random.percent(10)) delete usual[random.pick(FIELDS)]
  return usual
}

/** Bytes that a header field may have. */
function fieldLike(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 4000)
}

function urlLike(text: string): string {
  const path = text
    .toWellFormed()
    .replaceAll(/[^\x21-\x7e]/gu, (unit) => encodeURIComponent(unit))
    .replaceAll(/[?#]/g, '')
  return `/${path.replace(/^\/+/, '')}`
}

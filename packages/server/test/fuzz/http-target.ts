/** Requests to the HTTP API, nearly right: of every route of its table, with bodies of every field. */
import assert from 'node:assert/strict'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { memoryStore } from 'headgate'
import { type ManualClock, manualClock } from 'headgate/testing'
import { z } from 'zod'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { parseConfig } from '../../src/config/config.ts'
import { createService, type Service } from '../../src/service/service.ts'
import { SCHEMAS } from '../../src/transports/http/answer-schemas.ts'
import type { Answer, Route } from '../../src/transports/http/http-route.ts'
import type { JsonSchema } from '../../src/transports/http/json-schema.ts'
import { routesOf } from '../../src/transports/http/routes.ts'
import { createHttpServer } from '../../src/transports/http/server.ts'
import { garbled, type Json, mutated, oddValue } from './mutate.ts'
import type { Opened, Target } from './target.ts'

const CONFIGURATION = `version: 1
policies:
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
const NAMES = ['user', 'path', 'method', 'role', 'tenant', 'domain', 'ip', 'host', 'key']
const POLICIES = ['users', 'address', 'low', 'high', 'none', 'log', 'key']
const TYPES = [
  'application/json; charset=utf-8',
  'text/plain',
  'application/x-www-form-urlencoded',
  '',
  'a/b',
]
/** Turns of the event loop after which a request that waits for the clock has time pass. */
const TURNS = 20
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
    await app.ready()
    const fuzz = new HttpFuzz(service, app, clock)
    return {
      once: (random) => fuzz.once(random),
      close: async () => {
        await app.close()
        await service.close()
      },
    }
  },
}

class HttpFuzz {
  readonly #routes: readonly Route[]
  readonly #app: FastifyInstance
  readonly #clock: ManualClock
  readonly #failures: string[] = []
  /** Texts of answers that are passed on, such as receipts. */
  readonly #tokens: string[] = []
  readonly #checks = new Map<string, z.ZodType>()

  constructor(service: Service, app: FastifyInstance, clock: ManualClock) {
    this.#routes = routesOf(service)
    this.#app = app
    this.#clock = clock
    service.on('failure', ({ failure }) => {
      if (!failure.isCallers) this.#failures.push(`${failure.error.stack}`)
    })
  }

  async once(random: Random): Promise<void> {
    const isPost = random.percent(85)
    const route = random.pick(this.#routes.filter(({ method }) => (method === 'POST') === isPost))
    const request = this.#requestOf(route, random)
    const { statusCode: status, headers, body } = await this.#inject(request)
    const about = `${JSON.stringify(request)}\n${status} ${body.slice(0, 2000)}`
    assert.equal(this.#failures.length, 0, `${this.#failures[0]}\n${about}`)
    assert.ok(status < 500, about)
    if (request.method === 'HEAD' || status === 204) return
    const type = String(headers['content-type']).split(';')[0] as string
    const isRoute =
      request.method === route.method && new URL(`http://h${request.url}`).pathname === route.path
    const answer = isRoute ? route.responses[status] : undefined
    if (type === 'application/problem+json') this.#checkProblem(JSON.parse(body), status, about)
    else if (answer?.schema !== undefined)
      this.#checkAnswer(`${route.path} ${status}`, answer, JSON.parse(body), about)
    else assert.ok(isRoute === false || status < 300, about)
    this.#remember(body)
  }

  #requestOf(route: Route, random: Random): InjectOptions & { url: string; method: string } {
    const method = random.percent(3)
      ? random.pick(['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS'])
      : route.method
    const url = random.percent(5) ? urlLike(garbled(route.path, random)) : route.path
    const query = this.#queryOf(route, random)
    const headers = random.percent(20) ? { 'headgate-hash': '?1' } : {}
    if (route.body === undefined || method === 'GET' || method === 'HEAD')
      return { method: method as 'GET', url: url + query, headers }
    const valid = this.#valueOf(route.body, '', random)
    const value = random.percent(60) ? mutated(valid, random) : valid
    const text = JSON.stringify(value)
    const type = random.percent(4) ? random.pick(TYPES) : 'application/json'
    const payload = random.percent(15) ? garbled(text, random) : text
    return {
      method: method as 'POST',
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
    const alternatives = oneOf.flatMap((one) => one.required ?? [])
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

  #textOf(name: string, random: Random): Json {
    if (name === 'policy') return random.pick(POLICIES)
    if (/receipt|reservation/.test(name) && this.#tokens.length > 0 && random.percent(90))
      return random.pick(this.#tokens)
    if (/limit/.test(name)) return random.pick(['5/s', '100/min', '1/day'])
    if (/duration|ttl|timeout/i.test(name)) return random.pick(['1s', '10m', '50ms'])
    return random.pick(WORDS)
  }

  /** Time passes where a request waits for it. */
  async #inject(request: InjectOptions): Promise<Awaited<ReturnType<FastifyInstance['inject']>>> {
    let settled = false
    const answer = this.#app.inject(request).finally(() => (settled = true))
    for (let turns = 0; !settled; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (turns > TURNS) this.#clock.advance('1s')
    }
    this.#clock.advance('100ms')
    return answer
  }

  #checkProblem(problem: Record<string, unknown>, status: number, about: string): void {
    assert.equal(problem['status'], status, about)
    for (const field of ['type', 'title', 'detail', 'code']) {
      assert.ok(typeof problem[field] === 'string' && problem[field] !== '', `${field} of ${about}`)
    }
    assert.ok(typeof (problem['path'] ?? '') === 'string', about)
    assert.doesNotMatch(String(problem['detail']), /undefined|\[object/, about)
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

function urlLike(text: string): string {
  const path = text
    .toWellFormed()
    .replaceAll(/[^\x21-\x7e]/gu, (unit) => encodeURIComponent(unit))
    .replaceAll(/[?#]/g, '')
  return `/${path.replace(/^\/+/, '')}`
}

/** Sends hostile connections through a real proxy, and holds what it judged against what arrived. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Random } from '../../../limiter/test/parity/random.ts'
import type { DecisionMade } from '../../src/service/events.ts'
import { newApiKey } from '../../src/service/identity/api-key-text.ts'
import type { RequestProxied } from '../../src/service/proxy-events.ts'
import { type HostileCase, hostileCase } from './hostile-requests.ts'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'
import { type Arrived, RecordingUpstream } from './recording-upstream.ts'
import { readRequests, type StrictRequest, valuesOf } from './strict-requests.ts'

/** What became of all cases so far. */
export interface DifferentialCounts {
  cases: number
  judged: number
  arrived: number
  refused: number
  tunnels: number
}

const KEY = newApiKey('hostile')
const CONFIGURATIONS = [
  ['hosts: [shop.example, api.example]', ''],
  ['paths: { ignoreCase: true }', 'trustedProxies: [127.0.0.0/8]'],
  ['paths: { encoded: pass }', ''],
] as const
/** Gates: what ends so has not been forwarded. */
const FORWARDED: ReadonlySet<string> = new Set([
  'ok',
  'client-gone',
  'upstream-failed',
  'upstream-timeout',
  'upstream-unreachable',
])
/** Fields that are never the client's own, and those of its connection. */
const NEVER =
  /^(?:te|trailer|expect|keep-alive|proxy-(?:authenticate|authorization|connection)|proxy|http2-settings|forwarded|x-real-ip|x-original-.*|x-rewrite-.*|x-http-method.*|x-auth-(?:user|scopes)|x-forwarded-(?:user|prefix)|x-host|.*_.*)$/
const OURS = ['host', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-request-id']
/** Turns of the event loop in which nothing happens, after which nothing will. */
const QUIET_TURNS = 12
/** By then each request has ended whose client has left. */
const END_MS = 2000

/** Proxies of several configurations, and the application that all of them have. */
export class Differential {
  readonly counts: DifferentialCounts = { cases: 0, judged: 0, arrived: 0, refused: 0, tunnels: 0 }
  readonly #upstream: RecordingUpstream
  readonly #proxies: ProxyUnderTest[] = []
  readonly #decisions: DecisionMade[] = []
  readonly #failures: unknown[] = []

  private constructor(upstream: RecordingUpstream) {
    this.#upstream = upstream
  }

  static async open(): Promise<Differential> {
    const differential = new Differential(await RecordingUpstream.open())
    for (const [settings, more] of CONFIGURATIONS) await differential.#start(settings, more)
    return differential
  }

  async close(): Promise<void> {
    for (const proxy of this.#proxies) await proxy[Symbol.asyncDispose]()
    await this.#upstream.close()
  }

  /** Makes one connection of a seed, and throws where what arrived is not what was judged. */
  async once(random: Random): Promise<void> {
    const proxy = random.pick(this.#proxies)
    const hostile = hostileCase(random, `X-Api-Key: ${KEY}`)
    this.#upstream.clear()
    this.#decisions.length = 0
    proxy.ended.length = 0
    await this.#send(proxy, hostile)
    try {
      this.#check(proxy, hostile)
    } catch (reason) {
      const about = {
        configuration: CONFIGURATIONS[this.#proxies.indexOf(proxy)],
        pieces: hostile.pieces,
        decided: this.#decisions.map(({ request }) => request?.who),
        ended: proxy.ended,
        arrived: this.#upstream.arrived,
      }
      throw new Error(`${(reason as Error).message}\n${JSON.stringify(about, null, 1)}`, { cause: reason })
    }
  }

  async #start(settings: string, more: string): Promise<void> {
    const proxy = await startProxy(`${more}
policies: [{ name: all, key: ip, rules: [{ limit: 1000000000/s }] }]
proxy:
  upstream: ${this.#upstream.url}
  webSocket: true
  ${settings}
  apiKeys: { keys: [{ id: hostile, hash: "sha256:${hash('sha256', KEY)}" }] }
  routes: [{ path: /admin, require: apiKey }]`)
    proxy.service.on('decision', (event) => this.#decisions.push(event))
    proxy.service.on('failure', (event) => this.#failures.push(event.failure.error))
    this.#proxies.push(proxy)
  }

  async #send({ port, ended }: ProxyUnderTest, { pieces, resets }: HostileCase): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const closed = once(socket, 'close').catch(() => {})
    socket.on('error', () => {})
    let isClosed = false
    let moved = 0
    socket.on('data', () => moved++).once('close', () => (isClosed = true))
    await once(socket, 'connect')
    for (const piece of pieces) {
      socket.write(piece, 'latin1')
      await turns(2)
    }
    if (resets) await turns(1)
    // Quiet: neither side has anything to do any more, as far as events tell.
    for (let quiet = 0, before = -1; quiet < QUIET_TURNS && !isClosed && !resets; quiet++) {
      const now = moved + this.#decisions.length + ended.length + this.#upstream.arrived.length
      if (now !== before) quiet = 0
      before = now
      await turns(1)
    }
    if (resets) socket.resetAndDestroy()
    else socket.end()
    setTimeout(() => socket.destroy(), 200).unref()
    await closed
    const isOver = () => this.#decisions.length <= ended.filter(({ path }) => path !== '').length
    for (const until = Date.now() + END_MS; !isOver(); await turns(1)) {
      if (Date.now() > until) break
    }
    // What was on its way to the application when the client left.
    if (resets) await turns(2 * QUIET_TURNS)
  }

  #check(proxy: ProxyUnderTest, { pieces }: HostileCase): void {
    const { arrived, faults, tunnelled } = this.#upstream
    const { counts } = this
    const sent = readRequests(pieces.join('')).requests
    assert.deepEqual(faults, [], 'the application could not read what arrived')
    assert.deepEqual(this.#failures, [], 'the proxy failed')
    assert.equal(
      proxy.ended.filter(({ path }) => path !== '').length,
      this.#decisions.length,
      'judged, and never ended',
    )
    const judged = proxy.ended.filter(({ outcome }) => FORWARDED.has(outcome))
    const byId = new Map(judged.map((event) => [event.requestId, event]))
    assert.equal(byId.size, judged.length, 'two requests have one id')
    for (const request of arrived) {
      const [id = ''] = valuesOf(request, 'x-request-id')
      const event = byId.get(id)
      assert.ok(event !== undefined, `${request.method} ${request.target} arrived, and nothing judged it`)
      byId.delete(id)
      this.#compare(request, event)
      checkFields(request, event)
      checkBody(request, sent)
    }
    const missing = [...byId.values()].filter(({ outcome }) => outcome === 'ok')
    assert.deepEqual(missing, [], 'were told to be forwarded, and did not arrive')
    if (proxy !== this.#proxies[2])
      for (const request of arrived) checkAccess(request, proxy === this.#proxies[1])
    if (arrived.every(({ isTunnel }) => !isTunnel)) assert.equal(tunnelled, '')
    counts.cases++
    counts.judged += this.#decisions.length
    counts.arrived += arrived.length
    counts.refused += proxy.ended.length - judged.length
    counts.tunnels += arrived.filter(({ isTunnel }) => isTunnel).length
  }

  /** What was judged is what arrived. */
  #compare({ method, target, fields }: Arrived, event: RequestProxied): void {
    const [path = ''] = target.split('?')
    const [host = ''] = fields.filter((_, i) => fields[i - 1] === 'host')
    const arrived = { method, path, host: host.replace(/:\d+$/, ''), ip: event.ip }
    assert.deepEqual({ method: event.method, path: event.path, host: event.host, ip: event.ip }, arrived)
    const at = this.#decisions.findIndex(({ request }) => {
      const who = (request?.who ?? {}) as Readonly<Record<string, unknown>>
      const isPath = who['path'] === path || who['path'] === path.toLowerCase()
      return who['method'] === method && isPath && who['host'] === arrived.host && who['ip'] === event.ip
    })
    assert.ok(at >= 0, `no policy judged ${method} ${host} ${path}`)
    this.#decisions.splice(at, 1)
    this.counts.judged++
  }
}

function checkFields(request: Arrived, event: RequestProxied): void {
  const { fields } = request
  for (let i = 0; i < fields.length; i += 2) assert.doesNotMatch(fields[i] as string, NEVER)
  for (const name of OURS) assert.equal(valuesOf(request, name).length, 1, `${name} once`)
  assert.deepEqual(valuesOf(request, 'x-forwarded-for'), [event.ip])
  const principal = event.principal === null ? [] : [event.principal]
  assert.deepEqual(valuesOf(request, 'x-auth-principal'), principal)
  const connection = valuesOf(request, 'connection').join()
  assert.match(connection, /^(?:keep-alive|close|upgrade)$/i)
  assert.deepEqual(valuesOf(request, 'upgrade'), /upgrade/i.test(connection) ? ['websocket'] : [])
  if (principal.length > 0) assert.deepEqual(valuesOf(request, 'x-api-key'), [], 'the credential went on')
}

/** A request of the same name was sent, to this host, with this method and this body to the letter. */
function checkBody(request: Arrived, sent: readonly StrictRequest[]): void {
  const [tag] = valuesOf(request, 'x-tag')
  const like = sent.filter(
    (one) => one.method === request.method && one.body === request.body && hostOf(one) === hostOf(request),
  )
  const isTagged = tag !== undefined && like.some((one) => valuesOf(one, 'x-tag').includes(tag))
  assert.ok(
    tag === undefined ? like.length > 0 : isTagged,
    'another body arrived, or a request that was not sent',
  )
}

/** In lower case, without the dot at its end. */
function hostOf(request: StrictRequest): string {
  const [host = ''] = valuesOf(request, 'host')
  return host.toLowerCase().replace(/\.(?=:|$)/, '')
}

/** Who reads paths as loosely as servers do finds nothing that has to be protected, and is not. */
function checkAccess(request: Arrived, ignoresCase: boolean): void {
  const [path = ''] = request.target.split('?')
  let loose = path
  for (let before = ''; before !== loose; ) {
    before = loose
    loose = loose.replaceAll(/%[\dA-Fa-f]{2}/g, (hex) =>
      String.fromCharCode(Number.parseInt(hex.slice(1), 16)),
    )
  }
  const kept: string[] = []
  for (const segment of loose.replaceAll('\\', '/').split('/')) {
    const [plain = ''] = segment.split(/[;?#\0]/)
    if (plain === '..') kept.pop()
    else if (plain !== '' && plain !== '.') kept.push(plain)
  }
  const first = ignoresCase ? kept[0]?.toLowerCase() : kept[0]
  if (first === 'admin')
    assert.equal(valuesOf(request, 'x-auth-principal').length, 1, 'nobody was asked who it is')
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

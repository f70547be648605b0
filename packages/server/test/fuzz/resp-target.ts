/** Bytes for the Redis protocol, nearly right: pipelines of all commands, changed, and cut into pieces anywhere. */
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { memoryStore } from 'headgate'
import { type ManualClock, manualClock } from 'headgate/testing'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { parseConfig } from '../../src/config/config.ts'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import type { RespCommand } from '../../src/transports/resp/command.ts'
import { COMMAND_TABLE } from '../../src/transports/resp/command-table.ts'
import { ProtocolError, RequestParser } from '../../src/transports/resp/request-parser.ts'
import { Connection } from '../../src/transports/resp/resp-connection.ts'
import { Session } from '../../src/transports/resp/resp-session.ts'
import { readReply } from '../resp/read-reply.ts'
import { garbledBytes } from './garbled-bytes.ts'
import { piecesOf } from './pieces-of.ts'
import type { Opened, Target } from './target.ts'

const TOKEN = newToken()
const POLICIES = `
policies:
  - { name: users, key: user, rules: [{ name: s, algorithm: token-bucket, limit: 5/s, burst: 20 }, 1000/day] }
  - { name: address, match: { path: /login }, key: ip, rules: [{ limit: 3/m, algorithm: fixed-window, align: epoch }] }
  - { name: none, match: { domain: '*' }, key: global, rules: [{ name: zero, limit: 0/s }] }
deny: { user: [mallory] }
`
const TOKENS = `tokens: [{ name: all, hash: "${tokenHash(TOKEN)}", scopes: [consume, adjust, read, admin] }]`
const WORDS = [
  'users',
  'address',
  'none',
  '*',
  'user=alice',
  'user=mallory',
  'user=',
  'ip=10.1.2.3',
  'ip=x',
  'path=/login',
  'domain=d',
  '=x',
  'COST',
  'cost',
  'LIMIT',
  'DEADLINE',
  'TTL',
  '0',
  '1',
  '-1',
  '9007199254740991',
  '9223372036854775807',
  '5/s',
  '10m',
  '1s',
  'é😀',
  '',
  '\0',
  '2',
  '3',
  'AUTH',
  'SETNAME',
  'default',
  TOKEN,
  'DOCS',
  'INFO',
] as const
const KEPT_MAX = 50
/** Turns of the event loop within which a store in memory has answered. */
const TURNS_MAX = 500

export const respTarget: Target = {
  name: 'resp',
  async open(): Promise<Opened> {
    const clock = manualClock()
    const services = [POLICIES, TOKENS + POLICIES].map((text) => serviceOf(text, clock))
    const failures: string[] = []
    for (const service of services) {
      service.on('failure', ({ failure }) => {
        if (!failure.isCallers) failures.push(`${failure.error.stack}`)
      })
    }
    const fuzz = new RespFuzz(services, failures)
    return {
      once: async (random) => {
        await fuzz.once(random)
        clock.advance('100ms')
      },
      close: async () => {
        for (const service of services) await service.close()
      },
    }
  },
}

function serviceOf(text: string, clock: ManualClock): Service {
  return createService({
    configuration: parseConfig(text, 'headgate.yaml'),
    store: {
      store: memoryStore({ clock, maxKeys: 500 }),
      label: 'memory',
      resilience: {},
      ping: async () => {},
    },
  })
}

class RespFuzz {
  readonly #services: readonly Service[]
  readonly #failures: readonly string[]
  /** Texts of replies that are passed on: receipts and reservations. */
  readonly #kept: string[] = []

  constructor(services: readonly Service[], failures: readonly string[]) {
    this.#services = services
    this.#failures = failures
  }

  async once(random: Random): Promise<void> {
    const pipeline = Buffer.concat(Array.from({ length: random.between(1, 6) }, () => this.#command(random)))
    const bytes = random.percent(50) ? garbledBytes(pipeline, random) : pipeline
    const pieces = piecesOf(bytes, random)
    const about = JSON.stringify(pieces.map((piece) => piece.toString('latin1')))
    const expected = read([bytes])
    assert.deepEqual(read(pieces), expected, about)
    const client = new Client(random.pick(this.#services))
    const replies = await client.send(pieces, expected.count)
    assert.equal(this.#failures.length, 0, `${this.#failures[0]}\n${about}`)
    assert.equal(replies.length, expected.count, `${replies.length} replies for ${about}`)
    assert.equal(client.hasEnded, expected.ends, about)
    this.#keep(replies)
  }

  #command(random: Random): Buffer {
    const command = random.pick([...COMMAND_TABLE.values()])
    const args = this.#argumentsOf(command, random)
    if (random.percent(10)) return Buffer.from(`${[command.name, ...args].join(' ')}\r\n`)
    const words = [random.percent(20) ? command.name.toLowerCase() : command.name, ...args]
    const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
    return Buffer.from(`*${words.length}\r\n${bulks.join('')}`)
  }

  #argumentsOf({ name, arguments: [least, most] }: RespCommand, random: Random): string[] {
    const count = random.percent(90) ? random.between(least, Math.min(most, least + 4)) : random.below(8)
    const isAsked = name.startsWith('HG.') && !/SETTLE|CANCEL|EXTEND|REFUND|BLOCK/.test(name)
    if (isAsked && random.percent(60)) {
      const options = random.percent(40) ? ['COST', random.pick(['0', '1', '5', 'x'])] : []
      return [random.pick(['users', 'address', '*', 'nope']), 'user=alice', 'ip=10.1.2.3', ...options]
    }
    if (name === 'CL.THROTTLE' && random.percent(60))
      return ['k', ...Array.from({ length: random.between(3, 4) }, () => String(random.below(2 ** 33)))]
    return Array.from({ length: count }, () => {
      if (this.#kept.length > 0 && random.percent(30)) return random.pick(this.#kept)
      return random.pick(WORDS)
    })
  }

  #keep(replies: readonly unknown[]): void {
    for (const reply of replies.flat(2)) {
      if (typeof reply === 'string' && /^v\d\./.test(reply)) this.#kept.push(reply)
    }
    if (this.#kept.length > KEPT_MAX) this.#kept.splice(0, this.#kept.length - KEPT_MAX)
  }
}

function knows(word: string): boolean {
  return COMMAND_TABLE.has(word.toUpperCase())
}

/** What the reader makes of pieces: how many replies are due, and whether the connection ends with them. */
function read(pieces: readonly Buffer[]): { readonly count: number; readonly ends: boolean } {
  const parser = new RequestParser()
  let count = 0
  try {
    for (const piece of pieces) {
      parser.push(piece)
      for (let next = parser.next(); next !== null; next = parser.next()) {
        if (next.length > 0) count += 1
        if (next[0]?.toUpperCase() === 'QUIT' && next.length === 1) return { count, ends: true }
        // A line that is no command may be one of HTTP.
        if (parser.isInline && next[0] !== undefined && !knows(next[0])) return { count, ends: true }
      }
    }
    return { count, ends: false }
  } catch (reason) {
    assert.ok(reason instanceof ProtocolError, String(reason))
    return { count: count + 1, ends: true }
  }
}

/** A connection without a socket, whose client takes all at once. */
class Client extends EventEmitter {
  readonly writableLength = 0
  destroyed = false
  hasEnded = false
  #text = ''

  constructor(service: Service) {
    super()
    new Connection(this as unknown as Socket, new Session(service, COMMAND_TABLE))
  }

  setNoDelay(): void {}
  setKeepAlive(): void {}
  pause(): void {}
  resume(): void {}
  destroy(): void {
    this.destroyed = true
  }
  end(): void {
    this.hasEnded = true
  }
  write(text: string): boolean {
    assert.ok(!this.hasEnded, 'a reply after the end')
    this.#text += text
    return true
  }

  async send(pieces: readonly Buffer[], count: number): Promise<unknown[]> {
    for (const piece of pieces) this.emit('data', piece)
    let replies = this.#replies()
    for (let turns = 0; replies.length < count && turns < TURNS_MAX; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      replies = this.#replies()
    }
    this.emit('close')
    return replies
  }

  /** All replies so far; throws where the bytes are none. */
  #replies(): unknown[] {
    const bytes = Buffer.from(this.#text)
    const replies: unknown[] = []
    for (let at = 0; at < bytes.length; ) {
      const read = readReply(bytes, at)
      assert.ok(read !== null, `half a reply: ${this.#text}`)
      replies.push(read.value)
      at = read.end
    }
    return replies
  }
}

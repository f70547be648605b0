/** HPACK against nghttp2, which is the client `node:http2`: fields of any kind in both directions. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, connect, sensitiveHeaders } from 'node:http2'
import { afterEach, describe, expect, it } from 'vitest'
import { type Random, randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import { STATIC_NAMES } from '../../src/http2/hpack/static-table.ts'
import { servePeer } from './hpack-peer.ts'

type Fields = readonly HeaderField[]

const AT_ONCE = 50
const STATUSES = ['200', '204', '206', '304', '400', '404', '418', '429', '500', '503']
const REPEATED = ['content-type', 'grpc-status', 'grpc-encoding', 'grpc-accept-encoding']
const SPECIAL = ['content-length', 'content-type', 'cookie', 'host', 'set-cookie', 'transfer-encoding']
/** Names that a message without a body may have once: of the static table, and others. */
const NAMES = [
  ...[...STATIC_NAMES.keys()].filter((name) => !name.startsWith(':') && !SPECIAL.includes(name)),
  ...Array.from({ length: 12 }, (_, i) => `x-${i}`),
  'grpc-timeout',
  'grpc-message',
]

const opened: { close(): void }[] = []

afterEach(() => {
  for (const what of opened.splice(0).reverse()) what.close()
})

describe('HPACK with nghttp2', () => {
  it('means the same to both: 2,000 requests, while the client changes the size of its table', async () => {
    const random = randomOf(seedOfRun('HPACK with nghttp2', 1))
    const { client, exchange } = await meet(random, 4096)
    for (const headerTableSize of [4096, 65_536, 100, 0, 4096, 1000, 4096, 60]) {
      await changed(client, headerTableSize)
      await exchange(250)
    }
  })

  it('means the same where our table is small: 1,000 requests', async () => {
    const random = randomOf(seedOfRun('HPACK with nghttp2, small', 2))
    const { exchange } = await meet(random, 300)
    await exchange(1000)
  })
})

interface Meeting {
  readonly client: ClientHttp2Session
  /** Sends so many requests, and looks at what arrived of them and of their answers. */
  exchange(requests: number): Promise<void>
}

async function meet(random: Random, tableBytesMax: number): Promise<Meeting> {
  const answers = new Map<string, Fields>()
  const arrived = new Map<string, Fields>()
  const answer = (fields: Fields): Fields => {
    const path = fields.find(({ name }) => name === ':path')?.value ?? ''
    arrived.set(path, fields)
    return answers.get(path) ?? []
  }
  const peer = await servePeer({ tableBytesMax, answer })
  opened.push(peer.server)
  const client = connect(`http://127.0.0.1:${peer.port}`)
  opened.push({ close: () => client.destroy() })
  await once(client, 'remoteSettings')

  const exchangeOne = async (path: string): Promise<void> => {
    const sent = requestOf(random, path)
    const answered = answerOf(random)
    answers.set(path, answered)
    const response = await responseOf(client, sent)
    // Of node:assert, which compares much faster.
    assert.deepEqual(arrived.get(path), sent)
    assert.deepEqual(response, answered)
  }
  let requests = 0
  return {
    client,
    async exchange(count) {
      for (const end = requests + count; requests < end; ) {
        const paths = Array.from({ length: Math.min(AT_ONCE, end - requests) }, () => `/${requests++}`)
        await Promise.all(paths.map(exchangeOne)).finally(() => expect(peer.errors).toEqual([]))
      }
    },
  }
}

/** The pseudo-fields in the order in which the client sends them. */
function requestOf(random: Random, path: string): Fields {
  return [
    { name: ':method', value: 'GET' },
    { name: ':scheme', value: 'http' },
    { name: ':authority', value: 'localhost' },
    { name: ':path', value: path },
    ...fieldsOf(random, NAMES),
  ]
}

function answerOf(random: Random): Fields {
  return [
    { name: ':status', value: random.pick(STATUSES) },
    ...REPEATED.filter(() => random.percent(50)).map((name) => ({
      name,
      value: `${name}/${random.below(20)}`,
    })),
    ...fieldsOf(random, NAMES),
  ]
}

/** Fields whose values come again and ones whose values do not, some of them secrets. */
function fieldsOf(random: Random, names: readonly string[]): Fields {
  return names
    .filter(() => random.percent(10))
    .map((name) => {
      const value = random.percent(50) ? `value ${random.below(5)}` : anyValue(random)
      // Which nghttp2 takes for a secret, whatever it is told.
      return name === 'authorization' || random.percent(10)
        ? { name, value, isNeverIndexed: true }
        : { name, value }
    })
}

/** Of the octets that a value may have (RFC 9110, section 5.5), without spaces at its ends. */
function anyValue(random: Random): string {
  const length = random.percent(95) ? random.between(1, 30) : random.between(1, 400)
  const octets = Array.from({ length }, () =>
    random.pick([random.between(0x21, 0x7e), random.between(0x80, 0xff)]),
  )
  return String.fromCharCode(...octets)
}

function changed(client: ClientHttp2Session, headerTableSize: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client.settings({ headerTableSize }, (error) => (error ? reject(error) : resolve()))
  })
}

/** What the client makes of an answer. */
async function responseOf(client: ClientHttp2Session, fields: Fields): Promise<Fields> {
  const headers = Object.fromEntries(fields.map(({ name, value }) => [name, value]))
  const secrets = fields.filter(({ isNeverIndexed }) => isNeverIndexed).map(({ name }) => name)
  const stream = client.request({ ...headers, [sensitiveHeaders]: secrets }, { endStream: true })
  const closed = once(stream, 'close').then(() => {
    throw new Error('no answer')
  })
  const [response] = await Promise.race([once(stream, 'response'), closed])
  stream.resume()
  const secretNames: readonly string[] = response[sensitiveHeaders]
  return Object.entries(response).map(([name, value]) => {
    const field = { name, value: String(value) }
    return secretNames.includes(name) ? { ...field, isNeverIndexed: true } : field
  })
}

/** What takes many octets to show: that all of them arrive, and nothing is kept of them. */
import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { inFront } from './in-front.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
const PIECE = 64 * 1024
const WITHIN = { timeout: 20_000, interval: 20 }

describe('a gigabyte', () => {
  const folder = new ConfigFolder('')
  let application: Server
  let headgate: HeadgateProcess

  beforeAll(async () => {
    application = createServer((incoming, response) => void exchange(incoming, response))
    application.listen(0, '127.0.0.1')
    await once(application, 'listening')
    const upstream = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
    folder.rename(`policies: []\nproxy: { upstream: "${upstream}", maxBody: 2GiB }`)
    headgate = await HeadgateProcess.proxy(['--config', folder.file])
    // The first megabytes make a process larger once.
    await upload(64 * MIB, 'sized')
    await download(64 * MIB)
  })

  afterAll(async () => {
    await headgate[Symbol.asyncDispose]()
    application.closeAllConnections()
    application.close()
    folder[Symbol.dispose]()
  })

  it.each([
    ['sized', GIB],
    ['chunked', GIB / 4],
  ] as const)('goes up, %s, whole and with flat memory', async (kind, bytes) => {
    const growth = await growthDuring(() => upload(bytes, kind))
    expect(growth).toBeLessThan(60 * MIB)
  })

  it('comes down whole and with flat memory', async () => {
    const growth = await growthDuring(() => download(GIB))
    expect(growth).toBeLessThan(60 * MIB)
  })

  async function upload(bytes: number, kind: 'sized' | 'chunked'): Promise<void> {
    const sent = createHash('sha256')
    const headers = kind === 'sized' ? { 'content-length': bytes } : {}
    const outgoing = request(headgate.url, { method: 'POST', headers })
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
    await pipeline(pieces(bytes, sent), outgoing)
    const [response] = await answered
    const text = Buffer.concat(await response.toArray()).toString()
    expect([response.statusCode, text]).toEqual([200, sent.digest('hex')])
  }

  async function download(bytes: number): Promise<void> {
    const received = createHash('sha256')
    const [response] = (await once(get(`${headgate.url}/${bytes}`), 'response')) as [IncomingMessage]
    let length = 0
    for await (const piece of response) {
      length += piece.length
      received.update(piece)
    }
    expect(length).toBe(bytes)
    expect(received.digest('hex')).toBe(digests.shift())
  }

  /** By how much the process is larger at most than it was before, in octets. */
  async function growthDuring(what: () => Promise<void>): Promise<number> {
    const before = residentBytes(headgate)
    let most = before
    const timer = setInterval(() => (most = Math.max(most, residentBytes(headgate))), 50)
    await what()
    clearInterval(timer)
    return most - before
  }
})

describe('who does not read', () => {
  const OPEN = `policies: []\nproxy: { maxBody: 1GiB, accessLog: false }`

  it('has the application wait, where it is the client', async () => {
    const source = endless(128 * MIB)
    await using proxy = await inFront(OPEN, (_, response) => {
      response.writeHead(200, { 'content-length': source.total })
      void pipeline(source.stream, response)
    })
    const [response] = (await once(get(proxy.url), 'response')) as [IncomingMessage]
    // Buffers of the system take some on both connections.
    expect(await whenStill(source)).toBeLessThan(source.total / 2)
    expect(await lengthOf(response)).toBe(source.total)
  })

  it.each(['sized', 'chunked'])(
    'has a client wait that sends a %s body, where it is the application',
    async (kind) => {
      let incoming: IncomingMessage | undefined
      const source = endless(128 * MIB)
      await using proxy = await inFront(OPEN, (one, response) => {
        incoming = one.once('end', () => response.end())
      })
      const headers = kind === 'sized' ? { 'content-length': source.total } : {}
      const upload = request(proxy.url, { method: 'POST', headers })
      const answered = once(upload, 'response') as Promise<[IncomingMessage]>
      const sending = pipeline(source.stream, upload)
      expect(await whenStill(source)).toBeLessThan(source.total / 2)
      expect(await lengthOf(incoming as IncomingMessage)).toBe(source.total)
      await sending
      const [response] = await answered
      expect(await lengthOf(response)).toBe(0)
    },
  )
})

/** Digests of what was sent to be downloaded, in its order. */
const digests: string[] = []

/** Answers a POST with the digest of its body, and a GET with as many octets as its path names. */
async function exchange(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash('sha256')
  if (incoming.method === 'POST') {
    for await (const piece of incoming) hash.update(piece)
    response.end(hash.digest('hex'))
    return
  }
  const bytes = Number(incoming.url?.slice(1))
  await pipeline(
    pieces(bytes, hash),
    async function* (source) {
      for await (const piece of source) yield piece
      digests.push(hash.digest('hex'))
    },
    response,
  )
}

/** Octets of which no two pieces are the same. */
function pieces(bytes: number, hash: Hash): Readable {
  let count = 0
  return new Readable({
    highWaterMark: PIECE,
    read() {
      if (count * PIECE >= bytes) {
        this.push(null)
        return
      }
      const piece = Buffer.alloc(PIECE, `piece ${count++} `)
      hash.update(piece)
      this.push(piece)
    },
  })
}

interface Source {
  readonly stream: Readable
  readonly total: number
  /** How much was taken of it. */
  readonly taken: () => number
}

function endless(total: number): Source {
  const stream = pieces(total, createHash('md5'))
  let taken = 0
  stream.on('data', (piece: Buffer) => (taken += piece.length)).pause()
  return { stream, total, taken: () => taken }
}

/** Resolves once nothing more of it is taken, though something was, with how much was. */
async function whenStill({ taken }: Source): Promise<number> {
  let last = 0
  let times = 0
  const still = (): boolean => {
    const now = taken()
    times = now > 0 && now === last ? times + 1 : 0
    last = now
    return times > 20
  }
  await expect.poll(still, WITHIN).toBe(true)
  return last
}

async function lengthOf(stream: Readable): Promise<number> {
  let length = 0
  for await (const piece of stream) length += piece.length
  return length
}

function residentBytes({ child }: HeadgateProcess): number {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
  return Number(kib) * 1024
}

/** The whole service with the fast path and without it: asked the same, both say and tell the same. */
import type { Socket } from 'node:net'
import { memoryStore } from 'headgate'
import { faultyStore, manualClock } from 'headgate/testing'
import { describe, expect, it } from 'vitest'
import { type Random, randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { type ListeningService, listening } from '../protocol/listening-service.ts'
import { until } from './attacks-peer.ts'
import { turn } from './differential-app.ts'
import { callOf, FILE } from './service-calls.ts'

/** A caller on one connection, and all that a service tells meanwhile. */
class Caller {
  readonly told: unknown[] = []
  readonly #served: ListeningService
  #socket: Socket | null = null
  #text = ''
  #hasEnded = false

  constructor(served: ListeningService) {
    this.#served = served
    const { service } = served
    service.on('decision', ({ durationMs: _, id, decision, ...made }) => {
      // Receipts are numbered by the process.
      const told = { ...decision, receipt: decision.receipt !== null }
      this.told.push({ ...made, decision: told, hasId: id !== null })
    })
    service.on('failure', ({ failure, ...origin }) => this.told.push({ ...origin, code: failure.code }))
  }

  /** The answer, without what is never the same. */
  async ask(octets: string, cut: number): Promise<string> {
    this.#socket ??= await this.#connect()
    this.#socket.write(octets.slice(0, cut), 'latin1')
    await turn()
    this.#socket.write(octets.slice(cut), 'latin1')
    await until(() => isWhole(this.#text) || this.#hasEnded)
    const text = this.#text
    this.#text = ''
    const isLast = /\r\nconnection: close\r\n/i.test(text)
    if (isLast) await until(() => this.#hasEnded)
    if (this.#hasEnded) this.leave()
    return masked(text) + (isLast ? ' and ends' : '')
  }

  async #connect(): Promise<Socket> {
    const socket = await this.#served.connect()
    socket.setNoDelay(true)
    socket.on('data', (chunk) => (this.#text += chunk.toString('latin1')))
    socket.on('close', () => {
      if (socket === this.#socket) this.#hasEnded = true
    })
    return socket
  }

  /** The next call is on another connection. */
  leave(): void {
    this.#socket?.destroy()
    this.#socket = null
    this.#hasEnded = false
  }
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n')
  return head !== -1 && text.length - head - 4 >= Number(/content-length: (\d+)/i.exec(text)?.[1])
}

/** Receipts are numbered by the process, and so they are of any length. */
function masked(text: string): string {
  let taken = 0
  return text
    .replaceAll(/"(id|receipt)":"([^"]*)"/g, (_, name, value) => {
      taken += value.length
      return `"${name}":"*"`
    })
    .replace(/^content-length: .*/m, (field) => `content-length: ${Number(field.slice(16)) - taken}`)
    .replace(/^Date: .*/m, 'Date: *')
}

function handOvers({ transport }: ListeningService): number {
  return Object.values(transport.fastPath?.().handedOver ?? {}).reduce((sum, count) => sum + count, 0)
}

interface Pair {
  readonly fast: ListeningService
  readonly plain: ListeningService
  readonly calls: number
  readonly seed: number
  /** Called before each call. */
  readonly before?: (random: Random) => void
}

/** Asks both the same; answers which statuses were said. */
async function compare({ fast, plain, calls, seed, before }: Pair): Promise<string[]> {
  const [a, b] = [new Caller(fast), new Caller(plain)]
  const statuses = new Map<string, number>()
  for (let i = 0; i < calls; i++) {
    const random = randomOf(seed + i)
    const handedOver = handOvers(fast)
    const call = callOf(random)
    const cut = random.percent(50) ? 0 : random.below(call.length)
    before?.(random)
    const [said, expected] = [await a.ask(call, cut), await b.ask(call, cut)]
    expect(said, `HEADGATE_SEED=${seed + i}: ${call}`).toBe(expected)
    expect(a.told, call).toEqual(b.told)
    for (const { told } of [a, b]) told.length = 0
    // A connection that was handed over stays so.
    if (handOvers(fast) > handedOver) for (const caller of [a, b]) caller.leave()
    const [, status = ''] = said.split(' ')
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  const { answered = 0, handedOver = {} } = fast.transport.fastPath?.() ?? {}
  console.log(Object.fromEntries(statuses), { answered, handedOver })
  expect(answered).toBeGreaterThan(calls * 0.8)
  return [...statuses.keys()]
}

describe('a service with the fast path', () => {
  it('says and tells what it says and tells without it', async () => {
    await using fast = await listening({}, FILE)
    await using plain = await listening({ hasFastPath: false }, FILE)
    const seed = seedOfRun('the service with the fast path and without it', 1)
    const statuses = await compare({ fast, plain, calls: 400, seed })
    expect(statuses).toEqual(expect.arrayContaining(['200', '400', '401', '403', '429']))
    for (const { service } of [fast, plain]) service.drain()
    await compare({ fast, plain, calls: 40, seed: seed + 400 })
  })

  it('does so as well where the store takes its time, and fails now and then', async () => {
    const stores = [0, 1].map(() => faultyStore(memoryStore({ clock: manualClock() })))
    await using fast = await listening({}, FILE, stores[0])
    await using plain = await listening({ hasFastPath: false }, FILE, stores[1])
    const seed = seedOfRun('the service over a store that fails', 1)
    const before = (random: Random): void => {
      const fault = random.pick(['none', 'none', 'fail', 'lose'] as const)
      for (const store of stores) store.next(fault)
    }
    const statuses = await compare({ fast, plain, calls: 200, seed, before })
    expect(statuses).toEqual(expect.arrayContaining(['200', '400', '401', '503']))
  })
})

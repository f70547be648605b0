import { connect } from 'node:net'
import { RateLimiter } from '../../src/gen/headgate-v1.ts'
import type { Received } from './frame-log.ts'
import { block, data, END_HEADERS, END_STREAM, type Field, FRAME, headers, windowUpdate } from './octets.ts'
import { RawClient } from './raw-client.ts'

const { path, request } = RateLimiter.Consume
const MESSAGE = request.encode({ attributes: { user: 'alice' }, descriptor: [], policy: '', limit: [] })
const CALL = Buffer.concat([Buffer.from([0, 0, 0, 0, MESSAGE.length]), MESSAGE])
const FIELDS: readonly Field[] = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', path],
  [':authority', 'localhost'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
]

/** How calls went. Times in milliseconds. */
export interface HonestResult {
  readonly asked: number
  readonly answered: number
  readonly p50: number
  readonly p99: number
}

/** So many calls are under way at most: fewer than any server refuses. */
const AT_ONCE = 90
const HEAD = block(...FIELDS)

/** Calls at times that do not wait for answers: what an answer takes counts from when its call was due. */
export async function honestLoad(port: number, perSecond: number, seconds: number): Promise<HonestResult> {
  using client = new RawClient(connect(port, '127.0.0.1'))
  client.greet()
  client.send(windowUpdate(0, 2 ** 30))
  const calls = new Calls(perSecond, perSecond * seconds)
  client.socket.on('data', () => {
    calls.answered(
      client.frames
        .splice(0)
        .filter(isEnd)
        .map(({ stream }) => stream),
    )
    client.send(...calls.next())
  })
  while (!calls.areAsked) {
    client.send(...calls.next())
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await client.until(() => calls.areAnswered)
  return calls.result()
}

class Calls {
  readonly #perMs: number
  readonly #total: number
  readonly #start = performance.now()
  readonly #due = new Map<number, number>()
  readonly #took: number[] = []
  #asked = 0

  constructor(perSecond: number, total: number) {
    this.#perMs = perSecond / 1000
    this.#total = total
  }

  get areAsked(): boolean {
    return this.#asked === this.#total
  }

  get areAnswered(): boolean {
    return this.areAsked && this.#due.size === 0
  }

  /** The calls that are due. */
  next(): Buffer[] {
    const frames: Buffer[] = []
    const now = performance.now()
    for (; !this.areAsked && this.#due.size < AT_ONCE; this.#asked++) {
      const dueAt = this.#start + this.#asked / this.#perMs
      if (dueAt > now) break
      const stream = 1 + 2 * this.#asked
      this.#due.set(stream, dueAt)
      frames.push(headers(stream, HEAD, END_HEADERS), data(stream, CALL, END_STREAM))
    }
    return frames
  }

  answered(streams: readonly number[]): void {
    const now = performance.now()
    for (const stream of streams) {
      this.#took.push(now - (this.#due.get(stream) as number))
      this.#due.delete(stream)
    }
  }

  result(): HonestResult {
    const sorted = this.#took.toSorted((a, b) => a - b)
    const at = (part: number): number => sorted[Math.floor(sorted.length * part)] as number
    return { asked: this.#total, answered: sorted.length, p50: at(0.5), p99: at(0.99) }
  }
}

/** Whether a frame ends an answer: trailers do, and nothing else of gRPC. */
function isEnd({ type, flags }: Received): boolean {
  return type === FRAME.HEADERS && (flags & END_STREAM) !== 0
}

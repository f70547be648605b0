/** Answers requests in each way there is, by their path. Answers at the end of a request, if not said otherwise. */
import assert from 'node:assert/strict'
import type { Http2Handler, Http2Stream, RequestHead } from '../../src/http2/http2-handler.ts'

const HEAD = [{ name: ':status', value: '200' }]
const TRAILERS = [{ name: 'end', value: 'yes' }]
const PART_BYTES = 1000
const COUNT_MAX = 1_000_000
const PATTERN = Buffer.from(Array.from({ length: COUNT_MAX + 251 }, (_, i) => i % 251))

interface State {
  readonly path: string
  isWhole: boolean
  received: number
  /** Octets of the answer that are not written yet. */
  left: number
}

/**
 * `/` names the method and counts the octets of the body. `/never` does not answer, and `/early` does not wait for the end.
 * `/large/<n>` answers with that many octets at once, `/parts/<n>` in parts, as there is room. `/hold/<n>` takes the body as far
 * as the window reaches, and gives up to n octets back for each part. `/busy` is answered when a test says so, and works on until
 * then. Throws where it is called in another order than was agreed, or for a stream that has ended.
 */
export class ProbeHandler implements Http2Handler {
  /** Streams that are neither answered nor aborted: what a leak would let grow. */
  readonly open: Set<Http2Stream> = new Set()
  aborted = 0
  requests = 0
  mostAtOnce = 0
  mostBusy = 0

  readonly #busy: Set<Http2Stream> = new Set()

  onRequest(stream: Http2Stream, { path }: RequestHead, isWhole: boolean): void {
    assert.ok(stream.state === undefined && !stream.hasEnded && !stream.isBusy, 'a stream is new')
    this.requests += 1
    this.open.add(stream)
    stream.state = { path, isWhole: false, received: 0, left: 0 } satisfies State
    if (path === '/busy') this.#work(stream)
    this.mostAtOnce = Math.max(this.mostAtOnce, this.open.size)
    if (path === '/early') this.#respond(stream, Buffer.from('early'))
    else if (path.startsWith('/hold/')) stream.hold()
    if (isWhole && !stream.hasEnded) this.onEnd(stream)
  }

  onData(stream: Http2Stream, _octets: Buffer, start: number, end: number): void {
    const state = stateOf(stream)
    assert.ok(!state.isWhole && !stream.hasEnded, 'a body comes before its end')
    state.received += end - start
    if (state.path.startsWith('/hold/')) stream.release(Math.min(countOf(state.path), end - start))
  }

  onEnd(stream: Http2Stream): void {
    const state = stateOf(stream)
    assert.ok(!state.isWhole && !stream.hasEnded, 'a request ends once')
    state.isWhole = true
    const { path, received } = state
    if (path === '/never' || path === '/early' || path === '/busy') return
    if (path.startsWith('/large/')) this.#respond(stream, bodyOf(countOf(path)))
    else if (path.startsWith('/parts/')) {
      state.left = countOf(path)
      stream.open(HEAD)
      this.onDrain(stream)
    } else this.#respond(stream, Buffer.from(`${path} ${received}`))
  }

  onAborted(stream: Http2Stream): void {
    assert.ok(this.open.delete(stream), 'what is answered is not aborted')
    this.aborted += 1
  }

  onDrain(stream: Http2Stream): void {
    assert.ok(this.open.has(stream), 'what has ended does not wait')
    const state = stateOf(stream)
    const bytes = countOf(state.path)
    for (let hasRoom = true; hasRoom && state.left > 0; ) {
      const part = Math.min(PART_BYTES, state.left)
      const at = bytes - state.left
      state.left -= part
      hasRoom = stream.write(bodyOf(bytes).subarray(at, at + part))
    }
    if (state.left > 0) return
    this.open.delete(stream)
    stream.finish(TRAILERS)
  }

  /** All work is done. */
  answerBusy(): void {
    for (const stream of [...this.#busy]) {
      this.#busy.delete(stream)
      stream.isBusy = false
      this.#respond(stream, Buffer.from('done'))
    }
  }

  #work(stream: Http2Stream): void {
    stream.isBusy = true
    this.#busy.add(stream)
    this.mostBusy = Math.max(this.mostBusy, this.#busy.size)
  }

  #respond(stream: Http2Stream, body: Buffer): void {
    this.open.delete(stream)
    stream.respond(HEAD, body, null)
  }
}

/** The body of `/large/<bytes>` and of `/parts/<bytes>`: each octet says where it is, and the first one of which answer. */
export function bodyOf(bytes: number): Buffer {
  const from = bytes % 251
  return PATTERN.subarray(from, from + bytes)
}

function stateOf(stream: Http2Stream): State {
  return stream.state as State
}

function countOf(path: string): number {
  // Paths of a fuzz are garbled now and then.
  return Math.min(Number.parseInt(path.slice(path.lastIndexOf('/') + 1), 10) || 0, COUNT_MAX)
}

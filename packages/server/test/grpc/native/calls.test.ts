/** Calls of our own engine on streams that are no connection: what is answered to what arrives when. */
import { memoryStore } from 'headgate'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseConfig } from '../../../src/config/config.ts'
import { Health } from '../../../src/gen/grpc-health-v1.ts'
import { createService } from '../../../src/service/create-service.ts'
import { MESSAGE_BYTES_MAX, MESSAGE_TIMEOUT_MS } from '../../../src/transports/grpc/grpc-limits.ts'
import { Calls } from '../../../src/transports/grpc/native/calls.ts'
import { OpenStreams } from '../../../src/transports/grpc/open-streams.ts'
import { exchange, type RpcCall, unary, watch } from '../../../src/transports/grpc/rpc-method.ts'
import { FakeStream, frameOf, headOf } from './fake-stream.ts'

const REQUEST = Health.Check.request.encode({ service: 'a' })
const ANSWER = Health.Check.response.encode({ status: 1 })
const at = <T extends object>(type: T, path: string): T => ({ ...type, path })

/** Calls of methods that answer when they are told, and what they were called with. */
function serving() {
  const service = createService({
    configuration: parseConfig('policies: [{ name: api, key: user, rules: [5/min] }]', 'headgate.yaml'),
    store: { store: memoryStore(), label: 'memory', resilience: {}, ping: async () => {} },
  })
  const failures: string[] = []
  service.on('failure', ({ failure }) => failures.push(failure.detail))
  const streams = new OpenStreams()
  const handled: { readonly service: string; readonly call: RpcCall }[] = []
  const waiting: (() => void)[] = []
  const later = ({ service: name }: { service: string }, call: RpcCall) => {
    handled.push({ service: name, call })
    return new Promise<{ status: number }>((resolve) => waiting.push(() => resolve({ status: 1 })))
  }
  const methods = [
    unary(at(Health.Check, '/now'), ({ service: name }, call) => {
      handled.push({ service: name, call })
      return { status: 1 }
    }),
    unary(at(Health.Check, '/later'), later, { keepsConnection: true }),
    exchange(at(Health.Check, '/many'), later),
    watch(at(Health.Check, '/watch'), async function* (_, call) {
      const signal = call.signal()
      while (!signal.aborted) {
        yield { status: 1 }
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
          signal.addEventListener('abort', () => resolve())
        })
      }
    }),
  ]
  const calls = new Calls({ service, methods, streams })
  return {
    calls,
    handled,
    failures,
    streams,
    /** Lets the oldest call that waits go on. */
    goOn: async () => {
      await settled()
      waiting.shift()?.()
      await settled()
    },
    begin: (path: string, fields: Record<string, string> = {}) => {
      const stream = new FakeStream()
      calls.onRequest(stream, headOf(path, fields), false)
      return stream
    },
    send: (stream: FakeStream, octets: Buffer) => calls.onData(stream, octets, 0, octets.length),
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a call of one message', () => {
  it('is answered at once where its method does not wait', () => {
    const { begin, send, calls, handled } = serving()
    const stream = begin('/now')
    send(stream, frameOf(REQUEST))
    expect(handled).toEqual([])
    calls.onEnd(stream)
    expect(handled).toMatchObject([{ service: 'a', call: { source: { peer: '192.0.2.1' } } }])
    expect(stream.body).toEqual([frameOf(ANSWER)])
    expect(stream.fields).toEqual({
      ':status': '200',
      'content-type': 'application/grpc',
      'grpc-status': '0',
    })
    expect(stream.hasEnded).toBe(true)
  })

  it('is answered when its method is ready, and keeps its place until then', async () => {
    const { begin, send, calls, goOn } = serving()
    const stream = begin('/later')
    send(stream, frameOf(REQUEST))
    calls.onEnd(stream)
    expect(stream).toMatchObject({ isBusy: true, hasEnded: false, isKept: true })
    await goOn()
    expect(stream).toMatchObject({ isBusy: false, hasEnded: true, body: [frameOf(ANSWER)] })
  })

  it.each([
    ['none', [], '12'],
    ['two', [frameOf(REQUEST), frameOf(REQUEST)], '12'],
    ['two in one piece', [Buffer.concat([frameOf(REQUEST), frameOf(REQUEST)])], '12'],
    ['half of one', [frameOf(REQUEST).subarray(0, 6)], '13'],
    ['one and half of another', [frameOf(REQUEST), Buffer.from([0])], '13'],
    ['one that is no message', [frameOf(Buffer.from([0xff]))], '3'],
    ['one that is too long', [frameOf(Buffer.alloc(MESSAGE_BYTES_MAX + 1))], '3'],
    ['one that is compressed', [frameOf(REQUEST, 1)], '12'],
  ] as const)('ends with an error where there is %s', (_, pieces, status) => {
    const { begin, send, calls, handled } = serving()
    const stream = begin('/now')
    for (const piece of pieces) send(stream, piece)
    calls.onEnd(stream)
    expect(stream.fields).toMatchObject({ ':status': '200', 'grpc-status': status })
    expect(stream).toMatchObject({ body: [], hasEnded: true })
    expect(handled).toEqual([])
  })

  it('ends when its deadline passes, which its method is told', async () => {
    const { begin, send, calls, handled, goOn, failures } = serving()
    const stream = begin('/later', { 'grpc-timeout': '20m' })
    send(stream, frameOf(REQUEST))
    calls.onEnd(stream)
    expect(handled[0]?.call.deadlineMs).toBe(20)
    await vi.advanceTimersByTimeAsync(19)
    expect(stream.hasEnded).toBe(false)
    await vi.advanceTimersByTimeAsync(2)
    expect(stream).toMatchObject({ hasEnded: true, isBusy: true, fields: { 'grpc-status': '4' } })
    expect(handled[0]?.call.signal().aborted).toBe(true)
    await goOn()
    expect(stream).toMatchObject({ isBusy: false, body: [] })
    expect(failures).toEqual([])
  })

  it('waits as long as it takes for a deadline beyond what timers can', async () => {
    const { begin, send, calls } = serving()
    const stream = begin('/later', { 'grpc-timeout': '99999999H' })
    send(stream, frameOf(REQUEST))
    calls.onEnd(stream)
    await vi.advanceTimersByTimeAsync(1000)
    expect(stream.hasEnded).toBe(false)
  })

  it('tells its method when the caller has left, before or after it is asked', async () => {
    const { begin, send, calls, handled, goOn, failures } = serving()
    const both = ['/later', '/later'].map((path) => {
      const stream = begin(path)
      send(stream, frameOf(REQUEST))
      calls.onEnd(stream)
      return stream
    }) as [FakeStream, FakeStream]
    const early = handled[0]?.call.signal()
    for (const stream of both) calls.onAborted(stream)
    expect(early?.aborted).toBe(true)
    expect(handled[1]?.call.signal().aborted).toBe(true)
    await goOn()
    expect(both[0]).toMatchObject({ body: [], isBusy: false })
    expect(failures).toEqual([])
  })

  it('ends where its message does not arrive in time', async () => {
    const { begin, send, calls, handled } = serving()
    const stream = begin('/now')
    send(stream, frameOf(REQUEST).subarray(0, 6))
    await vi.advanceTimersByTimeAsync(MESSAGE_TIMEOUT_MS + 1)
    expect(stream).toMatchObject({ hasEnded: true, fields: { 'grpc-status': '4' } })
    send(stream, frameOf(REQUEST).subarray(6))
    calls.onEnd(stream)
    expect(handled).toEqual([])
  })

  it('starts no timer where it is over before anything else happens', () => {
    const { begin, send, calls } = serving()
    const stream = begin('/now', { 'grpc-timeout': '20m' })
    send(stream, frameOf(REQUEST))
    calls.onEnd(stream)
    vi.advanceTimersByTime(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a call of many messages', () => {
  it('takes no more than a window while one is worked at, and answers in order', async () => {
    const { begin, send, calls, handled, goOn } = serving()
    const stream = begin('/many')
    const [octets, half] = [frameOf(REQUEST), frameOf(REQUEST).subarray(0, 6)]
    send(stream, half)
    expect(stream.released).toBe(half.length)
    send(stream, octets.subarray(6))
    await settled()
    const released = stream.released
    send(stream, Buffer.concat([octets, half]))
    expect(stream.released).toBe(released)
    await goOn()
    expect(handled).toHaveLength(2)
    expect(stream).toMatchObject({ body: [frameOf(ANSWER)], released })
    await goOn()
    expect(stream.released).toBe(2 * octets.length + half.length)
    send(stream, octets.subarray(6))
    calls.onEnd(stream)
    await goOn()
    expect(stream).toMatchObject({ hasEnded: true, isBusy: false, fields: { 'grpc-status': '0' } })
    expect(stream.body).toHaveLength(3)
  })

  it('reads each message as it was sent, whatever arrives before that is read', async () => {
    const { begin, send, handled, goOn } = serving()
    const stream = begin('/many')
    const names = [1200, 1, 700].map((length, i) => String(i).repeat(length))
    const [first, second, third] = names.map((service) => frameOf(Health.Check.request.encode({ service })))
    send(stream, Buffer.concat([first as Buffer, second as Buffer]))
    send(stream, third as Buffer)
    for (const _ of names) await goOn()
    expect(handled.map(({ service }) => service)).toEqual(names)
  })

  it('answers what came before a message that is none', async () => {
    const { begin, send, goOn } = serving()
    const stream = begin('/many')
    send(stream, Buffer.concat([frameOf(REQUEST), Buffer.from([7, 0, 0, 0, 0])]))
    await goOn()
    expect(stream).toMatchObject({ body: [frameOf(ANSWER)], fields: { 'grpc-status': '13' } })
  })

  it('ends where its first message does not arrive in time, and has all time for the next one', async () => {
    const { begin, send, goOn } = serving()
    const [late, quiet] = [begin('/many'), begin('/many')]
    send(quiet, frameOf(REQUEST))
    await goOn()
    await vi.advanceTimersByTimeAsync(2 * MESSAGE_TIMEOUT_MS)
    expect(late).toMatchObject({ hasEnded: true, isBusy: false, fields: { 'grpc-status': '4' } })
    expect(quiet.hasEnded).toBe(false)
  })

  it('does nothing more once its caller has left', async () => {
    const { begin, send, calls, handled, goOn } = serving()
    const stream = begin('/many')
    send(stream, Buffer.concat([frameOf(REQUEST), frameOf(REQUEST)]))
    await settled()
    calls.onAborted(stream)
    await goOn()
    expect(handled).toHaveLength(1)
    expect(stream).toMatchObject({ body: [], isBusy: false })
  })

  it('waits with its answers until there is room for more', async () => {
    const { begin, send, calls, handled, goOn } = serving()
    const stream = begin('/many')
    stream.isFull = true
    send(stream, Buffer.concat([frameOf(REQUEST), frameOf(REQUEST)]))
    await goOn()
    expect(handled).toHaveLength(1)
    calls.onDrain(stream)
    await settled()
    expect(handled).toHaveLength(2)
  })

  it('waits for no room once its caller has left', async () => {
    const { begin, send, calls, goOn } = serving()
    const stream = begin('/many')
    stream.isFull = true
    send(stream, frameOf(REQUEST))
    await goOn()
    expect(stream.isBusy).toBe(true)
    calls.onAborted(stream)
    await settled()
    expect(stream.isBusy).toBe(false)
  })

  it('is told when the process ends', async () => {
    const { begin, streams, send, goOn } = serving()
    const [idle, busy] = [begin('/many'), begin('/many')]
    send(busy, frameOf(REQUEST))
    await settled()
    streams.stop()
    await settled()
    expect(idle.fields).toMatchObject({ 'grpc-status': '14' })
    expect(busy.hasEnded).toBe(false)
    await goOn()
    expect(busy).toMatchObject({ body: [frameOf(ANSWER)], fields: { 'grpc-status': '14' } })
  })
})

describe('a call that is watched', () => {
  it('is answered until its caller leaves', async () => {
    const { begin, send, calls, goOn } = serving()
    const stream = begin('/watch')
    send(stream, frameOf(REQUEST))
    calls.onEnd(stream)
    await settled()
    expect(stream).toMatchObject({ body: [frameOf(ANSWER)], hasEnded: false, isBusy: true })
    await goOn()
    expect(stream.body).toHaveLength(2)
    calls.onAborted(stream)
    await settled()
    expect(stream).toMatchObject({ isBusy: false })
    expect(stream.body).toHaveLength(2)
  })

  it('is told when the process ends', async () => {
    const { begin, send, calls, streams } = serving()
    const stream = begin('/watch')
    send(stream, frameOf(REQUEST))
    calls.onEnd(stream)
    await settled()
    streams.stop()
    await settled()
    expect(stream).toMatchObject({ hasEnded: true, fields: { 'grpc-status': '14' } })
  })
})

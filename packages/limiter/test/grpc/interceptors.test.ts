import {
  Client,
  type ClientOptions,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { describe, expect, it, vi } from 'vitest'
import type { HeadgateError } from '../../src/core/errors.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { ErrorInfo, QuotaFailure, RetryInfo, Status } from '../../src/gen/google-rpc.ts'
import { clientRateLimit, serverRateLimit } from '../../src/grpc/interceptors.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { faultyStore } from '../../src/testing/faulty-store.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'

const PATH = '/echo.v1.Echo/Say'
const itself = (bytes: Buffer): Buffer => bytes

/** A server that says back what it hears, and a client of it. */
class Echo implements AsyncDisposable {
  readonly heard: string[] = []
  readonly #server: Server
  #client: Client | null = null

  constructor(options: ServerOptions) {
    this.#server = new Server(options)
    this.#server.register<Buffer, Buffer>(
      PATH,
      (call: { readonly request: Buffer }, reply: (error: null, bytes: Buffer) => void) => {
        this.heard.push(call.request.toString())
        reply(null, call.request)
      },
      itself,
      itself,
      'unary',
    )
  }

  async open(options: ClientOptions = {}): Promise<this> {
    const port = await new Promise<number>((resolve, reject) => {
      const done = (error: Error | null, bound: number): void =>
        error === null ? resolve(bound) : reject(error)
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), done)
    })
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options)
    return this
  }

  say(text: string, user = 'alice'): Promise<string> {
    const metadata = new Metadata()
    metadata.set('x-user', user)
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, bytes?: Buffer): void =>
        error === null ? resolve(String(bytes)) : reject(error)
      this.#client?.makeUnaryRequest(PATH, itself, itself, Buffer.from(text), metadata, done)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.close()
    this.#server.forceShutdown()
  }
}

/** What the details of an error say. */
async function denialOf(asked: Promise<unknown>): Promise<object> {
  const error = await asked.then(
    () => expect.unreachable(),
    (reason: ServiceError) => reason,
  )
  const [bytes] = error.metadata.get('grpc-status-details-bin')
  const { details } = Status.decode(bytes as Buffer)
  const find = (type: string) => details.find(({ typeUrl }) => typeUrl.endsWith(`/google.rpc.${type}`))?.value
  const [info, quota, retry] = [find('ErrorInfo'), find('QuotaFailure'), find('RetryInfo')]
  return {
    code: error.code,
    reason: info && ErrorInfo.decode(info).reason,
    subjects: quota && QuotaFailure.decode(quota).violations.map(({ subject }) => subject),
    wait: retry && RetryInfo.decode(retry).retryDelay,
  }
}

const policies = [{ name: 'calls', key: 'user', rules: [{ limit: '2/3s', burst: 2 }] }]
const userOf = ({ metadata }: { readonly metadata: Metadata }) => ({
  user: String(metadata.get('x-user')[0]),
})
const DENIED = {
  code: status.RESOURCE_EXHAUSTED,
  reason: 'limited',
  subjects: ['policy:calls/3s'],
  wait: { seconds: 1, nanos: 500_000_000 },
}

describe('an interceptor of a server', () => {
  it('ends calls above the limit before their handler hears of them, with the exact wait', async () => {
    const clock = manualClock()
    const limiter = createLimiter({ policies, store: memoryStore({ clock }), clock })
    await using echo = await new Echo({ interceptors: [serverRateLimit({ limiter, key: userOf })] }).open()
    expect(await echo.say('a')).toBe('a')
    expect(await echo.say('b')).toBe('b')
    expect(await denialOf(echo.say('c'))).toEqual(DENIED)
    expect(await echo.say('d', 'bob')).toBe('d')
    clock.advance('1500ms')
    expect(await echo.say('e')).toBe('e')
    expect(echo.heard).toEqual(['a', 'b', 'd', 'e'])
    await limiter.close()
  })

  it('knows path, peer and cost of a call', async () => {
    const limiter = createLimiter({ limit: '5/min', store: memoryStore({ clock: manualClock() }) })
    const seen: string[] = []
    const key = ({ path, peer }: { readonly path: string; readonly peer: string }) => {
      seen.push(`${path} ${peer.replace(/:\d+$/, '')}`)
      return 'all'
    }
    const interceptor = serverRateLimit({ limiter, key, cost: () => 5 })
    await using echo = await new Echo({ interceptors: [interceptor] }).open()
    await echo.say('a')
    await expect(echo.say('b')).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED })
    expect(seen).toEqual(Array(2).fill(`${PATH} 127.0.0.1`))
    await limiter.close()
  })

  it('tells of no wait where none helps', async () => {
    const limiter = createLimiter({ limit: '5/min', store: memoryStore({ clock: manualClock() }) })
    const interceptor = serverRateLimit({ limiter, key: () => 'all', cost: 6 })
    await using echo = await new Echo({ interceptors: [interceptor] }).open()
    expect(await denialOf(echo.say('a'))).toMatchObject({ code: status.RESOURCE_EXHAUSTED, wait: undefined })
    await limiter.close()
  })

  it('is unavailable where the store fails and the limiter is closed', async () => {
    const store = faultyStore(memoryStore())
    store.always('fail')
    const limiter = createLimiter({ limit: '5/min', store: guarded(store), onStoreError: 'closed' })
    const interceptor = serverRateLimit({ limiter, key: () => 'all' })
    await using echo = await new Echo({ interceptors: [interceptor] }).open()
    expect(await denialOf(echo.say('a'))).toMatchObject({
      code: status.UNAVAILABLE,
      reason: 'store-unavailable',
    })
    await limiter.close()
  })

  it('says nothing of what a defect of ours or of yours says', async () => {
    const limiter = createLimiter({ limit: '5/min' })
    const key = (): string => {
      throw new Error('password: hunter2')
    }
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await using echo = await new Echo({ interceptors: [serverRateLimit({ limiter, key })] }).open()
    await expect(echo.say('a')).rejects.toMatchObject({
      code: status.INTERNAL,
      details: expect.not.stringContaining('hunter2'),
    })
    expect(warned).toHaveBeenCalledExactlyOnceWith(
      expect.not.stringContaining('hunter2'),
      expect.objectContaining({ code: 'HEADGATE_INTERCEPTOR' }),
    )
    warned.mockRestore()
    await limiter.close()
  })

  it.each([
    ['key', { key: () => undefined }, 'undefined is neither a key nor attributes'],
    ['cost', { cost: () => 1.5 }, '1.5 is not a cost'],
  ])('blames no caller for a %s that is none, and tells of it', async (name, wrong, message) => {
    const limiter = createLimiter({ limit: '5/min', store: memoryStore({ clock: manualClock() }) })
    const told: object[] = []
    const onFailure = ({ path, detail }: HeadgateError, call: { readonly path: string }): void => {
      told.push({ path, detail, called: call.path })
      throw new Error('of the listener')
    }
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const interceptor = serverRateLimit({ limiter, key: () => 'all', onFailure, ...(wrong as object) })
    await using echo = await new Echo({ interceptors: [interceptor] }).open()
    await expect(echo.say('a')).rejects.toMatchObject({ code: status.INTERNAL })
    const detail = expect.stringContaining(message)
    expect(told).toEqual([{ path: `options.${name}`, detail, called: PATH }])
    warned.mockRestore()
    await limiter.close()
  })
})

const whole = { limiter: createLimiter({ limit: '1/s' }), key: (): string => 'a' }

describe('an interceptor of a client', () => {
  it('does not send what is above the limit', async () => {
    const clock = manualClock()
    const limiter = createLimiter({ policies, store: memoryStore({ clock }), clock })
    const limit = clientRateLimit({ limiter, key: userOf })
    await using echo = await new Echo({}).open({ interceptors: [limit] })
    expect([await echo.say('a'), await echo.say('b')]).toEqual(['a', 'b'])
    expect(await denialOf(echo.say('c'))).toEqual(DENIED)
    clock.advance('1500ms')
    expect(await echo.say('d')).toBe('d')
    expect(echo.heard).toEqual(['a', 'b', 'd'])
    await limiter.close()
  })

  it('waits for its turn where it has time', async () => {
    const clock = manualClock()
    const limiter = createLimiter({ policies, store: memoryStore({ clock }), clock })
    const limit = clientRateLimit({ limiter, key: userOf, timeout: '2s' })
    await using echo = await new Echo({}).open({ interceptors: [limit] })
    await Promise.all([echo.say('a'), echo.say('b')])
    const third = echo.say('c')
    await vi.waitFor(() => expect(clock.pending).toBeGreaterThan(0))
    clock.advance('1500ms')
    expect(await third).toBe('c')
    await limiter.close()
  })

  it.each([
    [{ key: (): string => 'a' }, 'options.limiter'],
    [{ limiter: createLimiter({ limit: '1/s' }) }, 'options.key'],
    [{ limiter: createLimiter({ limit: '1/s' }), key: (): string => 'a', who: 'x' }, 'options'],
    [{ ...whole, cost: -1 }, 'options.cost'],
    [{ ...whole, cost: 1.5 }, 'options.cost'],
    [{ ...whole, cost: Number.NaN }, 'options.cost'],
    [{ ...whole, cost: '2' }, 'options.cost'],
    [{ ...whole, timeout: 'soon' }, 'options.timeout'],
    [{ ...whole, onFailure: 'log' }, 'options.onFailure'],
  ])('refuses options %#', (options, path) => {
    expect(() => clientRateLimit(options as never)).toThrow(expect.objectContaining({ path }))
  })
})

/** What a script limiter decides while the script gives no answer. */
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HeadgateError } from '../../src/core/errors.ts'
import type { ScriptCall } from '../../src/script/loaded-script.ts'
import { scriptLimiter } from '../../src/script/script-limiter.ts'
import type { ScriptLimiterOptions } from '../../src/script/script-options.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { RedisServer } from '../redis-server.ts'
import { fixedWindow, SCRIPTS_OF_USERS } from './reference-scripts.ts'

let server: RedisServer
let client: Redis

beforeAll(async () => {
  server = await RedisServer.start(SCRIPTS_OF_USERS)
  client = new Redis(server.url)
})

afterEach(() => vi.restoreAllMocks())

afterAll(async () => {
  client.disconnect()
  await server.stop()
})

const byClient: ScriptCall = (command) => client.call(...command)
const refused: ScriptCall = () => Promise.reject(new Error('connect ECONNREFUSED'))

/** With a clock that stands still, unless a test moves it: no deadline ends. */
function limiterOf(options: Partial<ScriptLimiterOptions> = {}) {
  return scriptLimiter({
    ...fixedWindow,
    call: byClient,
    onStoreError: 'closed',
    onError: () => {},
    ...options,
  })
}

const ARGS = [100, 60]

describe('the deadline of a script', () => {
  it('ends in a denial with closed, in a pass with open', async () => {
    const clock = manualClock()
    const closed = limiterOf({ clock, deadlineMs: 15 })
    const open = limiterOf({ clock, deadlineMs: 15, onStoreError: 'open' })
    await Promise.all([closed.load(), open.load()])
    server.freeze()
    const pending = Promise.all([closed.run(['a'], ARGS), open.run(['a'], ARGS)])
    clock.advance(14.999)
    expect(clock.pending).toBe(2)
    clock.advance(0.001)
    const [denied, passed] = await pending
    server.resume()
    expect(denied).toMatchObject({ allowed: false, reason: 'store-unavailable', source: 'closed' })
    expect(passed).toMatchObject({ allowed: true, reason: 'store-unavailable', source: 'open' })
    expect(denied.error?.message).toMatch(/^The store gave no answer within 15 ms/)
    expect([passed.headers, passed.extra]).toEqual([{}, []])
  })

  it('lets a reply win that was there before this process came to look', async () => {
    const call: ScriptCall = ([name]) =>
      new Promise((resolve) =>
        setImmediate(() => resolve(name === 'SCRIPT' ? 'a'.repeat(40) : ['allow', []])),
      )
    const limiter = scriptLimiter({ ...fixedWindow, call, onStoreError: 'closed', onError: () => {} })
    await limiter.load()
    const pending = limiter.run(['busy'], ARGS)
    const end = performance.now() + 30
    while (performance.now() < end);
    expect(await pending).toMatchObject({ allowed: true, source: 'store' })
  })

  it('is over with the answer, and leaves no timer', async () => {
    const clock = manualClock()
    await limiterOf({ clock }).run(['timer'], ARGS)
    expect(clock.pending).toBe(0)
  })

  it('tries nothing again: a command that was sent runs at most once', async () => {
    const clock = manualClock()
    const limiter = limiterOf({ clock })
    await limiter.load()
    server.freeze()
    const pending = limiter.run(['once'], ARGS)
    clock.advance('15ms')
    expect(await pending).toMatchObject({ allowed: false })
    server.resume()
    expect((await limiter.run(['once'], ARGS)).extra).toEqual([2])
  })

  it('sends nothing more for a caller that has its decision', async () => {
    const clock = manualClock()
    const limiter = limiterOf({ clock })
    server.freeze()
    const pending = limiter.run(['gone'], ARGS)
    clock.advance('15ms')
    expect(await pending).toMatchObject({ allowed: false })
    server.resume()
    expect((await limiter.run(['gone'], ARGS)).extra).toEqual([1])
  })

  it('gives up a load whose reply was lost, and the next call loads', async () => {
    const clock = manualClock()
    let lost = 0
    const call: ScriptCall = (command) => (lost++ === 0 ? new Promise(() => {}) : byClient(command))
    const limiter = limiterOf({ clock, call })
    const pending = limiter.run(['lost'], ARGS)
    clock.advance('15ms')
    expect(await pending).toMatchObject({ allowed: false })
    expect((await limiter.run(['lost'], ARGS)).extra).toEqual([1])
  })
})

describe('a script that fails', () => {
  it.each([
    ['open', true],
    ['closed', false],
  ] as const)('is decided by %s, and onError hears why', async (onStoreError, allowed) => {
    const heard: HeadgateError[] = []
    const limiter = limiterOf({ call: refused, onStoreError, onError: (error) => heard.push(error) })
    const decision = await limiter.run(['a'], ARGS)
    expect(decision).toMatchObject({ allowed, reason: 'store-unavailable', source: onStoreError })
    expect(heard).toEqual([decision.error])
    expect(decision.error?.message).toBe('The script gave no answer: connect ECONNREFUSED')
    expect(decision.error?.cause).toMatchObject({ message: 'connect ECONNREFUSED' })
  })

  it('is told once by a warning where nobody listens', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const limiter = scriptLimiter({
      ...fixedWindow,
      clock: manualClock(),
      call: refused,
      onStoreError: 'open',
    })
    for (let i = 0; i < 3; i++) await limiter.run(['a'], ARGS)
    expect(warn.mock.calls).toEqual([
      [
        'A script did not decide, so that the request passes: The script gave no answer: connect ECONNREFUSED',
        expect.objectContaining({ type: 'HeadgateWarning', code: 'HEADGATE_SCRIPT' }),
      ],
    ])
  })

  it('warns at most 16 times of messages that differ', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    let count = 0
    const call: ScriptCall = () => Promise.reject(new Error(`failure ${count++}`))
    const limiter = scriptLimiter({ ...fixedWindow, clock: manualClock(), call, onStoreError: 'open' })
    for (let i = 0; i < 20; i++) await limiter.run(['a'], ARGS)
    expect(warn).toHaveBeenCalledTimes(16)
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('no log'))],
    [
      'throws',
      () => {
        throw new Error('no log')
      },
    ],
  ])('stands by its decision where onError %s', async (_, onError) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const limiter = limiterOf({ call: refused, onError })
    expect(await limiter.run(['a'], ARGS)).toMatchObject({ allowed: false })
    await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce())
    expect(warn.mock.calls[0]?.[0]).toMatch(/onError of a script failed: .*no log/)
  })

  it('says what Redis says of a key of another type', async () => {
    await client.lpush('list', 'x')
    const { reason, error } = await limiterOf().run(['list'], ARGS)
    expect(reason).toBe('store-unavailable')
    expect(error?.message).toMatch(/WRONGTYPE/)
  })

  it('is asked anew by the next call after a load that failed', async () => {
    let count = 0
    const call: ScriptCall = (command) => (count++ === 0 ? refused(command) : byClient(command))
    const limiter = limiterOf({ call })
    expect(await limiter.run(['anew'], ARGS)).toMatchObject({ allowed: false })
    expect((await limiter.run(['anew'], ARGS)).extra).toEqual([1])
  })

  it.each(['NOSCRIPT No matching script. Please use EVAL.', 'NOSCRIPT No matching script.', 'NOSCRIPT'])(
    'runs once more after the refusal %j, by EVAL',
    async (message) => {
      const sent: string[] = []
      const limiter = limiterOf({
        call: ([name, ...args]) => {
          sent.push(name)
          return name === 'EVALSHA' ? Promise.reject(new Error(message)) : byClient([name, ...args])
        },
      })
      expect(await limiter.run([`forgotten ${message}`], ARGS)).toMatchObject({ extra: [1] })
      expect(sent).toEqual(['SCRIPT', 'EVALSHA', 'EVAL'])
    },
  )

  it.each([
    'LOADING Redis is loading the dataset in memory',
    "READONLY You can't write against a read only replica.",
    'Connection is closed.',
  ])('runs no second time after %j', async (message) => {
    const sent: string[] = []
    const limiter = limiterOf({
      call: ([name, ...args]) => {
        sent.push(name)
        return name === 'EVALSHA' ? Promise.reject(new Error(message)) : byClient([name, ...args])
      },
    })
    expect(await limiter.run(['k'], ARGS)).toMatchObject({ allowed: false })
    expect(sent).toEqual(['SCRIPT', 'EVALSHA'])
  })

  it('names a client that does not answer SCRIPT LOAD with a SHA-1', async () => {
    const { error } = await limiterOf({ call: async () => 'OK' }).run(['k'], ARGS)
    expect(error?.message).toMatch(/^SCRIPT LOAD was answered by "OK"; let call send its command unchanged/)
  })
})

describe('a script limiter that is switched off', () => {
  it('lets pass without asking, until it is switched on', async () => {
    let enabled = 'false'
    const limiter = limiterOf({ enabled: () => enabled })
    const off = await limiter.run(['switch'], [0, 60])
    expect(off).toMatchObject({ allowed: true, reason: 'disabled', source: 'none', error: null })
    enabled = 'true'
    expect(await limiter.run(['switch'], [0, 60])).toMatchObject({ allowed: false, extra: [1] })
  })
})

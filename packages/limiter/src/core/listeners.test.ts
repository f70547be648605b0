import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { manualClock } from '../testing/manual-clock.ts'
import type { Decision } from './decision.ts'
import type { DecisionVerb } from './limiter.ts'
import { Listeners } from './listeners.ts'

const decision = { allowed: true } as Decision
const clock = manualClock()
let warnings: string[]

beforeEach(() => {
  warnings = []
  vi.spyOn(process, 'emitWarning').mockImplementation(((message: string, options: { code: string }) => {
    warnings.push(`${options.code}: ${message}`)
  }) as never)
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('listeners', () => {
  it('hear a decision with its verb, in the order in which they came', () => {
    const listeners = new Listeners(clock)
    const heard: [number, DecisionVerb, Decision][] = []
    listeners.add((one, { verb }) => heard.push([1, verb, one]))
    listeners.add((one, { verb }) => heard.push([2, verb, one]))
    expect(listeners.emit('charge', decision, 0)).toBe(decision)
    expect(heard).toEqual([
      [1, 'charge', decision],
      [2, 'charge', decision],
    ])
  })

  it('hear how long a call took, where somebody listened when it was made', () => {
    const listeners = new Listeners(clock)
    const early = listeners.start()
    const heard: number[] = []
    listeners.add((_, { durationMs }) => heard.push(durationMs))
    const started = listeners.start()
    clock.advance('25ms')
    listeners.emit('consume', decision, started)
    listeners.emit('consume', decision, early)
    expect(heard).toEqual([25, 0])
  })

  it('change nothing of the decision for whoever asked', () => {
    const listeners = new Listeners(clock)
    listeners.add((one) => Object.assign(one, { allowed: false, extra: 1 }))
    const asked = { allowed: true } as Decision
    expect(listeners.emit('consume', asked, 0)).toBe(asked)
    expect(asked).toEqual({ allowed: true })
  })

  it('are taken off one by one, also one that was added twice', () => {
    const listeners = new Listeners(clock)
    const hear = vi.fn()
    const offs = [listeners.add(hear), listeners.add(hear)]
    offs[0]?.()
    offs[0]?.()
    listeners.emit('peek', decision, 0)
    expect(hear).toHaveBeenCalledTimes(1)
  })

  it('go on hearing where one of them throws or rejects, which is reported once a cause', async () => {
    const listeners = new Listeners(clock)
    const hear = vi.fn()
    listeners.add(() => {
      throw new Error('no such metric')
    })
    listeners.add(async () => {
      throw new Error('no connection')
    })
    listeners.add(hear)
    for (let i = 0; i < 3; i++) listeners.emit('consume', decision, 0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(hear).toHaveBeenCalledTimes(3)
    expect(warnings).toEqual([
      expect.stringMatching(/^HEADGATE_LISTENER: .*no such metric; catch its errors/),
      expect.stringMatching(/^HEADGATE_LISTENER: .*no connection; catch its errors/),
    ])
  })

  it.each([[null], [undefined], ['text'], [{ code: 5 }]])('may throw %j', (reason) => {
    const listeners = new Listeners(clock)
    listeners.add(() => {
      throw reason
    })
    expect(listeners.emit('consume', decision, 0)).toBe(decision)
    expect(warnings).toHaveLength(1)
  })

  it('flood no log where every message is another', () => {
    const listeners = new Listeners(clock)
    let count = 0
    listeners.add(() => {
      throw new Error(`call ${++count}`)
    })
    for (let i = 0; i < 1000; i++) listeners.emit('consume', decision, 0)
    expect(count).toBe(1000)
    expect(warnings.length).toBeLessThan(50)
  })
})

import { describe, expect, it } from 'vitest'
import type { HeadgateError } from '../../src/core/errors.ts'
import { acme, bench, pending, settled } from './source-bench.ts'

describe('a policy source that fails or hangs', () => {
  it('keeps the last limits while loading fails, and tries again after a second', async () => {
    const one = bench('5/min')
    await one.limiter.consume(acme)
    one.answer = () => new Error('db down')
    one.clock.advance('31s')
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 5, remaining: 3 })
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 5 })
    expect(one.loads).toHaveLength(2)
    one.answer = () => '9/min'
    one.clock.advance('1001ms')
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 9 })
  })

  it('rejects where there were never any, with the key and the cause, and no load more than each second', async () => {
    const one = bench(new Error('db down'))
    for (let i = 0; i < 2; i++) {
      await expect(one.limiter.consume(acme)).rejects.toMatchObject({
        code: 'source-unavailable',
        message: 'the limits of "acme" could not be loaded; look at its cause, or give the source a fallback',
        cause: new Error('db down'),
      })
    }
    expect(one.loads).toHaveLength(1)
  })

  it('has a fallback for keys that could never be loaded', async () => {
    const one = bench(new Error('db down'), { fallback: '2/min' })
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 2 })
    one.answer = () => '9/min'
    one.clock.advance('2s')
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 9, remaining: 7 })
  })

  it('rejects although it has limits: onError throw', async () => {
    const one = bench('5/min', { onError: 'throw' })
    await one.limiter.consume(acme)
    one.answer = () => new Error('db down')
    one.clock.advance('31s')
    await expect(one.limiter.consume(acme)).rejects.toMatchObject({ code: 'source-unavailable' })
  })

  it('waits for a load that hangs as long as the call may take, and another load begins after a second (G9)', async () => {
    const hanging = pending()
    const one = bench(hanging.promise)
    const short = one.limiter.consume(acme, { deadlineMs: 20 }).catch((reason: HeadgateError) => reason.code)
    const long = one.limiter.consume(acme).catch((reason: HeadgateError) => reason.code)
    await settled()
    one.clock.advance('20ms')
    expect(await short).toBe('source-unavailable')
    one.clock.advance('980ms')
    expect(await long).toBe('source-unavailable')
    expect(one.loads).toHaveLength(1)
    one.answer = () => '9/min'
    one.clock.advance('1001ms')
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 9 })
    // What the first load says now is older than that.
    hanging.resolve('5/min')
    await settled()
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 9 })
  })

  it('answers with the last limits where a load hangs', async () => {
    const one = bench('5/min')
    await one.limiter.consume(acme)
    one.answer = () => pending().promise
    one.clock.advance('31s')
    const late = one.limiter.consume(acme)
    await settled()
    one.clock.advance('1s')
    expect(await late).toMatchObject({ limit: 5, remaining: 3 })
    expect(await one.limiter.consume(acme)).toMatchObject({ limit: 5 })
    expect(one.loads).toHaveLength(2)
  })

  it('loads again what is invalidated, and takes no load for it that had begun before', async () => {
    const one = bench('5/min')
    await one.limiter.consume(acme)
    await one.limiter.consume({ tenant: 'b' })
    const begun = pending()
    one.answer = () => begun.promise
    one.limiter.policies.invalidate('acme')
    const old = one.limiter.consume(acme)
    await settled()
    one.limiter.policies.invalidate()
    one.answer = () => '9/min'
    const fresh = one.limiter.consume(acme)
    begun.resolve('6/min')
    expect((await old).limit).not.toBe(6)
    expect(await fresh).toMatchObject({ limit: 9 })
    await one.limiter.consume({ tenant: 'b' })
    expect(one.loads).toEqual(['acme', 'b', 'acme', 'acme', 'b'])
  })

  it('waits for another load where its first one was invalidated', async () => {
    const begun = pending()
    const one = bench(begun.promise)
    const first = one.limiter.consume(acme)
    await settled()
    one.limiter.policies.invalidate('acme')
    one.answer = () => '9/min'
    begun.resolve('5/min')
    expect(await first).toMatchObject({ limit: 9 })
  })
})

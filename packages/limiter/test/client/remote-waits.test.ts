import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { decision, describeOverEach, remote, warnings } from './remotes.ts'
import { answering, ScriptedService } from './scripted-service.ts'

describeOverEach('wait', () => {
  it('asks again for what is left of a long wait, and tells listeners of one decision', async () => {
    const later = { ...decision, allowed: false, reason: 'limited', retryAfterMs: 5, receipt: null }
    let asked = 0
    await using service = await ScriptedService.start((request, response, body) =>
      answering(asked++ < 2 ? 429 : 200, asked <= 2 ? later : decision)(request, response, body),
    )
    const limiter = remote({ url: service.url })
    const heard: string[] = []
    limiter.on('decision', (_, { verb }) => heard.push(verb))
    expect(await limiter.wait('a', { cost: 2 })).toEqual(decision)
    expect(service.seen.map(({ body }) => body)).toEqual(
      [1, 2, 3].map(() => ({ key: 'a', cost: 2, timeout: 30_000, deadlineMs: 60_000 })),
    )
    expect(heard).toEqual(['wait'])
  })

  it('is denied where the wait does not fit, and rejects with the reason of a signal', async () => {
    const later = { ...decision, allowed: false, reason: 'limited', retryAfterMs: 3_600_000, receipt: null }
    await using service = await ScriptedService.start(answering(429, later))
    const limiter = remote({ url: service.url })
    expect(await limiter.wait('a', { timeout: '10s' })).toEqual(later)
    const reason = new Error('gone')
    await expect(limiter.wait('a', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const waiting = limiter.wait('a', { signal: controller.signal })
    await expect.poll(() => service.seen.length).toBe(2)
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(warnings).toEqual([])
  })
})

describe('a reservation', () => {
  const reserved = { ...decision, cost: 100, receipt: null, reservation: 'one', held: 100 }

  it('is settled once, by the text of the last answer, one operation after another', async () => {
    await using service = await ScriptedService.start((request, response, body) => {
      const answers: Record<string, unknown> = {
        '/v1/reserve': reserved,
        '/v1/extend': { ...reserved, reservation: 'two', held: 150 },
        '/v1/settle': { settled: true, actual: 70 },
      }
      answering(200, answers[request.url ?? ''])(request, response, body)
    })
    const limiter = remote({ url: service.url })
    const heard: string[] = []
    limiter.on('decision', (_, { verb }) => heard.push(verb))
    const reservation = await limiter.reserve('a', { cost: 100, ttl: '1m' })
    expect(reservation).toMatchObject({ allowed: true, held: 100, cost: 100 })
    const [extended] = await Promise.all([reservation.extend(50), reservation.settle(70)])
    expect(extended).toMatchObject({ allowed: true })
    await reservation.settle(10)
    await reservation.cancel()
    expect(reservation.held).toBe(0)
    await expect(reservation.extend(1)).rejects.toMatchObject({ code: 'invalid-options' })
    expect(heard).toEqual(['reserve', 'extend'])
    expect(service.seen.slice(1).map(({ line, body }) => ({ line, body }))).toEqual([
      { line: 'POST /v1/extend', body: { reservation: 'one', more: 50 } },
      { line: 'POST /v1/settle', body: { reservation: 'two', actual: 70 } },
    ])
  })

  it('that could not be settled can be settled again', async () => {
    let settles = 0
    await using service = await ScriptedService.start((request, response, body) => {
      if (request.url === '/v1/reserve') answering(200, reserved)(request, response, body)
      else if (settles++ === 0) answering(500, '')(request, response, body)
      else answering(200, { settled: true, actual: 5 })(request, response, body)
    })
    const reservation = await remote({ url: service.url }).reserve('a', { cost: 100 })
    await expect(reservation.settle(5)).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(reservation.held).toBe(100)
    await reservation.settle(5)
    expect(reservation.held).toBe(0)
  })

  it('goes by onError as well, and then settles nothing at the service, or at a limiter of its own', async () => {
    const open = await remote({ url: 'http://127.0.0.1:9' }).reserve('a', { cost: 5 })
    expect(open).toMatchObject({ allowed: true, source: 'open', held: 5 })
    await open.extend(2)
    expect([open.held, open.handle()]).toEqual([7, null])
    await open.settle(3)
    const denied = await remote({ url: 'http://127.0.0.1:9', onError: 'closed' }).reserve('a')
    expect(denied).toMatchObject({ allowed: false, held: 0 })
    await expect(denied.settle(1)).rejects.toMatchObject({ code: 'invalid-options' })
    await denied.cancel()
    const own = createLimiter({ limit: '9/h', store: memoryStore() })
    const local = await remote({ url: 'http://127.0.0.1:9', onError: own }).reserve('a', { cost: 5 })
    await local.extend(2)
    expect(local).toMatchObject({ source: 'fallback', held: 7 })
    await local.settle(1)
    expect(await own.peek('a')).toMatchObject({ remaining: 7 })
  })
})

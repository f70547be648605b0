import { describe, expect, it } from 'vitest'
import { createRemoteLimiter } from '../../src/entries/client-node.ts'
import { decision, describeOverEach, remote } from './remotes.ts'
import { answering, ScriptedService } from './scripted-service.ts'

describeOverEach('calls that are held until their turn', () => {
  it('take no connection of decisions, and each has its own', async () => {
    await using service = await ScriptedService.start((request, response, body) => {
      if (request.url === '/v1/consume') answering(200, decision)(request, response, body)
    })
    const limiter = remote({ url: service.url, maxConnections: 1 })
    const waits = [limiter.wait('a'), limiter.wait('a'), limiter.wait('a')]
    await expect.poll(() => service.seen.length).toBe(waits.length)
    expect(await limiter.consume('a')).toEqual(decision)
    const ended = Promise.allSettled(waits)
    await limiter.close()
    await ended
  })
})

describe('a call that waits for a connection', () => {
  it('is decided by onError at its deadline, and is not sent', async () => {
    await using service = await ScriptedService.start(() => {})
    const limiter = createRemoteLimiter({ url: service.url, maxConnections: 1, deadlineMs: 60_000 })
    const silent = limiter.consume('a')
    await expect.poll(() => service.seen.length).toBe(1)
    const late = await limiter.consume('b', { deadlineMs: 5 })
    expect(late).toMatchObject({ source: 'open', reason: 'store-unavailable' })
    expect(service.seen).toHaveLength(1)
    const ended = silent.catch(() => {})
    await limiter.close()
    await ended
  })
})

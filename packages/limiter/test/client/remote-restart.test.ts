import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { RemoteDecision } from '../../src/client/remote-types.ts'
import { type FailureKind, ServiceFailure } from '../../src/client/service-failure.ts'
import { waitForTurn } from '../../src/client/turn.ts'
import { decision, remote, warnings } from './remotes.ts'
import { answering, ScriptedService } from './scripted-service.ts'

const stops = { type: '', title: '', status: 503, detail: 'this instance stops', code: 'closed' }

function answerStop(response: ServerResponse, retryAfter: string): void {
  response.writeHead(503, { 'retry-after': retryAfter }).end(JSON.stringify(stops))
}

describe('a wait whose service stops', () => {
  it('is asked again on a new connection, and passes by the decision of the next instance', async () => {
    const ports: (number | undefined)[] = []
    await using service = await ScriptedService.start((request, response, body) => {
      ports.push(request.socket.remotePort)
      if (ports.length === 1) answerStop(response, '0')
      else answering(200, decision)(request, response, body)
    })
    const limiter = remote({ url: service.url })
    expect(await limiter.wait('a', { timeout: '10m' })).toEqual(decision)
    expect(new Set(ports).size).toBe(2)
    expect(limiter.health()).toMatchObject({ lastFailure: null, decisions: { service: 1, onError: 0 } })
    expect(warnings).toEqual([])
  })

  it('waits for the next instance while nobody listens, once one has said that it stops', async () => {
    const decided = { ...decision, source: 'store' } as unknown as RemoteDecision
    const parts: { isFresh: boolean; passes: boolean }[] = []
    const waitThrough = (...failures: ServiceFailure[]): Promise<RemoteDecision> =>
      waitForTurn({}, async ({ isFresh, isPassing }) => {
        const failure = failures.shift()
        if (failure === undefined) return decided
        parts.push({ isFresh, passes: isPassing(failure) })
        throw failure
      })
    const failing = (kind: FailureKind): ServiceFailure => new ServiceFailure('', { kind, retryAfterMs: 0 })
    expect(await waitThrough(failing('stops'), failing('unreached'), failing('unreached'))).toBe(decided)
    expect(parts).toEqual([
      { isFresh: false, passes: true },
      { isFresh: true, passes: true },
      { isFresh: true, passes: true },
    ])
    parts.length = 0
    // Nothing has said before that it stops.
    await waitThrough(failing('unreached'))
    expect(parts).toEqual([{ isFresh: false, passes: false }])
  })

  it('is decided by onError where its timeout leaves no time for that', async () => {
    await using service = await ScriptedService.start((_, response) => answerStop(response, '120'))
    const limiter = remote({ url: service.url, onError: 'closed' })
    expect(await limiter.wait('a', { timeout: '1m' })).toMatchObject({ allowed: false, source: 'closed' })
    expect(service.seen).toHaveLength(1)
    expect(limiter.health().lastFailure?.message).toBe('stops: this instance stops')
  })

  it('ends with the reason of its signal', async () => {
    await using service = await ScriptedService.start((_, response) => answerStop(response, '20'))
    const controller = new AbortController()
    const waiting = remote({ url: service.url }).wait('a', { signal: controller.signal })
    await expect.poll(() => service.seen.length).toBe(1)
    const reason = new Error('gone')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })
})

it('asks for no other decision again', async () => {
  await using service = await ScriptedService.start((_, response) => answerStop(response, '0'))
  const limiter = remote({ url: service.url })
  expect(await limiter.consume('a')).toMatchObject({ source: 'open' })
  expect(service.seen).toHaveLength(1)
})

import { describe, expect, it, vi } from 'vitest'
import type { Service } from './service.ts'
import { tracedService } from './traced-service.ts'

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

describe('tracedService', () => {
  it('lets each call that decides belong to the trace', () => {
    const [decide, wait, reserve, extend] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()]
    const service = tracedService({ decide, wait, reserve, extend } as unknown as Service, TRACE)
    const origin = { transport: 'http' }
    void service.decide([], origin)
    void service.wait({ who: 'a' }, { ...origin, timeoutMs: 1, signal: AbortSignal.timeout(1) })
    void service.reserve({ who: 'a' }, origin)
    void service.extend('text', 1, origin)
    for (const call of [decide, wait, reserve, extend]) {
      expect(call.mock.calls[0]?.at(-1)).toMatchObject({ transport: 'http', trace: TRACE })
    }
  })

  it.each([undefined, '', TRACE.toUpperCase(), `${TRACE}-more`, TRACE.slice(1), `${TRACE}, ${TRACE}`])(
    'takes no trace from %j',
    (field) => {
      const service = {} as Service
      expect(tracedService(service, field)).toBe(service)
    },
  )
})

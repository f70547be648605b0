import { describe, expect, it } from 'vitest'
import type { Decision } from '../core/decision.ts'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'
import type { WaitRequest } from './wait-queue.ts'
import { WaitingRoom } from './waiting-room.ts'

// What limiters make of it: test/waiting.
describe('WaitingRoom', () => {
  it('has those in front of one queue ask again, or of all', async () => {
    const { room } = roomBench()
    const asked: string[] = []
    const enter = (name: string): Promise<Decision> => {
      const attempt = async (): Promise<Decision> => {
        asked.push(name)
        return denial(1000)
      }
      return room.enter(name, request({ attempt }))
    }
    const waits = [enter('a'), enter('a'), enter('b')]
    await settle()
    room.changed('b')
    await settle()
    room.changed('nobody')
    room.changed()
    await settle()
    expect(asked).toEqual(['a', 'b', 'b', 'a', 'b'])
    room.close('over')
    await Promise.allSettled(waits)
  })

  it('asks again where room came while the store was asked', async () => {
    const { room } = roomBench()
    const answers = [denial(null), denial(1000), passes]
    const waiting = room.enter('q', request({ attempt: async () => answers.shift() as Decision, timeout: 0 }))
    room.changed('other')
    room.changed('q')
    await settle()
    expect([answers.length, (await waiting).retryAfterMs]).toEqual([1, 1000])
  })

  it('says nothing of those who are judged by other rules', async () => {
    const { room, clock } = roomBench()
    const front = room.enter('q', request({ rulesId: 'slow', attempt: async () => denial(1000) }))
    const slow = { rulesId: 'slow', attempt: async () => passes }
    const between = [1, 2, 3].map(() => room.enter('q', request(slow)))
    await settle()
    const other = { rulesId: 'fast', cost: 100, attempt: async () => passes }
    const fast = room.enter('q', request({ ...other, timeout: 4001 }))
    expect((await room.enter('q', request({ ...other, timeout: 900 }))).allowed).toBe(false)
    const late = await room.enter('q', request({ ...slow, timeout: 4001 }))
    expect(late).toMatchObject({ allowed: false, retryAfterMs: 5000 })
    room.close('over')
    await Promise.allSettled([front, fast, ...between])
    expect(clock.pending).toBe(0)
  })
})

function roomBench(): { room: WaitingRoom; clock: ManualClock } {
  const clock = manualClock()
  return { room: new WaitingRoom(clock), clock }
}

const passes = { allowed: true, retryAfterMs: 0, rules: [] } as unknown as Decision

/** A denial by a rule of a unit a second. */
function denial(retryAfterMs: number | null): Decision {
  const rate = { limit: 1, windowMs: 1000 }
  const view = { policy: 'p', rule: '1s', limit: 1, rate, remaining: 0, retryAfterMs, resetAfterMs: 1000 }
  return { allowed: false, source: 'store', cost: 1, retryAfterMs, rules: [view] } as unknown as Decision
}

function request(given: Partial<WaitRequest> & Pick<WaitRequest, 'attempt'>): WaitRequest {
  return { cost: 1, timeout: undefined, signal: undefined, undo: async () => {}, ...given }
}

/** Lets everything that waits for promises alone go on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

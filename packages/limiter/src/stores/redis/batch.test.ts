import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { budgetOf } from '../../core/budget.ts'
import { compileRule } from '../../core/rule.ts'
import { Batch } from './batch.ts'
import type { PendingDecision } from './pending-decision.ts'
import { routeOf } from './route.ts'

const one = decisionOf(1)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'], now: 1_000_000 })
})

afterEach(() => {
  vi.useRealTimers()
})

/** A batch whose calls return when told; results are numbered as decisions arrive. */
function bench(calls: number) {
  const sent: number[] = []
  const returns: ((fails?: Error) => void)[] = []
  let results = 0
  const batch = new Batch<number>((decisions) => {
    sent.push(decisions.length)
    const answers = decisions.map(() => ++results)
    return new Promise((resolve, reject) => {
      returns.push((error) => (error === undefined ? resolve(answers) : reject(error)))
    })
  }, calls)
  const ask = (count: number, onSend?: () => boolean): Promise<number>[] =>
    Array.from({ length: count }, () => batch.add(one, onSend))
  /** Lets the call under way return after so long. */
  const takes = async (ms: number): Promise<void> => {
    vi.advanceTimersByTime(ms)
    returns.shift()?.()
    await turn()
  }
  return { batch, sent, returns, ask, takes }
}

function decisionOf(rules: number, time: string | null = null): PendingDecision {
  const budget = budgetOf(
    'api',
    Array.from({ length: rules }, (_, i) => compileRule({ name: `r${i}`, limit: '5/s' }, 'rule')),
  )
  const requests = [{ budget, key: 'key', cost: 1 }]
  return { verb: 'consume', requests, route: routeOf(requests), time }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

describe('decisions that arrive together', () => {
  it('are dealt to the calls that may start, and leave at the end of the tick', async () => {
    const { sent, ask } = bench(3)
    void ask(7)
    expect(sent).toEqual([])
    await turn()
    expect(sent).toEqual([3, 2, 2])
  })

  it('are answered each with its own result, in the order in which they were asked', async () => {
    const { ask, takes } = bench(1)
    const answers = ask(3)
    await turn()
    await takes(1)
    expect(await Promise.all(answers)).toEqual([1, 2, 3])
  })

  it('wait for a call to return when all are under way, and leave with whoever asks meanwhile', async () => {
    const { sent, ask, returns } = bench(1)
    const [first] = ask(1)
    await turn()
    void ask(2)
    await turn()
    expect(sent).toEqual([1])
    returns[0]?.()
    await first
    void ask(1)
    await turn()
    expect(sent).toEqual([1, 3])
  })

  it('are sent at once where something else is to follow, all of them', () => {
    const { batch, sent, ask } = bench(1)
    void ask(2000)
    batch.flush()
    expect(sent.reduce((sum, size) => sum + size, 0)).toBe(2000)
  })

  it('are judged by one time in a call', () => {
    const { batch, sent } = bench(1)
    for (const time of ['1', '1', '2']) void batch.add(decisionOf(1, time))
    batch.flush()
    expect(sent).toEqual([2, 1])
  })

  it('have at most 1,024 rules in a call, or are alone in it', () => {
    const { batch, sent } = bench(1)
    for (let i = 0; i < 4; i++) void batch.add(decisionOf(400))
    void batch.add(decisionOf(1100))
    batch.flush()
    expect(sent).toEqual([2, 2, 1])
  })
})

describe('the size of a call', () => {
  /** Sizes of the calls, each of which takes so long a decision. */
  async function sizes(decisionMs: number, count: number): Promise<number[]> {
    const { sent, ask, takes } = bench(1)
    void ask(20_000)
    await turn()
    while (sent.length < count) await takes(decisionMs * (sent.at(-1) as number))
    return sent
  }

  it('is 256 while nothing is known of the server', async () => {
    expect(await sizes(1, 1)).toEqual([256])
  })

  it('shrinks towards a millisecond of a slow server, but not below 32', async () => {
    const slow = await sizes(0.02, 30)
    expect(slow.at(-1)).toBe(50)
    expect(slow).toEqual([...slow].sort((a, b) => b - a))
    expect((await sizes(1, 30)).at(-1)).toBe(32)
  })

  it('grows towards a millisecond of a fast server, but not above 1,024', async () => {
    expect((await sizes(0.002, 20)).at(-1)).toBeGreaterThan(450)
    expect((await sizes(0, 20)).at(-1)).toBe(1024)
  })

  it('learns nothing from a call that fails', async () => {
    const { sent, returns, ask } = bench(1)
    for (const answer of ask(600)) answer.catch(() => {})
    await turn()
    vi.advanceTimersByTime(10_000)
    returns[0]?.(new Error('gone'))
    await turn()
    expect(sent).toEqual([256, 256])
  })
})

describe('a decision that is sent', () => {
  it('is announced once, right before it leaves', async () => {
    const { sent, ask } = bench(1)
    const onSend = vi.fn(() => {
      expect(sent).toEqual([])
      return true
    })
    void ask(1, onSend)
    expect(onSend).not.toHaveBeenCalled()
    await turn()
    expect(onSend).toHaveBeenCalledTimes(1)
    expect(sent).toEqual([1])
  })

  it('is not announced while it waits for a call to return', async () => {
    const { ask, takes } = bench(1)
    void ask(1)
    await turn()
    const onSend = vi.fn(() => true)
    void ask(1, onSend)
    await turn()
    expect(onSend).not.toHaveBeenCalled()
    await takes(1)
    expect(onSend).toHaveBeenCalledTimes(1)
  })
})

describe('a decision that nobody waits for any more', () => {
  it('is left out, and fails by overload', async () => {
    const { sent, ask, takes } = bench(1)
    const [gone, awaited] = [...ask(1, () => false), ...ask(1, () => true)]
    const failed = expect(gone).rejects.toMatchObject({
      code: 'store-unavailable',
      cause: { blame: 'overload' },
    })
    await turn()
    expect(sent).toEqual([1])
    await takes(1)
    expect(await awaited).toBe(1)
    await failed
  })

  it('makes no call where all are so, also where something else is to follow', async () => {
    const { batch, sent, ask } = bench(1)
    const failed = Promise.allSettled(ask(300, () => false))
    batch.flush()
    expect((await failed).every(({ status }) => status === 'rejected')).toBe(true)
    expect(sent).toEqual([])
  })

  it('keeps nobody behind it waiting', async () => {
    const { sent, ask, takes } = bench(1)
    const gone = Promise.allSettled(ask(300, () => false))
    const [last] = ask(1)
    await turn()
    expect(sent).toEqual([1])
    await takes(1)
    expect(await last).toBe(1)
    await gone
  })
})

describe('a server that is far away', () => {
  it('is asked again after 2 ms, before it has answered', async () => {
    const { sent, ask } = bench(1)
    void ask(1)
    await turn()
    vi.advanceTimersByTime(1)
    void ask(1)
    await turn()
    expect(sent).toEqual([1])
    vi.advanceTimersByTime(2)
    void ask(1)
    await turn()
    expect(sent).toEqual([1, 2])
  })

  it('has no more than 64 calls under way of which none returns', async () => {
    const { sent, ask } = bench(1)
    for (let i = 0; i < 100; i++) {
      vi.advanceTimersByTime(3)
      void ask(1)
      await turn()
    }
    expect(sent).toHaveLength(64)
  })
})

describe('a call that fails', () => {
  it('fails all its decisions, and lets the next one start', async () => {
    const { returns, ask, takes } = bench(1)
    const outcomes = Promise.allSettled(ask(2))
    await turn()
    const [next] = ask(1)
    returns.shift()?.(new Error('gone'))
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await turn()
    await takes(1)
    expect(await next).toBe(3)
  })
})

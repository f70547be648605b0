import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { budgetOf } from '../../core/budget.ts'
import { compileRule } from '../../core/rule.ts'
import type { Verdicts } from '../../core/store.ts'
import { GroupCommit } from './group-commit.ts'
import type { Question } from './questions.ts'

const budget = budgetOf('api', [compileRule('5/s', 'rule')])
const verdicts: Verdicts = { now: 1, numbers: [0, 4, 1000], source: 'store' }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'], now: 1_000_000 })
})

afterEach(() => {
  vi.useRealTimers()
})

/** A group commit whose calls return when told. */
function bench(calls: number) {
  const sent: number[] = []
  const returns: (() => void)[] = []
  const group = new GroupCommit((questions) => {
    sent.push(questions.length)
    return new Promise((resolve) => {
      returns.push(() => resolve(questions.map(() => verdicts)))
    })
  }, calls)
  const ask = (count: number, deadlineMs?: number): Promise<Verdicts>[] =>
    Array.from({ length: count }, () => group.add(question(), deadlineMs))
  return { group, sent, returns, ask }
}

function question(time: string | null = null): Question {
  return { verb: 'consume', asks: [{ budget, key: 'key', cost: 1 }], time }
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

  it('wait for a call to return when all are under way, and leave with whoever asks meanwhile', async () => {
    const { sent, returns, ask } = bench(1)
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

  it('are at most 64 in a call', async () => {
    const { sent, returns, ask } = bench(1)
    void ask(100)
    await turn()
    expect(sent).toEqual([64])
    returns[0]?.()
    await turn()
    expect(sent).toEqual([64, 36])
  })

  it('are sent at once where something else is to follow', () => {
    const { group, sent, ask } = bench(1)
    void ask(2)
    group.flush()
    expect(sent).toEqual([2])
  })
})

describe('decisions that waited for a call to return', () => {
  it('are not sent any more when nobody waits for them', async () => {
    const { sent, returns, ask } = bench(1)
    void ask(1)
    await turn()
    const [impatient, patient] = [...ask(1, 1.5), ...ask(1, 50)]
    const given = expect(impatient).rejects.toMatchObject({
      code: 'store-unavailable',
      cause: { blame: 'process' },
    })
    vi.advanceTimersByTime(10)
    returns[0]?.()
    await turn()
    expect(sent).toEqual([1, 1])
    returns[1]?.()
    expect(await patient).toBe(verdicts)
    await given
  })

  it('are not sent then where something else is to follow either', async () => {
    const { group, sent, ask } = bench(1)
    void ask(1)
    await turn()
    const [impatient] = ask(1, 1.5)
    const given = expect(impatient).rejects.toMatchObject({ code: 'store-unavailable' })
    vi.advanceTimersByTime(10)
    group.flush()
    expect(sent).toEqual([1])
    await given
  })

  it('wait no longer than 2 ms for a server that is far away', async () => {
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

  it('start no more than 64 calls of which none returns', async () => {
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
    let fails = true
    const group = new GroupCommit(async (questions) => {
      if (fails) throw new Error('gone')
      return questions.map(() => verdicts)
    }, 1)
    const outcomes = await Promise.allSettled([group.add(question()), group.add(question())])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    fails = false
    expect(await group.add(question())).toBe(verdicts)
  })
})

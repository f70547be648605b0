import { type ManualClock, manualClock } from 'headgate/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { poll } from './poll.ts'

let clock: ManualClock
let heard: string[]
let runs: number
let fails: boolean
let end: () => void

async function pass(ms: number): Promise<void> {
  clock.advance(ms)
  for (let i = 0; i < 5; i++) await Promise.resolve()
}

beforeEach(() => {
  clock = manualClock()
  heard = []
  runs = 0
  fails = false
  end = poll({
    clock,
    random: () => 0.5,
    run: async () => {
      runs++
      if (fails) throw new Error('away')
    },
    onFailing: (reason) => heard.push((reason as Error).message),
    onWorking: () => heard.push('back'),
  })
})

describe('poll', () => {
  it('runs once a second', async () => {
    await pass(999)
    expect(runs).toBe(0)
    await pass(1)
    expect(runs).toBe(1)
    await pass(1000)
    expect([runs, heard]).toEqual([2, []])
  })

  it('waits longer and longer while it fails, up to 10 s, and says so once', async () => {
    fails = true
    for (const ms of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const before = runs
      await pass(ms - 1)
      expect(runs).toBe(before)
      await pass(1)
      expect(runs).toBe(before + 1)
    }
    expect(heard).toEqual(['away'])
    fails = false
    await pass(10_000)
    expect(heard).toEqual(['away', 'back'])
    await pass(1000)
    expect(runs).toBe(8)
  })

  it('spreads the waits by a quarter', async () => {
    let drawn = 0
    let ran = 0
    const over = poll({
      clock,
      random: () => drawn,
      run: async () => void ran++,
      onFailing: () => {},
      onWorking: () => {},
    })
    await pass(750)
    expect(ran).toBe(1)
    drawn = 0.999
    await pass(750)
    expect(ran).toBe(2)
    await pass(1249)
    expect(ran).toBe(2)
    await pass(1)
    expect(ran).toBe(3)
    over()
  })

  it('ends', async () => {
    end()
    await pass(10_000)
    expect(runs).toBe(0)
  })
})

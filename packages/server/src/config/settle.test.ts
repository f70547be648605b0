import { type ManualClock, manualClock } from 'headgate/testing'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Settle } from './settle.ts'

let clock: ManualClock
let signs: string
let settled: ReturnType<typeof vi.fn<() => void>>
let settle: Settle

beforeEach(() => {
  clock = manualClock()
  signs = 'a'
  settled = vi.fn<() => void>()
  settle = new Settle({ clock, look: async () => signs, onSettled: settled })
})

/** Lets 50 ms pass, in which the file is looked at once. */
async function look(times = 1): Promise<void> {
  for (let i = 0; i < times; i++) {
    clock.advance('50ms')
    await new Promise(setImmediate)
  }
}

describe('Settle', () => {
  it('waits for nothing until the file is touched', async () => {
    await look(10)
    expect([settled.mock.calls.length, clock.pending]).toEqual([0, 0])
  })

  it('waits until nothing has come for 50 ms', async () => {
    for (let i = 0; i < 5; i++) {
      settle.touch()
      settle.touch()
      await look()
    }
    expect(settled).not.toHaveBeenCalled()
    await look()
    expect(settled).toHaveBeenCalledOnce()
    await look(10)
    expect([settled.mock.calls.length, clock.pending]).toEqual([1, 0])
  })

  it('waits while size or time of the file change, though nothing comes', async () => {
    settle.touch()
    for (const next of ['a', 'ab', 'abc', 'abcd']) {
      signs = next
      await look()
      expect(settled).not.toHaveBeenCalled()
    }
    await look()
    expect(settled).toHaveBeenCalledOnce()
  })

  it('waits a second at most for a file that never stands still', async () => {
    for (let i = 0; i < 19; i++) {
      settle.touch()
      await look()
    }
    expect(settled).not.toHaveBeenCalled()
    settle.touch()
    await look()
    expect(settled).toHaveBeenCalledOnce()
  })

  it('begins again for what comes while it looks for the last time', async () => {
    const late = new Settle({
      clock,
      look: async () => {
        if (settled.mock.calls.length === 0) late.touch()
        return signs
      },
      onSettled: settled,
    })
    late.touch()
    await look(20)
    expect(settled).toHaveBeenCalledOnce()
    await look(2)
    expect(settled).toHaveBeenCalledTimes(2)
  })

  it('tells nothing once it is closed, not even of a look under way', async () => {
    settle.touch()
    await look()
    clock.advance('50ms')
    settle.close()
    settle.touch()
    await look(5)
    expect([settled.mock.calls.length, clock.pending]).toEqual([0, 0])
  })
})

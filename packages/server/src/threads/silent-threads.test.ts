import { manualClock } from 'headgate/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { type AskedThread, SilentThreads } from './silent-threads.ts'

class ScriptedThread implements AskedThread {
  readonly link = { answered: 0, isOverdue: false }
  readonly reasons: string[] = []
  readonly #ended = Promise.withResolvers<void>()
  readonly ended = this.#ended.promise

  hang(): void {
    this.link.isOverdue = true
  }

  answer(): void {
    this.link.answered++
    this.link.isOverdue = false
  }

  async terminate({ message }: Error): Promise<void> {
    this.reasons.push(message)
  }

  async end(): Promise<void> {
    this.#ended.resolve()
    await this.ended
  }
}

let clock: ReturnType<typeof manualClock>
let silent: SilentThreads
let thread: ScriptedThread

beforeEach(() => {
  clock = manualClock()
  silent = new SilentThreads(clock)
  thread = new ScriptedThread()
  silent.add(thread)
})

describe('a thread', () => {
  it('that answers nothing for 10 s is ended, once, with a reason that says so; others are not', () => {
    const other = new ScriptedThread()
    silent.add(other)
    thread.hang()
    clock.advance('9s')
    expect(thread.reasons).toEqual([])
    clock.advance('1s')
    expect(thread.reasons).toEqual(['it did not answer for 10 s'])
    clock.advance('1min')
    expect(thread.reasons).toHaveLength(1)
    expect(other.reasons).toEqual([])
  })

  it('that nobody asks, or whose questions are not due yet, runs on', () => {
    clock.advance('1h')
    expect(thread.reasons).toEqual([])
  })

  it('that answers too late each time runs on', () => {
    for (let second = 0; second < 60; second++) {
      thread.answer()
      thread.hang()
      clock.advance('1s')
    }
    expect(thread.reasons).toEqual([])
  })

  it('that answers again has 10 s anew', () => {
    thread.hang()
    clock.advance('9s')
    thread.answer()
    clock.advance('1s')
    thread.hang()
    clock.advance('9s')
    expect(thread.reasons).toEqual([])
    clock.advance('1s')
    expect(thread.reasons).toHaveLength(1)
  })

  it.each([
    ['has 10 s anew where the timer of whoever asks is later than a second', 2_000_001, 10],
    ['has no more time where that is late by a second', 2_000_000, 0],
  ])('%s', (_, sinceUs, moreSeconds) => {
    thread.hang()
    clock.advance('9s')
    clock.set(clock.now() + sinceUs)
    clock.advance(0)
    expect(thread.reasons).toHaveLength(moreSeconds === 0 ? 1 : 0)
    clock.advance(Math.max(0, moreSeconds - 1) * 1000)
    expect(thread.reasons).toHaveLength(moreSeconds === 0 ? 1 : 0)
    clock.advance('1s')
    expect(thread.reasons).toHaveLength(1)
  })

  it('that has ended is looked at no more, and no timer is left once all have', async () => {
    const other = new ScriptedThread()
    silent.add(other)
    thread.hang()
    await thread.end()
    clock.advance('1min')
    expect(thread.reasons).toEqual([])
    await other.end()
    expect(clock.pending).toBe(0)
    const next = new ScriptedThread()
    silent.add(next)
    next.hang()
    clock.advance('10s')
    expect(next.reasons).toHaveLength(1)
  })
})

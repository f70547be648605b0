import { manualClock } from 'headgate/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { type SupervisedThread, Supervisor } from './supervisor.ts'

class ScriptedThread implements SupervisedThread {
  readonly worker: number
  readonly #serves = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<Error>()
  readonly serves = this.#serves.promise
  readonly ended = this.#ended.promise

  constructor(worker: number) {
    this.worker = worker
    this.serves.catch(() => {})
  }

  serve(): void {
    this.#serves.resolve()
  }

  end(reason: string): void {
    this.#serves.reject(new Error(reason))
    this.#ended.resolve(new Error(reason))
  }

  async terminate(): Promise<void> {
    this.end('terminated')
  }
}

let clock: ReturnType<typeof manualClock>
let spawned: ScriptedThread[]
let events: string[]
let hasRoom: boolean
let supervisor: Supervisor<ScriptedThread>

/** Promises that are settled have told whoever waits for them. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => {
  clock = manualClock()
  spawned = []
  events = []
  hasRoom = true
  supervisor = new Supervisor({
    count: 3,
    clock,
    spawn: (worker) => {
      if (!hasRoom) throw new Error('no room for a thread')
      const thread = new ScriptedThread(worker)
      spawned.push(thread)
      return thread
    },
    onReplaced: (worker) => events.push(`${worker} is back`),
    onEnded: (worker, { message }, delayMs) => events.push(`${worker} ${message}, ${delayMs} ms`),
  })
})

async function started(): Promise<void> {
  const start = supervisor.start()
  for (let i = 0; i < 3; i++) {
    spawned[i]?.serve()
    await settled()
  }
  await start
}

async function crash(thread: ScriptedThread | undefined): Promise<void> {
  thread?.end('crashed')
  await settled()
}

describe('a supervisor', () => {
  it('starts one thread by itself and then the others together', async () => {
    const start = supervisor.start()
    await settled()
    expect(spawned.map(({ worker }) => worker)).toEqual([1])
    spawned[0]?.serve()
    await settled()
    expect(spawned.map(({ worker }) => worker)).toEqual([1, 2, 3])
    expect(supervisor.serving).toBe(1)
    spawned[1]?.serve()
    spawned[2]?.serve()
    await start
    expect(supervisor.serving).toBe(3)
  })

  it('ends all where one cannot start, and says why', async () => {
    const start = supervisor.start()
    spawned[0]?.serve()
    await settled()
    spawned[2]?.end('no memory')
    await expect(start).rejects.toThrow('no memory')
    await settled()
    expect(supervisor.threads).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('replaces a thread that ends, while the others serve', async () => {
    await started()
    await crash(spawned[1])
    expect(supervisor.serving).toBe(2)
    clock.advance('99ms')
    expect(spawned).toHaveLength(3)
    clock.advance('1ms')
    expect(spawned.map(({ worker }) => worker)).toEqual([1, 2, 3, 2])
    spawned[3]?.serve()
    await settled()
    expect(supervisor.serving).toBe(3)
    expect(supervisor.restarts).toBe(1)
    expect(events).toEqual(['2 crashed, 100 ms', '2 is back'])
  })

  it('waits longer and longer for a thread that ends again and again, and not for the others', async () => {
    await started()
    for (const thread of [0, 3, 4, 5, 6, 7, 8]) {
      await crash(spawned[thread])
      clock.advance('5s')
    }
    await crash(spawned[1])
    const delays = events.map((event) => event.replace(' crashed,', ''))
    expect(delays).toEqual([
      '1 100 ms',
      '1 200 ms',
      '1 400 ms',
      '1 800 ms',
      '1 1600 ms',
      '1 3200 ms',
      '1 5000 ms',
      '2 100 ms',
    ])
  })

  it('begins with the shortest wait again once a thread has lived for 10 s', async () => {
    await started()
    await crash(spawned[0])
    clock.advance('100ms')
    await crash(spawned[3])
    clock.advance('200ms')
    spawned[4]?.serve()
    clock.advance('10s')
    await crash(spawned[4])
    expect(events.at(-1)).toBe('1 crashed, 100 ms')
  })

  it('replaces nobody once it is stopped', async () => {
    await started()
    await crash(spawned[0])
    supervisor.stop()
    await crash(spawned[1])
    clock.advance('1min')
    await supervisor.terminate()
    expect(spawned).toHaveLength(3)
    expect(events).toEqual(['1 crashed, 100 ms'])
  })

  it('tries again where the system has no room for another thread', async () => {
    await started()
    await crash(spawned[0])
    hasRoom = false
    clock.advance('100ms')
    hasRoom = true
    clock.advance('200ms')
    spawned[3]?.serve()
    await settled()
    expect(events).toEqual(['1 crashed, 100 ms', '1 no room for a thread, 200 ms', '1 is back'])
    expect(supervisor.restarts).toBe(1)
  })

  it('ends a thread that does not serve yet once it is stopped, and no other', async () => {
    await started()
    await crash(spawned[0])
    clock.advance('100ms')
    expect(supervisor.threads).toHaveLength(3)
    supervisor.stop()
    await settled()
    expect(supervisor.threads).toEqual([spawned[1], spawned[2]])
    expect(supervisor.serving).toBe(2)
  })

  it('gives up a start: whoever serves goes on, and nobody else begins', async () => {
    const start = supervisor.start()
    spawned[0]?.serve()
    await settled()
    spawned[1]?.serve()
    await settled()
    supervisor.giveUpStart()
    await start
    expect(supervisor.threads).toEqual([spawned[0], spawned[1]])
    expect(supervisor.serving).toBe(2)
  })

  it('starts nobody where the start was given up before', async () => {
    supervisor.giveUpStart()
    await supervisor.start()
    expect(spawned).toEqual([])
  })

  it('has no start to give up once all serve', async () => {
    await started()
    supervisor.giveUpStart()
    await crash(spawned[0])
    clock.advance('100ms')
    expect(spawned).toHaveLength(4)
  })
})

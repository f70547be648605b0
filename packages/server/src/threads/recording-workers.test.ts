import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import type { RecordPlan } from '../service/record/record-plan.ts'
import type { RecordedPart } from '../service/record/recorded-part.ts'
import { Link } from './link.ts'
import type { OfCoordinator, OfWorker } from './protocol.ts'
import { RecordingWorkers } from './recording-workers.ts'

const PLAN: RecordPlan = {
  sample: null,
  hash: [],
  seed: 'a seed of these tests',
  hashed: [],
  costs: [],
  hashesKeys: false,
}
const part = (line: string): RecordedPart => ({
  segments: [{ hash: 'h', lines: [line], times: [1] }],
  gaps: new Map(),
})

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A worker that says what it was told to record, and answers what the test has it answer. */
function worker(answer: (recording: number) => RecordedPart | null | Promise<RecordedPart | null>) {
  const { port1, port2 } = new MessageChannel()
  const link = new Link<OfCoordinator, OfWorker>(port1)
  const back = new Link<OfWorker, OfCoordinator>(port2)
  const told: (readonly number[])[] = []
  back.hear('recordings', (recordings) => told.push([...recordings.keys()]))
  back.answer('recorded', answer)
  back.start()
  link.start()
  const ended = Promise.withResolvers<Error>()
  const end = (): void => {
    const reason = new Error('ended')
    link.end(reason)
    back.end(reason)
    ended.resolve(reason)
  }
  ends.push(end)
  return { thread: { link, serves: Promise.resolve(), ended: ended.promise }, told, end }
}

const linesOf = (parts: readonly RecordedPart[]): string[] =>
  parts.flatMap(({ segments }) => segments.flatMap(({ lines }) => lines))

describe('workers that record', () => {
  it('are told what runs, also those that begin later, and when it ends', async () => {
    const workers = new RecordingWorkers()
    const first = worker(() => part('first'))
    workers.add(first.thread)
    await expect.poll(() => first.told).toEqual([[]])
    workers.begin(7, PLAN)
    const second = worker(() => part('second'))
    workers.add(second.thread)
    await expect.poll(() => [first.told, second.told]).toEqual([[[], [7]], [[7]]])
    expect(linesOf(await workers.take(7)).sort()).toEqual(['first', 'second'])
    workers.end(7)
    await expect.poll(() => [first.told.at(-1), second.told.at(-1)]).toEqual([[], []])
    expect(await workers.take(7)).toEqual([])
  })

  it('hold up nobody where one is busy, whose answer comes with the next, and are not asked twice meanwhile', async () => {
    const workers = new RecordingWorkers()
    const late = Promise.withResolvers<RecordedPart>()
    let asked = 0
    const busy = worker(() => {
      asked++
      return late.promise
    })
    const quick = worker(() => part('quick'))
    workers.add(busy.thread)
    workers.add(quick.thread)
    workers.begin(1, PLAN)
    await expect.poll(() => busy.told.length + quick.told.length).toBeGreaterThan(0)
    expect(linesOf(await workers.take(1))).toEqual(['quick'])
    expect(linesOf(await workers.take(1))).toEqual(['quick'])
    expect(asked).toBe(1)
    late.resolve(part('late'))
    await expect.poll(async () => linesOf(await workers.take(1))).toContain('late')
  })

  it('are done without one that dies', async () => {
    const workers = new RecordingWorkers()
    const dying = worker(() => new Promise(() => {}))
    workers.add(dying.thread)
    workers.begin(1, PLAN)
    await expect.poll(() => dying.told.length).toBeGreaterThan(0)
    const taken = workers.take(1)
    dying.end()
    expect(await taken).toEqual([])
    expect(await workers.take(1)).toEqual([])
  })
})

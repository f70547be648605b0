/** A configuration is in force in all threads or in none: real threads that refuse one, die of it, or hang. */
import { type Clock, memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import type { Configuration } from '../../src/service/configuration.ts'
import { createService } from '../../src/service/create-service.ts'
import type { Service } from '../../src/service/service.ts'
import { steadyClock } from '../../src/service/steady-clock.ts'
import { WorkerPool } from '../../src/threads/worker-pool.ts'
import type { Script } from './fixtures/scripted-worker.ts'

const SCRIPT: Script = {
  refused: { worker: 2, does: 'refuse' },
  deadly: { worker: 1, does: 'die' },
  endless: { worker: 1, does: 'hang' },
}

const configuration = (hash: string): Configuration => {
  const parsed = parseConfig('policies: [{ name: api, key: user, rules: [5/min] }]', 'headgate.yaml')
  return { ...parsed, hash }
}

let service: Service
let pool: WorkerPool
let lines: string[]

beforeEach(async () => {
  lines = []
  service = createService({
    configuration: configuration('first'),
    store: { store: memoryStore(), label: 'memory', resilience: {}, ping: async () => {} },
    whyUnserved: () => (pool.serving > 0 ? null : 'no worker serves; one is being started'),
  })
  pool = newPool(steadyClock)
  await pool.start()
})
afterEach(async () => {
  await pool.close()
  await service.close()
})

function newPool(clock: Clock): WorkerPool {
  return new WorkerPool({
    workers: 2,
    entry: new URL('fixtures/scripted-worker.ts', import.meta.url),
    settings: SCRIPT,
    service,
    certificate: () => null,
    clock,
    onSpawned: ({ link }) => link.hear('line', (line) => lines.push(line)),
    onReplaced: () => {},
    onEnded: (worker, { message }) => lines.push(`${worker} ended: ${message}`),
  })
}

it('a configuration that all threads can have is in force in all of them once that is said', async () => {
  await pool.apply(configuration('second'))
  expect(lines.sort()).toEqual(['1 begins with first', '1 second', '2 begins with first', '2 second'])
  expect(service.configuration().hash).toBe('second')
})

it('one that a thread refuses is in force in none, and the reason is that of the thread', async () => {
  await expect(pool.apply(configuration('refused'))).rejects.toThrow('this worker cannot')
  expect(lines.sort()).toEqual(['1 begins with first', '2 begins with first'])
  expect(service.configuration().hash).toBe('first')
  await pool.apply(configuration('third'))
  expect(lines.slice(2).sort()).toEqual(['1 third', '2 third'])
})

it('one that a thread dies of is in force in the others, and in whoever takes its place', async () => {
  await pool.apply(configuration('deadly'))
  await expect.poll(() => lines).toContain('1 begins with deadly')
  expect(lines.slice(2).sort()).toEqual([
    '1 begins with deadly',
    '1 ended: it ended by itself (exit code 1)',
    '2 deadly',
  ])
  expect(service.configuration().hash).toBe('deadly')
  await expect.poll(() => pool.figures()).toEqual({ serving: 2, restarts: 1 })
})

it('a thread that begins later knows what was rejected', async () => {
  const rejected = { file: null, path: '', line: 1, column: 1, message: 'is wrong', more: 0 }
  await Promise.all([pool.apply(configuration('deadly')), pool.reject(rejected)])
  await expect.poll(() => lines).toContain('1 begins with deadly, rejected')
})

it('a thread that hangs is ended and replaced without a change, and the log says why', async () => {
  await pool.close()
  const clock = manualClock()
  pool = newPool(clock)
  await pool.start()
  lines = []
  await pool.askAll('prepare', { hash: 'endless' } as Configuration, { deadlineMs: 1 })
  const answering = async (): Promise<number[]> =>
    (await pool.askAll('commit', null, { deadlineMs: 100 })).map(({ worker }) => worker)
  await expect.poll(answering).toEqual([2])
  clock.advance('10s')
  await expect.poll(() => lines).toContain('1 ended: it did not answer for 10 s')
  clock.advance('1s')
  await expect.poll(() => pool.figures()).toEqual({ serving: 2, restarts: 1 })
  expect(lines.filter((line) => line.includes('ended'))).toHaveLength(1)
  expect(lines).toContain('1 begins with first')
})

it('is not ready to serve without a thread that does', async () => {
  expect((await service.readiness()).ready).toBe(true)
  await pool.close()
  await expect
    .poll(() => service.readiness())
    .toMatchObject({ ready: false, detail: 'no worker serves; one is being started' })
})

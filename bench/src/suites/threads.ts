import { atLeast, type Case, oursAtMost, type Run, type Target } from '../harness/suite.ts'
import type { DecidingThreadsParams } from '../subjects/deciding-threads.ts'
import { BURST, rates } from './rates.ts'

/** What is decided, and its name in a case. */
interface Deciding {
  readonly name: string
  readonly params: Omit<DecidingThreadsParams, 'place' | 'threads' | 'measure'>
}

// No run reaches a limit.
const [slow = ''] = rates(1)
const many: Deciding = {
  name: '100,000 random keys, the default rule',
  params: { keys: 100_000, algorithm: 'sliding-window', limit: slow },
}
const manyBuckets: Deciding = {
  name: '100,000 random keys, a bucket',
  params: { keys: 100_000, algorithm: 'token-bucket', limit: slow, burst: BURST },
}
const hot: Deciding = {
  name: 'one hot key, the default rule',
  params: { keys: 1, algorithm: 'sliding-window', limit: '1000000000/day' },
}
const hotBucket: Deciding = { name: 'one hot key, a bucket', params: { ...manyBuckets.params, keys: 1 } }

/** Cases of the suite `engine`: decisions on memory that threads share. */
export const threads: readonly Case[] = [
  alone(many),
  alone(manyBuckets),
  alone(hot),
  alone(hotBucket),
  byCpuTime(many, atLeast(0.8)),
  byCpuTime(manyBuckets, atLeast(0.8)),
  byCpuTime(hot, null),
  onTheWall(many, 2, atLeast(1.6)),
  onTheWall(many, 4),
  onTheWall(many, 8),
  onTheWall(hot, 2),
  onTheWall(hot, 4),
  onTheWall(hot, 8),
  ...timed(many),
  ...timed(hot),
]

function alone({ name, params }: Deciding): Case {
  const one = { ...params, threads: 1, measure: 'decisions/core-second' } as const
  return {
    name: `shared memory, ${name}, one thread, beside the memory store`,
    unit: 'decisions/core-second',
    ours: run('headgate, shared memory', { ...one, place: 'shared-memory' }),
    theirs: [run('headgate, memory', { ...one, place: 'memory' })],
    target: atLeast(0.5),
  }
}

/** Two threads with a core each make twice as many decisions as one where this ratio is 1. */
function byCpuTime({ name, params }: Deciding, target: Target | null): Case {
  const all = { ...params, place: 'shared-memory', measure: 'decisions/core-second' } as const
  return {
    name: `shared memory, ${name}, 2 threads by CPU time, against one`,
    unit: 'decisions/core-second',
    ours: run('headgate, 2 threads', { ...all, threads: 2 }),
    theirs: [run('headgate, one thread', { ...all, threads: 1 })],
    target,
    brief: target === null,
  }
}

function onTheWall({ name, params }: Deciding, count: number, target: Target | null = null): Case {
  const all = { ...params, place: 'shared-memory', measure: 'ops/s' } as const
  return {
    name: `shared memory, ${name}, ${count} threads, against one`,
    unit: 'ops/s',
    ours: run(`headgate, ${count} threads`, { ...all, threads: count }),
    theirs: [run('headgate, one thread', { ...all, threads: 1 })],
    target,
    brief: target === null,
  }
}

/** Beside what reading the clock twice takes in the same threads, which is part of each figure. */
function timed({ name, params }: Deciding): Case[] {
  const quantiles = [
    { of: 'median', share: 0.5, target: null },
    { of: '99th percentile', share: 0.99, target: oursAtMost(20) },
    { of: '99.9th percentile', share: 0.999, target: null },
  ]
  return quantiles.map(({ of, share, target }) => {
    const all = { ...params, threads: 2, measure: 'µs', share } as const
    return {
      name: `shared memory, ${name}, a decision of 2 threads: ${of}, beside the clock`,
      unit: 'µs',
      ours: run('headgate', { ...all, place: 'shared-memory' }),
      theirs: [run('the clock', { ...all, place: 'nothing' })],
      target,
      brief: target === null,
    }
  })
}

/** Threads use all cores, or there would be nothing to see. */
function run(label: string, params: DecidingThreadsParams): Run {
  return { label, subject: 'deciding-threads', params: { ...params }, roams: true }
}

import { describe, expect, it } from 'vitest'
import { checkDescriptors, checkNode, checkWorkers } from './machine-checks.ts'
import { compareClocks, judgeOffset } from './redis/clock-checks.ts'
import { checkCoverage, readSlots } from './redis/cluster-checks.ts'
import { type Finding, findingsOf } from './redis/finding.ts'
import { judge } from './redis/round-trip.ts'
import { checkPersistence, checkReplication, checkVersion } from './redis/server-checks.ts'
import { parseInfo } from './redis/server-info.ts'

const states = (findings: readonly Finding[]): string[] => findings.map(({ state }) => state)
const info = (...lines: string[]) => parseInfo(['# Section', ...lines, ''].join('\r\n'))
const store = { name: 'main', url: '', prefix: 'headgate', deadlineMs: 15, replicas: 'auto' } as const

describe('checks of the doctor', () => {
  it.each([
    ['20.1.0', 'error'],
    ['22.12.0', 'ok'],
  ])('node: %s is %s', (version, state) => {
    expect(checkNode(version).state).toBe(state)
  })

  it.each([
    [1, 8, 'ok'],
    [8, 8, process.platform === 'linux' ? 'ok' : 'warning'],
    [9, 8, 'warning'],
  ])('workers: %i on %i cores are %s', (workers, cores, state) => {
    expect(checkWorkers(workers, cores).state).toBe(state)
  })

  it.each([
    ['1024', 10_000, 'warning'],
    ['1024', 924, 'ok'],
    ['1024', 925, 'warning'],
    ['unlimited', 10_000, 'ok'],
  ])('file descriptors: a limit of %s and %i connections is %s', (soft, connections, state) => {
    const limits = `Limit     Soft Limit  Hard Limit  Units\nMax open files            ${soft}        4096      files\n`
    expect(checkDescriptors(limits, connections).state).toBe(state)
  })

  it.each([
    [{ medianMs: 1, p99Ms: 14.9 }, 'ok'],
    [{ medianMs: 1, p99Ms: 15 }, 'warning'],
    [{ medianMs: 15, p99Ms: 16 }, 'error'],
  ])('round trips: %j before a deadline of 15 ms is %s', (took, state) => {
    expect(judge(findingsOf('x'), 'a call', { ...took, samples: 100, deadlineMs: 15 }).state).toBe(state)
  })

  it.each([
    [999, 0, 'ok'],
    [1500, 600, 'ok'],
    [1500, 400, 'warning'],
    [-1500, 400, 'warning'],
  ])('clocks: %i ms ahead, known to %i ms, is %s', (aheadMs, uncertaintyMs, state) => {
    const clock = { about: 'a', aheadMs, uncertaintyMs }
    expect(judgeOffset(clock).state).toBe(state)
    expect(states(compareClocks([clock]))).toEqual([])
    expect(states(compareClocks([clock, { about: 'b', aheadMs: 0, uncertaintyMs: 0 }]))).toEqual([state])
  })

  it('clocks: names who is ahead of whom', () => {
    const [finding] = compareClocks([
      { about: 'a', aheadMs: 4000, uncertaintyMs: 1 },
      { about: 'b', aheadMs: 900, uncertaintyMs: 1 },
      { about: 'c', aheadMs: -900, uncertaintyMs: 1 },
    ])
    expect(finding?.message).toBe('the clock of a is 4.900 s ahead of that of c')
  })

  it.each([
    [['redis_version:6.0.9'], 'error', 'Redis 6.0.9 is too old'],
    [['redis_version:6.2.0'], 'ok', 'Redis 6.2.0'],
    [['redis_version:7.2.4', 'valkey_version:9.1.2'], 'ok', 'Valkey 9.1.2'],
  ])('versions: %j is %s', (lines, state, message) => {
    expect(checkVersion(info(...lines), 'a')).toMatchObject({ state, message })
  })

  it.each([
    [['aof_enabled:0'], 86_399_999, []],
    [['aof_enabled:0'], 86_400_000, ['warning']],
    [['aof_enabled:1', 'aof_last_write_status:ok'], 86_400_000, ['ok']],
    [['aof_enabled:1', 'aof_last_write_status:err'], 86_400_000, ['warning']],
  ])('persistence: %j under windows of %i ms is %j', (lines, longestWindowMs, found) => {
    expect(states(checkPersistence(info(...lines), { ...store, longestWindowMs }, 'a'))).toEqual(found)
  })

  it.each([
    [['role:master'], 'ok'],
    [['role:slave'], 'error'],
    [['role:master', 'cluster_enabled:1'], 'warning'],
    [['role:master', 'slave0:ip=1.2.3.4,port=1,state=online,offset=7,lag=1'], 'ok'],
    [['role:master', 'slave0:ip=1.2.3.4,port=1,state=wait_bgsave,offset=0,lag=0'], 'warning'],
    [['role:master', 'slave0:ip=1.2.3.4,port=1,state=online,offset=7,lag=11'], 'warning'],
  ])('replication: %j is %s', (lines, state) => {
    expect(states(checkReplication(info(...lines), 'a'))).toEqual([state])
  })

  it.each([
    [[[0, 16_383, ['a', 1], ['b', 2]]], 'ok'],
    [[[0, 16_382, ['a', 1], ['b', 2]]], 'error'],
    [[], 'error'],
  ])('coverage: %j is %s', (slots, state) => {
    expect(checkCoverage(readSlots(slots, 'h'), 'main').state).toBe(state)
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compare } from '../bench/src/harness/compare.ts'
import { SubjectError } from '../bench/src/harness/spawn.ts'
import type { Case, Run } from '../bench/src/harness/suite.ts'
import { jsonLine } from '../bench/src/report/json.ts'
import { table } from '../bench/src/report/table.ts'
import { wirePeers } from '../bench/src/suites/wire-peers.ts'
import { figuresOf, timesOf } from '../bench/src/wires/h2load-output.ts'
import { PEERS } from './ensure-peers.ts'

const SAID = `
finished in 1.50s, 49144.67 req/s, 8.86MB/s
requests: 73717 total, 73781 started, 73717 done, 73717 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 73717 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 13.29MB (13932513) total, 8.16MB (8552100) headers (space savings 0.00%), 2.39MB (2506650) data
`

describe('what h2load says', () => {
  it('has how many requests were answered, how fast, and with how many octets', () => {
    expect(figuresOf(SAID)).toEqual({ requests: 73_717, perSecond: 49_144.67, bytes: 2_506_650 })
  })

  it.each([
    ['73717 2xx, 0 3xx, 0 4xx, 0 5xx', '73000 2xx, 0 3xx, 717 4xx, 0 5xx'],
    ['0 failed', '3 failed'],
    ['0 errored', '3 errored'],
    ['status codes', 'nothing'],
    ['73717 2xx', '0 2xx'],
  ])('is an error where %j is %j', (said, other) => {
    expect(() => figuresOf(SAID.replace(said, other))).toThrow('not answered as it should be')
  })

  it('has the milliseconds of each request, all of which were answered', () => {
    expect(timesOf('1796155283048409\t200\t1080\n1796155283048413\t200\t3853\n')).toEqual([1.08, 3.853])
    expect(() => timesOf('1796155283048409\t503\t1080\n')).toThrow('503')
    expect(() => timesOf('')).toThrow('answered')
  })
})

describe('a peer', () => {
  it('is built in the version that its row names', () => {
    const cargo = readFileSync('bench/peers/tonic/Cargo.toml', 'utf8')
    const go = readFileSync('bench/peers/grpc-go/go.mod', 'utf8')
    expect(cargo).toContain(`\ntonic = "=${PEERS.tonic.version}"\n`)
    expect(go).toContain(`\tgoogle.golang.org/grpc v${PEERS['grpc-go'].version}\n`)
    const labels = wirePeers.flatMap(({ theirs }) => theirs.map(({ label }) => label))
    for (const [name, { version, year }] of Object.entries(PEERS)) {
      expect(labels).toContainEqual(expect.stringContaining(`${name} ${version} (${year})`))
    }
  })
})

describe('cases that are measured together', () => {
  const run = (label: string): Run => ({ label, subject: 'wire', params: {}, reading: 'peak' })
  const [ours, first, second] = [run('headgate serve'), run('first'), run('second')]
  const of = (theirs: Run): Case => ({
    name: `beside ${theirs.label}`,
    unit: 'ops/s',
    ours,
    theirs: [theirs],
    target: null,
    together: 'a pattern',
  })
  const other: Case = { ...of(run('another')), together: 'another pattern' }
  const cases = [of(first), of(second), other]
  const effort = { warmMs: 1, measureMs: 1 }
  const planOf = (serverMicros: number, broken = '') => {
    const ran: string[] = []
    const processes = {
      run: async (one: Run) => {
        ran.push(one.label)
        if (one.label === broken) throw new SubjectError(one, 'not measured: no cargo', true)
        return { values: { peak: ran.length }, usage: { serverMicros, askerShare: 0.96 } }
      },
    }
    return { ran, plan: { rounds: 2, effort, processes, params: {}, cases, onRun: () => {} } }
  }

  it('have all of their processes in turn in each round', async () => {
    const { ran, plan } = planOf(1)
    await compare(of(first), plan)
    expect(ran).toEqual(['headgate serve', 'first', 'second', 'second', 'first', 'headgate serve'])
  })

  it('are compared where a process of another one is missing, and say what is missing in their own', async () => {
    const { plan } = planOf(1, 'second')
    expect(await compare(of(first), plan)).toHaveProperty('ratio')
    expect(await compare(of(second), plan)).toHaveProperty('error.message', 'not measured: no cargo')
  })

  it('tell what a request took of the CPU, and where who asked was the limit', async () => {
    const outcome = await compare(other, planOf(2.5).plan)
    if (!('ratio' in outcome)) throw new Error('nothing was compared')
    expect(table(outcome)).toContain('2.50 µs of CPU, and who asked was the limit')
    const usage = { serverMicros: 2.5, askerShare: 0.96 }
    expect(JSON.parse(jsonLine('wires', outcome))).toMatchObject({ usage: { ours: usage, theirs: usage } })
  })
})

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { replay } from '../../src/cli/replay.ts'
import { replayLines } from '../../src/cli/replay-lines.ts'
import { type ReplayTyped, readReplayOptions } from '../../src/cli/replay-options.ts'
import { loadConfig } from '../../src/config/config.ts'
import type { ComparisonReport } from '../../src/replay/comparison.ts'
import { reportPage } from '../../src/replay/html/report-page.ts'
import type { SweepReport } from '../../src/replay/limit-sweep.ts'
import { type ReplayReport, runReplay } from '../../src/replay/run-replay.ts'

const BINARY = join(import.meta.dirname, '../../dist/cli/main.js')

let folder: string

const yaml = (perMinute: number): string =>
  `policies: [{ name: ip, key: ip, rules: [${perMinute}/min] }, { name: path, key: path, rules: [40/min] }]`

function logLine(i: number): string {
  const time = `10/Oct/2026:13:${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')} +0000`
  return `192.0.2.${i % 5} - - [${time}] "GET /${i % 4 === 0 ? 'hot' : i % 50} HTTP/1.1" 200 1\n`
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-replay-'))
  const lines = Array.from({ length: 600 }, (_, i) => logLine(i))
  const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content)
  write('access.log', lines.join(''))
  write(
    'first.log.gz',
    Buffer.concat([gzipSync(lines.slice(0, 100).join('')), gzipSync(lines.slice(100, 300).join(''))]),
  )
  write('second.log', lines.slice(300).join(''))
  write('damaged.log', `${lines.slice(0, 3).join('')}rubbish\n${lines.slice(3).join('')}`)
  for (const limit of [2, 5, 8, 16]) write(`${limit}.yaml`, yaml(limit))
  write('wrong.yaml', 'policies: [{ name: ip, rules: [many] }]')
  // Nobody answers there, and nobody is asked.
  write('redis.yaml', `store: { url: 'redis://127.0.0.1:1' }\n${yaml(8)}`)
})

afterAll(() => rmSync(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)

/** The same without a process of its own. */
async function report(logs: string | readonly string[], typed: Partial<ReplayTyped>): Promise<ReplayReport> {
  const { config = '8.yaml', against } = typed
  return runReplay({
    ...readReplayOptions({ config, ...typed }),
    logs: [logs].flat().map(at),
    configuration: await loadConfig(at(config)),
    against: against === undefined ? null : await loadConfig(at(against)),
    onPass: () => {},
  })
}

describe('headgate replay', () => {
  it('says of a sweep at each number what a run with that number says', async () => {
    const swept = await report('access.log', { sweep: 'ip/1m', sweepLimits: '2,5,16' })
    const { points } = swept.sweeps[0] as SweepReport
    expect(points.map(({ limit }) => limit)).toEqual([2, 5, 8, 16])
    for (const { limit, denied, byRule, requests } of points) {
      const { played } = await report('access.log', { config: `${limit}.yaml`, sweep: false })
      expect([limit, denied, byRule, requests]).toEqual([
        limit,
        played.denied,
        played.policies[0]?.rules[0]?.binding,
        played.requests,
      ])
    }
  })

  it('tries other limits of the rule that denies most where none is named, and of all that deny', async () => {
    const most = await report('access.log', {})
    expect(most.sweeps.map(({ policy }) => policy)).toEqual(['ip'])
    const now = most.sweeps[0]?.points.find(({ limit }) => limit === 8)
    expect(now?.denied).toBe(most.played.denied)
    expect(most.played.denied).toBeGreaterThan(0)
    const all = await report('access.log', { config: '16.yaml', sweep: 'all' })
    const denying = all.played.policies.filter(({ denied }) => denied > 0)
    expect(all.sweeps.map(({ policy }) => policy).sort()).toEqual(denying.map(({ policy }) => policy).sort())
  })

  it('reads compressed logs, several of them, and standard input, to the same end', async () => {
    const whole = await report('access.log', { sweep: false })
    const { played } = await report(['second.log', 'first.log.gz'], { sweep: false })
    expect(played).toEqual(whole.played)
    const args = [BINARY, 'replay', '-', '-c', '8.yaml', '--json', '--no-sweep']
    const input = gzipSync(readFileSync(join(folder, 'access.log')))
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, input, encoding: 'utf8' })
    expect(JSON.parse(stdout).played).toEqual(whole.played)
  })

  it('says who is denied by one of two configurations only, key by key', async () => {
    const found = await report('access.log', { against: '16.yaml', sweep: false })
    const { played, against, comparison } = found
    const { newlyDenied, newlyAllowed } = comparison as ComparisonReport
    expect(newlyDenied.count - newlyAllowed.count).toBe(played.denied - (against?.denied ?? 0))
    expect(newlyDenied.policies[0]?.policy).toBe('ip')
    expect(newlyDenied.policies[0]?.keys[0]?.key).toMatch(/^192\.0\.2\./)
    const files = { config: '8.yaml', against: '16.yaml' }
    expect(replayLines({ ...found, files })).toContain(`${newlyDenied.count} denied now, and not before`)
  })

  it('plays of a compressed log that is cut off all whole lines, warns of it, and ends with 1', async () => {
    const lines = Array.from({ length: 200 }, (_, i) => logLine(i)).join('')
    // As a writer leaves it that has flushed in the middle of a line, and goes on.
    const part = gzipSync(lines.slice(0, -30), { finishFlush: constants.Z_SYNC_FLUSH })
    writeFileSync(at('growing.log.gz'), part)
    const { read, played, ...rest } = await report('growing.log.gz', { sweep: false })
    expect(read).toMatchObject({ lines: 199, unreadable: 0, cutOff: [at('growing.log.gz')] })
    expect(played.requests).toBe(199)
    const named = { ...rest, read, played, files: { config: '8.yaml', against: null } }
    expect(replayLines(named).join('\n')).toMatch(/warning: \S+growing\.log\.gz is cut off/)
    expect(reportPage(named)).toMatch(/class="warning">\S+growing\.log\.gz is cut off/)
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const typed = { config: at('8.yaml'), sweep: false }
    expect(await replay([at('growing.log.gz')], typed, {})).toBe(1)
    write.mockRestore()
  })

  it('says which field of --columns no line has, and that no address is there to count by', async () => {
    writeFileSync(at('fields.json'), '{"time":"2026-10-10T13:55:36Z","remote_addr":"192.0.2.1","path":"/"}\n')
    const { notes, played } = await report('fields.json', { columns: 'nofield=ip,path=path', sweep: false })
    expect(notes).toEqual(['no line has the field nofield, which --columns names'])
    expect(played.warnings).toEqual([
      'policy ip needs attribute ip, which no request has: it can decide none',
    ])
    const kept = await report('fields.json', { columns: 'remote_addr=user', sweep: false })
    expect([kept.notes, kept.played.warnings]).toEqual([[], []])
  })

  it('contacts no store', async () => {
    const { played } = await report('access.log', { config: 'redis.yaml', sweep: false })
    expect(played.denied).toBe((await report('access.log', { sweep: false })).played.denied)
  })

  it('names lines that it cannot read, and goes on', async () => {
    const { read } = await report('damaged.log', { sweep: false })
    expect(read).toMatchObject({
      lines: 601,
      unreadable: 1,
      examples: [{ file: at('damaged.log'), line: 4 }],
    })
  })

  it.each<[string, Partial<ReplayTyped>, RegExp]>([
    ['access.log', { config: 'wrong.yaml' }, /wrong\.yaml:1:\d+ policies\[0\]\.rules\[0\]/],
    ['nothing.log', {}, /nothing\.log cannot be read \(ENOENT\)/],
    ['access.log', { sweep: 'ip/1h' }, /the rule ip\/1h, and the policy has ip\/1m/],
    ['access.log', { only: 'users' }, /the policy users, and there are ip, path/],
    ['access.log', { format: 'w3c' }, /is no format; give --format as one of combined/],
    ['8.yaml', {}, /8\.yaml: line 1 is of no known format; give --format/],
    ['access.log', { columns: 'a=ip' }, /--columns is for logs of json or csv.*is combined; leave it out/],
    ['access.log', { columns: 'ip' }, /is no field=attribute/],
    ['access.log', { set: ['domain'] }, /is no attribute; give --set as domain=api/],
    ['access.log', { top: 'many' }, /is no number for --top; give a whole one from 1 to 1000/],
  ])('refuses %j with %j, and says what to do about it', async (log, typed, message) => {
    await expect(report(log, typed)).rejects.toThrow(message)
  })

  it('ends with 1 where no line could be played', async () => {
    const typed = { config: at('8.yaml'), format: 'json' }
    await expect(replay([at('access.log')], typed, {})).rejects.toMatchObject({
      exitCode: 1,
      message: `No line could be played; ${at('access.log')}:1: it is no object of JSON`,
    })
  })
})

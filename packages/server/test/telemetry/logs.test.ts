import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadgateError, memoryStore } from 'headgate'
import { guarded } from 'headgate/resilience'
import { faultyStore, manualClock } from 'headgate/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { describeFailure } from '../../src/service/describe-failure.ts'
import { logged } from './logged-service.ts'

const POLICIES = 'policies: [{ name: api, key: user, rules: [{ name: minute, limit: 5/min }] }]\n'
const origin = { transport: 'http', actor: 'ada-token' }
const WHO = { user: 'ada@example.org' }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-logs-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('decisions in the log', () => {
  it('are none where the configuration asks for none', async () => {
    await using headgate = await logged(POLICIES)
    for (let i = 0; i < 9; i++) await headgate.service.decide([{ who: WHO }], origin)
    expect(headgate.lines).toEqual([])
  })

  it('have a line each, with the id of a denial, and without whom it is about', async () => {
    await using headgate = await logged(`${POLICIES}log: { decisions: { allowed: 100% } }`)
    let ids: readonly (string | null)[] = []
    for (let i = 0; i < 6; i++) ids = (await headgate.service.decide([{ who: WHO }], origin)).ids
    expect(headgate.lines).toHaveLength(6)
    expect(headgate.lines[0]).toMatchObject({
      msg: 'decision',
      verb: 'consume',
      transport: 'http',
      actor: 'ada-token',
      allowed: true,
      reason: 'within-limit',
      source: 'store',
      policy: 'api',
      rule: 'minute',
      limit: 5,
      remaining: 4,
      cost: 1,
    })
    expect(headgate.lines[5]).toMatchObject({ id: ids[0], allowed: false, reason: 'limited' })
    expect(JSON.stringify(headgate.lines)).not.toContain('example.org')
  })

  it('have hashed keys where they are wanted, and where keys are hashed', async () => {
    writeFileSync(join(folder, 'secret'), 's'.repeat(64), { mode: 0o600 })
    const file = `${POLICIES}hashKeys: { secretFile: secret }\nlog: { decisions: { allowed: 100%, keys: true } }`
    await using headgate = await logged(file, folder)
    await headgate.service.decide([{ who: WHO }], origin)
    expect(headgate.lines[0]).toMatchObject({ keys: headgate.service.keysOf(WHO) })
    expect(JSON.stringify(headgate.lines)).not.toContain('example.org')
  })

  it('cannot have keys that are not hashed', () => {
    const file = `${POLICIES}log: { decisions: { keys: true } }`
    expect(() => parseConfig(file, 'headgate.yaml')).toThrow(
      /log\.decisions\.keys.* logs keys, which takes hashKeys/,
    )
  })

  it('are a share of those that pass, as the line says, and by default all denials', async () => {
    await using headgate = await logged(`${POLICIES}log: { decisions: { allowed: 0%, perSecond: 10 } }`)
    for (let i = 0; i < 30; i++) await headgate.service.decide([{ who: WHO }], origin)
    expect(headgate.lines.map(({ allowed }) => allowed)).toEqual(Array(10).fill(false))
  })

  it.each(['101%', '5', '-1%', 'all'])('refuse %s as a share', (share) => {
    const file = `${POLICIES}log: { decisions: { denied: ${share} } }`
    expect(() => parseConfig(file, 'headgate.yaml')).toThrow(/is no share; write it as 1% or 100%|denied/)
  })
})

describe('the audit log', () => {
  const audit = (name: string): Record<string, unknown>[] =>
    readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))

  it('says who changed what, for whom, and where a configuration came into force', async () => {
    await using headgate = await logged(`${POLICIES}audit: { file: audit.log }`, folder)
    const { service } = headgate
    const { hash } = service.configuration()
    await service.block(WHO, '1m', origin)
    service.fail(new HeadgateError('forbidden', 'the token "x" is not for this'), { transport: 'admin' })
    service.apply(
      parseConfig(
        `${POLICIES}audit: { file: audit.log }\nallow: { user: bob }`,
        join(folder, 'headgate.yaml'),
      ),
    )
    const done = { outcome: 'done' }
    const state = { action: 'shadow', name: null, version: '1-a', before: false, after: true } as const
    service.tell('policy-change', { ...origin, at: 0, ...state })
    service.reject({ file: null, path: 'policies', line: 3, column: 1, message: 'is wrong', more: 0 })
    const time = expect.stringMatching(/^\d{4}-.*Z$/)
    const after = service.configuration().hash
    expect(audit('audit.log')).toEqual([
      { time, audit: true, event: 'block', ...origin, ...done, policies: ['api'], keys: service.keysOf(WHO) },
      {
        time,
        audit: true,
        event: 'token-rejected',
        transport: 'admin',
        code: 'forbidden',
        detail: expect.any(String),
      },
      { time, audit: true, event: 'configuration', before: hash, after, policies: 1 },
      { time, audit: true, event: 'policy-change', ...origin, ...state },
      expect.objectContaining({ event: 'configuration-rejected', hash: after, path: 'policies', line: 3 }),
    ])
    expect(statSync(join(folder, 'audit.log')).mode & 0o777).toBe(0o600)
    expect(headgate.lines.filter((line) => line['audit'] === true)).toEqual([])
  })

  it('names whom a change was about, whatever matches, and no secret', async () => {
    await using headgate = await logged(`
policies:
  - { name: api, match: { path: /v2/** }, key: user, rules: [1/min] }
  - { name: keys, match: { path: /v2/** }, key: apiKey, rules: [1/min] }
allow: { user: zed }
audit: { file: stdout, denials: true }`)
    const { service, lines } = headgate
    await service.block({ user: 'zed', apiKey: 'sk_live_1' }, '1m', origin)
    const hidden = expect.stringMatching(/^…[0-9a-f]{12}$/)
    const keys = [
      { policy: 'api', key: 'zed' },
      { policy: 'keys', key: hidden },
    ]
    await service.decide([{ who: { user: 'al', apiKey: 'sk_live_1', path: '/v2/x' } }], origin)
    expect(lines).toEqual([
      expect.objectContaining({ event: 'block', outcome: 'done', policies: ['api', 'keys'], keys }),
      expect.objectContaining({ event: 'denial', keys: [{ policy: 'api', key: 'al' }, keys[1]] }),
    ])
  })

  it('has changes too of which nobody knows whether they took effect, as their errors say', async () => {
    const store = faultyStore(memoryStore({ clock: manualClock() }), {
      faults: ['lose', ...Array(9).fill('fail')],
    })
    await using headgate = await logged(`${POLICIES}audit: { file: stdout }`, folder, guarded(store))
    const { service, lines } = headgate
    const details: string[] = []
    for (let i = 0; i < 10; i++) {
      await service.block(WHO, '1m', origin).catch((reason: unknown) => {
        details.push(describeFailure(reason).detail)
      })
    }
    const about = { event: 'block', policies: ['api'], keys: service.keysOf(WHO) }
    const audited = lines.filter(({ audit }) => audit === true)
    expect(audited).toHaveLength(10)
    expect(audited.at(0)).toMatchObject({ ...about, outcome: 'unknown' })
    expect(details.at(0)).toMatch(/did not say whether this was done/)
    // Left alone by now.
    expect(audited.at(-1)).toMatchObject({ ...about, outcome: 'here-only' })
    expect(details.at(-1)).toMatch(/holds at this instance alone/)
  })

  it('has denials where it is asked to', async () => {
    await using headgate = await logged(`${POLICIES}audit: { file: stdout, denials: true }`)
    for (let i = 0; i < 6; i++) await headgate.service.decide([{ who: WHO }], origin)
    expect(headgate.lines).toEqual([
      expect.objectContaining({
        audit: true,
        event: 'denial',
        policy: 'api',
        reason: 'limited',
        id: expect.any(String),
      }),
    ])
  })

  it('follows the configuration to another file, and is opened again after a rotation', async () => {
    const file = (name: string) =>
      parseConfig(`${POLICIES}audit: { file: ${name} }`, join(folder, 'headgate.yaml'))
    await using headgate = await logged(`${POLICIES}audit: { file: a.log }`, folder)
    const { service, telemetry } = headgate
    await service.reset(WHO, origin)
    service.apply(file('b.log'))
    rmSync(join(folder, 'b.log'))
    telemetry.reopen()
    await service.unblock(WHO, origin)
    expect(audit('a.log').map(({ event }) => event)).toEqual(['reset'])
    expect(audit('b.log').map(({ event }) => event)).toEqual(['unblock'])
  })

  it('that cannot be written is an error in the log and a metric, and no call fails', async () => {
    const gone = join(folder, 'gone')
    mkdirSync(gone)
    await using headgate = await logged(`${POLICIES}audit: { file: gone/audit.log, denials: true }`, folder)
    rmSync(gone, { recursive: true })
    for (let i = 0; i < 8; i++) await headgate.service.decide([{ who: WHO }], origin)
    expect(headgate.lines).toEqual([
      expect.objectContaining({ level: 50, msg: expect.stringContaining('cannot be written (ENOENT)') }),
    ])
    expect((await headgate.telemetry.metrics()).text).toContain(
      'headgate_log_dropped_total{output="audit"} 3\n',
    )
  })
})

/** The page about metrics says what is exposed: all of it, by the names it has. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HeadgateError } from 'headgate'
import { describe, expect, it } from 'vitest'
import { root } from '../../../limiter/test/docs/documents.ts'
import { METRICS } from '../../src/telemetry/metrics/catalogue.ts'
import { metered } from './metered-service.ts'
import { PROXIED } from './proxied-request.ts'

const page = readFileSync(join(root, 'docs/operations/metrics.md'), 'utf8')
/** What needs Redis, which the tests of the service on Redis look at. */
const OF_REDIS = ['headgate_store_latency_seconds', 'headgate_store_unrecognized_total']

describe('the page about metrics', () => {
  it('names metrics that exist, of Headgate and of the process, and no others', async () => {
    await using metrics = metered(FILE, { log: 0 })
    const exposed = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
    const known = new Set([...exposed, ...Object.keys(METRICS)])
    const named = [...page.matchAll(/\b(?:headgate|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name)
    expect(named.filter((name) => !known.has(name.replace(/_bucket$/, '')))).toEqual([])
    expect(exposed.filter((name) => !named.includes(name as string))).toEqual([])
  })

  it('lists what is exposed once everything has happened', async () => {
    await using metrics = metered(FILE, { log: 0 })
    const { service } = metrics
    const origin = { transport: 'http' }
    for (let i = 0; i < 9; i++) await metrics.consume('ada')
    await service.decide([{ who: { user: 'ada' } }], { ...origin, verb: 'peek' })
    await service.reset({ user: 'ada' }, origin)
    service.fail(new HeadgateError('unauthenticated', 'no'), origin)
    service.tell('connection-refused', { ...origin, reason: 'total' })
    service.tell('certificate', { fingerprint: 'AB', notAfterMs: 0, isNew: true })
    service.tell('proxied', PROXIED)
    service.tell('target-health', { target: 'http://127.0.0.1:3000', isHealthy: true, why: 'it answers' })
    service.tell('policy-change', {
      ...origin,
      version: '1',
      at: 0,
      action: 'put',
      name: 'api',
      before: null,
      after: null,
    })
    service.reject({ file: null, path: '', line: null, column: null, message: 'no', more: 0 })
    const text = await metrics.text()
    const missing = Object.keys(METRICS).filter((name) => !text.includes(`\n# TYPE ${name} `))
    expect(missing.filter((name) => !text.startsWith(`# HELP ${name} `))).toEqual(OF_REDIS)
  })
})

const FILE = `
policies:
  - name: api
    key: user
    rules: [{ name: minute, limit: 5/min }]
    shadow: { rules: { minute: { limit: 3/min } } }
`

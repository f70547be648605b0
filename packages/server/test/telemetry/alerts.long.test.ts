/** Alert rules, read and run by promtool of a real Prometheus; and what a service exposes, checked by it. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasCommand } from '../../../../scripts/redis-installers.ts'
import { root } from '../../../limiter/test/docs/documents.ts'
import { metered } from './metered-service.ts'

const folder = join(root, 'operations/prometheus')
const isThere = hasCommand('promtool')
if (!isThere && process.env['CI'] === 'true')
  throw new Error('promtool is missing; see scripts/ensure-prometheus.ts')

function promtool(args: readonly string[], input = ''): string {
  return execFileSync('promtool', args, { cwd: folder, input, encoding: 'utf8' })
}

describe.skipIf(!isThere)('promtool (skipped where it cannot be installed)', () => {
  it('takes the alert rules', () => {
    expect(promtool(['check', 'rules', 'headgate-alerts.yaml'])).toMatch(/SUCCESS: \d+ rules found/)
  })

  it('sees each alert fire on what it is for, and not at once', () => {
    expect(promtool(['test', 'rules', 'headgate-alerts.test.yaml'])).toContain('SUCCESS')
  })

  it('finds nothing wrong with what is exposed', async () => {
    await using metrics = metered('policies: [{ name: api, key: user, rules: [5/min] }]', { log: 0 })
    for (let i = 0; i < 7; i++) await metrics.consume('ada')
    expect(promtool(['check', 'metrics'], await metrics.text())).toBe('')
  })
})

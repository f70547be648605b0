/** Alert rules, dashboard and the page that says what to do are about metrics and alerts that exist. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseDocument } from '../../../limiter/test/docs/document.ts'
import { root } from '../../../limiter/test/docs/documents.ts'
import { METRICS } from '../../src/telemetry/metrics/catalogue.ts'
import type { MetricInfo } from '../../src/telemetry/metrics/metric.ts'
import { metered } from './metered-service.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
}

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string }[]
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const { groups } = parse(read('operations/prometheus/headgate-alerts.yaml')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}
const rules = groups.flatMap((group) => group.rules)
const { panels } = JSON.parse(read('operations/grafana/headgate.json')) as {
  readonly panels: readonly Panel[]
}
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
]
/** Labels that Prometheus adds. */
const OF_TARGETS = ['instance', 'job', 'le']

let exposed = new Set<string>()
beforeAll(async () => {
  await using metrics = metered('policies: [{ name: api, key: user, rules: [5/min] }]')
  const types = (await metrics.text()).matchAll(/^# TYPE (\S+)/gm)
  exposed = new Set([...Object.keys(METRICS), ...[...types].map(([, name]) => name as string)])
})

describe('alerts and dashboard', () => {
  it.each(expressions)('%s asks for metrics that are exposed, by labels that they have', (_, expr) => {
    const named = [
      ...expr.matchAll(/\b((?:headgate|nodejs|process)_\w+?)(?:_bucket)?(?:\{(.*?)\})?(?=[[\s),=]|$)/g),
    ]
    expect(named.length > 0 || expr.startsWith('up{')).toBe(true)
    for (const [, name = '', selector = ''] of named) {
      expect(exposed).toContain(name)
      const { labels = [] }: MetricInfo = { labels: [], ...Reflect.get(METRICS, name) }
      const asked = [...selector.matchAll(/(\w+)(?:=~|!=|=)"/g)].map(([, label]) => label as string)
      expect(asked.filter((label) => ![...labels, ...OF_TARGETS].includes(label))).toEqual([])
    }
  })

  it('have a section each that says what to do, and a test that lets them fire', () => {
    const page = 'docs/operations/troubleshooting.md'
    const sections = parseDocument(page, read(page)).headings.filter((heading) =>
      heading.startsWith('Headgate'),
    )
    const names = rules.map(({ alert }) => alert)
    expect(sections).toEqual(names)
    const { tests } = parse(read('operations/prometheus/headgate-alerts.test.yaml')) as {
      readonly tests: readonly { readonly name: string }[]
    }
    expect(tests.map(({ name }) => name)).toEqual(names)
  })
})

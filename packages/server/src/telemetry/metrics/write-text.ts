import type { Family, HistogramValue, Sample } from './metric.ts'

/** Text for a scraper, and its type. */
export interface Exposition {
  readonly type: string
  readonly text: string
}

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8'
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
const TOTAL = /_total$/

/** Writes metrics as whoever asks takes them: OpenMetrics where the field `Accept` names it, else the older text format. */
export function writeText(families: readonly Family[], accept = ''): Exposition {
  const isOpen = /application\/openmetrics-text\b/i.test(accept)
  const blocks = families.filter(({ samples }) => samples.length > 0).map((one) => block(one, isOpen))
  const text = blocks.join('')
  return isOpen ? { type: OPEN_METRICS, text: `${text}# EOF\n` } : { type: PROMETHEUS, text }
}

function block(family: Family, isOpen: boolean): string {
  const { name, help, type, samples } = family
  // OpenMetrics names a family of counters without the end of its series.
  const called = isOpen && type === 'counter' ? name.replace(TOTAL, '') : name
  const lines = samples.flatMap((sample) => linesOf(family, sample))
  return `# HELP ${called} ${help}\n# TYPE ${called} ${type}\n${lines.join('\n')}\n`
}

function linesOf(family: Family, [values, value]: Sample): string[] {
  const { name, labels = [] } = family
  const pairs = labels.map((label, i) => `${label}="${escaped(values[i] ?? '')}"`)
  if (typeof value === 'number') return [`${name}${braced(pairs)} ${said(value)}`]
  return histogramLines(family, pairs, value)
}

function histogramLines(
  { name, bounds = [] }: Family,
  pairs: readonly string[],
  { counts, sum }: HistogramValue,
): string[] {
  let count = 0
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, i) => {
    count += counts[i] ?? 0
    return `${name}_bucket${braced([...pairs, `le="${said(bound)}"`])} ${count}`
  })
  return [...buckets, `${name}_sum${braced(pairs)} ${said(sum)}`, `${name}_count${braced(pairs)} ${count}`]
}

function braced(pairs: readonly string[]): string {
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function said(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

const SPECIAL: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => SPECIAL[character] ?? '')
}

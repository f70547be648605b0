import { WIRE_POLICIES } from '../../service/wire-policy.ts'
import { OTHER } from './closed-names.ts'
import type { Family, HistogramValue, Sample } from './metric.ts'

/** What several threads have counted, as one process: `own` is that of the thread which speaks for all, and has every name. */
export function mergeFamilies(
  own: readonly Family[],
  others: readonly (readonly Family[])[],
): readonly Family[] {
  if (others.length === 0) return own
  return own.map((family) => {
    if (family.threads === 'one') return family
    const all = [family, ...others.flatMap((one) => one.filter(({ name }) => name === family.name))]
    return {
      ...family,
      samples: mergeSamples(
        all.flatMap(({ samples }) => samples),
        mergeOf(family),
      ),
    }
  })
}

/** What stays of threads that have ended: what they counted, and nothing of how they were. */
export function endedFamilies(
  parts: readonly [readonly Family[], ...(readonly Family[])[]],
): readonly Family[] {
  const [first, ...others] = parts
  return mergeFamilies(first, others).filter(({ type, threads }) => type !== 'gauge' && threads !== 'one')
}

/** The same without series of rules that a configuration does not have; `rules` are those it has, by policy. */
export function forgetRules(
  families: readonly Family[],
  rules: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Family[] {
  const isKnown = (policy: string, rule: string): boolean =>
    policy === '' || policy === OTHER || WIRE_POLICIES.has(policy) || rules.get(policy)?.has(rule) === true
  return families.map((family) => {
    const [policyAt, ruleAt] = ['policy', 'rule'].map((label) => (family.labels ?? []).indexOf(label))
    if (policyAt === undefined || ruleAt === undefined || policyAt < 0 || ruleAt < 0) return family
    const samples = family.samples.filter(([labels]) => isKnown(labels[policyAt] ?? '', labels[ruleAt] ?? ''))
    return { ...family, samples }
  })
}

type Value = Sample[1]

function mergeOf({ threads }: Family): (a: Value, b: Value) => Value {
  if (threads === undefined || threads === 'one') return add
  return threads === 'most' ? greater : lesser
}

function mergeSamples(samples: readonly Sample[], merge: (a: Value, b: Value) => Value): Sample[] {
  const merged = new Map<string, Sample>()
  for (const [labels, value] of samples) {
    const series = labels.join('\n')
    const known = merged.get(series)
    merged.set(series, [labels, known === undefined ? value : merge(known[1], value)])
  }
  return [...merged.values()]
}

function add(a: Value, b: Value): Value {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) + Number(b)
  return addHistograms(a, b)
}

function greater(a: Value, b: Value): Value {
  return Math.max(Number(a), Number(b))
}

function lesser(a: Value, b: Value): Value {
  return Math.min(Number(a), Number(b))
}

function addHistograms(a: HistogramValue, b: HistogramValue): HistogramValue {
  return { counts: Array.from(a.counts, (count, i) => count + (b.counts[i] ?? 0)), sum: a.sum + b.sum }
}

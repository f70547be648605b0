import type { ChooseOptions, DescriptorMatch, Match, PolicyOptions } from 'headgate'
import type { Mistake, Path } from '../config-error.ts'
import type { EnvoyPolicies } from '../foreign/envoy-policies.ts'
import type { EnvoyShape } from '../foreign/envoy-shape.ts'
import { nameOf } from '../foreign/policy-names.ts'
import { show } from '../unknown-name.ts'
import type { Converted } from './converted.ts'
import { byKeys, hiddenLimits } from './hidden-limits.ts'
import { overlap, type Spot, type SpotEntry, spotsOf, withBelow } from './limit-spots.ts'

/** Writes a file of envoyproxy/ratelimit as ours; `made` is what it is read as, with names and rules. */
export function convertEnvoy({ domain, descriptors = [] }: EnvoyShape, made: EnvoyPolicies): Converted {
  const spots = spotsOf(descriptors)
  const all = spots.flatMap(withBelow)
  const limited = all.filter(({ limit }) => limit !== undefined)
  const chosen = choices(domain, limited)
  const { allowed, unsaid } = hiddenLimits(spots)
  const policies = made.policies.map(({ policy, origin }) => {
    const spot = limited.find(({ path }) => samePath([...path, 'rate_limit'], origin)) as Spot
    return { origin: spot.path, policy: written(policy, { domain, spot, choose: chosen.get(spot) }) }
  })
  return {
    policies,
    allow: allowed.map((entries) => matchOf(domain, entries)),
    notes: [
      ...(domain.includes('*')
        ? [
            {
              path: ['domain'],
              message: `${show(domain)} is a pattern here, and fits other domains too; give it another name`,
            },
          ]
        : []),
      ...all.flatMap((spot) => notesOf(spot, limited)),
      ...unsaid.map(({ spot, behind }) => {
        const other = show(entryText(behind.entries.at(-1) as SpotEntry))
        const fix = `write the limit that is meant under ${other} as well`
        return { path: spot.path, message: `is not looked at there where ${other} fits, and is here; ${fix}` }
      }),
    ],
  }
}

interface Told {
  readonly domain: string
  readonly spot: Spot
  readonly choose: ChooseOptions | undefined
}

function written({ name, rules, mode }: PolicyOptions, { domain, spot, choose }: Told): PolicyOptions {
  const shared = spot.entries.some((entry) => entry.isShared)
  return {
    name,
    match: matchOf(domain, spot.entries),
    key: shared ? keyWithout(spot.entries) : 'descriptor',
    // An empty value is none; there it is a value like any other.
    ...(shared && { missing: 'skip' }),
    rules,
    ...(choose && { choose }),
    ...(mode && { mode }),
  }
}

/** All entries that tell budgets apart, but for those that share one. */
function keyWithout(entries: readonly SpotEntry[]): string | string[] {
  const telling = entries.filter(
    ({ value, isShared }) => !isShared && (value === undefined || value.includes('*')),
  )
  const names = telling.map(({ key }) => `descriptor.${key}`)
  return names.length === 0 ? 'global' : names.length === 1 ? (names[0] as string) : names
}

function matchOf(domain: string, entries: readonly SpotEntry[]): Match {
  return {
    domain,
    descriptor: entries.map(
      ({ key, value }): DescriptorMatch => (value === undefined ? key : { [key]: value }),
    ),
  }
}

/** Where several fit one descriptor, only the first is asked. */
function choices(domain: string, limited: readonly Spot[]): Map<Spot, ChooseOptions> {
  const chosen = new Map<Spot, ChooseOptions>()
  for (const group of byKeys(limited).values()) {
    const competing = group.filter((spot) =>
      group.some((other) => other !== spot && overlap(spot.entries, other.entries)),
    )
    const place = [domain, ...(group[0]?.entries.map(({ key }) => key) ?? [])]
    const name = nameOf(place.join('.'), place)
    const inOrder = [...competing].sort((a, b) => b.rank - a.rank)
    for (const [i, spot] of inOrder.entries()) chosen.set(spot, { group: name, priority: i + 1 })
  }
  return chosen
}

const KEEP = 'or keep this file: Headgate reads it as it is'

/** What policies of ours cannot say. */
function notesOf({ path, entries, descriptor, limit, rank }: Spot, limited: readonly Spot[]): Mistake[] {
  const { shadow_mode, quota_mode, metadata, detailed_metric, value_to_metric, rate_limit } = descriptor
  const say = (field: string, message: string): Mistake => ({ path: [...path, field], message })
  const others = limited.filter((other) => other.rank > rank && overlap(other.entries, entries))
  const keys = entries.map(({ key }) => key)
  return [
    ...(quota_mode === true && limit !== undefined
      ? [
          say(
            'quota_mode',
            `denies by itself here, and there only with all quotas of a request; name one "anyOf" in requests, ${KEEP}`,
          ),
        ]
      : []),
    ...(shadow_mode === true &&
    limit !== undefined &&
    others.some(({ descriptor: one }) => one.shadow_mode !== true)
      ? [
          say(
            'shadow_mode',
            `leaves the decision to the next limit that fits; there nothing decides then: remove that limit, ${KEEP}`,
          ),
        ]
      : []),
    ...((rate_limit?.replaces ?? []).length > 0
      ? [
          {
            path: [...path, 'rate_limit', 'replaces'],
            message: `all limits hold here; leave out the descriptor that is replaced, ${KEEP}`,
          },
        ]
      : []),
    ...(metadata === undefined
      ? []
      : [say('metadata', `is not answered; let the policy have "headers", ${KEEP}`)]),
    ...(detailed_metric === true || value_to_metric === true
      ? [
          say(
            detailed_metric === true ? 'detailed_metric' : 'value_to_metric',
            'has no counterpart: metrics count by policy; see top for keys',
          ),
        ]
      : []),
    ...(entries.some(({ isShared }) => isShared) && new Set(keys).size < keys.length
      ? [
          say(
            'share_threshold',
            `of entries with the same key the first tells budgets apart here; use other keys, ${KEEP}`,
          ),
        ]
      : []),
  ]
}

function entryText({ key, value }: SpotEntry): string {
  return value === undefined ? key : `${key}: ${value}`
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((step, i) => step === b[i])
}

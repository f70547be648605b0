import type { Configuration } from '../service/configuration.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import type { RecordHeader } from '../service/record/record-format.ts'
import { Comparison, type ComparisonReport } from './comparison.ts'
import { Sweep, type SweepReport, type SweptRule } from './limit-sweep.ts'
import type { PlayReport } from './play-report.ts'
import { type Actor, PlayTogether } from './play-together.ts'
import { Player } from './player.ts'
import { type LogSource, openSource, parserOf, type ReadOptions } from './read/log-source.ts'
import { ReadCounts } from './read/read-counts.ts'
import { RecordedLogs } from './recorded/recorded-logs.ts'
import { type ReadReport, replayLogs } from './replay-logs.ts'

/** What is played, against what. */
export interface ReplayOptions extends ReadOptions {
  /** Files, and `-` for standard input. */
  readonly logs: readonly string[]
  readonly configuration: Configuration
  /** The one that is in force; null where there is nothing to compare with. */
  readonly against: Configuration | null
  /** Attributes that all requests have beside their own. */
  readonly constants: Readonly<Record<string, string>>
  /** Names of the policies that are played; undefined: all. */
  readonly only: readonly string[] | undefined
  /** What recorded values were hashed with; undefined: it is not known. */
  readonly seed: string | undefined
  readonly maxKeys: number | undefined
  /** Which rules are tried with other limits: those named, the one that denies most, all that deny, or none. */
  readonly sweep: readonly SweptRule[] | 'most' | 'all' | 'none'
  /** Limits to try; undefined: parts and multiples of that of the rule. */
  readonly sweepLimits: readonly number[] | undefined
  /** Keys that are listed of each policy. */
  readonly top: number
  /** Called when logs are open: before the first pass, and before the second. */
  readonly onPass: (pass: Pass) => void
}

/** One reading of all logs, while it lasts. */
export interface Pass {
  readonly counts: ReadCounts
  readonly sources: readonly LogSource[]
  readonly purpose: 'replay' | 'sweep'
}

/** What came of a replay. */
export interface ReplayReport {
  readonly read: ReadReport
  readonly played: PlayReport
  readonly against: PlayReport | null
  readonly comparison: ComparisonReport | null
  readonly sweeps: readonly SweepReport[]
  /** What was left out, one sentence each. */
  readonly notes: readonly string[]
}

/** Plays logs against one configuration or two, and against what other limits would make of the first one. */
export async function runReplay(given: ReplayOptions): Promise<ReplayReport> {
  checkOnly(given)
  const sources = await openAll(given)
  checkColumns(given, sources)
  const unseen = new Set(given.columns?.keys())
  const { recorded, ...options } = fitted({ ...given, unseen }, sources)
  const { configuration, against, only, maxKeys, sweep, top } = options
  const player = new Player({ configuration, only, maxKeys })
  const old = against === null ? null : new Player({ configuration: against, only, maxKeys })
  const comparison = old === null ? null : new Comparison(player, old)
  const named = typeof sweep === 'string' ? [] : sweepsOf(options, sweep)
  const actors = [player, ...(old === null ? [] : [old]), ...named.flatMap(({ points }) => points)]
  const { read, isRepeatable } = await pass(options, actors, {
    recorded,
    sources,
    comparison,
    purpose: 'replay',
  })
  const played = player.report(top)
  const wanted = sweep === 'most' || sweep === 'all' ? denyingRules(played, sweep) : []
  const found = isRepeatable ? sweepsOf(options, wanted) : []
  if (found.length > 0)
    await pass(
      options,
      found.flatMap(({ points }) => points),
      { recorded, sources: await openAll(options), comparison: null, purpose: 'sweep' },
    )
  const sweeps = [...named, ...found]
  const report = {
    read,
    played,
    against: old?.report(top) ?? null,
    comparison: comparison?.report(top) ?? null,
    sweeps: sweeps.map((one) => one.report(played)),
    notes: [
      ...[...unseen].map((field) => `no line has the field ${field}, which --columns names`),
      ...(isRepeatable || wanted.length === 0 ? [] : [UNREPEATED]),
    ],
  }
  for (const one of [player, old, ...sweeps]) await one?.close()
  return report
}

const UNREPEATED =
  'no other limits were tried: which rules deny is known at the end, and what comes by a pipe is read once; name one with --sweep POLICY/RULE'

function checkOnly({ only, configuration, against }: ReplayOptions): void {
  const names = [configuration, ...(against === null ? [] : [against])].flatMap(({ policies }) =>
    policies.map(({ name }) => name),
  )
  const unknown = only?.find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw wrongUsage(`--only names the policy ${unknown}, and there are ${[...new Set(names)].join(', ')}`)
}

function checkColumns({ columns }: ReplayOptions, sources: readonly LogSource[]): void {
  const [first] = sources
  if (columns === undefined || first === undefined) return
  if (sources.some(({ format }) => format === 'json' || format === 'csv')) return
  throw wrongUsage(
    `--columns is for logs of json or csv, whose fields have names, and ${first.name} is ${first.format}; leave it out`,
  )
}

function sweepsOf(
  { configuration, only, maxKeys, sweepLimits }: ReplayOptions,
  rules: readonly SweptRule[],
): Sweep[] {
  const engine = { configuration, ...(only && { only }), ...(maxKeys !== undefined && { maxKeys }) }
  return rules.map((rule) => new Sweep(engine, rule, sweepLimits))
}

/** Rules that denials name, the one that they name most first. */
function denyingRules({ policies }: PlayReport, which: 'most' | 'all'): SweptRule[] {
  const rules = policies
    .flatMap(({ policy, rules: own }) => own.map(({ rule, binding }) => ({ policy, rule, binding })))
    .filter(({ binding }) => binding > 0)
    .sort((a, b) => b.binding - a.binding)
    .map(({ policy, rule }) => ({ policy, rule }))
  return which === 'all' ? rules : rules.slice(0, 1)
}

interface PassOf {
  readonly sources: readonly LogSource[]
  readonly recorded: RecordedLogs
  readonly comparison: Comparison | null
  readonly purpose: Pass['purpose']
}

interface PassResult {
  readonly read: ReadReport
  /** Whether the logs can be read again. */
  readonly isRepeatable: boolean
}

async function pass(
  options: ReplayOptions,
  actors: readonly Actor[],
  { recorded, sources, comparison, purpose }: PassOf,
): Promise<PassResult> {
  const counts = new ReadCounts()
  const together = new PlayTogether(actors, comparison)
  const { constants } = options
  const hasConstants = Object.keys(constants).length > 0
  options.onPass({ counts, sources, purpose })
  const parts = {
    onHeader: (header: RecordHeader) => recorded.attributesUnder(header),
    onLost: (why: unknown, requests: number) => counts.gaps.add(why, requests),
  }
  const read = await replayLogs({
    sources,
    parserOf: (source) => parserOf(source, options, parts),
    counts,
    play: (request) =>
      together.play(hasConstants ? { ...request, who: { ...constants, ...request.who } } : request),
  })
  return { read, isRepeatable: sources.every(({ size }) => size !== null) }
}

/** Configurations that fit what was recorded, which the first lines of the logs say. */
function fitted(
  options: ReplayOptions,
  sources: readonly LogSource[],
): ReplayOptions & { readonly recorded: RecordedLogs } {
  const { only, seed, configuration, against } = options
  const headers = sources.flatMap(({ header }) => header ?? [])
  const plain = sources.find(({ header }) => header === null)
  if (plain !== undefined && headers.some(({ hashed }) => hashed.length > 0)) {
    throw wrongUsage(
      `${plain.name} is played apart from recordings with hashed attributes: it has no answers to their questions`,
    )
  }
  const recorded = new RecordedLogs({ headers, only, seed })
  return {
    ...options,
    configuration: recorded.fit(configuration),
    against: against === null ? null : recorded.fit(against),
    recorded,
  }
}

async function openAll(options: ReplayOptions): Promise<LogSource[]> {
  const sources: LogSource[] = []
  for (const name of options.logs) {
    const source = await openSource(name, options)
    if (source !== null) sources.push(source)
  }
  return sources
}

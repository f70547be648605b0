import { randomBytes } from 'node:crypto'
import { HeadgateError } from 'headgate'
import { z } from 'zod'
import { formatPath } from '../config-error.ts'
import { explain, flatten } from '../issues.ts'
import { type FilePolicy, policyShape } from '../schema/policy-shape.ts'
import { optional, strictMap } from '../schema/strict-map.ts'

/** What was changed at run time, as a store keeps it. */
export interface RuntimeDocument {
  /** How often something was changed, and what tells this from another text of that number; `0` where nothing ever was. */
  readonly version: string
  /** Whether all policies are in shadow. */
  readonly shadow: boolean
  readonly policies: readonly FilePolicy[]
  /** The last changes, oldest first. */
  readonly history: readonly KeptChange[]
}

/** A change as it is kept: policies with all that they say. */
export type KeptChange = z.output<typeof changeShape>

/** Before anything was changed. */
export const NOTHING_CHANGED: RuntimeDocument = { version: '0', shadow: false, policies: [], history: [] }

/** Most policies that live at run time. */
const POLICIES_MAX = 1000
/** Most bytes of them, and of what is told of earlier changes: read by every process at once when something changes. */
const POLICIES_BYTES_MAX = 768 * 1024
const HISTORY_BYTES_MAX = 256 * 1024
const HISTORY_MAX = 100

/** The form of the text. A version of this program that writes another one writes another number. */
const FORMAT = 1

const state = z.union([z.boolean(), policyShape, z.null()])
const changeShape = strictMap({
  version: z.string(),
  at: z.number(),
  actor: z.union([z.string(), z.null()]),
  transport: z.string(),
  action: z.enum(['put', 'patch', 'delete', 'shadow']),
  name: z.union([z.string(), z.null()]),
  before: state,
  after: state,
})
const documentShape = strictMap({
  format: z.literal(FORMAT),
  version: z.string(),
  shadow: z.boolean(),
  policies: z.array(policyShape).max(POLICIES_MAX),
  ...optional({ history: z.array(changeShape) }),
})

/** The document that comes after one, with what was changed; refused where it would be too large. */
export function nextDocument(
  { version, history }: RuntimeDocument,
  { shadow, policies }: Pick<RuntimeDocument, 'shadow' | 'policies'>,
  change: Omit<KeptChange, 'version'>,
): RuntimeDocument {
  // Where a store forgot the last change and another one took its number, the two are still told apart.
  const next = `${Number.parseInt(version, 10) + 1}-${randomBytes(4).toString('hex')}`
  if (policies.length > POLICIES_MAX) throw tooLarge(`there would be more than ${POLICIES_MAX} of them`)
  if (bytesOf(policies) > POLICIES_BYTES_MAX) throw tooLarge('together they would have more than 768 KiB')
  return { version: next, shadow, policies, history: kept([...history, { version: next, ...change }]) }
}

/** The text that a store keeps. */
export function textOf(document: RuntimeDocument): string {
  return JSON.stringify({ format: FORMAT, ...document })
}

/** Reads such a text; an `invalid-config` error where this version of the program cannot. */
export function readDocument(text: string): RuntimeDocument {
  const { data, error } = documentShape.safeParse(parsed(text), { error: (issue) => explain(issue) })
  if (error === undefined) return { ...data, history: data.history ?? [] }
  const [first] = error.issues.flatMap((issue) => flatten(issue))
  const path = first?.path[0] === 'format' ? [] : (first?.path ?? [])
  const where = path.length === 0 ? '' : ` (${formatPath(path)})`
  const message = `what was changed at run time cannot be read by this version${where}; the one that wrote it is newer`
  throw new HeadgateError('invalid-config', message)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** As many of the last changes as there is room for. */
function kept(history: readonly KeptChange[]): readonly KeptChange[] {
  const newest = bounded(history, () => 1, HISTORY_MAX)
  return bounded(newest, bytesOf, HISTORY_BYTES_MAX)
}

/**
 * The history without what is too much: of the actor with most of it the oldest goes, so that nobody pushes out what those did who
 * did less. The last change always stays.
 */
function bounded(
  history: readonly KeptChange[],
  weigh: (change: KeptChange) => number,
  max: number,
): readonly KeptChange[] {
  const weights = new Map(history.map((one) => [one, weigh(one)]))
  let total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  let rest = history
  while (total > max && rest.length > 1) {
    const actor = heaviestActor(rest.slice(0, -1), weights)
    const oldest = rest.findIndex((one) => one.actor === actor)
    total -= weights.get(rest[oldest] as KeptChange) as number
    rest = rest.toSpliced(oldest, 1)
  }
  return rest
}

function heaviestActor(
  changes: readonly KeptChange[],
  weights: ReadonlyMap<KeptChange, number>,
): string | null {
  const sums = new Map<string | null, number>()
  for (const one of changes) sums.set(one.actor, (sums.get(one.actor) ?? 0) + (weights.get(one) as number))
  const [[actor]] = [...sums].sort(([, a], [, b]) => b - a) as [[string | null, number]]
  return actor
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

function tooLarge(why: string): HeadgateError {
  const message = `run-time policies take no more: ${why}; delete some, or put them in the file`
  return new HeadgateError('invalid-config', message)
}

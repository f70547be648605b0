import { getOrAdd } from '../core/get-or-add.ts'
import { type Condition, createTable } from './condition.ts'
import { type Matcher, meetsAll } from './matcher.ts'
import type { RequestAttributes } from './request-attributes.ts'
import type { Table } from './table.ts'

/** What an index is of: policies, or entries of an access list. */
interface Matching {
  readonly matcher: Matcher
}

/**
 * Finds what matches a request without testing everything. Each element stands under the patterns of whichever of its
 * conditions the fewest others share; elements that share a pattern are told apart by their other conditions in the same way.
 */
export class MatchIndex<T extends Matching> {
  readonly #elements: readonly T[]
  readonly #root: Branch

  constructor(elements: readonly T[]) {
    this.#elements = elements
    this.#root = branchOf(elements.map(({ matcher: { conditions } }, position) => ({ position, conditions })))
  }

  /** What matches the request, in the order of the elements. */
  matching(request: RequestAttributes): T[] {
    const positions: number[] = []
    collect(this.#root, request, positions)
    // Those that stand in no table were found in their order, each once.
    const isInOrder = positions.length < 2 || this.#root.tables.length === 0
    const inOrder = isInOrder ? positions : [...new Set(positions)].sort((a, b) => a - b)
    return inOrder.map((position) => this.#elements[position] as T)
  }
}

/** Where elements stand that have a pattern in common; the root is that of all. */
interface Branch {
  /** Those that are tested for every request that comes here. */
  readonly untold: readonly Leaf[]
  readonly tables: readonly Table<Branch>[]
}

/** An element, and its conditions but for those that lead to its branch: whoever gets there meets them. */
interface Leaf {
  readonly position: number
  readonly conditions: readonly Condition[]
}

/** As many elements are tested one by one. */
const UNTOLD_MAX = 4

/** Within a branch, conditions with more patterns tell nothing apart: elements would stand in too many places. */
const PATTERNS_MAX = 4

function branchOf(leaves: readonly Leaf[], patternsMax: number = Number.POSITIVE_INFINITY): Branch {
  if (leaves.length <= UNTOLD_MAX) return { untold: leaves, tables: [] }
  const uses = new Map<string, number>()
  for (const condition of leaves.flatMap(({ conditions }) => conditions)) {
    for (const pattern of condition.patterns) {
      const id = idOf(condition, pattern)
      uses.set(id, (uses.get(id) ?? 0) + 1)
    }
  }
  const untold: Leaf[] = []
  const shelves = new Map<string, Shelf>()
  for (const leaf of leaves) {
    const condition = rarestOf(leaf, uses, { patternsMax, usesMax: leaves.length - 1 })
    if (condition === null) untold.push(leaf)
    else shelve(leaf, condition, shelves)
  }
  return { untold, tables: Array.from(shelves.values(), tableOf) }
}

interface Bounds {
  readonly patternsMax: number
  /** A pattern that all have in common tells nothing apart. */
  readonly usesMax: number
}

/** The condition whose most used pattern the fewest share; null where none is within the bounds. */
function rarestOf(leaf: Leaf, uses: ReadonlyMap<string, number>, bounds: Bounds): Condition | null {
  let rarest: Condition | null = null
  let fewest = bounds.usesMax + 1
  for (const condition of leaf.conditions) {
    if (condition.patterns.length > bounds.patternsMax) continue
    const most = condition.patterns.reduce(
      (highest, pattern) => Math.max(highest, uses.get(idOf(condition, pattern)) as number),
      0,
    )
    if (most < fewest) [rarest, fewest] = [condition, most]
  }
  return rarest
}

/** Elements by pattern, of one attribute. */
interface Shelf extends Pick<Condition, 'attribute' | 'kind'> {
  readonly byPattern: Map<string, Leaf[]>
}

function shelve({ position, conditions }: Leaf, condition: Condition, shelves: Map<string, Shelf>): void {
  const { attribute, kind, patterns } = condition
  const shelf = getOrAdd(shelves, idOf(condition, ''), () => ({
    attribute,
    kind,
    byPattern: new Map<string, Leaf[]>(),
  }))
  const leaf = { position, conditions: conditions.filter((other) => other !== condition) }
  for (const pattern of new Set(patterns)) getOrAdd(shelf.byPattern, pattern, () => [] as Leaf[]).push(leaf)
}

function tableOf({ attribute, kind, byPattern }: Shelf): Table<Branch> {
  const table = createTable<Branch>({ attribute, kind })
  for (const [pattern, leaves] of byPattern) table.add(pattern, branchOf(leaves, PATTERNS_MAX))
  return table
}

function idOf({ attribute, kind }: Condition, pattern: string): string {
  return `${kind} ${attribute}\0${pattern}`
}

function collect({ untold, tables }: Branch, request: RequestAttributes, into: number[]): void {
  for (const { position, conditions } of untold) if (meetsAll(conditions, request)) into.push(position)
  for (const table of tables) for (const branch of table.find(request)) collect(branch, request, into)
}

import { segmentsOf } from './path-pattern.ts'
import type { RequestAttributes } from './request-attributes.ts'
import { NOTHING, type Table } from './table.ts'

/** Path patterns as a tree of their segments: a path is compared with what patterns have in common only once. */
export class PathTable<T> implements Table<T> {
  readonly #root: PathNode<T> = { items: [] }

  add(pattern: string, item: T): void {
    let node = this.#root
    for (const segment of segmentsOf(pattern)) node = childOf(node, segment)
    node.items.push(item)
  }

  find(request: RequestAttributes): readonly T[] {
    if (request.text('path') === undefined) return NOTHING
    let reached: PathNode<T>[] = []
    reach(this.#root, reached)
    for (const segment of request.segments) {
      const next: PathNode<T>[] = []
      for (const node of reached) {
        if (node.isAnyNumber && !next.includes(node)) next.push(node)
        const literal = node.literals?.get(segment)
        if (literal !== undefined) reach(literal, next)
        if (node.one !== undefined) reach(node.one, next)
      }
      if (next.length === 0) return NOTHING
      reached = next
    }
    const [only, ...others] = reached.filter(({ items }) => items.length > 0)
    if (only === undefined) return NOTHING
    return others.length === 0 ? only.items : [only, ...others].flatMap(({ items }) => items)
  }
}

/** Where patterns stand that begin with the same segments. */
interface PathNode<T> {
  /** Of the patterns that end here. */
  readonly items: T[]
  /** Whether the segment that leads here is `**`, which takes any segments that follow. */
  readonly isAnyNumber?: boolean
  literals?: Map<string, PathNode<T>>
  /** Behind `*`. */
  one?: PathNode<T>
  /** Behind `**`. */
  any?: PathNode<T>
}

function childOf<T>(node: PathNode<T>, segment: string): PathNode<T> {
  if (segment === '**') {
    node.any ??= { items: [], isAnyNumber: true }
    return node.any
  }
  if (segment === '*') {
    node.one ??= { items: [] }
    return node.one
  }
  node.literals ??= new Map()
  const child = node.literals.get(segment) ?? { items: [] }
  node.literals.set(segment, child)
  return child
}

/**
 * Adds a node, and what stands behind it without another segment: `**` may take none. Only the latter may be there already,
 * since other nodes have one way to them.
 */
function reach<T>(from: PathNode<T>, reached: PathNode<T>[]): void {
  reached.push(from)
  for (let { any } = from; any !== undefined && !reached.includes(any); { any } = any) reached.push(any)
}

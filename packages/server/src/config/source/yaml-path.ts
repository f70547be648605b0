import { isAlias, isMap, isPair, isScalar, isSeq, type Node } from 'yaml'
import type { Path } from '../config-error.ts'

/** Where a node stands, given the nodes above it. */
export function pathOf(ancestors: readonly unknown[], node: unknown): Path {
  const chain = [...ancestors, node]
  return chain.flatMap((one, i): Path => {
    if (isPair(one)) return isScalar(one.key) ? [String(one.key.value)] : []
    return isSeq(one) && chain[i + 1] !== undefined ? [one.items.indexOf(chain[i + 1])] : []
  })
}

/** Where in the text the key or list item at `path` begins, or the nearest one above it. */
export function offsetOf(root: unknown, path: Path): number {
  let node = root
  let [offset = 0] = (root as Node | null)?.range ?? []
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step)
      if (pair === undefined) break
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      if (node === undefined) break
      offset = (node as Node).range?.[0] ?? offset
    } else break
    if (isAlias(node)) break
  }
  return offset
}

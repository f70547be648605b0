/** What this process holds. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { leakedResources } from '../../../../scripts/leaked-resources.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

export interface Footprint {
  readonly heapBytes: number
  readonly handles: readonly string[]
}

export function footprint(): Footprint {
  collect()
  return { heapBytes: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo() }
}

/** Handles that were not there before. */
export function handlesMore(before: Footprint, after: Footprint): readonly string[] {
  return leakedResources(before.handles, after.handles)
}

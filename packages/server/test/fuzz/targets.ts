import { httpTarget } from './http-target.ts'
import { addressTarget, pathTarget, urlTarget } from './spelling-targets.ts'
import type { Target } from './target.ts'
import { yamlTarget } from './yaml-target.ts'

/** Whatever takes input from strangers. */
export const targets: readonly Target[] = [httpTarget, yamlTarget, pathTarget, addressTarget, urlTarget]

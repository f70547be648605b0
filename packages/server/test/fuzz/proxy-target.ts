/** Hostile connections to the edge proxy: what arrives at the application is what was judged. */
import { Differential } from '../proxy/differential.ts'
import type { Target } from './target.ts'

export const proxyTarget: Target = { name: 'proxy', open: () => Differential.open() }

import { type Attributes, createLimiter, type Match, memoryStore, type PolicyOptions } from 'headgate'
import { nsPerCall } from '../harness/measure.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface PoliciesParams {
  readonly policies: number
  /** What the policies differ by. */
  readonly shape: Shape
  /** A decision that one policy matches, one that none does, or replacing all policies, of which one has changed. */
  readonly measure: 'one matches' | 'none matches' | 'replace'
}

/** What policies differ by, as a match and as a request that one of them matches. */
const shapes = {
  path: [(i) => ({ path: `/v1/t${i}/**` }), (i) => ({ path: `/v1/t${i}/items/7` })],
  'path behind **': [(i) => ({ path: `/**/t${i}` }), (i) => ({ path: `/v1/items/t${i}` })],
  value: [(i) => ({ domain: 'api', plan: `p${i}` }), (i) => ({ domain: 'api', plan: `p${i}` })],
  'end of a value': [(i) => ({ host: `*.h${i}.example` }), (i) => ({ host: `www.h${i}.example` })],
  network: [(i) => ({ ip: `10.${i >> 8}.${i & 255}.0/24` }), (i) => ({ ip: `10.${i >> 8}.${i & 255}.9` })],
  'tenant and path': [
    (i) => ({ tenant: `t${Math.floor(i / 100)}`, path: `/p${i % 100}/**` }),
    (i) => ({ tenant: `t${Math.floor(i / 100)}`, path: `/p${i % 100}/x` }),
  ],
  'method, tenant and path': [
    (i) => ({ method: methodOf(i), tenant: `t${Math.floor(i / 100)}`, path: `/p${(i % 100) >> 1}/*` }),
    (i) => ({ method: methodOf(i), tenant: `t${Math.floor(i / 100)}`, path: `/p${(i % 100) >> 1}/x` }),
  ],
} as const satisfies Record<string, readonly [(i: number) => Match, (i: number) => Attributes]>

/** Name of a way in which policies differ. */
export type Shape = keyof typeof shapes

/** As many requests take turns: all of 10 policies, and as many of 10,000. */
const REQUESTS = 10

const { policies: count, shape, measure, ...effort } = readParams<PoliciesParams>()
const [matchOf, requestOf] = shapes[shape]
const policies = Array.from({ length: count }, (_, i) => policyOf(i))
const limiter = createLimiter({ policies, store: memoryStore() })
report(measure === 'replace' ? replaceMs() : await decisionNs())

function policyOf(i: number, limit = '1000000000/day'): PolicyOptions {
  return { name: `policy-${i}`, match: matchOf(i), key: 'user', rules: [limit] }
}

function methodOf(i: number): string {
  return i % 2 === 0 ? 'GET' : 'POST'
}

function decisionNs(): Promise<number> {
  const first = measure === 'none matches' ? 20_000 : 0
  const step = Math.max(1, Math.floor(count / REQUESTS))
  const requests = Array.from({ length: REQUESTS }, (_, i) => ({ user: 'a', ...requestOf(first + i * step) }))
  return nsPerCall((from, to) => {
    let matched = 0
    for (let i = from; i < to; i++) {
      if (limiter.consumeSync(requests[i % REQUESTS] as Attributes).policy !== null) matched++
    }
    return measure === 'none matches' ? to - from - matched : matched
  }, effort)
}

/** The median of five; each time another policy has changed. */
function replaceMs(): number {
  const times = Array.from({ length: 7 }, (_, i) => {
    const next = policies.map((policy, at) => (at === i ? policyOf(at, `${i + 1}/min`) : { ...policy }))
    const start = performance.now()
    limiter.policies.replace(next)
    return performance.now() - start
  })
  return times.slice(2).sort((a, b) => a - b)[2] as number
}

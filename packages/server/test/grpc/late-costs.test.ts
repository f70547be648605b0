/** Costs that Envoy reports when a stream has ended, and what becomes of them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GrpcClient, grpcServer, RLS } from './grpc-server.ts'

const POLICIES = `
policies:
  - { name: strict, match: { domain: llm, descriptor: [user] }, key: descriptor.user, rules: [{ algorithm: fixed-window, limit: 10000/day }] }
  - { name: other, match: { domain: llm, descriptor: [team] }, key: descriptor.team, rules: [10/min] }
  - { name: debt, match: { domain: llm, descriptor: [tenant] }, key: descriptor.tenant, rules: [10000/day], overdraw: true }
`
const TREE = `
domain: llm
descriptors:
  - { key: user, rate_limit: { unit: day, requests_per_unit: 10000 } }
`

const watch = () => vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
let warned: ReturnType<typeof watch>

beforeEach(() => {
  warned = watch()
})

afterEach(() => warned.mockRestore())

/** Warnings of a server that is told of these hits under these keys, in turn. */
async function warnings(
  config: string,
  ...told: readonly (readonly [key: string, hits: number])[]
): Promise<string[]> {
  await using server = await grpcServer(config)
  using client = new GrpcClient(server.target, RLS)
  for (const [key, value] of told) {
    const descriptor = { entries: [{ key, value: 'ada' }], hitsAddend: { value } }
    await client.ask('ShouldRateLimit', { domain: 'llm', descriptors: [descriptor] })
  }
  const late = warned.mock.calls.filter(([, options]) => Object(options).code === 'HEADGATE_LATE_COST')
  return late.map(([message]) => String(message))
}

describe('costs reported late', () => {
  it('are warned of once where the policy may lose them', async () => {
    expect(await warnings(POLICIES, ['user', 0], ['user', 1500], ['user', 0], ['user', 1500])).toEqual([
      'Policy "strict" is asked with 0 and told later what was spent, and what does not fit by then is not counted; give it overdraw: true',
    ])
  })

  it.each<[string, string, ...(readonly [string, number])[]]>([
    ['the policy goes into debt', POLICIES, ['tenant', 0], ['tenant', 1500]],
    ['the limit is one of a tree, which counts them anyway', TREE, ['user', 0], ['user', 1500]],
    ['nobody asked before', POLICIES, ['user', 1500], ['user', 1500]],
    ['another policy was asked', POLICIES, ['team', 0], ['user', 1500]],
    ['requests are counted one by one', POLICIES, ['user', 0], ['user', 1]],
  ])('are not warned of where %s', async (_, config, ...told) => {
    expect(await warnings(config, ...told)).toEqual([])
  })
})

/** What Headgate does in front of the application. */
export type Gates = 'bare' | 'gates' | 'gates, access log'

/** A key that the file below knows; it opens nothing else. */
export const API_KEY = 'hgk_bench_m61-2J2RuIkkL4ofSqg5b1jHqwHjt2uFKM-EaBuK8DQ'
const HASH = 'sha256:19b331131080ad498e633090a2359fc6f4f4bbdb28f42358cb4c7783c8819e4c'

/** The file of the proxy. With gates: API keys, a policy in memory that denies nobody, and hardened responses. */
export function headgateConfiguration(stub: number, gates: Gates): string {
  const upstream = `http://127.0.0.1:${stub}`
  if (gates === 'bare') {
    return JSON.stringify({ proxy: { upstream, hardening: 'off', accessLog: false }, policies: [] })
  }
  return JSON.stringify({
    proxy: {
      upstream,
      require: 'apiKey',
      apiKeys: { keys: [{ id: 'bench', hash: HASH, scopes: ['read'] }] },
      hardening: 'strict',
      accessLog: gates === 'gates, access log',
    },
    policies: [{ name: 'api', key: 'ip', rules: ['1000000000/52w'] }],
  })
}

import { atLeast, atMost, type Case, type Run, type Suite, type Target } from '../harness/suite.ts'
import type { ProxyParams } from '../subjects/proxy.ts'

const GATES = 'headgate, gates'
/** The gates may cost a fifth of what forwarding alone costs, with the access log a little more. */
const BESIDE_BARE = atLeast(1 / 1.2)
const LOGGED_BESIDE_BARE = atLeast(1 / 1.27)

/** The edge proxy with API keys, one policy in memory and hardened responses, beside other proxies without any of that. */
export const proxy: Suite = {
  name: 'proxy',
  effort: { full: { warmMs: 0, measureMs: 3000 }, quick: { warmMs: 0, measureMs: 2000 } },
  cases: [
    beside('@fastify/http-proxy', atLeast(1.1)),
    beside('http-proxy-3', atLeast(1.4)),
    beside('Caddy', atLeast(1.2)),
    { ...beside('Envoy', null), brief: true },
    { ...beside('nginx', atLeast(0.25)), name: 'gates, beside nginx with limit_req' },
    { ...beside('headgate, bare', BESIDE_BARE), name: 'gates, beside our bare forwarding' },
    {
      name: 'gates and access log, beside our bare forwarding',
      unit: 'requests/core-second',
      ours: run('headgate, gates, access log', 'core rate'),
      theirs: [run('headgate, bare', 'core rate')],
      target: LOGGED_BESIDE_BARE,
    },
    {
      name: 'gates, p99 at half of the peak, beside our bare forwarding at half of its own',
      unit: 'ms',
      ours: run(GATES, 'p99 at half'),
      theirs: [run('headgate, bare', 'p99 at half')],
      target: atMost(1.5),
    },
    {
      name: 'gates, requests at the peak, beside the application alone on the core that it shares with who asks',
      unit: 'ops/s',
      ours: run(GATES, 'peak'),
      theirs: [run('none', 'peak')],
      target: null,
      brief: true,
    },
  ],
}

function beside(of: ProxyParams['of'], target: Target | null): Case {
  return {
    name: `gates, beside ${of} bare`,
    unit: 'requests/core-second',
    ours: run(GATES, 'core rate'),
    theirs: [run(of, 'core rate')],
    target,
  }
}

function run(of: ProxyParams['of'], measure: ProxyParams['measure']): Run {
  const params: ProxyParams = { of, measure, connections: 64 }
  return { label: of === 'none' ? 'nginx return 200' : of, subject: 'proxy', params: { ...params } }
}

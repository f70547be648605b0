import type { Config } from '../config/config.ts'
import { worstCases } from '../config/worst-case.ts'
import { dashboardLine } from './greeting.ts'

/** What a person is told who starts a proxy. */
export interface ProxyGreeting {
  readonly url: string
  /** Where the dashboard is; null where there is none. */
  readonly dashboard: string | null
  /** Whether the configuration is the one that comes with Headgate. */
  readonly isSample: boolean
  readonly config: Pick<Config, 'policies' | 'proxy'>
}

/** The text for a person who starts a proxy: where requests go, what holds them back, and what does not. */
export function proxyGreeting({
  url,
  dashboard,
  isSample,
  config: { policies, proxy },
}: ProxyGreeting): string {
  const routes = proxy?.routes ?? []
  const isOpen = routes.some(({ require }) => require.length === 0)
  return [
    '',
    ...dashboardLine(dashboard),
    `Headgate listens on ${url} and forwards:`,
    '',
    ...routes.map(({ path, upstream, require }) => {
      const who = require.length === 0 ? 'anybody' : require.join(' or ')
      return `  ${path.padEnd(16)} to ${upstream.targets.join(', ')}, for ${who}`
    }),
    '',
    'Limits:',
    '',
    ...(policies.length === 0 ? ['  none'] : worstCases(policies).map((line) => `  ${line}`)),
    '',
    ...(isSample ? ['Its sample is in force: there is no headgate.yaml here, and no --config.'] : []),
    ...(isOpen ? ['Nobody has to authenticate where it says anybody; see proxy.require.'] : []),
    'headgate init --proxy writes a file to begin with.',
    '',
  ].join('\n')
}

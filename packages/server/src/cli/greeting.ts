import type { Example } from '../config/example.ts'

const UNIX = 'unix:'

/** What to try, as commands ready to paste. */
export function tryLines(url: string, { attributes, twice }: Example): string[] {
  const { curl, base } = reachedBy(url)
  const post = (body: object): string => {
    const json = JSON.stringify(body).replaceAll("'", "'\\''")
    return `${curl} -i -H 'content-type: application/json' -d '${json}' ${base}/v1/consume`
  }
  // curl asks once for each URL it is given: the first takes all there is, the second is denied.
  const denied = twice === null ? [] : [`${post(twice)} ${base}/v1/consume`]
  return [post({ attributes }), ...denied, `${curl} -s ${base}/v1/policies`]
}

/** How curl gets to a URL of the service, which can be that of a Unix socket. */
function reachedBy(url: string): { readonly curl: string; readonly base: string } {
  if (!url.startsWith(UNIX)) return { curl: 'curl', base: url }
  const path = url.slice(UNIX.length).replaceAll("'", "'\\''")
  return { curl: `curl --unix-socket '${path}'`, base: 'http://localhost' }
}

/** What a person who starts the service is told. */
export interface Greeting {
  readonly url: string
  /** Where the dashboard is; null where there is none. */
  readonly dashboard: string | null
  /** Commands to try. */
  readonly lines: readonly string[]
  /** Whether the configuration is the one that comes with Headgate. */
  readonly isSample: boolean
  /** How many settings have no effect. */
  readonly notInForce: number
}

/** The text for a person who starts the service. */
export function greeting({ url, dashboard, lines, isSample, notInForce }: Greeting): string {
  const sample = isSample
    ? ['Its sample is in force: there is no headgate.yaml here, and no --config.', '']
    : []
  const tls = url.startsWith('https:')
    ? [
        'curl needs --cacert for an authority that the system does not know, and --cert and --key where',
        'clients need a certificate.',
        '',
      ]
    : []
  const warning =
    notInForce === 0
      ? []
      : [`${notInForce} settings are not in force in this version; see the warnings above.`, '']
  return [
    '',
    ...dashboardLine(dashboard),
    `Headgate listens on ${url}. Try:`,
    '',
    ...lines.map((line) => `  ${line}`),
    '',
    ...tls,
    ...sample,
    ...warning,
  ].join('\n')
}

/** Tells a person where the dashboard is. */
export function dashboardLine(url: string | null): string[] {
  return url === null ? [] : [`Dashboard: ${url}`, '']
}

import type { Example } from '../config/example.ts'

/** What to try, as commands ready to paste. */
export function tryLines(url: string, { attributes, twice }: Example): string[] {
  const post = (body: object): string => {
    const json = JSON.stringify(body).replaceAll("'", "'\\''")
    return `curl -i -H 'content-type: application/json' -d '${json}' ${url}/v1/consume`
  }
  // curl asks once for each URL it is given: the first takes all there is, the second is denied.
  const denied = twice === null ? [] : [`${post(twice)} ${url}/v1/consume`]
  return [post({ attributes }), ...denied, `curl -s ${url}/v1/policies`]
}

/** What a person who starts the service is told. */
export interface Greeting {
  readonly url: string
  /** Commands to try. */
  readonly lines: readonly string[]
  /** Whether the configuration is the one that comes with Headgate. */
  readonly isSample: boolean
  /** How many settings have no effect. */
  readonly notInForce: number
}

/** The text for a person who starts the service. */
export function greeting({ url, lines, isSample, notInForce }: Greeting): string {
  const sample = isSample
    ? ['Its sample is in force: there is no headgate.yaml here, and no --config.', '']
    : []
  const warning =
    notInForce === 0
      ? []
      : [`${notInForce} settings are not in force in this version; see the warnings above.`, '']
  return [
    '',
    `Headgate listens on ${url}. Try:`,
    '',
    ...lines.map((line) => `  ${line}`),
    '',
    ...sample,
    ...warning,
  ].join('\n')
}

/** `headgate doctor` in this process, on a configuration of its own. */

import { doctor } from '../../src/cli/doctor/doctor.ts'
import type { Finding } from '../../src/cli/doctor/redis/finding.ts'
import { resolveOptions } from '../../src/cli/option-table.ts'
import { SERVE_OPTIONS } from '../../src/cli/serve-options.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'

const POLICIES = 'policies: [{ name: api, key: user, rules: [100/day] }]\n'

/** What is found about a store of these lines, or by these options of `serve`. */
export async function examine(
  store: string,
  {
    policies = POLICIES,
    options = {},
  }: { policies?: string; options?: Readonly<Record<string, string>> } = {},
): Promise<Finding[]> {
  using config = new ConfigFolder(`version: 1\n${store === '' ? '' : `store: ${store}\n`}${policies}`)
  const serve = resolveOptions(SERVE_OPTIONS, { config: config.file, ...options }, {})
  return await doctor({ serve, env: {} })
}

/** States by check, of those that have more to say than that all is well. */
export function notable(findings: readonly Finding[]): Record<string, string> {
  const notable = findings.filter(({ state }) => state !== 'ok')
  return Object.fromEntries(notable.map(({ check, state, message }) => [check, `${state}: ${message}`]))
}

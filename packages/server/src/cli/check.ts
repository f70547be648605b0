import { loadConfig } from '../config/config.ts'
import { sourceWarnings } from '../config/identity.ts'
import { overrideBudgets, windowWarnings } from '../config/override-budgets.ts'
import type { Environment } from '../config/source/read-variables.ts'
import { worstCases } from '../config/worst-case.ts'

/** Runs `headgate check`; returns the exit code. */
export async function check(file: string, env: Environment): Promise<number> {
  const { policies, hash, notInForce, identity } = await loadConfig(file, { env })
  const lines = [`${file} is valid; policies: ${policies.length}, hash: ${hash}`]
  for (const line of [...worstCases(policies), ...overrideBudgets(policies)]) lines.push(`  ${line}`)
  for (const message of windowWarnings(policies)) lines.push(`warning: ${message}`)
  for (const message of identity ? sourceWarnings(identity) : []) lines.push(`warning: ${message}`)
  for (const { message } of notInForce) lines.push(`warning: ${message}`)
  console.log(lines.join('\n'))
  return 0
}

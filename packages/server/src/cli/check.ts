import { loadConfig } from '../config/config.ts'
import { worstCases } from '../config/worst-case.ts'
import { endOf } from './exit.ts'

/** Runs `headgate check`; returns the exit code. */
export async function check(file: string): Promise<number> {
  try {
    const config = await loadConfig(file)
    const lines = [`${file} is valid; policies: ${config.policies.length}, hash: ${config.hash}`]
    for (const line of await worstCases(config.policies)) lines.push(`  ${line}`)
    for (const { message } of config.notInForce) lines.push(`warning: ${message}`)
    console.log(lines.join('\n'))
    return 0
  } catch (reason) {
    const { message, code } = endOf(reason)
    console.error(message)
    return code
  }
}

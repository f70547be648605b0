import type { RedisCommands } from 'headgate/redis'
import { isRefusal } from './connection-failure.ts'
import { type Finding, findingsOf } from './finding.ts'

/** Fields of INFO by their names. */
export type ServerInfo = ReadonlyMap<string, string>

/** Asks a server about itself; null, and a finding, where it does not tell this user. */
export async function readInfo(
  commands: RedisCommands,
  about: string,
): Promise<{ readonly info: ServerInfo | null; readonly found: readonly Finding[] }> {
  try {
    return { info: parseInfo(String(await commands.call('INFO'))), found: [] }
  } catch (reason) {
    if (!isRefusal(reason)) throw reason
    const { warning } = findingsOf('info', about)
    const message = `INFO is refused, so that eviction, persistence and version stay unknown: ${(reason as Error).message}`
    return { info: null, found: [warning(message, 'permit +info; see docs/operations/redis.md#permissions')] }
  }
}

/** Reads a reply of INFO. */
export function parseInfo(text: string): ServerInfo {
  const lines = text.split('\r\n').filter((line) => !line.startsWith('#') && line.includes(':'))
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const),
  )
}

import { dirname, resolve } from 'node:path'
import type { AuditSettings, LogSettings } from '../service/configuration.ts'
import type { Mistake } from './config-error.ts'
import type { FileShape } from './schema/file-shape.ts'

/** In place of a file: the log's own output. */
export const STDOUT = 'stdout'

/** What `log` and `audit` say in a configuration that lies at `file`, beside which other files are looked for. */
export function logSettings(
  { log, audit }: FileShape,
  file: string,
): { readonly log?: LogSettings; readonly audit?: AuditSettings } {
  const { allowed = '1%', denied = '100%', keys = false, perSecond = 100 } = log?.decisions ?? {}
  const decisions = { allowed: shareOf(allowed), denied: shareOf(denied), keys, perSecond }
  return {
    ...(log?.decisions && { log: { decisions } }),
    ...(audit && { audit: { file: pathOf(audit.file, file), denials: audit.denials ?? false } }),
  }
}

/** Keys in a log are for those that are hashed: nobody is to be known by them. */
export function logMistakes({ log, hashKeys }: FileShape): Mistake[] {
  if (log?.decisions?.keys !== true || hashKeys !== undefined) return []
  const message =
    'logs keys, which takes hashKeys: else everybody who reads the log would know whom it is about'
  return [{ path: ['log', 'decisions', 'keys'], message }]
}

function shareOf(percent: string): number {
  return Number.parseFloat(percent) / 100
}

function pathOf(name: string, file: string): string | null {
  return name === STDOUT ? null : resolve(dirname(file), name)
}

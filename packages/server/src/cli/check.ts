import { loadConfig } from '../config/config.ts'
import type { Replacements } from '../config/replaced.ts'
import {
  type CheckReport,
  invalidReport,
  mistakeLine,
  type ValidReport,
  validReport,
} from '../config/report.ts'
import type { Environment } from '../config/source/read-variables.ts'
import { openStores } from '../config/store-from-config.ts'
import { expiryWarning } from '../config/tls/expiry.ts'
import { readTls } from '../config/tls/read-tls.ts'
import { createService } from '../service/create-service.ts'
import { findConfig } from './find-config.ts'
import type { ServeOptions } from './serve-options.ts'
import { unknownVariables } from './unknown-variables.ts'

/** What is checked, and how it is told. */
export interface CheckOptions {
  /** Files and folders; where there is none, the one that `serve` would take. */
  readonly files: readonly string[]
  /** What `serve` would be started with. */
  readonly serve: ServeOptions
  readonly env: Environment
  readonly json: boolean
}

/** Runs `headgate check`: says what `serve` would say of configurations; returns the exit code. */
export async function check({ files, serve, env, json }: CheckOptions): Promise<number> {
  const names = files.length > 0 ? files : [findConfig(serve.config).file]
  const { store, onStoreError } = serve
  const reports: CheckReport[] = []
  for (const name of names) reports.push(await reportOf(name, { env, replacements: { store, onStoreError } }))
  const valid = reports.every((one) => one.valid)
  const warnings = unknownVariables(env)
  if (json) console.log(JSON.stringify({ valid, files: reports, warnings }, null, 2))
  else {
    for (const one of reports) tell(one)
    for (const message of warnings) console.log(`warning: ${message}`)
  }
  return valid ? 0 : 2
}

interface Given {
  readonly env: Environment
  readonly replacements: Replacements
}

/** What is to be said of one file or folder. */
export async function reportOf(name: string, given: Given): Promise<CheckReport> {
  try {
    const config = await loadConfig(name, given)
    // The service itself has the last word; nothing is connected to.
    const stores = Object.entries(config.stores).map(([key, one]) => [key, { ...one, url: 'memory' }])
    const store = await openStores(Object.fromEntries(stores), config.resilience)
    await createService({ configuration: config, store }).close()
    const certificate = config.tls === undefined ? null : await readTls(config.tls)
    const expiry = certificate === null ? null : expiryWarning(certificate, Date.now())
    const valid = validReport(config)
    return expiry === null ? valid : { ...valid, warnings: [...valid.warnings, expiry] }
  } catch (reason) {
    return invalidReport(name, reason)
  }
}

function tell(report: CheckReport): void {
  if (report.valid) console.log(textOf(report))
  else console.error(report.mistakes.map(mistakeLine).join('\n'))
}

function textOf(report: ValidReport): string {
  const { file, policies, hash, worstCases, overrides, warnings } = report
  const lines = [`${file} is valid; policies: ${policies}, hash: ${hash}`]
  for (const line of [...worstCases, ...overrides]) lines.push(`  ${line}`)
  for (const message of warnings) lines.push(`warning: ${message}`)
  return lines.join('\n')
}

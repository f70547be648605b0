import { HeadgateError } from 'headgate'
import type { Config } from './config.ts'
import { formatPath, mistakesOf } from './config-error.ts'
import { proxyWarnings, sourceWarnings } from './identity.ts'
import { neverApplies } from './never-applies.ts'
import { overrideBudgets, windowWarnings } from './override-budgets.ts'
import { worstCases } from './worst-case.ts'

/** What is wrong at one place of a file; null where it is about the file as a whole. */
export interface ReportedMistake {
  readonly file: string
  readonly line: number | null
  readonly column: number | null
  readonly path: string
  readonly message: string
}

/** What `headgate check` has to say about a configuration. */
export type CheckReport = ValidReport | InvalidReport

export interface ValidReport {
  readonly file: string
  readonly valid: true
  readonly hash: string
  readonly policies: number
  /** What each rule admits at worst, one sentence a rule. */
  readonly worstCases: readonly string[]
  /** The same for rules that overrides change, and whose budget they draw on. */
  readonly overrides: readonly string[]
  readonly warnings: readonly string[]
}

export interface InvalidReport {
  readonly file: string
  readonly valid: false
  readonly mistakes: readonly ReportedMistake[]
}

/** Of a configuration that is valid. */
export function validReport({ file, hash, policies, identity, notInForce }: Config): ValidReport {
  return {
    file,
    valid: true,
    hash,
    policies: policies.length,
    worstCases: worstCases(policies),
    overrides: overrideBudgets(policies),
    warnings: [
      ...neverApplies(policies).map(({ path, message }) => `${path}: ${message}`),
      ...windowWarnings(policies),
      ...(identity ? [...proxyWarnings(identity), ...sourceWarnings(identity)] : []),
      ...notInForce.map(({ message }) => message),
    ],
  }
}

/** Of a configuration for which loading failed. */
export function invalidReport(file: string, reason: unknown): InvalidReport {
  const error = HeadgateError.from(reason)
  const mistakes = mistakesOf(error).map(({ path, ...rest }) => ({ ...rest, path: formatPath(path) }))
  const whole = { file, line: null, column: null, path: error.path, message: error.detail }
  return { file, valid: false, mistakes: mistakes.length > 0 ? mistakes : [whole] }
}

/** One line, `file:line:column path: message`. */
export function mistakeLine({ file, line, column, path, message }: ReportedMistake): string {
  const where = path === '' ? '' : ` ${path}:`
  return line === null
    ? `${path === '' ? '' : `${path}: `}${message}`
    : `${file}:${line}:${column}${where} ${message}`
}

import type { Decision, RuleView } from '../core/decision.ts'
import { EXPOSE } from './exposed-fields.ts'
import { type HeaderConfig, type HeaderOptions, REQUESTS, resolveHeaders } from './header-options.ts'
import { partitionKeys } from './partition-key.ts'
import {
  integer,
  listRules,
  perRule,
  secondsUntilMore,
  type ToldLimits,
  toldLimits,
  windowSeconds,
} from './told-limits.ts'

/**
 * Writes the header fields of a decision. `key` is whose budget it is, for {@link HeaderOptions.partitionKey}; without it there
 * is no `pk`.
 */
export type HeaderWriter = (decision: Decision, key?: string) => Record<string, string>

type Fields = Record<string, string>

/** Adds fields of one style; `pk` is a parameter, or empty. */
type StyleWriter = (fields: Fields, told: ToldLimits, pk: string) => void

// With these all fields together, names included, stay within 2 KiB, which every client can read.
const POLICY_LENGTH_MAX = 1000
const QUOTAS_LENGTH_MAX = 300

/**
 * Checks options once, and gives the function that writes the fields of every decision. Names are in lower case, seconds are
 * rounded up, `Retry-After` is at least 1, and all fields together are at most 2 KiB: lists of policies begin with the binding rule
 * and have as many others as have room. Where no rule was judged, there is at most `Retry-After`. Invalid options throw
 * `invalid-options`; `now` is the time that an `epoch` starts from, in milliseconds since 1970.
 *
 * ```
 * ratelimit-policy: "api/1m";q=100;w=60
 * ratelimit: "api/1m";r=97;t=60
 * ```
 */
export function compileHeaders(
  options: false | HeaderOptions = {},
  path = 'headers',
  now: () => number = () => Date.now(),
): HeaderWriter {
  const config = resolveHeaders(options, path)
  const styles = [standardStyle(config), legacyStyle(config, now)].filter((style) => style !== null)
  const partitionOf = config.secret === null ? null : partitionKeys(config.secret)
  return function writeHeaders(decision, key) {
    const fields: Fields = {}
    const seconds = secondsUntilMore(decision)
    const told = styles.length === 0 ? null : toldLimits(decision, seconds)
    if (told !== null) {
      const pk = partitionOf === null || key === undefined ? '' : partitionOf(key)
      for (const write of styles) write(fields, told, pk)
    }
    if (!decision.allowed && seconds !== null) fields['retry-after'] = String(seconds)
    if (config.expose) exposeFields(fields)
    return fields
  }
}

/** The fields of one decision; {@link compileHeaders} is for many of them. */
export function rateLimitHeaders(
  decision: Decision,
  headers: false | HeaderOptions = {},
): Record<string, string> {
  return compileHeaders(headers)(decision)
}

/** Whether fields that were written tell of limits, so that a body may as well. */
export function tellsLimits(fields: Readonly<Record<string, string>>): boolean {
  return Object.keys(fields).some((name) => name.startsWith('ratelimit') || name.startsWith('x-ratelimit'))
}

function standardStyle({ standard, unit }: HeaderConfig): StyleWriter | null {
  switch (standard) {
    case 'draft-11':
      return draft11Style(unit)
    case 'draft-7':
      return draft7Style()
    case 'draft-6':
      return numbersStyle('ratelimit')
    case null:
      return null
  }
}

function draft11Style(unit: string): StyleWriter {
  const qu = unit === REQUESTS ? '' : `;qu=${quoted(unit)}`
  const textsOf = perRule((view) => {
    const name = quoted(`${view.policy}/${view.rule}`)
    const seconds = windowSeconds(view)
    const w = seconds === null ? '' : `;w=${seconds}`
    return { name, policy: `${name};q=${integer(view.limit)}${qu}${w}` }
  })
  return (fields, told, pk) => {
    const t = told.seconds === null ? '' : `;t=${told.seconds}`
    fields['ratelimit-policy'] = listRules(told, (view) => textsOf(view).policy + pk, POLICY_LENGTH_MAX)
    fields['ratelimit'] = `${textsOf(told.binding).name};r=${told.remaining}${t}${pk}`
  }
}

function draft7Style(): StyleWriter {
  const quotaOf = perRule(quota)
  return (fields, told) => {
    const reset = told.seconds === null ? '' : `, reset=${told.seconds}`
    const limit = integer(told.binding.limit)
    fields['ratelimit-policy'] = listRules(told, quotaOf, QUOTAS_LENGTH_MAX)
    fields['ratelimit'] = `limit=${limit}, remaining=${told.remaining}${reset}`
  }
}

function legacyStyle({ legacy }: HeaderConfig, now: () => number): StyleWriter | null {
  if (legacy === null) return null
  return legacy === 'delta'
    ? numbersStyle('x-ratelimit')
    : numbersStyle('x-ratelimit', () => Math.ceil(now() / 1000))
}

/** A field for each number; the reset counts seconds from `start()`. */
function numbersStyle(prefix: string, start: () => number = () => 0): StyleWriter {
  const quotaOf = perRule(quota)
  const [limit, remaining, reset, policy] = ['limit', 'remaining', 'reset', 'policy'].map(
    (field) => `${prefix}-${field}`,
  ) as [string, string, string, string]
  return (fields, told) => {
    fields[limit] = String(integer(told.binding.limit))
    fields[remaining] = String(told.remaining)
    if (told.seconds !== null) fields[reset] = String(integer(start() + told.seconds))
    fields[policy] = listRules(told, quotaOf, QUOTAS_LENGTH_MAX)
  }
}

/** `100;w=60`: drafts before 8 ask for a window, so that one of half a second is 1. */
function quota(view: RuleView): string {
  return `${integer(view.limit)};w=${windowSeconds(view) ?? 1}`
}

function exposeFields(fields: Fields): void {
  const names = Object.keys(fields)
  if (names.length > 0) fields[EXPOSE] = names.join(', ')
}

/** Names that need no care, as those of checked policies are. */
const PLAIN = /^[\w./~-]+$/

/** A string in a structured field: printable ASCII, with quotes and backslashes escaped (RFC 9651, section 3.3.3). */
export function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`
  return `"${text.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, '\\$&')}"`
}

import type { HardeningSettings } from '../../service/proxy-settings/hardening-settings.ts'
import { REVEALING_FIELDS } from './revealing-fields.ts'
import { type RankOf, SINGLE_FIELDS } from './single-fields.ts'

/** What is done with a field of the application. */
export interface FieldRule {
  /**
   * `pass`: it goes through; `drop`: it does not; `single`: one of its lines does; `policy`: all of its lines do; `cookie`: its lines get
   * attributes.
   */
  readonly action: 'pass' | 'drop' | 'single' | 'policy' | 'cookie'
  /** By which it is known whether the response has the field; 0: nobody asks. */
  readonly bit: number
  /** Its place among the fields that a response has once. */
  readonly slot: number
  /** Of fields that a response has once. */
  readonly rankOf: RankOf
}

const PASS: FieldRule = { action: 'pass', bit: 0, slot: -1, rankOf: () => 0 }
const DROP: FieldRule = { ...PASS, action: 'drop' }

/** Fields that may have several lines, all of which count. */
const POLICIES = ['content-security-policy', 'content-security-policy-report-only', 'permissions-policy']

/** Bit by name of a field. */
const BITS: ReadonlyMap<string, number> = new Map(
  [...SINGLE_FIELDS.keys(), ...POLICIES].map((name, i) => [name, 1 << i]),
)
/** That a policy in force says who may frame the page. */
export const HAS_FRAME_ANCESTORS: number = 1 << BITS.size

/** How many fields a response has once. */
export const SLOTS: number = SINGLE_FIELDS.size

/** Most names beside the known ones that are kept: an application could make up new ones for ever. */
const NAMES_MAX = 512

/** The bit of a field that is looked for. */
export function bitOf(name: string): number {
  return BITS.get(name) ?? 0
}

/** Gives the rule of a field by its name in lower case, for responses over TLS or without it. */
export function compileFieldRules(
  { remove, keep, cookies }: HardeningSettings,
  isSecure: boolean,
): (name: string) => FieldRule {
  const kept = new Set(keep)
  const listed = [...REVEALING_FIELDS, ...remove]
  const prefixes = listed.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  const rules = new Map<string, FieldRule>(listed.map((name) => [name, DROP]))
  for (const name of keep) rules.set(name, PASS)
  for (const name of POLICIES) rules.set(name, { ...PASS, action: 'policy', bit: bitOf(name) })
  for (const [slot, [name, rankOf]] of [...SINGLE_FIELDS].entries()) {
    rules.set(name, { action: 'single', bit: bitOf(name), slot, rankOf })
  }
  // Browsers ignore it where anybody could have put it in (RFC 6797, section 8.1).
  if (!isSecure) rules.set('strict-transport-security', DROP)
  if (cookies !== null) rules.set('set-cookie', { ...PASS, action: 'cookie' })
  for (const name of remove) rules.set(name, DROP)
  // Forced, whatever the application says.
  rules.set('x-content-type-options', DROP)
  const known = rules.size
  return (name) => {
    const rule = rules.get(name)
    if (rule !== undefined) return rule
    const found = !kept.has(name) && prefixes.some((prefix) => name.startsWith(prefix)) ? DROP : PASS
    if (rules.size < known + NAMES_MAX) rules.set(name, found)
    return found
  }
}

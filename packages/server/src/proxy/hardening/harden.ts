import type { HardeningSettings } from '../../service/proxy-settings/hardening-settings.ts'
import { addedFields, transportSecurity } from './added-fields.ts'
import { compileCookies } from './cookie-rules.ts'
import { bitOf, compileFieldRules, type FieldRule, HAS_FRAME_ANCESTORS, SLOTS } from './field-rules.ts'

/** What is known of a response besides its fields. */
export interface ResponseContext {
  /** Whether the client came by TLS, to here or to a trusted proxy. */
  readonly isSecure: boolean
  /** Whether the proxy answers itself. */
  readonly isOwn: boolean
}

/**
 * Gives the fields that a response is sent with, in flat pairs with names in lower case, from those that it has: of the upstream
 * without fields of the connection, or of an answer of the proxy. The array given stays as it is.
 */
export type Hardener = (fields: readonly string[], context: ResponseContext) => readonly string[]

/** What every answer of the proxy has: it is of this moment, and nothing in it is to be rendered. */
const OF_OWN_ANSWERS: readonly string[] = [
  ...['cache-control', 'no-store'],
  ...['x-content-type-options', 'nosniff'],
  ...['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
]
const REPLACED = new Set(OF_OWN_ANSWERS.filter((_, i) => i % 2 === 0))

/**
 * Prepares what is done to responses; null: those of the upstream go through as they are, and answers of the proxy have what each of
 * them has. Fields of the application win over those added, but for `X-Content-Type-Options`. Of several lines of a field that a response
 * has once, the strictest remains; a value that browsers do not know counts as absent. Several content security policies all
 * stay: browsers enforce each.
 */
export function compileHardening(settings: HardeningSettings | null): Hardener {
  const plain = compileOwn(null)
  if (settings === null) return (fields, { isOwn }) => (isOwn ? plain(fields) : fields)
  const own = { secure: compileOwn(transportSecurity(settings)), plain }
  const response = {
    secure: compileUpstream(settings, true),
    plain: compileUpstream(settings, false),
  }
  return function harden(fields, { isSecure, isOwn }) {
    const { secure, plain } = isOwn ? own : response
    return isSecure ? secure(fields) : plain(fields)
  }
}

type Change = (fields: readonly string[]) => string[]

function compileOwn(hsts: string | null): Change {
  const added = hsts === null ? OF_OWN_ANSWERS : [...OF_OWN_ANSWERS, 'strict-transport-security', hsts]
  return (fields) => {
    const out: string[] = []
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string
      if (!REPLACED.has(name)) out.push(name, fields[i + 1] as string)
    }
    for (const text of added) out.push(text)
    return out
  }
}

function compileUpstream(settings: HardeningSettings, isSecure: boolean): Change {
  const ruleOf = compileFieldRules(settings, isSecure)
  const cookies = settings.cookies === null ? null : compileCookies(settings.cookies)
  const added = addedFields(settings, isSecure)
  // Where fields that a response has once stand in it. One response is done before the next begins.
  const places = new Int32Array(SLOTS)
  return (fields) => {
    const out: string[] = []
    let seen = 0
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string
      const value = fields[i + 1] as string
      const rule = ruleOf(name)
      switch (rule.action) {
        case 'pass':
          out.push(name, value)
          break
        case 'cookie':
          out.push(name, cookies === null ? value : cookies(value, isSecure))
          break
        case 'policy':
          seen |= bitsOfPolicy(rule, value)
          out.push(name, value)
          break
        case 'single':
          if (rule.rankOf(value) < 0) break
          if ((seen & rule.bit) === 0) places[rule.slot] = out.push(name, value) - 1
          else if (isStricter(rule, value, out[places[rule.slot] as number] as string)) {
            out[places[rule.slot] as number] = value
          }
          seen |= rule.bit
          break
        case 'drop':
          break
      }
    }
    for (const { name, value, unless } of added) if ((seen & unless) === 0) out.push(name, value)
    return out
  }
}

function isStricter({ rankOf }: FieldRule, value: string, than: string): boolean {
  return rankOf(value) < rankOf(than)
}

const CSP_BIT = bitOf('content-security-policy')
const FRAME_ANCESTORS = /(?:^|[;,])[ \t]*frame-ancestors(?:[ \t;,]|$)/i

/** An empty policy is none. */
function bitsOfPolicy({ bit }: FieldRule, value: string): number {
  if (value.trim() === '') return 0
  return bit === CSP_BIT && FRAME_ANCESTORS.test(value) ? bit | HAS_FRAME_ANCESTORS : bit
}

/**
 * Scores a response as the HTTP Observatory of Mozilla does, by the tests and modifiers that it publishes (MDN, "Tests & Scoring"). The
 * first response of a site is meant, over TLS, from whose host http is redirected or not served; a test of scripts in its page
 * (subresource integrity) is not there, for the page is not the proxy's.
 */

/** What came of each test, as points: penalties, or bonuses. */
export type Modifiers = Readonly<Record<(typeof TESTS)[number], number>>

export interface Score {
  readonly score: number
  readonly modifiers: Modifiers
}

const BASE = 100
/** Bonuses count only for sites that have this without them. */
const BONUS_MIN = 90
const SIX_MONTHS = 15_768_000

const TESTS = [
  'content-security-policy',
  'cookies',
  'cross-origin-resource-sharing',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
  'cross-origin-resource-policy',
] as const

type Lines = (name: string) => string[]

/** The score of header fields in flat pairs, with names in lower case. */
export function scoreOf(fields: readonly string[]): Score {
  const lines: Lines = (name) => fields.filter((_, i) => i % 2 === 1 && fields[i - 1] === name)
  const policy = directivesOf(lines('content-security-policy').join('; '))
  const modifiers: Modifiers = {
    'content-security-policy': contentSecurityPolicy(policy),
    cookies: cookies(lines),
    'cross-origin-resource-sharing': crossOrigin(lines),
    'referrer-policy': referrerPolicy(lines),
    'strict-transport-security': transportSecurity(lines),
    'x-content-type-options': oneOf(lines('x-content-type-options'), ['nosniff']) ? 0 : -5,
    'x-frame-options': framing(lines, policy),
    'cross-origin-resource-policy': resourcePolicy(lines),
  }
  const values = Object.values(modifiers)
  const without = BASE + sum(values.filter((value) => value < 0))
  const bonus = without >= BONUS_MIN ? sum(values.filter((value) => value > 0)) : 0
  return { score: Math.max(0, without + bonus), modifiers }
}

type Directives = ReadonlyMap<string, readonly string[]>

function directivesOf(text: string): Directives {
  const parts = text
    .split(';')
    .map((part) => part.trim().toLowerCase().split(/\s+/))
    .filter(([name]) => name !== '')
  return new Map(parts.map(([name = '', ...sources]) => [name, sources]))
}

function contentSecurityPolicy(policy: Directives): number {
  if (policy.size === 0) return -25
  const byDefault = policy.get('default-src')
  const of = (name: string) => policy.get(name) ?? byDefault ?? ['*']
  const [script, object, style] = [of('script-src'), of('object-src'), of('style-src')]
  const broad = ['*', 'http:', 'https:', 'data:']
  if ([...script, ...object].some((source) => broad.includes(source))) return -20
  if (script.includes("'unsafe-inline'")) return -20
  if ([...policy.values()].flat().some((source) => source.startsWith('http:'))) return -20
  if (script.includes("'unsafe-eval'")) return -10
  if (style.includes("'unsafe-inline'") || style.some((source) => broad.includes(source))) return 0
  const forms = policy.get('form-action') ?? ['*']
  const isNone = byDefault?.length === 1 && byDefault[0] === "'none'"
  return isNone && forms.every((source) => source === "'none'" || source === "'self'") ? 10 : 5
}

function cookies(lines: Lines): number {
  const all = lines('set-cookie').map((line) => line.toLowerCase())
  const hasHsts = transportSecurity(lines) === 0
  const worst = all.map((line) => {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const [name = ''] = pair.split('=')
    const isSession = name.includes('login') || name.includes('sess')
    const site = attributes.find((attribute) => attribute.startsWith('samesite'))
    if (!attributes.includes('secure')) return isSession ? (hasHsts ? -10 : -40) : hasHsts ? -5 : -20
    if (isSession && !attributes.includes('httponly')) return -30
    if (name.includes('csrf') && site === undefined) return -20
    if (site === undefined) return 0
    return /^samesite=(?:lax|strict)$/.test(site) ? 5 : -20
  })
  return worst.length === 0 ? 0 : Math.min(...worst)
}

/** As asked with an origin that the site does not know. */
function crossOrigin(lines: Lines): number {
  const [origin = ''] = lines('access-control-allow-origin')
  const isAnybody = origin !== '' && origin !== '*'
  return isAnybody && lines('access-control-allow-credentials').includes('true') ? -50 : 0
}

function referrerPolicy(lines: Lines): number {
  const values = lines('referrer-policy')
  if (values.length === 0) return 0
  const isPrivate = oneOf(values, [
    ...['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin'],
  ])
  return isPrivate ? 5 : -5
}

function transportSecurity(lines: Lines): number {
  const [value = ''] = lines('strict-transport-security')
  const age = /^max-age=(\d+)(?:;|$)/.exec(value)?.[1]
  if (age === undefined) return -20
  return Number(age) >= SIX_MONTHS ? 0 : -10
}

function framing(lines: Lines, policy: Directives): number {
  if (policy.has('frame-ancestors')) return 5
  return oneOf(lines('x-frame-options'), ['deny', 'sameorigin']) ? 0 : -20
}

function resourcePolicy(lines: Lines): number {
  const values = lines('cross-origin-resource-policy')
  if (values.length === 0 || oneOf(values, ['cross-origin'])) return 0
  return oneOf(values, ['same-origin', 'same-site']) ? 10 : -5
}

/** Several lines are one list, which is none of the values. */
function oneOf(values: readonly string[], known: readonly string[]): boolean {
  return known.includes(values.join(', ').toLowerCase())
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

import { parseDuration } from 'headgate'
import { isAmbiguousPath, normalizePath } from 'headgate/http'
import type { CookieSettings, HardeningSettings } from '../../service/proxy-settings/hardening-settings.ts'
import type { Mistake, Path } from '../config-error.ts'
import type { HardeningShape } from '../schema/proxy-hardening-shape.ts'
import { show } from '../unknown-name.ts'
import { fieldNameMistakes, fieldNames } from './field-name-mistakes.ts'

type Changes = Exclude<HardeningShape, string>

/** Two years, as the OWASP Secure Headers Project has it. */
const MAX_AGE_SECONDS = 63_072_000
/** What lists of preloaded hosts ask for: a year. */
const PRELOAD_SECONDS = 31_536_000

/** Cookies by which scripts prove that they are of the same site: they have to read them. */
const CSRF_COOKIES = ['XSRF-TOKEN', 'CSRF-TOKEN', 'csrftoken', 'csrf-token', 'csrf_token', '_csrf']
const COOKIES: CookieSettings = { secure: true, sameSite: 'lax', readable: CSRF_COOKIES, exempt: [] }

/** The settings of `hardening` at `path`, with all defaults, or what is wrong; null where it is off. */
export function readHardening(
  shape: HardeningShape = 'compat',
  path: Path = ['proxy', 'hardening'],
): HardeningSettings | null | readonly Mistake[] {
  if (shape === 'off') return null
  const changes: Changes = typeof shape === 'string' ? { preset: shape } : shape
  const mistakes = mistakesIn(changes, path)
  if (mistakes.length > 0) return mistakes
  const { preset = 'compat', contentSecurityPolicy: policy, reportOnly, reportPath, remove, keep } = changes
  return {
    preset,
    ...(policy !== undefined && { contentSecurityPolicy: policy === false ? null : policy }),
    ...(reportOnly !== undefined && { reportOnly }),
    reportPath: reportPath ?? null,
    strictTransportSecurity: transportOf(changes),
    cookies: cookiesOf(changes),
    remove: fieldNames(remove ?? []),
    keep: fieldNames(keep ?? []),
  }
}

function transportOf({
  strictTransportSecurity: given = {},
}: Changes): HardeningSettings['strictTransportSecurity'] {
  if (given === false) return null
  const { maxAge, includeSubDomains = false, preload = false } = given
  return { maxAgeSeconds: secondsOf(maxAge), includeSubDomains, preload }
}

function secondsOf(maxAge: string | number | undefined): number {
  return maxAge === undefined || maxAge === 0
    ? (maxAge ?? MAX_AGE_SECONDS)
    : Math.round(parseDuration(maxAge, '') / 1000)
}

function cookiesOf({ cookies = {} }: Changes): CookieSettings | null {
  if (cookies === false) return null
  const { sameSite, ...rest } = cookies
  return { ...COOKIES, ...rest, ...(sameSite !== undefined && { sameSite: sameSite || null }) }
}

function mistakesIn(changes: Changes, path: Path): Mistake[] {
  const { contentSecurityPolicy: policy, reportPath, remove = [], keep = [] } = changes
  return [
    ...(typeof policy === 'string' && !/^[\x20-\x7e]+$/.test(policy)
      ? [{ path: [...path, 'contentSecurityPolicy'], message: 'is to be one line of ASCII' }]
      : []),
    ...(policy === false && reportPath !== undefined
      ? [{ path: [...path, 'reportPath'], message: 'has no policy that browsers could report on' }]
      : []),
    ...(reportPath === undefined || isPlainPath(reportPath)
      ? []
      : [{ path: [...path, 'reportPath'], message: `${show(reportPath)} is no path such as /csp-report` }]),
    ...preloadMistakes(changes, path),
    ...fieldNameMistakes(remove, [...path, 'remove']),
    ...fieldNameMistakes(keep, [...path, 'keep']),
    ...remove.flatMap((name, i) =>
      name.toLowerCase() === 'x-content-type-options'
        ? [{ path: [...path, 'remove', i], message: `${name} is always sent; remove it from here` }]
        : [],
    ),
  ]
}

/** It stands in fields, quoted and not, and is compared with paths of requests. */
function isPlainPath(path: string): boolean {
  return /^\/[\w/.~-]+$/.test(path) && normalizePath(path) === path && !isAmbiguousPath(path)
}

function preloadMistakes({ strictTransportSecurity: given }: Changes, path: Path): Mistake[] {
  if (given === undefined || given === false || given.preload !== true) return []
  if (given.includeSubDomains === true && secondsOf(given.maxAge) >= PRELOAD_SECONDS) return []
  const message = 'takes includeSubDomains: true and a maxAge of 365d or more, else no list takes the host'
  return [{ path: [...path, 'strictTransportSecurity', 'preload'], message }]
}

import { parseDuration } from 'headgate'
import type { CorsSettings } from '../../service/proxy-settings/cors-settings.ts'
import type { Mistake, Path } from '../config-error.ts'
import type { FileShape } from '../schema/file-shape.ts'
import type { CorsShape } from '../schema/proxy-cors-shape.ts'
import { show } from '../unknown-name.ts'
import { fieldNameMistakes, fieldNames } from './field-name-mistakes.ts'

type FieldsOfLimits = NonNullable<NonNullable<FileShape['http']>['headers']>

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const MAX_AGE_SECONDS = 600
const DRAFT = ['ratelimit', 'ratelimit-policy']
const LEGACY = ['limit', 'remaining', 'reset', 'policy'].map((name) => `x-ratelimit-${name}`)

/** Fields that tell clients of limits, by `http.headers`; pages are to read them without being told to ask. */
const LIMIT_FIELDS: Readonly<Record<FieldsOfLimits, readonly string[]>> = {
  draft: DRAFT,
  legacy: LEGACY,
  both: [...DRAFT, ...LEGACY],
  none: [],
}

/** The settings of `proxy.cors`, with all defaults, or what is wrong; `headers` is `http.headers`. */
export function readCors(
  shape: CorsShape,
  headers: FieldsOfLimits = 'draft',
): CorsSettings | readonly Mistake[] {
  const path: Path = ['proxy', 'cors']
  const mistakes = mistakesIn(shape, path)
  if (mistakes.length > 0) return mistakes
  const { origins, methods = METHODS, expose = [], credentials = false, maxAge } = shape
  return {
    origins,
    methods,
    headers: fieldNames(shape.headers ?? ['authorization']),
    expose: fieldNames([...expose, ...LIMIT_FIELDS[headers], 'retry-after']),
    credentials,
    maxAgeSeconds: maxAge === undefined ? MAX_AGE_SECONDS : secondsOf(maxAge),
  }
}

function secondsOf(duration: string | number): number {
  return duration === 0 ? 0 : Math.round(parseDuration(duration, '') / 1000)
}

function mistakesIn(
  { origins, methods = [], headers = [], expose = [], credentials }: CorsShape,
  path: Path,
): Mistake[] {
  const wildcard = {
    path: [...path, 'credentials'],
    message: 'takes origins by name: with * every page could act as the user',
  }
  return [
    ...(origins === '*' && credentials === true ? [wildcard] : []),
    ...(origins === '*'
      ? []
      : origins.flatMap((origin, i) => originMistakes(origin, [...path, 'origins', i]))),
    ...methods.flatMap((method, i) =>
      /^[A-Z]+$/.test(method)
        ? []
        : [
            {
              path: [...path, 'methods', i],
              message: `${show(method)} is no method; methods are in upper case`,
            },
          ],
    ),
    ...fieldNameMistakes(headers, [...path, 'headers']),
    ...fieldNameMistakes(expose, [...path, 'expose']),
  ]
}

/** Browsers write an origin in one way, which it is compared with. */
function originMistakes(origin: string, path: Path): Mistake[] {
  if (origin === '*') return [{ path, message: 'stands alone: origins: "*"' }]
  if (origin === 'null') return [{ path, message: 'is the origin of any page in a sandbox; name the pages' }]
  if (origin.includes('*')) return [{ path, message: `${show(origin)} has a star; name each origin` }]
  const spelled = spellingOf(origin)
  if (spelled === origin) return []
  return [
    {
      path,
      message: `${show(origin)} is no origin${spelled === null ? '; write it as https://app.example' : ` as browsers send it; write ${spelled}`}`,
    },
  ]
}

/** Of schemes of their own, such as those of apps, the text is taken as it is. */
function spellingOf(origin: string): string | null {
  if (/^(?!https?:)[a-z][a-z\d+.-]*:\/\/[a-z\d.-]+(?::\d+)?$/.test(origin)) return origin
  if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return null
  return new URL(origin).origin
}

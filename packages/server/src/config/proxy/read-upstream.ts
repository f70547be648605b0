import { X509Certificate } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { parseDuration } from 'headgate'
import type { UpstreamSettings } from '../../service/proxy-settings/upstream-settings.ts'
import type { Mistake, Path } from '../config-error.ts'
import { maskUrl } from '../mask-url.ts'
import type { UpstreamShape } from '../schema/proxy-upstream-shape.ts'
import { readSmallFile } from '../small-file.ts'
import { show } from '../unknown-name.ts'

type UpstreamMap = Exclude<UpstreamShape, string | readonly string[]>
type Timeout = string | number | false

const TIMEOUTS_MS = { connect: 3000, firstByte: 30_000, idle: 60_000 }
const RETRIES = 1
const CONNECTIONS_MAX = 4096
const HEALTH_MS = { interval: 10_000, timeout: 2000, ejection: 10_000 }
const FAILURES = 3
/** All authorities of a system fit. */
const CA_BYTES_MAX = 1_048_576
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The settings of an `upstream` at `path`, with all defaults and the authorities of its file, which is looked for beside `file`; or what
 * is wrong.
 */
export function readUpstream(
  shape: UpstreamShape,
  path: Path,
  file: string,
): UpstreamSettings | readonly Mistake[] {
  const { map, pathOf } = asMap(shape, path)
  const ca = map.caFile === undefined ? null : readAuthorities(resolve(dirname(file), map.caFile))
  const mistakes = [...targetMistakes(map.targets, pathOf), ...caMistakes(map, ca, path)]
  if (mistakes.length > 0) return mistakes
  const {
    timeouts = {},
    health = {},
    retries = RETRIES,
    maxConnections = CONNECTIONS_MAX,
    host = 'keep',
  } = map
  return {
    targets: map.targets.map(spellingOf),
    timeouts: {
      connectMs: timeoutMs(timeouts.connect ?? TIMEOUTS_MS.connect),
      firstByteMs: timeoutMs(timeouts.firstByte ?? TIMEOUTS_MS.firstByte),
      idleMs: timeoutMs(timeouts.idle ?? TIMEOUTS_MS.idle),
      totalMs: timeoutMs(timeouts.total ?? false),
    },
    retries,
    health: {
      path: health.path ?? null,
      intervalMs: timeoutMs(health.interval ?? HEALTH_MS.interval),
      timeoutMs: timeoutMs(health.timeout ?? HEALTH_MS.timeout),
      failures: health.failures ?? FAILURES,
      ejectionMs: timeoutMs(health.ejection ?? HEALTH_MS.ejection),
    },
    connectionsMax: maxConnections,
    host,
    ca: ca === UNREADABLE_CA ? null : ca,
  }
}

/** The long form of an upstream, and where its targets stand in the form that it has. */
function asMap(shape: UpstreamShape, path: Path): { map: UpstreamMap; pathOf: (index: number) => Path } {
  if (typeof shape === 'string') return { map: { targets: [shape] }, pathOf: () => path }
  if (!isMap(shape)) return { map: { targets: shape }, pathOf: (i) => [...path, i] }
  return { map: shape, pathOf: (i) => [...path, 'targets', i] }
}

function isMap(shape: UpstreamMap | readonly string[]): shape is UpstreamMap {
  return !Array.isArray(shape)
}

function timeoutMs(timeout: Timeout): number {
  return timeout === false ? 0 : parseDuration(timeout, '')
}

function targetMistakes(targets: readonly string[], pathOf: (index: number) => Path): Mistake[] {
  const seen = new Set<string>()
  return targets.flatMap((target, i) => {
    const message = wrongWith(target)
    if (message !== null) return [{ path: pathOf(i), message }]
    const spelled = spellingOf(target)
    const isTwice = seen.has(spelled)
    seen.add(spelled)
    return isTwice ? [{ path: pathOf(i), message: `${show(spelled)} is there twice` }] : []
  })
}

function wrongWith(target: string): string | null {
  const shown = show(maskUrl(target))
  if (target.startsWith('unix:')) {
    return /^unix:\/[^\0]/.test(target) ? null : `${shown} is no socket; write it as unix:/run/app.sock`
  }
  if (!/^https?:\/\/[^/]/i.test(target) || !URL.canParse(target)) {
    return `${shown} is no target; write it as http://127.0.0.1:3000, https://app.example or unix:/run/app.sock`
  }
  const { username, password, pathname, search, hash } = new URL(target)
  if (username !== '' || password !== '') return `${shown} has credentials, which a target cannot have`
  if (pathname !== '/' || search !== '' || hash !== '') {
    return `${shown} has more than a host and a port; requests are sent with the path that they have`
  }
  return null
}

/** The one way to write a target. */
function spellingOf(target: string): string {
  return target.startsWith('unix:') ? target : new URL(target).origin
}

const UNREADABLE_CA = Symbol('No certificates.')

function caMistakes({ targets }: UpstreamMap, ca: string | null | symbol, path: Path): Mistake[] {
  if (ca === null) return []
  const at = [...path, 'caFile']
  if (ca === UNREADABLE_CA) {
    return [
      {
        path: at,
        message: 'cannot be read as certificates in PEM of up to 1 MiB; check its path and permissions',
      },
    ]
  }
  if (targets.some((target) => /^https:/i.test(target))) return []
  return [{ path: at, message: 'is for targets of https, of which there is none' }]
}

function readAuthorities(file: string): string | typeof UNREADABLE_CA {
  const text = readSmallFile(file, CA_BYTES_MAX)?.toString()
  const blocks = text?.match(BLOCK)
  if (text === undefined || !blocks) return UNREADABLE_CA
  try {
    for (const block of blocks) new X509Certificate(block)
    return text
  } catch {
    return UNREADABLE_CA
  }
}

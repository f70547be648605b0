import { invalid } from '../../core/errors.ts'

/** The oldest Node that the packages run on; as `engines` of their manifests say. */
const OLDEST = [22, 12] as const

/**
 * Throws for a version of Node that is too old: there a connection would fail at its first call, which looks like an outage of
 * the server, and every decision would be made by the fallback.
 */
export function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  throw invalid('redisStore', `Node ${version} is too old for it; use Node ${OLDEST.join('.')} or newer`)
}

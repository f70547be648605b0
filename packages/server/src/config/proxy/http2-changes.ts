import type { NotInForce } from '../../service/configuration.ts'
import type { ProxySettings } from '../../service/proxy-settings/proxy-settings.ts'

/** What another file says of HTTP/2 otherwise than the one that it was started with: it has no effect before a restart. */
export function http2Changes(
  started: ProxySettings | undefined,
  next: ProxySettings | undefined,
): NotInForce[] {
  if (started === undefined || next === undefined || started.http2 === next.http2) return []
  const message = 'http2 has changed, which takes a restart; until then the old value holds'
  return [{ path: 'proxy.http2', message }]
}

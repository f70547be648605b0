import type { Config } from '../../config/config.ts'
import { describeFailure } from '../../service/describe-failure.ts'
import { adminAddress, isLoopback } from '../admin-address.ts'
import type { ServeOptions } from '../serve-options.ts'
import { type Finding, findingsOf } from './redis/finding.ts'

/** Who can reach the service, and do what there. */
export function exposureChecks(serve: ServeOptions, config: Config): Finding[] {
  return [checkListener(serve, config), checkAdminListener(serve, config)]
}

function checkListener({ host, port }: ServeOptions, { tokens = [], tls }: Config): Finding {
  const { ok, warning } = findingsOf('exposure')
  if (port === 'off') return ok('the HTTP listener is off')
  if (typeof port !== 'number') return ok('HTTP listens on a Unix socket, which files permit')
  if (isLoopback(host)) return ok('HTTP listens on this machine alone')
  if (tokens.length === 0) {
    const fix = 'give the configuration tokens (headgate key new), or listen on 127.0.0.1'
    return warning(`without tokens everybody who reaches ${host} can spend, reset and block`, fix)
  }
  if (!tls?.listeners.includes('http')) {
    return warning(
      `tokens travel to ${host} without TLS`,
      'give the configuration tls, or have a proxy speak TLS',
    )
  }
  return ok(`HTTP on ${host} takes tokens, by TLS`)
}

function checkAdminListener(serve: ServeOptions, config: Config): Finding {
  const { ok, error } = findingsOf('admin-exposure')
  try {
    const address = adminAddress(serve, config)
    if (address === null) return ok('the admin listener is off')
    if ('path' in address || isLoopback(serve.adminHost))
      return ok('the admin listener is on this machine alone')
    return ok(`the admin listener on ${serve.adminHost} takes tokens`)
  } catch (reason) {
    return error(
      describeFailure(reason).error.detail,
      'give the configuration tokens, or --admin-host 127.0.0.1',
    )
  }
}

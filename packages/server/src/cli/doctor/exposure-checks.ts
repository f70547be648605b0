import type { Config } from '../../config/config.ts'
import type { ListenPort } from '../../listener/listen-address.ts'
import { describeFailure } from '../../service/describe-failure.ts'
import { adminAddress, isLoopback } from '../admin-address.ts'
import type { ServeOptions } from '../serve-options.ts'
import { type Finding, findingsOf } from './redis/finding.ts'

/** Who can reach the service, and do what there. */
export function exposureChecks(serve: ServeOptions, config: Config): Finding[] {
  const admin = checkAdminListener(serve, config)
  // A proxy has no listener of the service, and findings of its own.
  return config.proxy === undefined ? [checkListeners(serve, config), admin] : [admin]
}

/** Listeners that share `--host`, by the names that TLS has for them. */
function portsOf({ port, grpcPort, respPort }: ServeOptions): [name: string, port: ListenPort][] {
  return [
    ['http', port],
    ['grpc', grpcPort],
    ['resp', respPort],
  ]
}

function checkListeners(serve: ServeOptions, { tokens = [], tls }: Config): Finding {
  const { ok, warning } = findingsOf('exposure')
  const names = portsOf(serve).flatMap(([name, port]) => (typeof port === 'number' ? [name] : []))
  const { host } = serve
  if (names.length === 0) return ok('nothing but Unix sockets and the admin listener, if at all')
  const all = names.join(', ')
  if (isLoopback(host)) return ok(`listeners on this machine alone: ${all}`)
  if (tokens.length === 0) {
    const fix = 'give the configuration tokens (headgate key new), or listen on 127.0.0.1'
    return warning(`without tokens everybody who reaches ${host} can spend, reset and block: ${all}`, fix)
  }
  const protectedOnes: readonly string[] = tls?.listeners ?? []
  const plain = names.filter((name) => !protectedOnes.includes(name))
  if (plain.length === 0) return ok(`listeners on ${host} take tokens, by TLS: ${all}`)
  const fix = 'give the configuration tls, have a proxy speak TLS, or turn off what nobody uses'
  return warning(`tokens travel to ${host} without TLS: ${plain.join(', ')}`, fix)
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

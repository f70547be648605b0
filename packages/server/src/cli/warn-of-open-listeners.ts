import type { Logger } from 'pino'
import { isSocketAddress, listenAddress } from '../listener/listen-address.ts'
import type { Service } from '../service/service.ts'
import { isLoopback } from './admin-address.ts'
import type { ServeOptions } from './serve-options.ts'

type ListenOptions = Pick<ServeOptions, 'host' | 'port' | 'grpcPort' | 'respPort'>

/** Warns where other machines may use all of the service, for there are no tokens: now, and when the last one is taken away. */
export function warnOfOpenListeners(
  log: Logger,
  { configuration, on }: Pick<Service, 'configuration' | 'on'>,
  { host, port, grpcPort, respPort }: ListenOptions,
): void {
  const addresses = [port, grpcPort, respPort].map((one) => listenAddress(host, one))
  const isReached = addresses.some((one) => one !== null && !isSocketAddress(one) && !isLoopback(one.host))
  if (!isReached) return
  let wasOpen = false
  const look = (): void => {
    const isOpen = (configuration().tokens ?? []).length === 0
    if (isOpen && !wasOpen) {
      const message = `without tokens everybody who reaches ${host} may use all of the service; give the configuration tokens, or --host 127.0.0.1`
      log.warn({ host }, message)
    }
    wasOpen = isOpen
  }
  look()
  on('configuration', look)
}

import { createListener, type ListenerOptions } from '../listener/listener.ts'
import type { ConfigurationInForce } from '../service/in-force.ts'
import { PROXY } from '../service/proxy-events.ts'
import { RemoteDecisions } from '../service/remote-decisions.ts'
import type { Service } from '../service/service.ts'
import { steadyClock } from '../service/steady-clock.ts'
import type { Transport } from '../service/transport.ts'
import { PasswordMemory } from './auth/password-gate.ts'
import { type CompiledProxy, compileProxy } from './compile-proxy.ts'
import { OpenTunnels } from './forward/open-tunnels.ts'
import { createProxyServer } from './proxy-server.ts'
import { Upstreams } from './upstream/upstreams.ts'

/** Creates the edge proxy as a transport of a service, whose configuration says what it does. */
export function createProxyTransport(service: Service, options: ListenerOptions): Transport {
  const upstreams = new Upstreams({
    clock: steadyClock,
    onEvent: (change) => service.tell('target-health', change),
  })
  const tunnels = new OpenTunnels()
  const remote = new RemoteDecisions()
  const passwords = new PasswordMemory()
  let compiled: CompiledProxy | null = null
  let of: ConfigurationInForce | null = null
  const current = (): CompiledProxy => {
    const inForce = service.configuration()
    if (compiled !== null && inForce === of) return compiled
    of = inForce
    try {
      compiled = compileProxy({ service, upstreams, tunnels, remote, passwords }, inForce)
    } catch (reason) {
      // A defect: what is in force was checked. Requests go on by what was in force before.
      if (compiled === null) throw reason
      service.fail(reason, { transport: PROXY })
    }
    return compiled
  }
  const { proxy } = service.configuration()
  const { server, drain, close } = createProxyServer({
    current,
    tls: options.tls,
    http2: proxy?.http2 === true,
  })
  const listener = createListener(server, options, { service, transport: PROXY })
  let unfollow = (): void => {}
  return {
    name: PROXY,
    listen: async () => {
      // What does not compile is told at the start.
      current()
      // Targets that are no longer named are left at once, and not only when the next request comes.
      unfollow = service.on('configuration', () => void current())
      return listener.listen(options.tls === null ? 'http' : 'https')
    },
    connections: listener.connections,
    drain: async () => {
      const drained = drain()
      tunnels.end()
      await drained
    },
    close: async () => {
      unfollow()
      tunnels.destroy()
      close()
      upstreams.close()
      await remote.close()
    },
  }
}

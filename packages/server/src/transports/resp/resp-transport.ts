import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { createListener, type ListenerOptions } from '../../listener/listener.ts'
import type { Service } from '../../service/service.ts'
import type { Transport } from '../../service/transport.ts'
import { COMMAND_TABLE } from './command-table.ts'
import { Connection } from './resp-connection.ts'
import { Session } from './resp-session.ts'
import { RESP } from './transport-name.ts'

/** The Redis protocol, versions 2 and 3, as a transport of a service. */
export function createRespTransport(service: Service, options: ListenerOptions): Transport {
  const connections = new Set<Connection>()
  const take = (socket: Socket): void => {
    const connection = new Connection(socket, new Session(service, COMMAND_TABLE))
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  }
  const { tls } = options
  const server = tls === null ? createServer(take) : createTlsServer(tls.serverOptions(), take)
  const listener = createListener(server, options, { service, transport: RESP })
  const closed = new Promise<void>((resolve) => server.once('close', resolve))
  return {
    name: RESP,
    listen: () => listener.listen(tls === null ? 'redis' : 'rediss'),
    connections: listener.connections,
    drain: () => {
      server.close()
      for (const connection of connections) connection.drain()
      return closed
    },
    close: async () => {
      server.close()
      for (const connection of connections) connection.destroy()
    },
  }
}

import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Logger } from 'pino'
import { SOCKET_UMASK } from '../listener/listen.ts'
import { isSocketAddress } from '../listener/listen-address.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import { wireAddresses } from './make-transports.ts'
import type { ServeOptions } from './serve-options.ts'

type WorkerOptions = Pick<ServeOptions, 'workers' | 'snapshot' | 'host' | 'port' | 'grpcPort' | 'respPort'>

/** How many workers there can be: one, with a warning, where threads cannot listen on the same ports. */
export async function usableWorkers(options: WorkerOptions, log: Logger): Promise<number> {
  const { workers } = options
  if (workers === 1) return 1
  if (options.snapshot !== undefined) {
    throw wrongUsage('--snapshot keeps the memory of one thread; leave it out, or give --workers 1')
  }
  const addresses = [...wireAddresses(options)]
  const sockets = addresses.filter(([, address]) => isSocketAddress(address))
  const hasPort = sockets.length < addresses.length
  const hindrance = hasPort ? await portsHindrance() : 'a Unix socket is listened on by one thread'
  if (hindrance !== null) {
    log.warn({ workers: 1 }, `${hindrance}: one worker serves in place of ${workers}`)
    return 1
  }
  if (sockets.length > 0) {
    // Threads cannot set it. All else that this process makes is for its owner alone anyway.
    process.umask(SOCKET_UMASK)
    const transports = sockets.map(([name]) => name)
    log.warn({ transports }, 'on a Unix socket one worker listens; the others have the ports')
  }
  return workers
}

/** Null where several may listen on one port. */
async function portsHindrance(): Promise<string | null> {
  const server = createServer()
  try {
    const listening = once(server, 'listening')
    server.listen({ host: '127.0.0.1', port: 0, reusePort: true })
    await listening
    return null
  } catch (reason) {
    const { code = 'failed' } = reason as NodeJS.ErrnoException
    return `threads cannot listen on one port here (${code}), which takes Linux`
  } finally {
    server.close()
  }
}

import { certificates } from '../../../packages/limiter/test/harness/certificates.ts'
import type { RedisServer } from '../../../packages/limiter/test/redis-server.ts'
import { type PeerName, peerProgram } from '../../../scripts/ensure-peers.ts'
import { SERVER_CORE, startServer } from '../harness/http-server.ts'
import { pinned } from '../harness/pin.ts'
import { appOf, serve } from '../harness/serve.ts'
import { freePort, type RunningServer, startProgram } from '../proxy/program.ts'
import type { WireParams } from '../subjects/wire.ts'
import { POLICIES } from './question.ts'

/** A server on one wire, and what its certificate is signed by. */
export interface Wire extends RunningServer {
  /** As PEM text; null without TLS. */
  readonly ca: string | null
}

type RedisPlace = Pick<RedisServer, 'port'>

/** Longer than Redis takes on a busy machine: the stand-in is not measured. */
const PATIENT = '2s'

/** Starts a server on a core of its own; null where its program cannot be had. */
export async function startWire(params: WireParams, redis: RedisPlace | null): Promise<Wire | null> {
  const server = await start(params, redis)
  return server && Object.assign(server, { ca: params.isTls ? certificates().ca : null })
}

async function start(params: WireParams, redis: RedisPlace | null): Promise<RunningServer | null> {
  const { wire, of } = params
  switch (of) {
    case 'headgate':
      return serve(wire, configuration(params, redis))
    case 'headgate, fast path off':
      return serve(wire, configuration(params, redis), { args: ['--http-fast-path', 'off'] })
    case 'headgate, grpc-js':
      return serve(wire, configuration(params, redis), { args: ['--grpc-engine', 'grpc-js'] })
    case 'node:http':
      return startServer(appOf('json-echo'))
    default:
      return startPeer(of, wire)
  }
}

/** The text of the file of the service, which is JSON. */
function configuration({ wire, isTls = false }: WireParams, redis: RedisPlace | null): string {
  const { cert: certFile, key: keyFile } = isTls ? certificates().server : { cert: '', key: '' }
  return JSON.stringify({
    policies: POLICIES[wire],
    ...(isTls && { tls: { certFile, keyFile } }),
    ...(redis && { store: { url: `redis://127.0.0.1:${redis.port}`, deadline: PATIENT } }),
  })
}

async function startPeer(name: PeerName, wire: WireParams['wire']): Promise<RunningServer | null> {
  const program = peerProgram(name)
  if (program === null) return null
  const port = await freePort()
  const crab = [`--${wire}`, `--${wire}-host`, '127.0.0.1', `--${wire}-port`, String(port)]
  const args = name === 'throttlecrab' ? [...crab, '--log-level', 'error'] : [String(port)]
  return startProgram({
    command: pinned(SERVER_CORE, [program, ...args]),
    env: { GOMAXPROCS: '1', TOKIO_WORKER_THREADS: '1' },
    port,
  })
}

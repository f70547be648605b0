import { certificates } from '../../../packages/limiter/test/harness/certificates.ts'
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

/** Starts a server on a core of its own; null where its program cannot be had. */
export async function startWire(params: WireParams): Promise<Wire | null> {
  const server = await start(params)
  return server && Object.assign(server, { ca: params.isTls ? certificates().ca : null })
}

async function start(params: WireParams): Promise<RunningServer | null> {
  const { wire, of } = params
  switch (of) {
    case 'headgate':
      return serve(wire, configuration(params))
    case 'headgate, fast path off':
      return serve(wire, configuration(params), { args: ['--http-fast-path', 'off'] })
    case 'headgate, grpc-js':
      return serve(wire, configuration(params), { args: ['--grpc-engine', 'grpc-js'] })
    case 'node:http':
      return startServer(appOf('json-echo'))
    default:
      return startPeer(of, wire)
  }
}

function configuration({ wire, isTls = false }: WireParams): string {
  const policies = POLICIES[wire]
  if (!isTls) return policies
  const { cert, key } = certificates().server
  return `${policies}tls: { certFile: ${JSON.stringify(cert)}, keyFile: ${JSON.stringify(key)} }\n`
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

/** A process of the service that clients of others ask over gRPC. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../../../limiter/test/harness/until.ts'
import type { GrpcEngineName } from '../../src/transports/grpc/grpc-engine.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { CERTIFICATES } from '../protocol/secure-listener.ts'

export interface AskedProcessOptions {
  readonly engine: GrpcEngineName
  /** Text of its file. */
  readonly config: string
  /**
   * `mutual` wants certificates of clients.
   * @default no TLS
   */
  readonly tls?: 'server' | 'mutual'
  readonly args?: readonly string[]
}

/** Start it with `await using asked = await AskedProcess.start({ … })`. */
export class AskedProcess implements AsyncDisposable {
  /** Where clients run; gone with the process. */
  readonly folder: string
  /** Host and port. */
  readonly target: string
  readonly #headgate: HeadgateProcess

  private constructor(headgate: HeadgateProcess, folder: string, target: string) {
    this.#headgate = headgate
    this.folder = folder
    this.target = target
  }

  static async start({ engine, config, tls, args = [] }: AskedProcessOptions): Promise<AskedProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-grpc-'))
    const file = join(folder, 'headgate.yaml')
    const authority = join(folder, 'ca.pem')
    writeFileSync(authority, CERTIFICATES.ca)
    writeFileSync(file, tls === undefined ? config : `${config}\n${tlsOf(tls, authority)}`)
    const options = ['--config', file, '--grpc-port', '0', '--grpc-engine', engine, ...args]
    const headgate = await HeadgateProcess.serve(options)
    const url = await until(
      'it speaks gRPC',
      () => headgate.log.find(({ transport, url }) => transport === 'grpc' && url !== undefined)?.['url'],
    )
    return new AskedProcess(headgate, folder, new URL(String(url)).host)
  }

  /** The certificate of its authority. */
  get authority(): string {
    return join(this.folder, 'ca.pem')
  }

  /** Runs a program to its end; what it printed. */
  async run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const options = { env: { ...process.env, ...env }, cwd: this.folder }
    const { stdout } = await promisify(execFile)(command, args, options)
    return stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#headgate[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A title that says so where a program is not there. */
export function titleOf(name: string, program: string | null): string {
  return program === null ? `${name} (SKIPPED: not installed)` : name
}

function tlsOf(kind: 'server' | 'mutual', authority: string): string {
  const { cert, key } = CERTIFICATES.server
  const clients = kind === 'mutual' ? `, clientCaFile: ${authority}` : ''
  return `tls: { certFile: ${cert}, keyFile: ${key}${clients}, listeners: [grpc] }`
}

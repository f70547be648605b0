/** An instance of the service for Envoy: a process of its own that speaks gRPC. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../limiter/test/harness/until.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

export interface InstanceOptions {
  /** Text of its file. */
  readonly config: string
  readonly redisUrl: string
  /** @default any */
  readonly grpcPort?: number
  readonly args?: readonly string[]
}

/** Start it with `await using instance = await Instance.start({ … })`. */
export class Instance implements AsyncDisposable {
  readonly headgate: HeadgateProcess
  readonly grpcPort: number
  readonly #folder: string

  private constructor(headgate: HeadgateProcess, grpcPort: number, folder: string) {
    this.headgate = headgate
    this.grpcPort = grpcPort
    this.#folder = folder
  }

  static async start({ config, redisUrl, grpcPort = 0, args = [] }: InstanceOptions): Promise<Instance> {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-instance-'))
    const file = join(folder, 'headgate.yaml')
    writeFileSync(file, config)
    const options = ['--config', file, '--store', redisUrl, '--grpc-port', String(grpcPort), ...args]
    const headgate = await HeadgateProcess.serve(options)
    const url = await until(
      'it speaks gRPC',
      () => headgate.log.find(({ transport, url }) => transport === 'grpc' && url !== undefined)?.['url'],
    )
    return new Instance(headgate, Number(new URL(String(url)).port), folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.headgate[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

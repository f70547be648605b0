/** An example of a deployment, run by the commands of its README: in a copy of its folder, on ports of its own. */
import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { root } from '../../../limiter/test/docs/documents.ts'
import { until } from '../../../limiter/test/harness/until.ts'
import { accepts } from '../gateways/gateway.ts'
import { type Change, copyExample, type Port, type PortMap, portsFor } from './copy-example.ts'
import { Program } from './program.ts'
import { type Exchange, exchangesOf, programsOf } from './readme-commands.ts'

const START_MS = 30_000
const COMMAND_MS = 20_000
const BINARY = join(root, 'packages/server/dist/cli/main.js')

export interface ExampleOptions {
  /** The port of an app that runs already, in place of 3000. */
  readonly app?: number
  /** Where its programs listen, in their order: a port, or the socket in its folder. */
  readonly listens: readonly (Port | string)[]
  readonly change?: Change | undefined
  readonly standIn?: StandIn | undefined
}

/** What is started in place of a program that cannot run here. */
export interface StandIn {
  /** Texts beside those of the example. */
  readonly files: Readonly<Record<string, string>>
  /** Which of the programs it stands for, and how it is started. */
  readonly at: number
  readonly command: string
}

/** Start it with `await using example = await Example.start('envoy-sidecar', { listens: […] })`. */
export class Example implements AsyncDisposable {
  /** In the order of the README. */
  readonly programs: Program[] = []
  readonly #folder: string
  readonly #listens: readonly (Port | string)[]
  readonly #ports: PortMap
  readonly #readme: string
  readonly #standIn: StandIn | undefined

  private constructor(folder: string, ports: PortMap, { listens, standIn }: ExampleOptions) {
    this.#folder = folder
    this.#listens = listens
    this.#ports = ports
    this.#standIn = standIn
    this.#readme = readFileSync(join(folder, 'README.md'), 'utf8')
  }

  static async start(name: string, options: ExampleOptions): Promise<Example> {
    const ports = await portsFor(options.app)
    const example = new Example(
      copyExample(name, ports, { change: options.change, files: options.standIn?.files }),
      ports,
      options,
    )
    try {
      for (const at of options.listens.keys()) await example.restart(at)
      return example
    } catch (cause) {
      const output = example.programs.map((program) => program.output).join('\n')
      await example[Symbol.asyncDispose]()
      throw new Error(`${name} did not start: ${output}`, { cause })
    }
  }

  /** What listens there in place of a port of the example. */
  port(port: Port): number {
    return Number(this.#ports.get(port))
  }

  /** Starts a program, in place of itself where it has ended. */
  async restart(at: number): Promise<void> {
    const { command } =
      this.#standIn?.at === at ? this.#standIn : { command: String(programsOf(this.#readme)[at]) }
    const program = new Program(installed(command), this.#folder, this.#variables())
    this.programs[at] = program
    const place = this.#listens[at]
    const address = typeof place === 'number' ? this.port(place) : join(this.#folder, String(place))
    const settled = async (): Promise<boolean> => program.hasEnded || accepts(address)
    await until(`${command} listens`, settled, { withinMs: START_MS })
    if (program.hasEnded) throw new Error(`${command} has ended`)
  }

  /** The exchanges of the README, and what the same commands print here. */
  async play(): Promise<{ readonly said: Exchange[]; readonly here: Exchange[] }> {
    const said = exchangesOf(this.#readme)
    const here: Exchange[] = []
    for (const { command } of said) {
      const options = { cwd: this.#folder, timeout: COMMAND_MS }
      const { stdout } = await promisify(execFile)('sh', ['-c', command], options)
      here.push({ command, printed: stdout })
    }
    return { said, here }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.programs.toReversed()) await program.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #variables(): NodeJS.ProcessEnv {
    return {
      HEADGATE_PORT: String(this.port(8080)),
      HEADGATE_GRPC_PORT: String(this.port(8081)),
      HEADGATE_RESP_PORT: 'off',
      HEADGATE_ADMIN_PORT: 'off',
      HEADGATE_SHUTDOWN_DELAY: '0',
      XDG_CONFIG_HOME: this.#folder,
      XDG_DATA_HOME: this.#folder,
    }
  }
}

/** The command with the programs that are installed for the tests. */
function installed(command: string): string {
  return command
    .replace(/^npx headgate\b/, `${process.execPath} ${BINARY}`)
    .replace(/^envoy\b/, `${envoyPath()} --use-dynamic-base-id --concurrency 1 --log-level warning`)
}

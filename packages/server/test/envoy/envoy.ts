/** A real Envoy in front of an app, on ports of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { until } from '../../../limiter/test/harness/until.ts'
import { type EnvoyConfig, type EnvoyPorts, exampleConfig } from './envoy-config.ts'

const START_MS = 30_000
const ARGS = ['--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'warning']

export interface EnvoyAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Start it with `await using envoy = await Envoy.start(ports)`. */
export class Envoy implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #agent = new Agent({ keepAlive: true })
  #admin = ''
  #port = 0
  #output = ''

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child
    this.#folder = folder
    child.stderr?.on('data', (chunk) => (this.#output += chunk))
  }

  /** Starts it with the example's configuration, and what a test changes in that. */
  static async start(ports: EnvoyPorts, change = (_: EnvoyConfig): void => {}): Promise<Envoy> {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-envoy-'))
    const config = exampleConfig(ports)
    change(config)
    const file = join(folder, 'envoy.json')
    writeFileSync(file, JSON.stringify(config))
    const address = join(folder, 'admin')
    const args = [...ARGS, '-c', file, '--admin-address-path', address]
    const child = spawn(String(envoyPath()), args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const envoy = new Envoy(child, folder)
    try {
      await until('Envoy is ready', () => envoy.#isReady(address), { withinMs: START_MS })
      return envoy
    } catch (cause) {
      await envoy[Symbol.asyncDispose]()
      throw new Error(`Envoy did not start: ${envoy.#output}`, { cause })
    }
  }

  /** Sends a request to the app. */
  async send(path: string, headers: Readonly<Record<string, string>> = {}): Promise<EnvoyAnswer> {
    const sent = request({ host: '127.0.0.1', port: this.#port, agent: this.#agent, path, headers })
    sent.end()
    const [response] = await once(sent, 'response')
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    return { status: response.statusCode, headers: response.headers, text }
  }

  /** A counter or a gauge of Envoy's; 0 where it has none. */
  async stat(name: string): Promise<number> {
    const response = await fetch(`${this.#admin}/stats?format=json&filter=^${name.replaceAll('.', '\\.')}$`)
    const { stats } = (await response.json()) as { stats: { name?: string; value?: number }[] }
    return stats.find((one) => one.name === name)?.value ?? 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy()
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL')
      await once(this.#child, 'exit')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #isReady(address: string): Promise<boolean> {
    if (!existsSync(address)) return false
    this.#admin = `http://${readFileSync(address, 'utf8')}`
    if (!(await fetch(`${this.#admin}/ready`)).ok) return false
    const listening = await fetch(`${this.#admin}/listeners?format=json`)
    const { listener_statuses: listeners } = (await listening.json()) as EnvoyConfig
    this.#port = listeners[0].local_address.socket_address.port_value
    return this.#port > 0
  }
}

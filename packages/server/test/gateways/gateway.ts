/** Real gateways, configured by the blocks of docs/guide/behind-a-gateway.md. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nginxFile } from './nginx-file.ts'

const GUIDE = readFileSync(join(import.meta.dirname, '../../../../docs/guide/behind-a-gateway.md'), 'utf8')
const START_MS = 30_000
const POLL_MS = 20

/** The first block of a language in the guide. */
export function blockOf(language: string): string {
  const [, block] = new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, 's').exec(GUIDE) ?? []
  if (block === undefined) throw new Error(`the guide has no block of ${language}`)
  return block
}

export function isInstalled(command: string): boolean {
  return spawnSync(command, ['-h'], { stdio: 'ignore' }).error === undefined
}

/** Ports that the guide names, and those of the test. */
export interface Ports {
  readonly service: number
  readonly app: number
}

/** A gateway on a port of its own: `await using gateway = await Gateway.start('nginx', ports)`. */
export class Gateway implements AsyncDisposable {
  readonly port: number
  readonly #child: ChildProcess
  readonly #folder: string
  #output = ''

  private constructor(child: ChildProcess, port: number, folder: string) {
    this.#child = child
    this.port = port
    this.#folder = folder
    child.stderr?.on('data', (chunk) => (this.#output += chunk))
  }

  static async start(name: 'nginx' | 'caddy', ports: Ports): Promise<Gateway> {
    const folder = mkdtempSync(join(tmpdir(), `headgate-${name}-`))
    const port = await freePort()
    const file = join(folder, 'gateway.conf')
    writeFileSync(file, (name === 'nginx' ? nginxConfig : caddyConfig)(ports, port, folder))
    const args =
      name === 'nginx' ? ['-p', folder, '-c', file] : ['run', '--config', file, '--adapter', 'caddyfile']
    const env = { ...process.env, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
    const child = spawn(name, args, { stdio: ['ignore', 'ignore', 'pipe'], env })
    const gateway = new Gateway(child, port, folder)
    await gateway.#listening()
    return gateway
  }

  async #listening(): Promise<void> {
    const deadline = performance.now() + START_MS
    while (!(await accepts(this.port))) {
      if (this.#child.exitCode !== null || performance.now() > deadline) {
        const output = this.#output
        await this[Symbol.asyncDispose]()
        throw new Error(`the gateway did not start: ${output}`)
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL')
      await once(this.#child, 'exit')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function withPorts(block: string, { service, app }: Ports): string {
  return block
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${service}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${app}`)
}

function nginxConfig(ports: Ports, port: number, folder: string): string {
  return nginxFile(
    folder,
    `server {
    listen 127.0.0.1:${port};
    ${withPorts(blockOf('nginx'), ports)}
  }`,
  )
}

function caddyConfig(ports: Ports, port: number): string {
  const site = withPorts(blockOf('caddyfile'), ports).replace(/^:8000/m, `http://127.0.0.1:${port}`)
  return `{\n\tadmin off\n\tauto_https off\n}\n${site}\n`
}

/** A port on which nothing listens now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Whether somebody listens at a port, or at the path of a Unix socket. */
export function accepts(place: number | string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = typeof place === 'number' ? connect(place, '127.0.0.1') : connect(place)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

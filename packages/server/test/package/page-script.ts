/**
 * A page of the documents as a script: its blocks, in their order, in a folder of its own. `yaml` is the file
 * headgate.yaml, and is checked, `ts` and `sh` are run, and `text output` is what the block before has printed. `no-run` leaves a block out;
 * `file=access.log` names the file that a block is.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Block, Document } from '../../../limiter/test/docs/document.ts'
import { root } from '../../../limiter/test/docs/documents.ts'

/** Addresses that pages use, for those that are free. */
const SERVICE = 'http://127.0.0.1:8080'
const GRPC = '127.0.0.1:8081'
const RESP = 'redis-cli -p 6380'
const REDIS = 'redis://localhost:6379'
const CLUSTER_NODE = 'redis://localhost:7000'
const STATE = '/var/lib/headgate'
/** What Node does not run as it is: applications of Nest are compiled, with the decorators that TypeScript had first. */
const DECORATOR = /^@\w+\(/m
const COMPILE =
  '--ignoreConfig --noCheck --module nodenext --target es2024 --experimentalDecorators --emitDecoratorMetadata'.split(
    ' ',
  )
const SERVE = /^(?:npx )?headgate serve\b/m
const START_MS = 60_000
const FILE = 'file='

export interface PageOptions {
  /** Where the packages are installed. */
  readonly installed: string
  readonly redisUrl: string
  /** A node of a Cluster. */
  readonly clusterUrl: string
  /** Empties that Redis. */
  readonly empty: () => Promise<unknown>
}

/** A service that a page has started, and where it listens. */
interface Listening {
  readonly url: string
  readonly grpc: string
  readonly resp: string
  readonly child: ChildProcess
}

export class PageScript implements AsyncDisposable {
  readonly #folder: string
  readonly #options: PageOptions
  readonly #env: NodeJS.ProcessEnv
  #service: Listening | null = null
  #printed = ''

  constructor({ path }: Document, options: PageOptions) {
    const { installed } = options
    this.#options = options
    this.#folder = join(installed, path.replaceAll(/\W+/g, '-'))
    mkdirSync(this.#folder)
    // Its code may compare what it does with what the page says.
    cpSync(join(root, path), join(this.#folder, path))
    copyFileSync(join(installed, 'node_modules/headgate-server/sample/headgate.yaml'), this.#file())
    const { NODE_OPTIONS: _, ...inherited } = process.env
    this.#env = {
      ...inherited,
      PATH: `${join(installed, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`,
      PORT: '0',
      HEADGATE_PORT: '0',
      HEADGATE_GRPC_PORT: '0',
      HEADGATE_RESP_PORT: '0',
      HEADGATE_ADMIN_PORT: '0',
      HEADGATE_SHUTDOWN_DELAY: '0s',
    }
  }

  async run(block: Block): Promise<void> {
    const { language, flags, text, source } = block
    if (flags.includes('no-run')) return
    const named = flags.find((flag) => flag.startsWith(FILE))
    if (named !== undefined) writeFileSync(join(this.#folder, named.slice(FILE.length)), `${text}\n`)
    else if (language === 'yaml') await this.#check(text)
    else if (language === 'ts') await this.#runModule(block, source)
    else if (language === 'sh') await this.#runShell(text)
    else if (language === 'text' && flags.includes('output')) this.#compare(text)
  }

  /** Ends what a page has started; it has to end well. */
  async end(): Promise<void> {
    const { child } = this.#service ?? {}
    this.#service = null
    if (child === undefined) return
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'close')
    if (child.exitCode !== 0) throw new Error(`headgate serve ended with code ${child.exitCode}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#service?.child.kill('SIGKILL')
  }

  async #check(text: string): Promise<void> {
    writeFileSync(this.#file(), `${text}\n`)
    // The file stays as the page has it, and its hash with it.
    if (text.includes(REDIS)) this.#env['HEADGATE_STORE'] = this.#options.redisUrl
    else delete this.#env['HEADGATE_STORE']
    await this.#execute('headgate', 'check', this.#file())
  }

  async #runModule({ place }: Block, source: string): Promise<void> {
    if (source.includes(REDIS)) await this.#options.empty()
    const file = join(this.#folder, `${place.replaceAll(/\W+/g, '-')}.ts`)
    writeFileSync(file, this.#here(source))
    if (!DECORATOR.test(source)) return this.#execute(process.execPath, file)
    await this.#execute(join(root, 'node_modules/.bin/tsc'), ...COMPILE, file)
    await this.#execute(process.execPath, file.replace(/ts$/, 'js'))
  }

  async #runShell(text: string): Promise<void> {
    const commands = text.replaceAll('\\\n', '').split('\n')
    for (const command of commands) {
      if (SERVE.test(command)) await this.#serve(this.#here(command))
      else await this.#execute('sh', '-ec', this.#here(command))
    }
  }

  async #execute(command: string, ...args: readonly string[]): Promise<void> {
    const { stdout } = await promisify(execFile)(command, args, { cwd: this.#folder, env: this.#env })
    this.#printed = stdout
  }

  async #serve(command: string): Promise<void> {
    await this.end()
    const line = `exec ${command.replace(/^npx /, '')}`
    const child = spawn('sh', ['-c', line], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    const deadline = performance.now() + START_MS
    for (;;) {
      const [, url] = /"url":"([^"]+)"/.exec(output) ?? []
      const [, grpc] = /"url":"grpcs?:\/\/([^"]+)"/.exec(output) ?? []
      const [, resp] = /"url":"rediss?:\/\/[^"]+:(\d+)"/.exec(output) ?? []
      if (url !== undefined && grpc !== undefined && resp !== undefined) {
        this.#service = { url, grpc, resp, child }
        return
      }
      if (child.exitCode !== null || performance.now() > deadline) {
        child.kill('SIGKILL')
        throw new Error(`${command} did not start:\n${output}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  #compare(text: string): void {
    if (this.#printed.trimEnd() !== text)
      throw new Error(`the page says:\n${text}\nprinted was:\n${this.#printed}`)
  }

  #here(text: string): string {
    const { redisUrl, clusterUrl } = this.#options
    const moved = text
      .replaceAll(REDIS, redisUrl)
      .replaceAll(CLUSTER_NODE, clusterUrl)
      .replaceAll(STATE, this.#folder)
    if (this.#service === null) return moved
    const { url, grpc, resp } = this.#service
    return moved.replaceAll(SERVICE, url).replaceAll(GRPC, grpc).replaceAll(RESP, `redis-cli -p ${resp}`)
  }

  #file(): string {
    return join(this.#folder, 'headgate.yaml')
  }
}

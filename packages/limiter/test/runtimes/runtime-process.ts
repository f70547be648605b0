/** A runtime that serves the scenarios, as a process of its own, on a port chosen by the system. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pathOf, type Tool } from '../../../../scripts/ensure-runtimes.ts'

/** One to start: a program, and for workerd the date whose behaviour it has. */
export interface Runtime {
  readonly name: string
  readonly tools: readonly Tool[]
  /** Whether it is a process of its own, with sockets, and timers that fire between requests. */
  readonly isProcess: boolean
  start(folder: string): ChildProcess
}

const START_MS = 60_000

/** What a Worker may have of Node is decided by its date. */
const workerd = (name: string, date: string): Runtime => ({
  name,
  tools: ['workerd', 'esbuild'],
  isProcess: false,
  start(folder) {
    bundle(folder)
    writeFileSync(join(folder, `${date}.capnp`), configOf(date))
    // It says on the third descriptor where it listens.
    return spawn(program('workerd'), ['serve', `${date}.capnp`, '--control-fd=3'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
  },
})

export const runtimes: readonly Runtime[] = [
  {
    name: 'Bun',
    tools: ['bun'],
    isProcess: true,
    start: (folder) => spawnIn(folder, 'bun', ['run', '--no-install', 'bun.ts']),
  },
  {
    name: 'Deno',
    tools: ['deno'],
    isProcess: true,
    // No variables of the environment, and no files.
    start: (folder) =>
      spawnIn(folder, 'deno', [
        'run',
        '--no-prompt',
        '--no-remote',
        '--node-modules-dir=manual',
        '--allow-net',
        'deno.ts',
      ]),
  },
  // The first date whose Workers have weak references, and none of Node's names.
  workerd('a Worker of 2025', '2025-05-05'),
  workerd('a Worker of 2026', '2026-11-01'),
]

export class RuntimeProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #end: Promise<unknown>
  #output = ''
  #port: number | undefined

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#end = once(child, 'close')
    for (const stream of child.stdio.slice(1))
      (stream as Readable | null)?.on('data', (chunk) => this.#read(chunk))
  }

  /** Starts a runtime in a folder with the packed library, and waits until it listens. */
  static async start(runtime: Runtime, folder: string): Promise<RuntimeProcess> {
    cpSync(join(import.meta.dirname, 'fixtures'), folder, { recursive: true })
    const started = new RuntimeProcess(runtime.start(folder))
    const deadline = performance.now() + START_MS
    while (started.#port === undefined) {
      if (started.#child.exitCode !== null || performance.now() > deadline) {
        await started[Symbol.asyncDispose]()
        throw new Error(`${runtime.name} did not start: ${started.#output}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return started
  }

  /** What comes out of a scenario. */
  async run(scenario: string, options: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const response = await fetch(`${this.url}/?${new URLSearchParams({ scenario, ...options })}`)
    const text = await response.text()
    if (!response.ok) throw new Error(`${text}\n${this.#output}`)
    return JSON.parse(text)
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#end
  }

  #read(chunk: unknown): void {
    this.#output += String(chunk)
    const [, port] = /"port":\s*(\d+)/.exec(this.#output) ?? []
    if (port !== undefined) this.#port = Number(port)
  }
}

function spawnIn(folder: string, tool: Tool, args: readonly string[]): ChildProcess {
  return spawn(program(tool), args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** As the tools for Workers do: a module of Node that is imported ends it. */
function bundle(folder: string): void {
  const flags = ['--bundle', '--format=esm', '--conditions=workerd,worker,browser', '--outfile=worker.js']
  execFileSync(program('esbuild'), ['worker.ts', ...flags], { cwd: folder, stdio: 'pipe' })
}

function configOf(date: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "${date}",
);
`
}

function program(tool: Tool): string {
  const path = pathOf(tool)
  if (path === null) throw new Error(`${tool} is not installed; run node scripts/ensure-runtimes.ts`)
  return path
}

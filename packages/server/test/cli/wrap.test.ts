/** An app that is wrapped, in real processes: it gets its port and signals, and nothing of it outlives the process around it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const WRAPPING = join(import.meta.dirname, 'fixtures/wrapping-process.ts')
/** Far above what it takes on a busy machine. */
const SOON = { timeout: 20_000, interval: 10 }
const NEVER_MS = 600_000

const folder = mkdtempSync(join(tmpdir(), 'headgate-wrap-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A program of Node, and the command that runs it. */
function app(name: string, text: string): string {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, text)
  return `${process.execPath} ${file}`
}

/** Start it with `await using wrapping = new Wrapping(command)`. */
class Wrapping implements AsyncDisposable {
  readonly process: ChildProcess
  readonly ended: Promise<unknown[]>
  #out = ''

  constructor(command: string, { withinMs = NEVER_MS, upstream = '', env = {} } = {}) {
    const args = [WRAPPING, command, String(withinMs), ...(upstream === '' ? [] : [upstream])]
    this.process = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    })
    this.process.stdout?.on('data', (text) => (this.#out += text))
    this.ended = once(this.process, 'close')
  }

  /** Lines of the log and of the app, of which each is one of JSON. */
  get lines(): Record<string, unknown>[] {
    return this.#out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  }

  line(message: string): Promise<Record<string, unknown>> {
    const found = (): Record<string, unknown> | undefined => this.lines.find(({ msg }) => msg === message)
    return expect
      .poll(found, SOON)
      .toBeDefined()
      .then(() => found() as Record<string, unknown>)
  }

  async exitCode(): Promise<unknown> {
    const [code] = await this.ended
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The second one ends it, whatever the app does; SIGKILL would leave the app behind.
    const again = setInterval(() => this.process.kill('SIGTERM'), 50)
    await this.ended
    clearInterval(again)
  }
}

/** Whether it runs; one that has ended, and of which nobody has taken note, does not. */
function isRunning(pid: unknown): boolean {
  try {
    process.kill(Number(pid), 0)
  } catch {
    return false
  }
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'))
}

const SAY = 'const say = (msg, more) => console.log(JSON.stringify({ msg, pid: process.pid, ...more }))\n'
const STAY = 'setInterval(() => {}, 1e6)\n'
const SIGNALS = ['SIGUSR1', 'SIGUSR2'] as const

describe('a wrapped app', () => {
  it('learns in PORT where to listen, and is ready once it does; secrets of the proxy are not for it', async () => {
    const late = app(
      'late',
      `${SAY}import { createServer } from 'node:http'
const others = Object.keys(process.env).filter((name) => name.startsWith('HEADGATE_'))
say('env', { port: process.env.PORT, others, own: process.env.OWN })
process.on('SIGUSR2', () => createServer((_, response) => response.end('it')).listen(Number(process.env.PORT), '127.0.0.1'))
say('waits')
${STAY}`,
    )
    const env = { PORT: '1', HEADGATE_STORE: 'redis://:secret@store', OWN: 'is' }
    await using wrapping = new Wrapping(late, { env })
    const { upstream, isListening } = await wrapping.line('wrapping')
    expect(isListening).toBe(false)
    const { port } = new URL(String(upstream))
    expect(await wrapping.line('env')).toMatchObject({ port, others: [], own: 'is' })
    await wrapping.line('waits')
    expect(wrapping.lines.some(({ msg }) => msg === 'listening')).toBe(false)
    wrapping.process.kill('SIGUSR2')
    expect(await wrapping.line('listening')).toMatchObject({ listens: true, isListening: true })
    expect(await (await fetch(String(upstream))).text()).toBe('it')
  })

  it('listens where it is said to, on a Unix socket too', async () => {
    const upstream = `unix:${join(folder, 'app.sock')}`
    const socket = app(
      'socket',
      `${SAY}import { createServer } from 'node:http'
say('env', { port: process.env.PORT ?? null })
createServer().listen('${join(folder, 'app.sock')}')`,
    )
    await using wrapping = new Wrapping(socket, { upstream, env: { PORT: '1' } })
    expect(await wrapping.line('listening')).toMatchObject({ listens: true })
    expect(await wrapping.line('env')).toMatchObject({ port: null })
    expect(await wrapping.line('wrapping')).toMatchObject({ upstream })
  })

  it.each([
    ['its own code', 'process.exit(7)', 7],
    ['128 and the number of the signal that ended it', 'process.kill(process.pid, "SIGKILL")', 137],
  ])('gives the process around it %s', async (_, text, code) => {
    await using wrapping = new Wrapping(app(`ends-${code}`, text))
    expect(await wrapping.exitCode()).toBe(code)
    expect(wrapping.lines.find(({ msg }) => msg === 'listening')).toMatchObject({ listens: false })
  })

  it('that is not there ends with 127', async () => {
    await using wrapping = new Wrapping(join(folder, 'nowhere'))
    expect(await wrapping.exitCode()).toBe(127)
  })

  it('gets signals, and what it has started does not; at SIGTERM it ends as it likes', async () => {
    const listens = `for (const one of ${JSON.stringify(SIGNALS)}) process.on(one, () => say(one))\n`
    const child = app('child', `${SAY}${listens}say('child')\n${STAY}`).split(' ')
    const parent = app(
      'parent',
      `${SAY}${listens}import { spawn } from 'node:child_process'
spawn(...${JSON.stringify([child[0], [child[1]]])}, { stdio: 'inherit' })
process.on('SIGTERM', () => process.exit(3))`,
    )
    await using wrapping = new Wrapping(parent)
    const { pid } = await wrapping.line('child')
    for (const signal of SIGNALS) {
      wrapping.process.kill(signal)
      expect(await wrapping.line(signal)).not.toMatchObject({ pid })
    }
    wrapping.process.kill('SIGTERM')
    expect(await wrapping.exitCode()).toBe(3)
    expect(wrapping.lines.filter(({ msg }) => SIGNALS.some((one) => one === msg))).toHaveLength(
      SIGNALS.length,
    )
    await expect.poll(() => isRunning(pid), SOON).toBe(false)
  })

  it('that ignores SIGTERM is killed in time, with all that it has started', async () => {
    const child = app('stubborn-child', `${SAY}process.on('SIGTERM', () => {})\nsay('child')\n${STAY}`)
    const parent = app(
      'stubborn',
      `import { spawn } from 'node:child_process'
process.on('SIGTERM', () => {})
spawn(...${JSON.stringify([child.split(' ')[0], [child.split(' ')[1]]])}, { stdio: 'inherit' })
${STAY}`,
    )
    await using wrapping = new Wrapping(parent, { withinMs: 100 })
    const { pid } = await wrapping.line('child')
    wrapping.process.kill('SIGTERM')
    expect(await wrapping.exitCode()).toBe(137)
    await expect.poll(() => isRunning(pid), SOON).toBe(false)
  })

  it('does not outlive a process around it that ends at once', async () => {
    const stays = app('stays', `${SAY}process.on('SIGTERM', () => say('asked'))\nsay('up')\n${STAY}`)
    await using wrapping = new Wrapping(stays)
    const { pid } = await wrapping.line('up')
    wrapping.process.kill('SIGTERM')
    await wrapping.line('asked')
    // The second one ends it, as it does without an app.
    wrapping.process.kill('SIGTERM')
    expect(await wrapping.exitCode()).toBe(1)
    await expect.poll(() => isRunning(pid), SOON).toBe(false)
  })
})

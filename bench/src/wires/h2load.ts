/** Asks over HTTP by `h2load`, in a process of its own on the core of this one. */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { childSeconds } from '../harness/core-seconds.ts'
import { figuresOf, timesOf } from './h2load-output.ts'

/** Who is asked, and for what. */
export interface Load {
  readonly url: string
  readonly isHttp1: boolean
  readonly connections: number
  /** Requests under way on each connection. */
  readonly streams: number
  /** Header fields, as `name: value`. */
  readonly fields: readonly string[]
  /** The path of a file with the body of every request. */
  readonly body: string
  /** Octets that the body of every answer has at least: an error of gRPC has none. */
  readonly answerBytes: number
}

/** What was made. */
export interface Made {
  readonly requests: number
  readonly perSecond: number
  /** Of its core, which `h2load` took: from 0.95 on it is the limit. */
  readonly share: number
}

/** So many requests, as fast as they are answered. */
export function make(load: Load, requests: number): Promise<Made> {
  return h2load(load, ['-n', String(requests)])
}

/** Requests for so long, each as soon as one of its connection is answered. */
export function press(load: Load, ms: number): Promise<Made> {
  return h2load(load, ['-D', `${ms}ms`])
}

/** Milliseconds that each request took, where they come at this rate; `folder` is for what is noted meanwhile. */
export async function pace(
  load: Load,
  { perSecond, ms, folder }: { readonly perSecond: number; readonly ms: number; readonly folder: string },
): Promise<number[]> {
  const file = join(folder, 'h2load.log')
  try {
    await h2load(load, [
      ...['-n', String(Math.round((perSecond * ms) / 1000))],
      ...['--rps', String(perSecond / load.connections), '--log-file', file],
    ])
    return timesOf(readFileSync(file, 'utf8'))
  } finally {
    rmSync(file, { force: true })
  }
}

async function h2load(load: Load, how: readonly string[]): Promise<Made> {
  const { url, isHttp1, connections, streams, fields, body, answerBytes } = load
  const headers = fields.flatMap((field) => ['-H', field])
  const asked = ['-t1', '-c', String(connections), '-m', String(streams), ...headers, '-d', body, url]
  const [startedMs, core] = [performance.now(), childSeconds()]
  const said = await run([...(isHttp1 ? ['--h1'] : []), ...how, ...asked])
  const share = (childSeconds() - core) / ((performance.now() - startedMs) / 1000)
  const { requests, perSecond, bytes } = figuresOf(said)
  if (bytes < requests * answerBytes) throw new Error(`answers are too short: ${said}`)
  return { requests, perSecond, share }
}

function run(args: readonly string[]): Promise<string> {
  const child = spawn('h2load', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  child.stderr.on('data', (chunk) => (said += chunk))
  return new Promise((done, fail) =>
    child
      .on('error', fail)
      .on('close', (code) =>
        code === 0 ? done(said) : fail(new Error(`h2load ended with ${code}: ${said}`)),
      ),
  )
}

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { subjects } from '../subjects/index.ts'
import { pinned } from './pin.ts'
import { SKIPPED } from './subject.ts'
import type { Params, Run, Usage } from './suite.ts'

/** Core of the subjects; what they talk to gets the other one. */
const SUBJECT_CORE = 0
const library = new URL('./library.ts', import.meta.url)

/** A process that printed no number. */
export class SubjectError extends Error {
  readonly run: Run
  /** Whether it said itself that it cannot measure that. */
  readonly skipped: boolean

  constructor(run: Run, message: string, skipped = false) {
    super(message)
    this.run = run
    this.skipped = skipped
  }
}

interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** What a subject printed: the figure, or several by their names. */
export interface Printed {
  readonly value?: unknown
  readonly values?: Readonly<Record<string, unknown>>
  readonly usage?: Usage
}

/** Runs a subject in a process of its own and returns what it prints. */
export async function runOnce(run: Run, more: Params): Promise<Printed> {
  const params = JSON.stringify({ ...run.params, ...more })
  const { code, output, errors } = await end(run, params)
  if (code === SKIPPED) throw new SubjectError(run, errors.trim(), true)
  if (code !== 0) throw new SubjectError(run, `${run.subject} ${params} ended with ${code}: ${gist(errors)}`)
  return JSON.parse(output) as Printed
}

/** The figure that a run is about. */
export function figureIn({ value, values }: Printed, run: Run): number {
  const figure = run.reading === undefined ? value : values?.[run.reading]
  if (typeof figure === 'number' && Number.isFinite(figure)) return figure
  throw new SubjectError(run, `${run.subject} printed no figure ${run.reading ?? 'of its own'}`)
}

function end(run: Run, params: string): Promise<Ended> {
  const file = fileURLToPath(subjects[run.subject])
  const hook = run.tree === undefined ? [] : ['--import', library.href]
  const node = [process.execPath, '--expose-gc', ...hook, file, params] as const
  const [command, ...args] = run.roams ? node : pinned(SUBJECT_CORE, node)
  const env = { ...process.env, ...(run.tree !== undefined && { HEADGATE_BENCH_TREE: run.tree }) }
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk)).pipe(process.stderr, { end: false })
  return new Promise((done, fail) =>
    child.on('error', fail).on('close', (code) => done({ code, output, errors })),
  )
}

/** The line of a stack trace that says what happened. */
function gist(errors: string): string {
  const lines = errors.trim().split('\n')
  return (lines.find((line) => /^\S*Error\b/.test(line)) ?? lines.at(-1) ?? '').trim()
}

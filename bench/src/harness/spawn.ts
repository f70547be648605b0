import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { subjects } from '../subjects/index.ts'
import { pinned } from './pin.ts'
import type { Params, Run } from './suite.ts'

/** Core of the subjects; what they talk to gets the other one. */
const SUBJECT_CORE = 0

/** Runs a subject in a process of its own and returns the number it prints. */
export async function runOnce(run: Run, more: Params): Promise<number> {
  const file = fileURLToPath(subjects[run.subject])
  const params = JSON.stringify({ ...run.params, ...more })
  const node = [process.execPath, '--expose-gc', file, params] as const
  const [command, ...args] = run.roams ? node : pinned(SUBJECT_CORE, node)
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  const code = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done))
  if (code !== 0) throw new Error(`${run.subject} ${params} ended with ${code}`)
  const { value } = JSON.parse(output) as { value: unknown }
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new Error(`${run.subject} ${params} printed ${output}`)
}

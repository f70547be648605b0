import { basename } from 'node:path'
import { HeadgateError } from 'headgate'
import type { Rejection } from '../service/configuration.ts'
import { formatPath, type Mistake, mistakesOf, type Path } from './config-error.ts'

/** Attributes whose values are no secrets. */
const READABLE: readonly unknown[] = ['path', 'method']

/** Why a file was refused, for everybody who may ask the service. */
export function rejectionOf(reason: unknown, name: string): Rejection {
  const error = HeadgateError.from(reason)
  const [first, ...others] = mistakesOf(error)
  if (first === undefined) {
    const { path, detail } = error
    const message = detail.replace(`${name} `, 'the file ').replaceAll(`${name}/`, '')
    return { file: null, path, line: null, column: null, message, more: 0 }
  }
  const { path, line, column } = first
  const file = first.file === name ? null : basename(first.file)
  return { file, path: formatPath(path), line, column, message: safeMessage(first), more: others.length }
}

/** The message of a mistake for everybody who may ask the service. */
export function safeMessage({ path, message }: Mistake): string {
  return holdsSecrets(path) ? 'a value is wrong, which may be a secret; headgate check says more' : message
}

/** Whether a message at this path may repeat what tells people apart, such as an API key. */
function holdsSecrets(path: Path): boolean {
  const at = path[0] === 'allow' || path[0] === 'deny' ? 0 : path.indexOf('match')
  return at >= 0 && !READABLE.includes(path[at + 1])
}

import { createLimiter } from 'headgate'
import type { Configuration } from '../service/configuration.ts'
import type { Mistake } from './config-error.ts'
import { libraryMistake } from './library-mistake.ts'
import type { FileShape } from './schema/file-shape.ts'

/** The access lists of a file, as the limiter takes them. */
export function accessLists({ allow = {}, deny = {} }: FileShape): Pick<Configuration, 'allow' | 'deny'> {
  return { allow, deny }
}

/** What is wrong with them. */
export function accessMistakes(shape: FileShape): Mistake[] {
  const options = accessLists(shape)
  const mistake = libraryMistake(() => createLimiter({ policies: [], ...options }), { options })
  return mistake === null ? [] : [{ ...mistake, path: mistake.path.slice(1) }]
}

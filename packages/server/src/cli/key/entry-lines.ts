import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { wrongUsage } from '../../service/describe-failure.ts'

/** What an option has, separated by commas. */
export function listed(text: string): string[] {
  return text.split(',').map((one) => one.trim())
}

/** An entry as it stands in a list of a configuration. */
export function entryLines(entry: object): string[] {
  const format = { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 } as const
  const fields = Object.entries(entry).map(
    ([name, value]) => `${name}: ${stringify(value, format).trimEnd()}`,
  )
  return fields.map((field, i) => `  ${i === 0 ? '-' : ' '} ${field}`)
}

/** Writes a token or a key where there is no file yet; that is a mistake in `--out`. */
export function writeNew(file: string, token: string): void {
  try {
    // Nobody else may read it, and no token that somebody uses is written over.
    writeFileSync(file, `${token}\n`, { flag: 'wx', mode: 0o600 })
  } catch (reason) {
    const { code = 'unknown error' } = reason as NodeJS.ErrnoException
    const why = code === 'EEXIST' ? 'is there already' : `cannot be written (${code})`
    throw wrongUsage(`${file} ${why}; give --out another file`)
  }
}

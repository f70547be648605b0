import { writeFileSync } from 'node:fs'
import { formatPath, type LocatedMistake } from '../config/config-error.ts'
import { convertSource } from '../config/convert/convert-source.ts'
import { readSource } from '../config/source/read-source.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import { EXIT } from './exit.ts'
import { print } from './print.ts'

/** What is written as ours, and where. */
export interface ConvertOptions {
  /** Files and folders. */
  readonly files: readonly string[]
  /** Undefined: it is printed. */
  readonly out: string | undefined
  readonly json: boolean
}

/** Runs `headgate convert`; returns the exit code. */
export async function convert({ files, out, json }: ConvertOptions): Promise<number> {
  const sources = await Promise.all(files.map((file) => readSource(file, {})))
  const texts = sources.flatMap((source) => source.texts)
  const { text, policies, notes, skipped } = convertSource({ name: files.join(', '), texts })
  if (out !== undefined) write(out, text)
  if (json) {
    const told = notes.map(({ path, ...note }) => ({ ...note, path: formatPath(path) }))
    console.log(
      JSON.stringify(
        { out: out ?? null, policies, notes: told, skipped, ...(out === undefined && { text }) },
        null,
        2,
      ),
    )
  } else {
    if (out === undefined) print(text)
    else console.log(`${out} is written; policies: ${policies}. Next: headgate check ${out}`)
    for (const note of notes) console.error(lineOf(note))
    for (const file of skipped) console.error(`${file} is ours already, and left as it is: keep it beside`)
  }
  return notes.length > 0 ? EXIT.unsaid : 0
}

function lineOf({ file, line, column, path, message }: LocatedMistake): string {
  return `${file}:${line}:${column} ${formatPath(path)}: ${message}`
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' })
  } catch (reason) {
    const { code } = reason as NodeJS.ErrnoException
    if (code === 'EEXIST') throw wrongUsage(`${file} is there; remove it, or give --out another name`)
    throw wrongUsage(`${file} cannot be written (${code ?? 'unknown error'}); give --out another name`)
  }
}

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { editorSchema } from '../config/schema/editor-schema.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import { PROXY_TEMPLATE, SAMPLE } from './find-config.ts'

/** Where what is written, and how it is told. */
export interface InitOptions {
  readonly folder: string
  /** Whether files that are there are written over. */
  readonly force: boolean
  /** Whether it is to be one of a proxy. */
  readonly proxy: boolean
  readonly json: boolean
}

const CONFIG = 'headgate.yaml'
const SCHEMA = 'headgate.schema.json'

/** Runs `headgate init`: writes a configuration to begin with and its JSON Schema; returns the exit code. */
export function init({ folder, force, proxy, json }: InitOptions): number {
  const text = readFileSync(proxy ? PROXY_TEMPLATE : SAMPLE, 'utf8').replace('=../schema/', '=./')
  // Where one configuration stays, nothing is written at all.
  write(join(folder, CONFIG), text, force)
  write(join(folder, SCHEMA), `${JSON.stringify(editorSchema(), null, 2)}\n`, true)
  const written = [CONFIG, SCHEMA]
  console.log(
    json
      ? JSON.stringify({ written })
      : `${CONFIG} is written, and ${SCHEMA} for editors. Next: headgate ${proxy ? 'proxy' : 'serve'}`,
  )
  return 0
}

function write(file: string, text: string, force: boolean): void {
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx' })
  } catch (reason) {
    const { code } = reason as NodeJS.ErrnoException
    if (code === 'EEXIST') throw wrongUsage(`${file} is there; --force writes over it`)
    throw wrongUsage(`${file} cannot be written (${code ?? 'unknown error'}); choose another folder`)
  }
}

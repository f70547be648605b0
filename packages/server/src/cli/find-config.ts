import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The configuration that comes with Headgate. */
export const SAMPLE: string = fileURLToPath(new URL('../../sample/headgate.yaml', import.meta.url))

/** That of a proxy. */
export const PROXY_SAMPLE: string = fileURLToPath(new URL('../../sample/proxy.yaml', import.meta.url))

/** A commented one of a proxy, to begin with. */
export const PROXY_TEMPLATE: string = fileURLToPath(
  new URL('../../sample/proxy-template.yaml', import.meta.url),
)

/** Names of the file that is used where none is given, the first that is there. */
export const CONFIG_NAMES = ['headgate.yaml', 'headgate.yml', 'headgate.json'] as const

/** A file to be read. */
export interface FoundConfig {
  readonly file: string
  /** Whether it is the one that comes with Headgate. */
  readonly isSample: boolean
}

/** Where it is looked for, and what holds where nothing is there. */
export interface FindOptions {
  /** @default the working directory */
  readonly folder?: string
  /** @default that of the service */
  readonly sample?: string
}

/** The file that was given, or else the one in `folder`, or else the sample. */
export function findConfig(
  given: string | undefined,
  { folder = process.cwd(), sample = SAMPLE }: FindOptions = {},
): FoundConfig {
  const file = given ?? CONFIG_NAMES.find((name) => existsSync(resolve(folder, name)))
  return file === undefined ? { file: sample, isSample: true } : { file, isSample: false }
}

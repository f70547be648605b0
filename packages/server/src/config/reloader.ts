import { resolve } from 'node:path'
import { HeadgateError } from 'headgate'
import { type Config, checkSource, type Face } from './config.ts'
import { hashKeysChanges } from './hash-secret.ts'
import { type Credentials, credentialDigest } from './proxy/credential-files.ts'
import { http2Changes } from './proxy/http2-changes.ts'
import { rejectionOf } from './rejection.ts'
import type { Replacements } from './replaced.ts'
import type { FileConfiguration } from './runtime/runtime-terms.ts'
import type { ConfigSource } from './source/config-source.ts'
import { fingerprintOf } from './source/hash-source.ts'
import { isSpecial } from './source/list-files.ts'
import { readSource } from './source/read-source.ts'
import type { Environment } from './source/read-variables.ts'
import { storeChanges } from './store-changes.ts'
import { withoutStore } from './stores.ts'
import { tlsChanges } from './tls/tls-files.ts'

/** Who takes what is read; a promise that it answers is waited for. */
export interface ReloadTarget {
  apply(configuration: FileConfiguration): unknown
  reject(rejection: ReturnType<typeof rejectionOf>): unknown
}

/** What was started with. */
export interface ReloaderOptions {
  readonly config: Config
  /** What holds in place of what every file says. */
  readonly replacements?: Replacements
  /** Where variables come from. */
  readonly env?: Environment
  readonly target: ReloadTarget
  /**
   * Throws where a configuration that is right by itself is wrong for how the process was started.
   * @default any is right
   */
  readonly fits?: ((next: Config) => void) | undefined
  /**
   * What the process is.
   * @default whatever the file has
   */
  readonly face?: Face | undefined
}

/** Where what is wrong stands in another file. */
const CREDENTIAL_FILE = /\.(keysFile|usersFile)$/

/** Reads a configuration file again: as a whole it comes into force, or it is rejected. */
export class Reloader {
  readonly #options: ReloaderOptions
  readonly #file: string
  /** Of what was read last, whether good or bad; null when nothing could be read. */
  #fingerprint: string | null
  /** Files of keys and users that the configuration in force names, as they were read last. */
  #credentials: Credentials
  #running: Promise<void> | null = null
  #again = false
  #closed = false

  constructor(options: ReloaderOptions) {
    this.#options = options
    this.#file = resolve(options.config.file)
    this.#fingerprint = options.config.fingerprint
    this.#credentials = options.config.credentials
  }

  /** Resolves once the file, as it is now, is in force or rejected. One reading at a time; never rejects. */
  async reload(): Promise<void> {
    this.#again = true
    this.#running ??= this.#run()
    return this.#running
  }

  /** What is being read is put in force no more. */
  close(): void {
    this.#closed = true
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false
      await this.#read()
    }
    this.#running = null
  }

  async #read(): Promise<void> {
    const { target } = this.#options
    const file = this.#file
    try {
      await refuseSpecial(file)
      const source = await readSource(file, this.#options.env ?? {})
      const fingerprint = fingerprintOf(source)
      const { files, digest: before } = this.#credentials
      const digest = credentialDigest(files)
      if ((fingerprint === this.#fingerprint && digest === before) || this.#closed) return
      this.#fingerprint = fingerprint
      this.#credentials = { files, digest }
      await target.apply(this.#check(source))
    } catch (reason) {
      const rejection = rejectionOf(reason, file)
      // It may be right without another word in it.
      if (rejection.line === null || CREDENTIAL_FILE.test(rejection.path)) this.#fingerprint = null
      if (!this.#closed) await target.reject(rejection)
    }
  }

  #check(source: ConfigSource): FileConfiguration {
    const { config, replacements = {}, fits, face } = this.#options
    const open = Object.keys(config.stores)
    const next = checkSource(source, { open, replacements, ...(face && { face }) })
    fits?.(next)
    this.#credentials = next.credentials
    const {
      file: _f,
      fingerprint: _p,
      credentials: _c,
      stores: _s,
      resilience: _r,
      tls: _t,
      hashKeys: _h,
      policies,
      notInForce,
      ...rest
    } = next
    return {
      ...rest,
      ...(config.hashKeys && { hashKeys: config.hashKeys }),
      ...(next.proxy && { proxy: { ...next.proxy, http2: config.proxy?.http2 ?? false } }),
      // A store that is alone has no name.
      policies: open.length > 1 ? policies : policies.map(withoutStore),
      notInForce: [
        ...storeChanges(config, next),
        ...tlsChanges(config.tls, next.tls),
        ...hashKeysChanges(config, next),
        ...http2Changes(config.proxy, next.proxy),
        ...notInForce,
      ],
    }
  }
}

async function refuseSpecial(file: string): Promise<void> {
  if (!(await isSpecial(file))) return
  throw new HeadgateError('invalid-config', `${file} is not a regular file, which is read at the start only`)
}

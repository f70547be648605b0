import { HeadgateError } from 'headgate'
import type { TlsMaterial } from '../../service/certificate.ts'
import { isExpired } from './expiry.ts'
import { readTls } from './read-tls.ts'
import type { TlsFiles } from './tls-files.ts'

/** Who takes what is read. */
export interface TlsTarget {
  /** What listeners have now. */
  readonly current: TlsMaterial
  /** Another one, or, where it is not new, that in force again after a rejection. */
  apply(material: TlsMaterial, isNew: boolean): void
  /** Told once for as long as the reason is the same. */
  reject(message: string): void
}

/** What is read, for whom. */
export interface TlsReloaderOptions {
  readonly files: TlsFiles
  readonly target: TlsTarget
  /**
   * Milliseconds since 1970.
   * @default that of the system
   */
  readonly now?: () => number
}

/** Reads the files of TLS again: together they come into force, or they are rejected and the old ones stay. */
export class TlsReloader {
  readonly #options: TlsReloaderOptions
  #rejected: string | null = null
  #running: Promise<void> | null = null
  #again = false
  #closed = false

  constructor(options: TlsReloaderOptions) {
    this.#options = options
  }

  /** Resolves once the files, as they are now, are in force or rejected. One reading at a time; never rejects. */
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
    const { files, target } = this.#options
    try {
      const material = await readTls(files)
      if (this.#closed) return
      const isNew = !isSame(material, target.current)
      if (isNew) this.#refuseExpired(material)
      if (isNew || this.#rejected !== null) target.apply(material, isNew)
      this.#rejected = null
    } catch (reason) {
      const { message } = HeadgateError.from(reason)
      if (this.#closed || message === this.#rejected) return
      this.#rejected = message
      target.reject(message)
    }
  }

  /** In place of one that is good, that is a mistake. */
  #refuseExpired(material: TlsMaterial): void {
    const { target, now = Date.now } = this.#options
    if (!isExpired(material, now()) || isExpired(target.current, now())) return
    const at = new Date(material.notAfterMs).toISOString()
    throw new HeadgateError('invalid-config', `a certificate expired at ${at}`, { path: 'tls' })
  }
}

function isSame(a: TlsMaterial, b: TlsMaterial): boolean {
  return secretsOf(a) === secretsOf(b)
}

function secretsOf({ cert, key, certificates, clientCa }: TlsMaterial): string {
  return JSON.stringify([cert, key, certificates, clientCa])
}

/** A folder with a configuration file that is changed in all the ways in which files change. */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class ConfigFolder implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'headgate-e2e-'))
  readonly file: string = join(this.folder, 'headgate.yaml')
  #versions = 0

  constructor(text: string) {
    writeFileSync(this.file, text)
  }

  /** As most editors and tools do. */
  rename(text: string): void {
    const next = join(this.folder, 'headgate.yaml.tmp')
    writeFileSync(next, text)
    renameSync(next, this.file)
  }

  /** As Kubernetes does with a ConfigMap. */
  link(text: string): void {
    const version = `..${++this.#versions}`
    mkdirSync(join(this.folder, version))
    writeFileSync(join(this.folder, version, 'headgate.yaml'), text)
    this.#replaceLink('..data', version)
    this.#replaceLink('headgate.yaml', '..data/headgate.yaml')
  }

  /** Writes a part over the old text at once, and the rest after `meanwhile`. */
  async write([part, rest]: readonly [string, string], meanwhile: () => Promise<void>): Promise<void> {
    const handle = openSync(this.file, 'w')
    try {
      writeSync(handle, part)
      await meanwhile()
      writeSync(handle, rest)
    } finally {
      closeSync(handle)
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }

  #replaceLink(name: string, target: string): void {
    const next = join(this.folder, '..tmp')
    symlinkSync(target, next)
    renameSync(next, join(this.folder, name))
  }
}

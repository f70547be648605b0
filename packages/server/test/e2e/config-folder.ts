/** A folder with a configuration file that is changed in all the ways in which files change. */
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
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

  /** As editors do that empty the file first. */
  truncate(text: string): void {
    writeFileSync(this.file, text)
  }

  /** As editors do that keep the file as a backup, and write another one. */
  backUp(text: string): void {
    renameSync(this.file, `${this.file}~`)
    writeFileSync(this.file, text)
  }

  /** Over the old text, which ends where the new one does. */
  overwrite(text: string): void {
    const handle = openSync(this.file, 'r+')
    try {
      ftruncateSync(handle, writeSync(handle, text))
    } finally {
      closeSync(handle)
    }
  }

  /** Has no file for the time of `meanwhile`: by turns nothing, a link to nowhere, and a folder in its place. */
  async without(turn: number, meanwhile: () => Promise<void>): Promise<void> {
    rmSync(this.file)
    if (turn % 3 === 1) this.#replaceLink('headgate.yaml', '..gone/headgate.yaml')
    if (turn % 3 === 2) mkdirSync(this.file)
    await meanwhile()
    if (turn % 3 === 2) rmdirSync(this.file)
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

/** Folders for what is extracted from the documents: beside the tests, so that `headgate` can be imported. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Block } from './document.ts'
import { root } from './documents.ts'

/** Applications of Nest are written with the decorators that TypeScript had first. */
const compilerOptions = { experimentalDecorators: true, emitDecoratorMetadata: true }

/** Files that sample configurations name. */
const BESIDE: Readonly<Record<string, string>> = {
  'hash-keys.secret': 'a secret of the documents, which is long enough',
}

/** A folder that is removed when its scope ends. */
export class Scratch implements Disposable {
  readonly path: string

  constructor() {
    const parent = join(import.meta.dirname, '.tmp')
    mkdirSync(parent, { recursive: true })
    this.path = mkdtempSync(join(parent, 'docs-'))
    const base = relative(this.path, join(root, 'tsconfig.no-emit.json'))
    const config = { extends: base, include: ['*.ts'], compilerOptions }
    writeFileSync(join(this.path, 'tsconfig.json'), JSON.stringify(config))
    for (const [name, text] of Object.entries(BESIDE)) writeFileSync(join(this.path, name), text)
  }

  /** Writes a block to a file of its own; returns the file. */
  write({ place }: Pick<Block, 'place'>, suffix: string, text: string): string {
    const file = join(this.path, `${place.replaceAll(/[^A-Za-z0-9]+/g, '-')}.${suffix}`)
    writeFileSync(file, `${text}\n`)
    return file
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

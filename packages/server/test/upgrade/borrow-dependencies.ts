/** Dependencies for a copy of this repository, without installing them once more. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs'
import { join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../../..')

/** Whether what is installed here is what the copy wants. */
export function hasSameDependencies(folder: string): boolean {
  const [there, here] = [folder, root].map((at) => readFileSync(join(at, 'package-lock.json'), 'utf8'))
  return there === here
}

/** Links to all that is installed here, but for our own packages, which are to be those of the copy. */
export function borrowDependencies(folder: string): void {
  const workspaces = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/node_modules`)
  for (const modules of ['node_modules', ...workspaces]) {
    if (!existsSync(join(root, modules))) continue
    const to = join(folder, modules)
    mkdirSync(to, { recursive: true })
    for (const name of readdirSync(join(root, modules))) {
      if (!name.startsWith('.')) symlinkSync(targetOf(join(root, modules, name), to), join(to, name))
    }
  }
}

/** What is a link here is a package of ours, and the same link leads to that of the copy. */
function targetOf(installed: string, to: string): string {
  return lstatSync(installed).isSymbolicLink() ? readlinkSync(installed) : relative(to, installed)
}

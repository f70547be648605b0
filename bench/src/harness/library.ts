/** Loaded before a subject: takes `headgate` and its subpaths from the workspace that HEADGATE_BENCH_TREE names. */
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const tree = process.env['HEADGATE_BENCH_TREE'] ?? ''
const parentURL = pathToFileURL(join(tree, 'bench', 'package.json')).href

registerHooks({
  resolve(specifier, context, next) {
    const isLibrary = specifier === 'headgate' || specifier.startsWith('headgate/')
    return next(specifier, isLibrary ? { ...context, parentURL } : context)
  },
})

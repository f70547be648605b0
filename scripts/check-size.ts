/** Fails when an entry of the library grows past its budget: minified, gzipped, bundled from `dist`. */
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'

/** In kilobytes. */
interface Size {
  /** What an import loads. */
  readonly atOnce: number
  /** What is loaded later, by those who need it. */
  readonly later: number
}

const kilobyte = 1000
// The aims are 14 for core and 9 for Redis; see docs/decisions/0011-size-of-the-main-entry.md for what stands in the way.
const budgets = { core: 17.1, redis: 13.5, own: 5.5, resilience: 8.8 }
const aims = { core: 14, redis: 9 }

// `headgate/redis` is the store and the resilience that every store which can fail brings; each has its own budget.
const core = await sizeOf(['headgate'])
const redis = await sizeOf(['headgate', '../limiter/dist/stores/redis/index.js'])
const resilience = await sizeOf(['headgate', 'headgate/resilience'])
const sizes = {
  core: core.atOnce,
  redis: redis.atOnce - core.atOnce,
  own: redis.later,
  resilience: resilience.atOnce - core.atOnce,
}
console.log(
  [
    `headgate ${shown('core')}`,
    `the Redis store +${shown('redis')}`,
    `and for connections of its own +${shown('own')} with the first call`,
    `headgate/resilience +${shown('resilience')} (gzip)`,
  ].join(', '),
)
if (sizes.core > aims.core || sizes.redis > aims.redis)
  console.log(`the aims of ${aims.core} and ${aims.redis} kB are not reached`)
const names = Object.keys(budgets) as (keyof typeof budgets)[]
if (names.some((name) => sizes[name] > budgets[name])) process.exitCode = 1
// What these two would load later has no budget.
if (core.later > 0 || resilience.later > 0) throw new Error('give what is loaded later a budget')

function shown(name: keyof typeof budgets): string {
  return `${sizes[name].toFixed(1)} of ${budgets[name]} kB`
}

async function sizeOf(entries: readonly string[]): Promise<Size> {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: entries.map((entry) => `export * from '${entry}'`).join('\n'),
      resolveDir: resolve('packages/server'),
    },
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    outdir: '.',
    metafile: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  const first = loadedAtOnce(metafile)
  const sizeWhere = (isIncluded: (path: string) => boolean): number => {
    const files = outputFiles.filter(({ path }) => isIncluded(path))
    const contents = Buffer.concat(files.map((file) => file.contents))
    return contents.length && gzipSync(contents, { level: 9 }).length / kilobyte
  }
  return { atOnce: sizeWhere((path) => first.has(path)), later: sizeWhere((path) => !first.has(path)) }
}

/** The files of a bundle that its entry imports, and what these import: all but dynamic imports. */
function loadedAtOnce({ outputs }: Metafile): ReadonlySet<string> {
  const entry = Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === '<stdin>')
  const paths = new Set(entry)
  for (const path of paths) {
    for (const { kind, path: imported } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && imported in outputs) paths.add(imported)
    }
  }
  return new Set([...paths].map((path) => resolve(path)))
}

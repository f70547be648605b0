/** An application of Next that limits in its proxy and at its routes, as a process of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../docs/documents.ts'

/** Text, because what it imports is not installed where the tests are compiled: Next checks its types. */
const files: Readonly<Record<string, string>> = {
  'app/layout.tsx': `
    export default function Layout({ children }: { children: React.ReactNode }) {
      return <html><body>{children}</body></html>
    }`,
  'app/page.tsx': 'export default function Page() { return <p>home</p> }',
  'app/api/items/[id]/route.ts': `
    import { rateLimit } from 'headgate/next'
    import type { NextRequest } from 'next/server'

    const limited = rateLimit({
      limit: '1/hour',
      key: ({ cookies }) => cookies.get('sid')?.value ?? 'nobody',
      response: 'text',
    })
    type Context = { params: Promise<{ id: string }> }
    export const GET = limited(async (request: NextRequest, { params }: Context) =>
      Response.json({ path: request.nextUrl.pathname, ...(await params) }))`,
  'app/api/failing/route.ts': `
    import { rateLimit } from 'headgate/next'

    const limited = rateLimit({ limit: '1/hour', key: 'global', skipFailed: true })
    export const GET = limited(() => new Response('', { status: 503 }))`,
  'app/api/items/route.ts': readFileSync(join(root, 'examples/next/app/api/items/route.ts'), 'utf8'),
  'proxy.ts': `
    import { rateLimit } from 'headgate/next'
    import { NextResponse } from 'next/server'

    export const proxy = rateLimit({
      limit: '9/hour',
      name: 'proxy',
      trustedProxies: ['unix'],
      addressHeader: 'x-real-ip',
    })(() => NextResponse.next())
    export const config = { matcher: '/api/:path*' }`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      strict: true,
      noEmit: true,
      module: 'esnext',
      moduleResolution: 'bundler',
      jsx: 'react-jsx',
      target: 'es2022',
      lib: ['dom', 'es2024'],
    },
    include: ['**/*.ts', '**/*.tsx', '.next/types/**/*.ts'],
  }),
}

const START_MS = 60_000
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' as const }

export class NextApp implements AsyncDisposable {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  /** Builds the application for production in a folder with the library, and starts it; `modules` has Next. */
  static async start(folder: string, modules: string): Promise<NextApp> {
    for (const name of ['next', 'react', 'react-dom', 'typescript', '@types']) {
      symlinkSync(join(modules, name), join(folder, 'node_modules', name), 'dir')
    }
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const program = join(modules, 'next/dist/bin/next')
    // The other bundler refuses packages that are links.
    execFileSync(process.execPath, [program, 'build', '--webpack'], { cwd: folder, env, stdio: 'pipe' })
    const options = ['start', '--hostname', '127.0.0.1', '--port', '0']
    const child = spawn(process.execPath, [program, ...options], { cwd: folder, env })
    return new NextApp(child, await urlOf(child))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await once(this.#child, 'close')
  }
}

/** Where it listens, once it says that it is ready. */
async function urlOf(child: ChildProcess): Promise<string> {
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => output.push(String(chunk)))
  const deadline = performance.now() + START_MS
  for (;;) {
    const said = output.join('')
    const [, url] = /Local:\s+(http:\S+)[\s\S]*Ready/.exec(said) ?? []
    if (url !== undefined) return url
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`Next did not start: ${said}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** The Dockerfile: what linters say of it, and what its instructions make of this repository when they are run as they stand there. */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../../limiter/test/docs/documents.ts'
import { until } from '../../../limiter/test/harness/until.ts'
import { defaultPorts } from './product.ts'
import { contextFiles, execForm, lastOf, readDockerfile } from './read-dockerfile.ts'
import { StageRoot, stageRefusal } from './stage-root.ts'
import { type Checked, fileText, lacks, runCommand, runTool } from './tools.ts'

const text = fileText('Dockerfile')
const stages = readDockerfile(text)
const final = stages.at(-1) ?? { base: '', name: null, instructions: [] }
const refusal = stageRefusal()
if (refusal !== null) console.warn(`SKIPPED, the stages of the Dockerfile cannot be run here: ${refusal}`)
/** Of a busy machine; one at rest takes a minute. */
const BUILD_MS = 600_000
const ANY_PORT: Record<string, string> = {
  HEADGATE_PORT: '0',
  HEADGATE_GRPC_PORT: '0',
  HEADGATE_RESP_PORT: '0',
  HEADGATE_ADMIN_PORT: '0',
  HEADGATE_SHUTDOWN_DELAY: '0',
}

describe('the Dockerfile', () => {
  it.skipIf(lacks('hadolint'))('has nothing that hadolint would have otherwise', () => {
    expect(runTool('hadolint', ['Dockerfile'])).toMatchObject({ status: 0, stdout: '' })
  })

  it.skipIf(lacks('dockerfilelint'))('has nothing that dockerfilelint would have otherwise', () => {
    const { status, stdout } = runTool('dockerfilelint', ['--output', 'json', 'Dockerfile'])
    expect({ status, issues: JSON.parse(stdout).totalIssues }).toEqual({ status: 0, issues: 0 })
  })

  it('begins with the Node that tests run with', () => {
    const { devDependencies } = JSON.parse(fileText('package.json'))
    expect(stages.map(({ base }) => base)).toEqual(stages.map(() => `node:${devDependencies.node}-slim`))
  })

  it('runs as nobody, and is sent the signal at which it drains', () => {
    expect(lastOf(final, 'USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(lastOf(final, 'STOPSIGNAL')).toBe('SIGTERM')
  })

  it('names the ports on which the product listens unless told otherwise', async () => {
    expect(lastOf(final, 'EXPOSE').split(' ').map(Number)).toEqual(Object.values(await defaultPorts()))
  })

  it('sends nothing to the engine that is no source', () => {
    const files = [
      '.git/config',
      'packages/server/dist/cli/main.js',
      'node_modules/a/b',
      'packages/a/test/c.ts',
      '.env',
    ]
    expect(contextFiles(fileText('.dockerignore'), [...files, 'packages/a/src/c.ts'])).toEqual([
      'packages/a/src/c.ts',
    ])
  })
})

describe.skipIf(refusal !== null)('the container', () => {
  const built = new Map<string, StageRoot>()
  let container: StageRoot
  let service: ChildProcess
  let log = ''

  beforeAll(async () => {
    const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    })
    const context = contextFiles(fileText('.dockerignore'), tracked.trim().split('\n'))
    for (const stage of stages) {
      container = new StageRoot(stage)
      built.set(String(stage.name), container)
      container.build(built, context)
    }
    service = container.start(execForm(lastOf(final, 'CMD')), ANY_PORT)
    service.stdout?.on('data', (chunk) => (log += chunk))
    await until('it listens', () => urlOf('admin'))
  }, BUILD_MS)

  afterAll(() => {
    service?.kill('SIGKILL')
    for (const stage of built.values()) stage[Symbol.dispose]()
  }, BUILD_MS)

  function urlOf(transport: string): string | undefined {
    const lines = log
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    return lines.find((line) => line.transport === transport && line.url !== undefined)?.url
  }

  /** Runs the health check with another path or address, as an engine does within a container that runs. */
  function probe(path: string, url: string | undefined): Checked {
    const [command = '', ...args] = execForm(lastOf(final, 'HEALTHCHECK')).with(-1, path)
    const within = ['--target', String(pidOf(service)), '--mount', '--pid', '--root', '--setuid', '65532']
    return runCommand('nsenter', [...within, 'env', `HEADGATE_ADMIN_URL=${url}`, command, ...args])
  }

  it('answers on all its addresses, and on the loopback address alone to operators', async () => {
    expect(urlOf('http')).toContain('//0.0.0.0:')
    expect(urlOf('admin')).toContain('//127.0.0.1:')
    const answer = await fetch(`${String(urlOf('http')).replace('0.0.0.0', '127.0.0.1')}/v1/consume`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"attributes":{"user":"alice"}}',
    })
    expect(answer.status).toBe(200)
  })

  it('is process 1, of nobody, without rights', () => {
    const status = readFileSync(`/proc/${pidOf(service)}/status`, 'utf8')
    expect(status).toMatch(/^NSpid:\s+\d+\s+1$/m)
    expect(status).toMatch(/^Uid:\s+65532\s/m)
    expect(status).toMatch(/^CapEff:\s+0+$/m)
  })

  it('has a health check that says yes while it answers, and no where nobody does', () => {
    expect(execForm(lastOf(final, 'HEALTHCHECK')).at(-1)).toBe('/livez')
    for (const path of ['/livez', '/readyz']) {
      expect(probe(path, urlOf('admin'))).toEqual({ status: 0, stdout: '', stderr: '' })
    }
    expect(probe('/livez', 'http://127.0.0.1:1')).toMatchObject({ status: 1, stdout: '' })
    expect(probe('/nowhere', urlOf('admin'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('404'),
    })
  })

  it('has what the service needs and the dashboard, and no tool that builds them', () => {
    const isThere = (path: string): boolean => existsSync(container.path(`/app/node_modules/${path}`))
    const needed = ['headgate/package.json', 'headgate-server/dashboard/index.html', 'fastify/package.json']
    expect([...needed, 'typescript', 'vite', 'vitest', 'preact', 'ioredis'].filter(isThere)).toEqual(needed)
  })

  it('ends with code 0 at SIGTERM', async () => {
    const ended = once(service, 'close')
    process.kill(pidOf(service), 'SIGTERM')
    expect(await ended).toEqual([0, null])
  })
})

/** The process that `unshare` waits for. */
function pidOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim())
}

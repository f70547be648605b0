/** The chart, rendered by Helm for each set of values in its folder `ci`. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../../limiter/test/docs/documents.ts'
import {
  checkConfiguration,
  conform,
  hardeningOf,
  headgateOf,
  type Manifest,
  manifestsOf,
  only,
  RESTRICTED,
  VALID,
} from './manifests.ts'
import { defaultPorts } from './product.ts'
import { type Checked, fileText, lacks, runTool } from './tools.ts'

const CHART = 'charts/headgate'
const HASH = `sha256:${'0'.repeat(64)}`
/** What the Secrets have that the values name. */
const SECRETS = {
  REDIS_URL: 'redis://redis:6379',
  RECEIPTS_KEY: '9f2c6b1d4e8a7053c1f6d2b98e4a7c30',
  CHECKOUT_TOKEN_HASH: HASH,
  PROMETHEUS_TOKEN_HASH: HASH.replace('0', '1'),
}
const sets = readdirSync(join(root, CHART, 'ci'))
const skips = lacks('helm', 'kubeconform', 'schemas')
const rendered = new Map(skips ? [] : sets.map((set) => [set, render('-f', `${CHART}/ci/${set}`)]))

function render(...args: readonly string[]): Checked {
  return runTool('helm', ['template', 'edge', CHART, ...args])
}

function manifests(set: string): Manifest[] {
  return manifestsOf(rendered.get(set)?.stdout ?? '')
}

/** The ports of each Service, by its name and theirs. */
function servicesOf(all: readonly Manifest[]): object {
  const services = all.filter(({ kind }) => kind === 'Service')
  const portsOf = ({ spec }: Manifest): object =>
    Object.fromEntries(spec.ports.map(({ name, port }: Manifest) => [name, port]))
  return Object.fromEntries(services.map((service) => [service.metadata.name, portsOf(service)]))
}

function kinds(set: string): string[] {
  return manifests(set)
    .map(({ kind }) => kind)
    .sort()
}

describe.skipIf(skips)('the chart', () => {
  it('has nothing that Helm would have otherwise', () => {
    const lint = ({ status, stdout }: Checked): object => ({
      status,
      warnings: /\[(WARNING|ERROR)\].*/.exec(stdout),
    })
    expect(lint(runTool('helm', ['lint', '--strict', CHART]))).toEqual({ status: 0, warnings: null })
  })

  it('has the version of the packages', () => {
    const { version } = JSON.parse(fileText('package.json'))
    expect(parse(fileText(`${CHART}/Chart.yaml`))).toMatchObject({ version, appVersion: version })
  })

  it.each(sets)('makes of %s what Kubernetes takes', (set) => {
    expect(rendered.get(set)).toMatchObject({ status: 0, stderr: '' })
    expect(conform(rendered.get(set)?.stdout ?? '')).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it.each(sets)('makes of %s a configuration that comes into force', async (set) => {
    const { data } = only(manifests(set), 'ConfigMap')
    expect(await checkConfiguration(data['headgate.yaml'], SECRETS)).toEqual(VALID)
  })

  it.each(sets)('gives what %s runs no rights', (set) => {
    expect(hardeningOf(only(manifests(set), 'Deployment'))).toEqual(RESTRICTED)
  })

  it('makes what the values ask for, and no more', () => {
    const always = ['ConfigMap', 'Deployment', 'Service', 'ServiceAccount']
    expect(kinds('memory.yaml')).toEqual(always)
    expect(kinds('proxy.yaml')).toEqual([...always, 'NetworkPolicy'].sort())
    const more = [
      'HorizontalPodAutoscaler',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Service',
      'ServiceMonitor',
    ]
    expect(kinds('redis.yaml')).toEqual([...always, ...more].sort())
  })

  it('listens where the product does, and not to operators unless they have tokens', async () => {
    const { admin, ...others } = await defaultPorts()
    expect(servicesOf(manifests('memory.yaml'))).toEqual({ 'edge-headgate': others })
    expect(servicesOf(manifests('proxy.yaml'))).toEqual({ 'edge-headgate': { http: others.http } })
    expect(servicesOf(manifests('redis.yaml'))).toEqual({
      'edge-headgate': others,
      'edge-headgate-admin': { admin },
    })
    const exposes = (set: string): boolean =>
      headgateOf(only(manifests(set), 'Deployment')).env.some(
        ({ name }: Manifest) => name === 'HEADGATE_ADMIN_HOST',
      )
    expect(sets.filter(exposes)).toEqual(['redis.yaml'])
  })

  it('publishes nothing for operators with the service', () => {
    const { stdout } = render('-f', `${CHART}/ci/redis.yaml`, '--set', 'service.type=LoadBalancer')
    const published = manifestsOf(stdout).filter(({ spec }) => spec?.type === 'LoadBalancer')
    expect(published.map(({ spec }) => spec.ports.map(({ name }: Manifest) => name).sort())).toEqual([
      ['grpc', 'http', 'resp'],
    ])
  })

  it('gives the end as much time as the values say, and some more', () => {
    const { stdout } = render('--set', 'shutdown.delaySeconds=20,shutdown.drainSeconds=60')
    const deployment = only(manifestsOf(stdout), 'Deployment')
    expect(deployment.spec.template.spec.terminationGracePeriodSeconds).toBe(90)
    const { env } = headgateOf(deployment)
    expect(env).toContainEqual({ name: 'HEADGATE_SHUTDOWN_DELAY', value: '20s' })
    expect(env).toContainEqual({ name: 'HEADGATE_DRAIN_TIMEOUT', value: '60s' })
  })

  it.each([
    ['replicas=2', 'several replicas share their counts in Redis'],
    ['autoscaling.enabled=true', 'several replicas share their counts in Redis'],
    ['admin.exposed=true', 'admin.exposed takes tokens'],
    ['serviceMonitor.enabled=true', 'serviceMonitor takes admin.exposed'],
    ['face=proxy', 'face: proxy takes proxy.upstream'],
    ['config=a: [', 'config is no YAML'],
    ['replica=2', "additional properties 'replica' not allowed"],
    ['env.workers=2', "at '/env/workers'"],
    ['env.HEADGATE_PORT=:80', 'env.HEADGATE_PORT would move what probes and Services ask'],
    ['env.HEADGATE_SHUTDOWN_DELAY=1s', 'is what shutdown.delaySeconds says'],
    ['secretVariables.names={KEY}', "at '/secretVariables/existingSecret'"],
  ])('refuses %s, and says why', (value, why) => {
    const { status, stderr } = render('--set', value)
    expect(status).toBe(1)
    expect(stderr).toContain(why)
  })

  it('refuses nothing that its own values say', () => {
    expect(render()).toMatchObject({ status: 0, stderr: '' })
  })
})

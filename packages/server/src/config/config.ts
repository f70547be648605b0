import type { HashKeySettings, NotInForce } from '../service/configuration.ts'
import type { LimitDomain } from '../service/envoy/limit-node.ts'
import type { IdentitySettings } from '../service/identity/identity-settings.ts'
import type { ProxySettings } from '../service/proxy-settings/proxy-settings.ts'
import { accessLists, accessMistakes } from './access.ts'
import { auditMistakes } from './audit-mistakes.ts'
import { checkTyped } from './check-typed.ts'
import { configError, type LocatedMistake, type Mistake } from './config-error.ts'
import { hashKeysMistakes, isHashKeys, readHashKeys } from './hash-secret.ts'
import { readIdentity } from './identity.ts'
import { logMistakes, logSettings } from './log-settings.ts'
import { mistakesInRest } from './mistakes-in-rest.ts'
import { policyMistakes } from './policy-mistakes.ts'
import { type Credentials, credentialsOf } from './proxy/credential-files.ts'
import { faceMistakes, unusedProxy } from './proxy/face.ts'
import { readProxy } from './proxy/read-proxy.ts'
import { type Replacements, replaced, withUpstream } from './replaced.ts'
import { type FileConfiguration, runtimeTerms } from './runtime/runtime-terms.ts'
import type { FileShape } from './schema/file-shape.ts'
import type { ConfigSource } from './source/config-source.ts'
import { fingerprintOf, hashOf } from './source/hash-source.ts'
import { hideValues } from './source/hide-values.ts'
import { mergeDocuments } from './source/merge-documents.ts'
import { readSource } from './source/read-source.ts'
import type { Environment } from './source/read-variables.ts'
import { storeUrlMistakes } from './store-urls.ts'
import { notOpenMistakes, type StoresConfig, storedPolicy, storesOf } from './stores.ts'
import { type TlsFiles, tlsFiles } from './tls/tls-files.ts'
import { tokenMistakes } from './token-mistakes.ts'

/** A configuration that is valid from end to end. */
export interface Config extends FileConfiguration, StoresConfig {
  /** Or the folder. */
  readonly file: string
  /** Tells what it was made of from anything else. Not to be shown: of a short secret it gives everything away. */
  readonly fingerprint: string
  /** Which files of keys and users it names, and what tells those that were read from others. */
  readonly credentials: Credentials
  /** Which files TLS takes; they are not read yet. */
  readonly tls?: TlsFiles
}

/** What a process is: the service, or the edge proxy. */
export type Face = 'service' | 'proxy'

/** What a configuration is checked with. */
export interface CheckOptions {
  /** What holds in place of what the file says. */
  readonly replacements?: Replacements
  /** The only stores there can be. */
  readonly open?: readonly string[]
  /**
   * What it is for.
   * @default whatever it has
   */
  readonly face?: Face
}

/** What it is read with, besides. */
export interface LoadOptions extends CheckOptions {
  /**
   * Where variables come from.
   * @default none is set
   */
  readonly env?: Environment
}

/** Reads and checks a configuration; every mistake is an `invalid-config` error with file, line and path. */
export async function loadConfig(name: string, options: LoadOptions = {}): Promise<Config> {
  return checkSource(await readSource(name, options.env ?? {}), options)
}

/** Checks the text of a configuration, for which no variable is set; `file` is its name in messages. */
export function parseConfig(text: string, file: string, options: CheckOptions = {}): Config {
  return checkSource({ name: file, texts: [{ file, text }], variables: new Map() }, options)
}

/** Checks a configuration that was read. */
export function checkSource(source: ConfigSource, options: CheckOptions = {}): Config {
  const { shape, identity, hashKeys, hash, domains, notInForce, proxy, credentials } = checkedShape(
    source,
    options,
  )
  return {
    ...inForce(replaced(shape, options.replacements ?? {})),
    ...(shape.tls && { tls: tlsFiles(shape.tls, fileOf(source)) }),
    identity,
    ...logSettings(shape, fileOf(source)),
    ...(domains.length > 0 && { domains }),
    notInForce: [...notInForce, ...unusedProxy(shape, options.face)],
    ...(hashKeys !== null && { hashKeys }),
    ...(proxy !== null && options.face !== 'service' && { proxy }),
    file: source.name,
    fingerprint: fingerprintOf(source),
    credentials,
    hash,
    atRunTime: runtimeTerms(shape, options.open),
  }
}

/** What a file says, all of which is right. */
export interface CheckedShape {
  readonly shape: FileShape
  readonly identity: IdentitySettings
  readonly hashKeys: HashKeySettings | null
  readonly hash: string
  /** Trees that find policies for descriptors. */
  readonly domains: readonly LimitDomain[]
  readonly notInForce: readonly NotInForce[]
  /** Null where it has none. */
  readonly proxy: ProxySettings | null
  readonly credentials: Credentials
}

/** Checks a configuration that was read, which is then as it was written, with variables replaced. */
export function checkedShape(
  source: ConfigSource,
  { open, face, replacements = {} }: CheckOptions = {},
): CheckedShape {
  const document = mergeDocuments(source)
  const fail = (mistakes: readonly Mistake[]): never => {
    const known = mistakes.filter(({ path }) => !document.isUnknown(path))
    const located = known.map((mistake) => {
      return { ...hideValues(mistake, document.substitutions), ...document.locate(mistake.path) }
    })
    throw configError([...document.mistakes, ...located].sort(inOrder))
  }
  const file = fileOf(source)
  const identityOf = (shape: FileShape) => readIdentity(shape, file)
  const proxyOf = (shape: FileShape) => readProxy(withUpstream(shape, replacements), file)
  const meaning = (shape: FileShape): Mistake[] => [
    ...policyMistakes(shape),
    ...accessMistakes(shape),
    ...storeUrlMistakes(shape),
    ...notOpenMistakes(shape, open),
    ...tokenMistakes(shape),
    ...logMistakes(shape),
    ...auditMistakes(shape, source, file),
    ...mistakesIn(identityOf(shape)),
    ...hashKeysMistakes(readHashKeys(shape, file)),
    ...mistakesIn(proxyOf(shape) ?? {}),
    ...faceMistakes(withUpstream(shape, replacements), face),
  ]
  const checked = checkTyped(document)
  if ('mistakes' in checked) {
    return fail([...checked.mistakes, ...mistakesInRest(document, checked.mistakes, meaning)])
  }
  const { shape } = checked
  // Before they are read for good: what changes in between is another configuration.
  const credentials = credentialsOf(shape, file)
  const mistakes = meaning(shape)
  const identity = identityOf(shape)
  const hashKeys = readHashKeys(shape, file)
  const proxy = proxyOf(shape)
  if (mistakes.length > 0 || document.mistakes.length > 0 || isMistaken(identity)) return fail(mistakes)
  if (isMistaken(proxy)) return fail(proxy)
  if (hashKeys !== null && !isHashKeys(hashKeys)) return fail([hashKeys])
  const { substitutions, domains, notInForce } = document
  const hash = hashOf(source.texts, substitutions, credentials.digest)
  return { shape, identity, hashKeys, hash, domains, notInForce, proxy, credentials }
}

/** Beside which other files are looked for. */
function fileOf({ texts, name }: ConfigSource): string {
  return texts[0]?.file ?? name
}

function isMistaken<T extends object | null>(read: T | readonly Mistake[]): read is readonly Mistake[] {
  return Array.isArray(read)
}

function mistakesIn(read: object): readonly Mistake[] {
  return isMistaken(read) ? read : []
}

/** As one reads, within a file. */
function inOrder(a: LocatedMistake, b: LocatedMistake): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : 0
}

type NotOfShape =
  | 'log'
  | 'audit'
  | 'file'
  | 'fingerprint'
  | 'credentials'
  | 'hash'
  | 'identity'
  | 'tls'
  | 'hashKeys'
  | 'notInForce'
  | 'atRunTime'
  | 'proxy'

function inForce(shape: FileShape): Omit<Config, NotOfShape> {
  return {
    ...storesOf(shape),
    policies: shape.policies.map((policy) => storedPolicy(policy, shape)),
    ...accessLists(shape),
    ...(shape.http && { http: shape.http }),
    ...(shape.receipts && { receipts: shape.receipts }),
    ...(shape.tokens && { tokens: shape.tokens }),
    ...(shape.admin && { admin: shape.admin }),
  }
}

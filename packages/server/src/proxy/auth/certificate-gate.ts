import type { PeerCertificate } from 'node:tls'
import type { CertificateSettings } from '../../service/proxy-settings/auth-settings.ts'
import { type Identity, identityOf } from './caller-identity.ts'
import type { Rejection } from './refusal.ts'

const UNKNOWN: Rejection = { why: 'unknown-certificate' }

/** Knows callers by their certificates, which TLS has verified. */
export class CertificateGate {
  readonly #names: ReadonlySet<string> | null
  readonly #fingerprints: ReadonlySet<string> | null
  readonly #scopes: readonly string[]

  constructor({ names, fingerprints, scopes }: CertificateSettings) {
    this.#names = names && new Set(names)
    this.#fingerprints = fingerprints && new Set(fingerprints)
    this.#scopes = scopes
  }

  /** Whose certificate this is. */
  verify(certificate: PeerCertificate): Identity | Rejection {
    const names = namesOf(certificate)
    // A name that is listed is what it is known by; of several others, the first one.
    const listed = names.find((name) => this.#names?.has(name) === true)
    const isListed = listed !== undefined || this.#fingerprints?.has(fingerprintOf(certificate)) === true
    if (!isListed && (this.#names !== null || this.#fingerprints !== null)) return UNKNOWN
    const name = listed ?? names[0] ?? ''
    return identityOf({ method: 'certificate', name, scopes: this.#scopes }) ?? UNKNOWN
  }
}

/** The common name, where there is one and not several; then alternative names of hosts and URIs. */
function namesOf({ subject, subjectaltname = '' }: PeerCertificate): string[] {
  const common: unknown = subject?.CN
  // Node quotes names in which there is anything that could be taken for the end of them: these are left out.
  const others = subjectaltname.split(', ').flatMap((one) => /^(?:DNS|URI):([^"\s]+)$/.exec(one)?.[1] ?? [])
  return typeof common === 'string' ? [common, ...others] : others
}

function fingerprintOf({ fingerprint256 }: PeerCertificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

import { createSecureContext, type SecureContext } from 'node:tls'
import type { HostCertificate } from '../service/certificate.ts'

/** What servers show to clients that name a host. */
export class HostContexts {
  readonly #contexts = new Map<string, SecureContext>()

  /** `optionsOf`: what a certificate is shown with. */
  constructor(
    certificates: readonly HostCertificate[],
    optionsOf: (certificate: HostCertificate) => Parameters<typeof createSecureContext>[0],
  ) {
    for (const certificate of certificates) {
      const context = createSecureContext(optionsOf(certificate))
      for (const host of certificate.hosts) this.#contexts.set(host, context)
    }
  }

  /** By its name, or by that of its domain, `*.shop.example`; undefined where it has no certificate of its own. */
  of(host: string): SecureContext | undefined {
    const name = host.toLowerCase()
    return this.#contexts.get(name) ?? this.#contexts.get(`*${name.slice(name.indexOf('.'))}`)
  }
}

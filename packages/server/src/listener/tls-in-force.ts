import type { Server, TlsOptions } from 'node:tls'
import type { CertificatePair, TlsMaterial } from '../service/certificate.ts'
import { HostContexts } from './host-contexts.ts'
import { HANDSHAKE_TIMEOUT_MS } from './listener-limits.ts'

/** What servers show and ask for in TLS, which can be replaced while they listen. */
export class TlsInForce {
  readonly #servers = new Set<Server>()
  #current: TlsMaterial
  #hosts: HostContexts

  constructor(material: TlsMaterial) {
    this.#current = material
    this.#hosts = hostContexts(material)
  }

  get current(): TlsMaterial {
    return this.#current
  }

  /** What a server of TLS is made with; with a CA for clients it refuses those without a certificate of it. */
  serverOptions(): TlsOptions {
    const isMutual = this.#current.clientCa !== null
    return {
      ...contextOptions(this.#current, this.#current),
      // Of whatever is in force when it is called; without one for this host, the server shows its own.
      SNICallback: (host, done) => done(null, this.#hosts.of(host)),
      requestCert: isMutual,
      rejectUnauthorized: isMutual,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    }
  }

  /** Has a server show what comes into force later, until it closes. */
  attach(server: Server): void {
    this.#servers.add(server)
    server.once('close', () => this.#servers.delete(server))
    server.setSecureContext(contextOptions(this.#current, this.#current))
  }

  /** For connections from now on; those that are open go on. Sessions of before are not resumed. */
  replace(material: TlsMaterial): void {
    this.#current = material
    this.#hosts = hostContexts(material)
    for (const server of this.#servers) server.setSecureContext(contextOptions(material, material))
  }
}

function hostContexts(material: TlsMaterial): HostContexts {
  return new HostContexts(material.certificates, (pair) => contextOptions(pair, material))
}

function contextOptions(
  { cert, key }: CertificatePair,
  { clientCa }: Pick<TlsMaterial, 'clientCa'>,
): TlsOptions {
  return { cert, key, ...(clientCa !== null && { ca: clientCa }), minVersion: 'TLSv1.2' }
}

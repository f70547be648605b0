/** A certificate that listeners show, as it may be told. */
export interface CertificateInForce {
  /** SHA-256, as in `AB:CD:…`, of the certificate itself. */
  readonly fingerprint: string
  /** When it expires, in milliseconds since 1970; of several, that which does first. */
  readonly notAfterMs: number
}

/** A certificate with its key, in PEM. Has a secret. */
export interface CertificatePair {
  /** The certificate, and those up to its authority. */
  readonly cert: string
  readonly key: string
}

/** A certificate for some of the hosts that clients name in TLS. */
export interface HostCertificate extends CertificatePair {
  /** In lower case: `shop.example`, or `*.shop.example` for all one label below. */
  readonly hosts: readonly string[]
}

/** What listeners need for TLS: the certificate for clients that name no host, or another, and the rest. Has secrets. */
export interface TlsMaterial extends CertificateInForce, CertificatePair {
  readonly certificates: readonly HostCertificate[]
  /** Authorities in PEM, one of which has to have signed the certificate of a client; null where clients need none. */
  readonly clientCa: string | null
}

/** A certificate that listeners show, as it may be told. */
export interface CertificateInForce {
  /** SHA-256, as in `AB:CD:…`, of the certificate itself. */
  readonly fingerprint: string
  /** When it expires, in milliseconds since 1970. */
  readonly notAfterMs: number
}

/** What listeners need for TLS. Has a secret. */
export interface TlsMaterial extends CertificateInForce {
  /** In PEM: the certificate, and those up to its authority. */
  readonly cert: string
  /** In PEM. */
  readonly key: string
  /** Authorities in PEM, one of which has to have signed the certificate of a client; null where clients need none. */
  readonly clientCa: string | null
}

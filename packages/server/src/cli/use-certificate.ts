import { followTls } from '../config/tls/follow-tls.ts'
import { readTls } from '../config/tls/read-tls.ts'
import type { TlsFiles } from '../config/tls/tls-files.ts'
import { TlsReloader } from '../config/tls/tls-reloader.ts'
import { TlsInForce } from '../listener/tls-in-force.ts'
import type { TlsMaterial } from '../service/certificate.ts'
import type { Service } from '../service/service.ts'
import { steadyClock } from '../service/steady-clock.ts'

/** The certificate that a service was started with, and whatever comes into force later. */
export interface Certificate {
  readonly tls: TlsInForce
  /** The names of the transports that have it. */
  readonly listeners: readonly string[]
  /** Tells the service of it, then follows its files, which are read at SIGHUP as well; returns what ends that. */
  follow(service: Pick<Service, 'tell'>): () => void
}

/** Reads the certificate of a configuration; rejects with `invalid-config` where it is wrong. */
export async function openCertificate(files: TlsFiles): Promise<Certificate> {
  const tls = new TlsInForce(await readTls(files))
  return { tls, listeners: files.listeners, follow: (service) => follow(files, tls, service) }
}

function follow(files: TlsFiles, tls: TlsInForce, service: Pick<Service, 'tell'>): () => void {
  const tell = ({ fingerprint, notAfterMs }: TlsMaterial, isNew: boolean): void => {
    service.tell('certificate', { fingerprint, notAfterMs, isNew })
  }
  const reloader = new TlsReloader({
    files,
    target: {
      get current() {
        return tls.current
      },
      apply(material, isNew) {
        if (isNew) tls.replace(material)
        tell(material, isNew)
      },
      reject(message) {
        const { fingerprint, notAfterMs } = tls.current
        service.tell('certificate-rejected', { message, fingerprint, notAfterMs })
      },
    },
  })
  tell(tls.current, true)
  const reload = (): void => void reloader.reload()
  process.on('SIGHUP', reload)
  const unfollow = followTls(files, { clock: steadyClock, onSettled: reload })
  return () => {
    unfollow()
    reloader.close()
    process.off('SIGHUP', reload)
  }
}

import { TrustedPeers } from '../../service/identity/trusted-peers.ts'
import { HEADER_BYTES_CEILING, type ProxySettings } from '../../service/proxy-settings/proxy-settings.ts'
import type { Mistake } from '../config-error.ts'
import { libraryMistake } from '../library-mistake.ts'
import { bytesOf } from '../schema/byte-size.ts'
import type { ProxyRequestShape } from '../schema/proxy-request-shape.ts'

/** What the settings have of how requests are read. */
export type RequestSettings = Pick<ProxySettings, 'hosts' | 'clients' | 'paths' | 'headers'>

const HEADER_BYTES = 16 * 1024
const HEADER_FIELDS = 100
/** A Host field and little else has to fit. */
const HEADER_BYTES_MIN = 256

/** The settings of `proxy.hosts`, `clients`, `paths` and `maxHeaders`, with all defaults, or what is wrong. */
export function readRequestSettings(given: ProxyRequestShape): RequestSettings | readonly Mistake[] {
  const mistakes = [
    ...addressMistakes(given, 'allow'),
    ...addressMistakes(given, 'deny'),
    ...sizeMistakes(given),
  ]
  if (mistakes.length > 0) return mistakes
  const { hosts, clients = {}, paths = {}, maxHeaders = {} } = given
  return {
    hosts: hosts ?? null,
    clients: { allow: clients.allow ?? null, deny: clients.deny ?? [] },
    paths: { ignoreCase: paths.ignoreCase ?? true, encoded: paths.encoded ?? 'refuse' },
    headers: {
      bytesMax: bytesOf(maxHeaders.bytes ?? HEADER_BYTES),
      fieldsMax: maxHeaders.fields ?? HEADER_FIELDS,
    },
  }
}

function addressMistakes({ clients }: ProxyRequestShape, list: 'allow' | 'deny'): Mistake[] {
  const addresses = clients?.[list] ?? []
  return addresses.flatMap((address, i) => {
    const mistake = libraryMistake(() => new TrustedPeers([address]), {})
    return mistake === null ? [] : [{ path: ['proxy', 'clients', list, i], message: mistake.message }]
  })
}

function sizeMistakes({ maxHeaders: { bytes = HEADER_BYTES } = {} }: ProxyRequestShape): Mistake[] {
  const size = bytesOf(bytes)
  if (size >= HEADER_BYTES_MIN && size <= HEADER_BYTES_CEILING) return []
  return [{ path: ['proxy', 'maxHeaders', 'bytes'], message: 'is out of range; give 256 bytes to 64KiB' }]
}

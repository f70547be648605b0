import { wrongUsage } from '../../service/describe-failure.ts'
import type { OptionRow, OptionTable, Resolved } from '../option-table.ts'
import { readDuration } from '../read-duration.ts'
import { readServiceUrl, type ServiceUrl } from './read-service-url.ts'

const url: OptionRow<ServiceUrl> = {
  value: 'url',
  help: 'of the service: http, https, or unix:/path',
  byDefault: 'http://127.0.0.1:8080',
  read: readServiceUrl,
}

const adminUrl: OptionRow<ServiceUrl> = {
  value: 'url',
  help: 'of its admin listener: http, https, or unix:/path',
  byDefault: 'http://127.0.0.1:9090',
  read: readServiceUrl,
}

const tokenFile: OptionRow<string | undefined> = {
  value: 'file',
  help: 'has the token; else the variable HEADGATE_TOKEN is one',
  read: readPath,
}

const ca: OptionRow<string | undefined> = {
  value: 'file',
  help: 'certificates of the authorities to trust, PEM (default: those of Node)',
  read: readPath,
}

const clientCert: OptionRow<string | undefined> = {
  value: 'file',
  help: 'certificate to show to the service, PEM',
  read: readPath,
}

const clientKey: OptionRow<string | undefined> = {
  value: 'file',
  help: 'its private key, PEM',
  read: readPath,
}

/** In milliseconds. */
const timeout: OptionRow<number> = {
  value: 'time',
  help: 'longest wait for an answer',
  byDefault: '5s',
  read: (text, said) => {
    const ms = readDuration(text, said)
    if (ms > 0) return ms
    throw wrongUsage(`no answer comes within 0; give ${said} a time such as 5s`)
  },
}

const CONNECTION = { tokenFile, ca, clientCert, clientKey, timeout } satisfies OptionTable

/** Options of commands that ask the service. */
export const SERVICE_OPTIONS = { url, ...CONNECTION } satisfies OptionTable

/** Options of commands that ask its admin listener. */
export const ADMIN_OPTIONS = { adminUrl, ...CONNECTION } satisfies OptionTable

/** What both have, read. */
export type ConnectionOptions = Resolved<typeof CONNECTION>

function readPath(text: string, said: string): string {
  if (text.trim() !== '') return text
  throw wrongUsage(`an empty path is no file; give ${said} one, or leave it out`)
}

import type { ReaderSettings } from '../../src/proxy/request/compile-request-reader.ts'

/** Settings of a reader as a file has them that says nothing, but for API keys, with what is given in their place. */
export function readerSettings(given: Partial<ReaderSettings>): ReaderSettings {
  return {
    hosts: null,
    clients: { allow: null, deny: [] },
    paths: { ignoreCase: false, encoded: 'refuse' },
    headers: { bytesMax: 16 * 1024, fieldsMax: 100 },
    routes: [{ methods: ['GET', 'POST', 'TRACE'] }, { methods: ['GET'] }],
    auth: {
      apiKeys: { header: 'x-api-key' },
      identityFields: { principal: 'x-auth-principal', scopes: 'x-auth-scopes' },
    },
    ...given,
  }
}

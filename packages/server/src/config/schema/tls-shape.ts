import { z } from 'zod'
import { show } from '../unknown-name.ts'
import { optional, strictMap } from './strict-map.ts'
import { fileName } from './values.ts'

/** Listeners that can have TLS, by the names of their transports. */
export const TLS_LISTENERS = ['http', 'grpc', 'resp', 'admin', 'proxy'] as const

const HOST = /^(?:\*\.)?[a-z\d_-]+(?:\.[a-z\d_-]+)*$/
const CERTIFICATES_MAX = 1000

const host = z
  .string()
  .max(253)
  .regex(HOST, {
    error: ({ input }) =>
      `${show(input)} is no name of a host; write it in lower case, as shop.example or *.shop.example`,
  })

const certificates = z
  .array(
    strictMap({ hosts: z.array(host).min(1).max(CERTIFICATES_MAX), certFile: fileName, keyFile: fileName }),
  )
  .max(CERTIFICATES_MAX)
  .superRefine((given, context) => {
    const seen = new Set<string>()
    for (const [i, { hosts }] of given.entries()) {
      for (const [j, name] of hosts.entries()) {
        const message = `${show(name)} is there twice; a host has one certificate`
        if (seen.has(name)) context.addIssue({ code: 'custom', message, path: [i, 'hosts', j] })
        seen.add(name)
      }
    }
  })

/** What stands under `tls`: the certificates of listeners, and who may connect. */
export const tlsShape = strictMap({
  certFile: fileName,
  keyFile: fileName,
  ...optional({
    certificates,
    clientCaFile: fileName,
    listeners: z.array(z.enum(TLS_LISTENERS)).min(1),
  }),
})

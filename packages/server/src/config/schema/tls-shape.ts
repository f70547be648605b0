import { z } from 'zod'
import { optional, strictMap } from './strict-map.ts'
import { fileName } from './values.ts'

/** Listeners that can have TLS, by the names of their transports. */
export const TLS_LISTENERS = ['http', 'grpc', 'resp', 'admin', 'proxy'] as const

/** What stands under `tls`: the certificate of listeners, and who may connect. */
export const tlsShape = strictMap({
  certFile: fileName,
  keyFile: fileName,
  ...optional({
    clientCaFile: fileName,
    listeners: z.array(z.enum(TLS_LISTENERS)).min(1),
  }),
})

import { z } from 'zod'
import type { Mistake } from '../config-error.ts'
import { explain, flatten } from '../issues.ts'
import { adminShape } from './admin-shape.ts'
import { attributeShape } from './attribute-shape.ts'
import { hashKeysShape } from './hash-keys-shape.ts'
import { httpShape } from './http-shape.ts'
import { jwtShape, proxiesShape } from './identity-shape.ts'
import { auditShape, logShape } from './log-shape.ts'
import { policyShape } from './policy-shape.ts'
import { proxyShape } from './proxy-shape.ts'
import { receiptsShape } from './receipts-shape.ts'
import { runtimeShape } from './runtime-shape.ts'
import { storeShape } from './store-shape.ts'
import { optional, strictMap } from './strict-map.ts'
import { tlsShape } from './tls-shape.ts'
import { tokensShape } from './tokens-shape.ts'
import { accessList } from './values.ts'

/** What stands in a configuration. */
export const fileShape = strictMap({
  policies: z.array(policyShape),
  ...optional({
    // For editors.
    $schema: z.string(),
    version: z.literal(1),
    store: storeShape,
    stores: z.record(z.string(), storeShape),
    http: httpShape,
    receipts: receiptsShape,
    tokens: tokensShape,
    log: logShape,
    audit: auditShape,
    hashKeys: hashKeysShape,
    runtime: runtimeShape,
    trustedProxies: proxiesShape,
    attributes: attributeShape,
    jwt: jwtShape,
    tls: tlsShape,
    admin: adminShape,
    proxy: proxyShape,
    allow: accessList,
    deny: accessList,
  }),
})

/** A configuration file whose names and types are right. */
export type FileShape = z.output<typeof fileShape>

/** Checks names and types of everything in a file; what the numbers mean is for the library to check. */
export function checkShape(value: unknown): { shape: FileShape } | { mistakes: Mistake[] } {
  const { data, error } = fileShape.safeParse(value, { error: (issue) => explain(issue) })
  return error === undefined ? { shape: data } : { mistakes: error.issues.flatMap((issue) => flatten(issue)) }
}

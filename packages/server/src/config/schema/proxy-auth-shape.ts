import { z } from 'zod'
import { API_KEY_ID } from '../../service/identity/api-key-text.ts'
import { AUTH_METHODS } from '../../service/proxy-settings/auth-settings.ts'
import { optional, strictMap } from './strict-map.ts'
import { fileName } from './values.ts'

const ENTRIES_MAX = 10_000

/** A name of a header field, in which case does not count. */
const headerName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, {
  error: 'is not the name of a header field; use letters, digits and dashes',
})

/** A scope, as OAuth has them but for spaces and commas, which separate them elsewhere. */
const scope = z.string().regex(/^[!#-+\--[\]-~]{1,128}$/, {
  error: 'is not a scope; use letters, digits and signs such as : . / _ -',
})

/** What stands under `scopes`, of credentials and of routes. */
export const scopesShape = z.array(scope).max(64)

/** What stands under `require`: one way, or several of which any is enough. That nobody has to authenticate is said by `none`, not by an empty list. */
export const requireShape = z.union([z.enum(AUTH_METHODS), z.array(z.enum(AUTH_METHODS)).min(1)])

/** A day, whose first moment in UTC is meant, or a moment with its offset. */
const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/, {
    error: 'is not a time; write it as 2027-01-31, or as 2027-01-31T12:00:00Z',
  })
  .refine((text) => !Number.isNaN(Date.parse(text)), { error: 'is a time that there is not' })

// Values are not repeated: somebody may have put the key or the password itself there.
const keyHash = 'is not the hash of a key; "headgate key new --proxy" prints one, which begins with sha256:'
const passwordHash = 'is not the hash of a password; "headgate hash" prints one'

/** One API key. */
const apiKeyShape = strictMap({
  id: z.string().regex(API_KEY_ID, {
    error: 'is not an id; use up to 32 letters, digits, dots and dashes',
  }),
  hash: z.string({ error: keyHash }).regex(/^sha256:[0-9a-f]{64}$/, { error: keyHash }),
  ...optional({ scopes: scopesShape, expires: moment }),
})

/** A list of API keys, in the configuration or in a file of its own. */
export const apiKeyListShape = z.array(apiKeyShape).max(ENTRIES_MAX)

const passwordText = z.string({ error: passwordHash })

/** One user: the hash of a password, alone or with scopes. */
const userShape = z.union(
  [passwordText, strictMap({ hash: passwordText, ...optional({ scopes: scopesShape }) })],
  { error: passwordHash },
)

/** The name of a user, which ends at a colon in what clients send. */
export const userName = z.string().regex(/^[^:\p{Cc}]{1,256}$/u, {
  error: 'is not the name of a user; use up to 256 characters other than colons',
})

const fingerprint = z.string().regex(/^(sha256:)?[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$/, {
  error: 'is not the SHA-256 of a certificate, which has 64 hexadecimal digits',
})

/** What stands under `proxy` about who its clients are. */
export const proxyAuthShape = optional({
  apiKeys: strictMap(optional({ header: headerName, keys: apiKeyListShape, keysFile: fileName })),
  basic: strictMap(
    optional({
      realm: z.string().regex(/^[ !#-[\]-~]{1,64}$/, {
        error: 'is not a realm; use up to 64 characters of ASCII other than " and \\',
      }),
      users: z.record(userName, userShape),
      usersFile: fileName,
    }),
  ),
  certificates: strictMap(
    optional({
      names: z.array(z.string().min(1).max(256)).min(1),
      fingerprints: z.array(fingerprint).min(1),
      scopes: scopesShape,
    }),
  ),
  identity: strictMap(optional({ principal: headerName, scopes: headerName })),
})

/** What `proxy` says of who its clients are, as the file writes it. */
export type FileAuth = z.output<z.ZodObject<typeof proxyAuthShape>>

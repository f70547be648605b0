import { AUTH_DESCRIPTIONS } from './auth-descriptions.ts'
import { PROXY_DESCRIPTIONS } from './proxy-descriptions.ts'
import { REQUEST_DESCRIPTIONS } from './request-descriptions.ts'
import { RESPONSE_DESCRIPTIONS } from './response-descriptions.ts'
import { UPSTREAM_DESCRIPTIONS } from './upstream-descriptions.ts'

/** What editors show of a field, by the last names of its path; the longest that fits holds. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  '': 'Which requests are limited, by what, and where that is counted. Texts may hold variables: ${NAME}, ${NAME:-default}.',
  $schema: 'Where editors find the names of all fields; it has no other effect.',
  version: 'The version of this format; 1 is the only one.',

  store: 'Where budgets live. Default: in this process.',
  stores: 'In place of store: stores by name, of which one is main.',
  url: 'memory, redis://host:6379/0, redis+sentinel://, redis+cluster://, with rediss for TLS, or unix://.',
  prefix: 'First part of every key in Redis. Default: headgate.',
  deadline: 'How long the store may take for an answer. Default: 15ms.',
  onStoreError:
    'What decides while the store does not answer. local: this instance by its share of the limits; open: everybody passes; closed: 503.',
  replicas:
    'How many instances share a limit while the store does not answer. Default: auto, counted in the store.',

  http: 'What answers over HTTP look like.',
  'http.headers':
    'Which header fields tell of limits: draft (RateLimit), legacy (X-RateLimit-*), both or none.',
  'http.reset': 'X-RateLimit-Reset in seconds from now (delta) or since 1970 (epoch).',
  'http.denial':
    'The body of a denial that reaches a client: a problem document, {"error": …} as JSON, or a line of text.',
  receipts: 'Keys by which the service knows its own receipts, for instances that share no store.',
  'receipts.key': 'A secret of at least 32 characters.',
  previousKeys: 'Keys of before, whose receipts are still taken.',
  hashKeys:
    'Nobody is named in stores, receipts and logs: keys are hashed by a secret. Default: keys stay readable.',
  secretFile: 'A file with a secret of at least 32 bytes, beside this one; the same for all instances.',

  tokens: 'Who may call the service, and what for. Default: whoever reaches it, everything.',
  'tokens.name': 'Names the holder in logs and histories.',
  hash: 'The SHA-256 of the token, as headgate key new prints it.',
  scopes: 'consume, adjust, read, admin.',
  domains: 'Patterns of domains: calls need an attribute domain that fits. Default: any, and none is needed.',
  'tokens.policies':
    'Patterns of names: calls have to name a policy that fits. Default: any, and none has to be named.',
  'tokens.limit': 'How many requests its holder may send to one process. Default: any number.',

  tls: 'The certificates of listeners. Their files are followed: a new one is shown to new connections.',
  'tls.certFile': 'The certificate in PEM, with those up to its authority, beside this file.',
  'tls.keyFile': 'Its key in PEM, without a passphrase.',
  'tls.certificates':
    'Other certificates, for clients that name one of their hosts. Default: all see the one.',
  'certificates.hosts': 'Names in lower case; *.shop.example is all one label below.',
  'certificates.certFile': 'The certificate in PEM, with those up to its authority, beside this file.',
  'certificates.keyFile': 'Its key in PEM, without a passphrase.',
  'tls.clientCaFile':
    'Authorities in PEM: clients without a certificate of one of them are refused. Default: clients need none.',
  'tls.listeners': 'Which listeners have it. Default: all but Unix sockets.',

  admin: 'The listener of operators.',
  'admin.hosts':
    'Names by which it is reached, beside addresses and localhost; requests for others are refused.',
  log: 'What is logged beside what goes wrong.',
  decisions: 'Decisions, a line each. Default: none.',
  'decisions.allowed': 'The share of those that pass. Default: 1%.',
  'decisions.denied': 'The share of denials. Default: 100%.',
  'decisions.keys': 'Whether the hashed keys are logged that a request spends from. Default: false.',
  perSecond: 'Most lines in a second. Default: 100.',
  audit: 'Where it is written who changed what, and whose token was rejected. Default: nowhere.',
  'audit.file': 'A file beside this one, which is appended to; or stdout.',
  denials: 'Whether denials are written too. Default: false.',
  runtime: 'What may be changed while the service runs.',
  'runtime.policies':
    'Whether policies that are not in this file may be put at run time, over the admin listener. Default: false; the file governs.',

  attributes:
    'Where the value of an attribute comes from, first source first: jwt.sub, header.x-user-id, descriptor.user_id.',
  trustedProxies:
    'Networks whose forwarded addresses and header fields are believed; unix for all that comes by a Unix socket.',
  jwt: 'How bearer tokens are verified; nothing in a token chooses its algorithm or key.',
  algorithms: 'Those accepted; the key has to fit all of them.',
  'jwt.key': 'A public key in PEM.',
  keyFile: 'A file with a public key in PEM, beside this one.',
  secret: 'The secret of HS256, HS384 or HS512, as long as the hash or longer.',
  jwksUrl: 'In place of a key: where the issuer publishes its keys (https), which are fetched every 5 min.',
  issuer: 'Who has to have issued a token. Default: anybody.',
  audience: 'Whom a token has to be for. Default: anybody.',
  clockTolerance: 'How far the clock of the issuer may be off. Default: not at all.',
  'jwt.header': 'The header field that has the token. Default: authorization, with Bearer in front.',
  allow: 'Who passes before any policy is asked: attribute → values.',
  deny: 'Who is denied before any policy is asked: attribute → values. It wins over allow.',

  policies: 'All that match a request have to let it pass.',
  'policies.name':
    'Letters, digits, dashes and underscores. Budgets belong to it: another name is another budget.',
  match: 'Which requests are meant: attribute → value, or values. * is one segment of a path, ** any.',
  key: 'Attributes that have a budget each: user, [ip, user], or global for one budget of everybody.',
  rules: 'Limits of one key, all of which have to let it pass: 100/min, or maps.',
  'rules.name': 'Budgets belong to it. Default: the window, such as 1m.',
  algorithm:
    'sliding-window (default), token-bucket (default where there is a burst), fixed-window or sliding-log.',
  limit: 'Units per window: 100/min, 5/15m.',
  window: 'As in 1m, 15m, 1 day.',
  burst: 'Units of a bucket that may go at one instant. Default: the limit.',
  segments: 'Parts of a sliding window, 1 to 1,000. Default: 10.',
  align:
    'When a fixed window begins: with the first hit, at multiples of it since 1970, or with the calendar.',
  timezone: 'Of a calendar, as in Europe/Paris. Default: UTC.',
  overrides: 'Other numbers for requests that match.',
  'overrides.rules': 'Rules by name, with what is another there.',
  choose: 'Of the policies of one group that match, only one is asked.',
  'choose.group': 'A name.',
  'choose.priority': 'The highest of a group is asked.',
  'choose.by': 'path: the one with the most specific path is asked.',
  missing:
    'What happens where the key has no value: count by address, skip this policy, or refuse the request.',
  ipv6Prefix: 'How many leading bits of an IPv6 address make a key. Default: 56.',
  mode: 'enforce (default); shadow: counted, never denying; off.',
  shadow: 'Rules with other numbers, counted beside the live ones and never denying.',
  'shadow.rollout': 'The share of keys for which these numbers decide, as in 10%. Default: 0%.',
  rollout: 'The share of keys for which this is in force, as in 10%.',
  'policies.headers': 'Header fields of every response to a request that this policy judged.',
  'response.headers': 'Header fields of this response.',
  response: 'What a request is answered with that this policy denies.',
  'response.status': '400 to 599. Default: 429.',
  body: 'Up to 16 KiB; plain text unless headers have another content-type.',
  cost: 'Units that a request costs: a number, an attribute that has it, or of the proxy response.header.NAME.',
  overdraw: 'A request passes while anything is left, and spends its whole cost, into debt.',
  ban: 'How long a key is banned at its first, second, … offence in a row: a denial after it was spent from. 1 to 16 durations.',
  lease: 'An instance takes units of a busy key ahead and spends them without asking the store.',
  'lease.max': 'Units at most.',
  'lease.lifetime': 'Until what is left goes back. Default: 200ms.',
  'policies.store': 'One of stores. Default: main.',

  ...PROXY_DESCRIPTIONS,
  ...AUTH_DESCRIPTIONS,
  ...REQUEST_DESCRIPTIONS,
  ...RESPONSE_DESCRIPTIONS,
  ...UPSTREAM_DESCRIPTIONS,
}

/** The description of the field at a path of names; undefined where there is none. */
export function descriptionOf(path: readonly string[]): string | undefined {
  for (let from = 0; from < Math.max(path.length, 1); from++) {
    const found = DESCRIPTIONS[path.slice(from).join('.')]
    if (found !== undefined) return found
  }
  return undefined
}

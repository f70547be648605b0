/** What editors show of fields of `proxy` about who its clients are. */
export const AUTH_DESCRIPTIONS: Readonly<Record<string, string>> = {
  'proxy.require':
    'Ways to authenticate, any of which is enough: apiKey, jwt, basic, certificate. Default: nobody has to.',
  'routes.require': 'In place of that of the proxy, for this route.',
  'routes.scopes': 'Scopes, all of which a credential has to have.',
  apiKeys: 'Keys of clients, of which only hashes stand here; headgate key new --proxy makes one.',
  'apiKeys.header': 'The field that has a key, which is taken as a bearer token as well. Default: x-api-key.',
  'apiKeys.keys': 'Who has a key.',
  keysFile: 'A file beside this one with a list as under keys, in YAML or JSON.',
  'keys.id': 'The part of a key that is no secret: its principal is apikey:<id>.',
  'keys.hash': 'The SHA-256 of the whole key, as headgate key new --proxy prints it.',
  'keys.scopes': 'What it is for, in words of your own.',
  'keys.expires': 'Until when it is good: a day, whose first moment in UTC is meant, or a time with offset.',
  basic: 'Users with passwords, of which only hashes stand here; headgate hash makes one.',
  'basic.realm': 'What browsers show when they ask for a password. Default: headgate.',
  'basic.users': 'The hash of a password by user, or a map with hash and scopes.',
  usersFile: 'A file beside this one with lines user:hash, or user:hash:scope,scope.',
  certificates:
    'Which certificates of clients are taken. Default: all that an authority of tls.clientCaFile has signed.',
  'certificates.names': 'Common names, or alternative names of hosts and URIs.',
  'certificates.fingerprints': 'SHA-256 in hexadecimal digits.',
  'certificates.scopes': 'What each of them has.',
  'proxy.identity': 'Fields by which the upstream learns who it is; those that clients send are removed.',
  'identity.principal': 'As in apikey:shop, jwt:alice, basic:bob. Default: x-auth-principal.',
  'identity.scopes': 'Scopes with spaces between them. Default: x-auth-scopes.',
}

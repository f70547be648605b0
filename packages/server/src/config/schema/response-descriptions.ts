/** What editors show of the fields that concern responses of the proxy. */
export const RESPONSE_DESCRIPTIONS: Readonly<Record<string, string>> = {
  hardening:
    'Fields that responses get and lose: compat (default; its content security policy only reports), strict (for pages), api, off, or changes to one of these.',
  'hardening.preset': 'compat (default), strict or api.',
  contentSecurityPolicy:
    'In place of that of the preset; false: none. Responses that have a policy keep their own.',
  reportOnly: 'Whether the policy only reports. Default: as the preset has it.',
  reportPath: 'The path at which browsers report violations, which are logged. Default: nowhere.',
  strictTransportSecurity: 'Has browsers come back by TLS only; false: nothing is said. Sent over TLS only.',
  'strictTransportSecurity.maxAge': 'For how long. Default: 730d.',
  includeSubDomains: 'Whether all subdomains are meant. Default: false.',
  preload: 'Whether browsers may be shipped with it: takes includeSubDomains and a year. Default: false.',
  cookies: 'Attributes that cookies get where they lack them; false: cookies stay as they are.',
  'cookies.secure': 'Whether cookies get Secure over TLS. Default: true.',
  sameSite: 'lax (default), strict, or false for none.',
  readable: 'Names of cookies that scripts may read. Default: the usual names of CSRF tokens.',
  exempt: 'Names of cookies that stay as they are.',
  remove: 'Response fields that are removed, beside those that reveal what the application is made of.',
  keep: 'Response fields that stay although they reveal that.',

  cors: 'What pages of other origins may do. Default: what the application says.',
  origins: 'Origins as browsers send them, such as https://app.example; or "*" for all, without credentials.',
  'cors.methods': 'Default: GET, HEAD, POST, PUT, PATCH, DELETE.',
  'cors.headers': 'Request fields that pages may send. Default: authorization.',
  expose: 'Response fields that pages may read, beside those that tell of limits.',
  credentials: 'Whether cookies go along. Default: false.',
  'cors.maxAge': 'How long browsers remember what is allowed. Default: 10m.',
}

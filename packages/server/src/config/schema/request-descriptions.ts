/** What editors show of the fields of `proxy` about how requests are read. */
export const REQUEST_DESCRIPTIONS: Readonly<Record<string, string>> = {
  'proxy.hosts': 'Names of hosts that are served, exactly, in lower case and without port. Default: any.',
  clients: 'Which clients are served, by address.',
  'clients.allow': 'Addresses and networks that are served; unix for Unix sockets. Default: all.',
  'clients.deny': 'Addresses and networks that are not served; wins over allow.',
  paths: 'How paths are read.',
  ignoreCase:
    'Whether routes and policies take /LOGIN for /login, as the routers of many applications do. Default: true.',
  encoded:
    'refuse (default), or pass: what becomes of paths with an encoded slash or another character that has a meaning there.',
  maxHeaders: 'What header fields of a request may take; more is refused with 431.',
  'maxHeaders.bytes': 'Of all names and values together, 256 bytes to 64KiB. Default: 16KiB.',
  'maxHeaders.fields': 'Lines, 1 to 1,000. Default: 100.',
}

/** Arguments by which a service listens on one port alone, so that several can run side by side. */
export const ONE_PORT: readonly string[] = ['--grpc-port', 'off', '--resp-port', 'off', '--admin-port', 'off']

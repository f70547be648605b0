/** The configuration of Envoy as a bare proxy, as JSON. */
export function envoyConfiguration(port: number, stub: number): string {
  const http = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3'
  return JSON.stringify({
    static_resources: {
      listeners: [
        {
          address: at(port),
          filter_chains: [
            {
              filters: [
                {
                  name: 'envoy.filters.network.http_connection_manager',
                  typed_config: {
                    '@type': `${http}.HttpConnectionManager`,
                    stat_prefix: 'front',
                    route_config: {
                      virtual_hosts: [
                        {
                          name: 'all',
                          domains: ['*'],
                          routes: [{ match: { prefix: '/' }, route: { cluster: 'app' } }],
                        },
                      ],
                    },
                    http_filters: [
                      {
                        name: 'envoy.filters.http.router',
                        typed_config: {
                          '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
                        },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: 'app',
          load_assignment: {
            cluster_name: 'app',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: at(stub) } }] }],
          },
        },
      ],
    },
  })
}

function at(port: number): object {
  return { socket_address: { address: '127.0.0.1', port_value: port } }
}

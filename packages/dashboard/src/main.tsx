/** Where the page begins. */
import { render } from 'preact'
import { AdminClient } from './live/admin-client.ts'
import { LivePage } from './live/live-page.ts'
import { Page } from './parts/page.tsx'

const client = new AdminClient(document.baseURI)
const live = new LivePage(client)

render(<Page live={live} client={client} />, document.getElementById('page') as HTMLElement)
void live.run()

import type { AdminClient } from '../live/admin-client.ts'
import type { LivePage } from '../live/live-page.ts'
import { Banners } from './banners.tsx'
import { ConfigurationPanel } from './configuration-panel.tsx'
import { DeniedByRule } from './denied-by-rule.tsx'
import { Headline } from './headline.tsx'
import { InstancePanel } from './instance-panel.tsx'
import { KeyPanel } from './key-panel.tsx'
import { LatencyTable } from './latency-table.tsx'
import { PolicyList } from './policy-list.tsx'
import { RankedTable } from './ranked-table.tsx'
import { RatesChart } from './rates-chart.tsx'
import { RecentDenialList } from './recent-denial-list.tsx'
import { TokenForm } from './token-form.tsx'
import { TopBar } from './top-bar.tsx'
import { useLive } from './use-live.ts'
import { useLooking } from './use-looking.ts'

/** The whole page. */
export function Page({ live, client }: { readonly live: LivePage; readonly client: AdminClient }) {
  const state = useLive(live)
  const { looking, problem, section, look, lookAt } = useLooking(client, state)
  const { connection, snapshot } = state
  return (
    <>
      <TopBar state={state} hasToken={client.token !== null} onForget={() => live.useToken(null)} />
      <main>
        <Banners state={state} onRetry={() => live.retry()} />
        {connection.status === 'refused' ? (
          <TokenForm {...connection} onToken={(token) => live.useToken(token)} />
        ) : snapshot === null ? (
          <p class="panel quiet">{connection.status === 'lost' ? 'Nothing is known yet.' : 'Connecting…'}</p>
        ) : (
          <>
            <Headline state={state} snapshot={snapshot} />
            <div class="columns">
              <RatesChart seconds={state.seconds} />
              <DeniedByRule rules={state.rules} policies={state.policies} />
            </div>
            <div class="columns lists">
              <RecentDenialList state={state} omitted={snapshot.omitted['denial'] ?? 0} onLook={lookAt} />

              <RankedTable
                title="Keys denied most"
                unit="denied"
                ranked={snapshot.top.denied}
                policies={state.policies}
                onLook={lookAt}
              />
              <RankedTable
                title="Keys that ask most"
                unit="requests"
                ranked={snapshot.top.requests}
                policies={state.policies}
                onLook={lookAt}
              />
            </div>
            <KeyPanel
              section={section}
              state={state}
              client={client}
              looking={looking}
              problem={problem}
              onLook={look}
            />
            <div class="columns three">
              <InstancePanel state={state} snapshot={snapshot} />
              <LatencyTable snapshot={snapshot} />
              <ConfigurationPanel state={state} snapshot={snapshot} />
            </div>
            <PolicyList policies={state.policies} allInShadow={state.allInShadow} />
          </>
        )}
      </main>
    </>
  )
}

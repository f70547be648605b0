/** How the page looks, by light and by dark. Colours keep a contrast of 4.5 to 1 for text, 3 to 1 for marks. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #50565d; --page: #ffffff; --line: #d5d9de; --card: #f5f7f9; --allowed: #2f7d5b; --denied: #c2402f; --curve: #2458a6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #adb4bc; --page: #14171a; --line: #363c43; --card: #1d2125; --allowed: #4fb889; --denied: #f0796a; --curve: #7fb0f5; } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page) }
h1 { font-size: 1.5rem; margin: 0 0 .5rem }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
p { margin: .25rem 0; color: var(--soft); overflow-wrap: anywhere }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; padding: 0 }
.figures > div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem; min-width: 8rem }
dt { color: var(--soft); font-size: .85rem }
dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums }
.warning { border-left: 4px solid var(--denied); padding-left: .75rem; color: var(--ink) }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
caption { text-align: left; color: var(--soft); padding: .25rem 0 }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
th { white-space: nowrap }
td { min-width: 4.5rem; max-width: 24rem; overflow-wrap: anywhere }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
svg { display: block; width: 100%; min-width: 36rem; height: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft) }
.grid { stroke: var(--line) }
.allowed { fill: var(--allowed) } .denied { fill: var(--denied) }
.curve { fill: none; stroke: var(--curve); stroke-width: 2 }
.point { fill: var(--curve) } .now { fill: var(--denied) }
.key { display: inline-block; width: .8em; height: .8em; border-radius: .15em; margin: 0 .3em 0 .8em }
.key.allowed { background: var(--allowed) } .key.denied { background: var(--denied) }
`
